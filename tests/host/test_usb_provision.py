"""`bioklok device provision`: a new key each time, known to nobody but board and keyring."""

import base64
import json
import secrets
import traceback
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from app.settings import DEFAULTS, from_text
from bioklok.errors import BioklokFailure
from bioklok.keyring import Keyring
from bioklok.store import open_store
from bioklok.usb.build import read_build
from bioklok.usb.cable import cable_to
from bioklok.usb.deploy import deploy, seal_of
from bioklok.usb.provision import Wishes, provision, rtc_of, settings_text
from support.board_on_cable import BoardOnCable
from support.build_folder import make_build
from support.command import bioklok

DEVICE = "0a1b2c3d4e5f0000"
ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 17, 9, 8, 7, tzinfo=UTC)
N_PULLS = 8


@pytest.fixture
def board(tmp_path):
    with BoardOnCable(tmp_path) as made:
        yield made


@pytest.fixture
def keyring(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        yield Keyring.of(store)


def give(board: BoardOnCable, keyring: Keyring, **wishes):
    with cable_to(board.port) as cable:
        return provision(cable, keyring, Wishes(ZONE, **wishes), NOW)


def put(board: BoardOnCable, folder, key=None):
    with cable_to(board.port) as cable:
        return deploy(cable, read_build(folder), lambda _: key, lambda done, total: None)


def forms_of(key: bytes) -> list[str]:
    """What a key could look like where it slipped out."""
    shown = [key.hex(), key.hex().upper(), base64.b64encode(key).decode(), repr(key)[2:-1]]
    return [*shown, repr(list(key))[1:-1], key.decode("latin-1")]


def test_board_and_keyring_have_one_key_and_nobody_else(tmp_path, board, keyring):
    done = bioklok(tmp_path, "device", "provision", "-v", "--port", board.port)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{DEVICE}: has a key\n"
    key = board.files()["key"]
    assert len(key) == 32 and len(set(key)) > 8
    assert keyring.key_of(DEVICE) == key
    assert "write key.new, 32 bytes" in done.stderr
    for form in forms_of(key):
        assert form not in done.stdout + done.stderr
        # The board does not repeat it either.
        assert form.encode("latin-1") not in bytes(board.said)


def test_the_second_time_makes_another_key_in_place_of_the_first(board, keyring):
    assert give(board, keyring).was_provisioned is False
    first = board.files()["key"]
    assert give(board, keyring).was_provisioned is True
    files = board.files()
    assert files["key"] != first
    assert keyring.all() == {DEVICE: files["key"]}
    assert sorted(files) == ["key", "settings.json"]


def test_what_is_deployed_is_sealed_with_the_new_key(board, keyring, tmp_path):
    folder = make_build(tmp_path / "build")
    put(board, folder)
    assert give(board, keyring).sealed == ["a"]
    manifest = (folder / "a" / "manifest.json").read_bytes()
    files = board.files()
    assert files["a/manifest.hmac"] == seal_of(files["key"], manifest)
    first = files["key"]
    second = make_build(tmp_path / "2", "1.1.0", 101)
    put(board, second, first)
    assert give(board, keyring).sealed == ["a", "b"]
    files = board.files()
    for slot, build in (("a", folder), ("b", second)):
        manifest = (build / "a" / "manifest.json").read_bytes()
        assert files[f"{slot}/manifest.hmac"] == seal_of(files["key"], manifest)
        assert files[f"{slot}/manifest.hmac"] != seal_of(first, manifest)


def test_a_slot_that_was_tampered_with_is_not_sealed(board, keyring, tmp_path):
    put(board, make_build(tmp_path / "build"))
    with cable_to(board.port) as cable:
        cable.call("begin", "a/board.mpy")
        cable.call("add", b"AAAA")
        cable.call("end", "a/board.mpy")
    assert give(board, keyring).sealed == []
    assert "a/manifest.hmac" not in board.files()


def test_settings_and_clock_are_set(board, keyring):
    give(board, keyring, wrist="right", dark_from_min=20 * 60)
    assert json.loads(board.files()["settings.json"]) == {
        "utc_offset_min": 60,
        "wrist": 1,
        "dark_from_min": 1200,
    }
    # 17 November 2026 is a Tuesday.
    assert board.clock.read_text() == "(2026, 11, 17, 1, 9, 8, 7, 0)\n"
    give(board, keyring, dark_until_min=390)
    settings = from_text(board.files()["settings.json"].decode())
    assert (settings["dark_from_min"], settings["dark_until_min"]) == (1200, 390)


def test_settings_have_the_firmware_s_names_and_types():
    text = settings_text(None, Wishes(ZONE, "left", 1, 2), NOW)
    given = json.loads(text)
    assert given.pop("wrist") == 0  # nothing in the firmware asks for it yet
    assert {name: type(value) for name, value in given.items()} == {
        name: type(DEFAULTS[name]) for name in given
    }
    summer = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert json.loads(settings_text(b"[", Wishes(ZONE), summer)) == {"utc_offset_min": 120}
    assert rtc_of(summer.astimezone(ZONE)) == [2026, 7, 1, 2, 22, 30, 0, 0]


@pytest.mark.parametrize("n", range(N_PULLS))
def test_a_pulled_cable_never_leaves_a_key_that_no_host_has(
    board, keyring, tmp_path, monkeypatch, n
):
    folder = make_build(tmp_path / "build")
    put(board, folder)
    give(board, keyring)
    board.plug()
    give(board, keyring)
    whole = board.n_from_host
    old = board.files()["key"]
    new = secrets.token_bytes(32)
    monkeypatch.setattr("bioklok.usb.provision.secrets.token_bytes", lambda n: new)
    board.plug()
    # Past the 4 kB of on_board.py: among what provisioning itself sends.
    board.pull_after(whole - (n + 1) * 130)
    with pytest.raises(BioklokFailure, match="went away") as failure:
        give(board, keyring)
    said = "".join(traceback.format_exception(failure.value))
    assert not [form for form in forms_of(new) if form in said]
    used = board.files()["key"]
    assert used in (old, new)
    if used == new:
        assert keyring.key_of(DEVICE) == new
    monkeypatch.undo()
    board.plug()
    give(board, keyring)
    files = board.files()
    assert files["key"] not in (old, new)
    assert keyring.key_of(DEVICE) == files["key"]
    manifest = (folder / "a" / "manifest.json").read_bytes()
    assert files["a/manifest.hmac"] == seal_of(files["key"], manifest)
    assert not [path for path in files if path.endswith(".new")]


def test_a_keyring_that_cannot_be_written_leaves_the_old_key(board, keyring):
    give(board, keyring)
    old = board.files()["key"]

    class Full:
        def add(self, device_id: str, key: bytes) -> None:
            raise BioklokFailure("the disk is full")

    with (
        cable_to(board.port) as cable,
        pytest.raises(BioklokFailure, match="the disk is full"),
    ):
        provision(cable, Full(), Wishes(ZONE), NOW)
    assert board.files()["key"] == old == keyring.key_of(DEVICE)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--wrist", "both"], "neither left nor right"),
        (["--dark-from", "25:00"], "no time such as 21:30"),
    ],
)
def test_a_wrong_wish_is_wrong_use(tmp_path, options, words):
    done = bioklok(tmp_path, "device", "provision", "--port", "/dev/null", *options)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.replace("│", " ").split())


def test_an_unknown_zone_is_wrong_use(tmp_path):
    done = bioklok(tmp_path, "device", "provision", "--port", "/dev/null", "--tz", "Mars/Base")
    assert done.returncode == 2 and "Mars/Base" in done.stderr
