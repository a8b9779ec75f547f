"""Device keys at rest: wrapped, for the owner alone, and never shown."""

import os
import sqlite3
import stat
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from bioklok.errors import BioklokFailure
from bioklok.keyring import Keyring
from bioklok.store import MASTER_VARIABLE, Store, open_store, place_of
from bioklok.store import master_key as master_key_of
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

# RFC 3394, section 4.6: 256 bits of key data with a 256-bit key encryption key
RFC_MASTER = bytes(range(32))
RFC_KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")
RFC_WRAPPED = bytes.fromhex(
    "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
)
DEVICE = "0102030405060708"


def master_key(url: str) -> bytes:
    return master_key_of(place_of(url))


posix = pytest.mark.skipif(os.name != "posix", reason="file modes are posix'")


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MASTER_VARIABLE, raising=False)


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'b.sqlite'}"


@pytest.fixture
def store(url):
    with open_store(url) as opened:
        yield opened


def test_keys_come_back_and_are_wrapped_as_the_rfc_says(store: Store, tmp_path) -> None:
    ring = Keyring(store, RFC_MASTER)
    assert ring.all() == {}
    assert ring.key_of(DEVICE) is None
    ring.add(DEVICE, RFC_KEY)
    ring.add("ff" * 8, bytes(32))
    assert ring.key_of(DEVICE) == RFC_KEY
    assert Keyring(store, RFC_MASTER).all() == {DEVICE: RFC_KEY, "ff" * 8: bytes(32)}
    assert store.device_key(DEVICE) == RFC_WRAPPED
    store.close()
    assert all(RFC_KEY not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_device_provisioned_again_has_its_new_key(store: Store) -> None:
    ring = Keyring(store, RFC_MASTER)
    ring.add(DEVICE, bytes(32))
    ring.add(DEVICE, RFC_KEY)
    assert ring.all() == {DEVICE: RFC_KEY}


def test_a_wrong_master_key_is_one_clear_line_and_adds_nothing(store: Store) -> None:
    Keyring(store, RFC_MASTER).add(DEVICE, RFC_KEY)
    with pytest.raises(BioklokFailure, match=r"another master key: put back .*b\.sqlite\.key"):
        Keyring(store, bytes(32))
    assert store.device_keys() == {DEVICE: RFC_WRAPPED}


def test_a_wrapped_key_that_was_tampered_with_is_refused(store: Store) -> None:
    ring = Keyring(store, RFC_MASTER)
    store.put_device_key(DEVICE, RFC_WRAPPED[:-1] + b"\0")
    with pytest.raises(BioklokFailure):
        ring.key_of(DEVICE)
    store.put_device_key(DEVICE, b"short")
    with pytest.raises(BioklokFailure):
        ring.all()


def test_keys_of_another_length_are_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="31"):
        Keyring(store, RFC_MASTER).add(DEVICE, bytes(31))
    with pytest.raises(ValueError, match="16"):
        Keyring(store, bytes(16))


def test_no_key_is_shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Keyring(store, RFC_MASTER)
    ring.add(DEVICE, RFC_KEY)
    shown = [repr(ring), str(ring), f"{vars(ring)['_store']!r}"]
    secret = "ab" * 31 + "xy"
    monkeypatch.setenv(MASTER_VARIABLE, secret)
    for attempt in (lambda: Keyring(store, bytes(32)), lambda: master_key("sqlite:////x/y")):
        try:
            attempt()
        except BioklokFailure:
            shown.append(traceback.format_exc())
    assert len(shown) == 5
    for text in shown:
        for hidden in (RFC_KEY, RFC_MASTER):
            assert hidden.hex() not in text.lower()
            assert repr(hidden) not in text
        assert secret[:8] not in text


def test_the_environment_comes_first(url, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MASTER_VARIABLE, RFC_MASTER.hex())
    assert master_key(url) == RFC_MASTER
    assert list(tmp_path.iterdir()) == []
    for wrong in ("", "00" * 31, "00" * 33, "zz" * 32):
        monkeypatch.setenv(MASTER_VARIABLE, wrong)
        with pytest.raises(BioklokFailure, match="64 hexadecimal digits"):
            master_key(url)


@posix
def test_the_first_start_makes_a_file_for_its_owner_alone(url, tmp_path) -> None:
    before = os.umask(0)
    try:
        key = master_key(url)
    finally:
        os.umask(before)
    (file,) = tmp_path.iterdir()
    assert file.name == "b.sqlite.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == key.hex() + "\n"
    assert master_key(url) == key
    other = master_key(f"sqlite:///{tmp_path / 'other.sqlite'}")
    assert len(other) == 32
    assert other != key


def test_programs_that_start_together_have_one_key(url, tmp_path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(master_key, [url] * 64))
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["b.sqlite.key"]


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_may_use_is_refused(url, tmp_path, mode: int) -> None:
    master_key(url)
    (file,) = tmp_path.iterdir()
    file.chmod(mode)
    with pytest.raises(BioklokFailure, match="chmod 600") as failure:
        master_key(url)
    assert "\n" not in str(failure.value)
    file.chmod(0o600)
    assert len(master_key(url)) == 32


def test_a_file_that_is_no_key_is_refused_and_left(url, tmp_path) -> None:
    file = tmp_path / "b.sqlite.key"
    for content in (b"", b"00" * 31, b"\xff" * 64):
        file.write_bytes(content)
        file.chmod(0o600)
        with pytest.raises(BioklokFailure, match="holds no master key"):
            master_key(url)
        assert file.read_bytes() == content


def test_a_place_that_cannot_hold_it(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BioklokFailure, match="cannot be used"):
        master_key(f"sqlite:///{tmp_path / 'file' / 'b.sqlite'}")
    (tmp_path / "d.sqlite.key").mkdir()
    with pytest.raises(BioklokFailure, match="cannot be used"):
        master_key(f"sqlite:///{tmp_path / 'd.sqlite'}")


def test_the_database_alone_gives_no_key(url, tmp_path) -> None:
    with open_store(url) as store:
        Keyring(store, master_key(url)).add(DEVICE, RFC_KEY)
    with sqlite3.connect(tmp_path / "b.sqlite") as database:
        ((wrapped,),) = database.execute("SELECT wrapped_key FROM device_key").fetchall()
    database.close()
    assert aes_key_unwrap(master_key(url), wrapped) == RFC_KEY
    (tmp_path / "b.sqlite.key").unlink()
    with open_store(url) as store, pytest.raises(BioklokFailure, match="another master key"):
        Keyring(store, master_key(url))


def test_no_new_key_takes_the_place_of_one_that_is_gone(url, tmp_path) -> None:
    with open_store(url) as store:
        store.ensure_student("noor", "Noor")
    file = tmp_path / "b.sqlite.key"
    key = file.read_bytes()
    file.unlink()
    with open_store(url) as store:
        with pytest.raises(BioklokFailure, match=r"master key .*b\.sqlite\.key is not there"):
            store.students()
        with pytest.raises(BioklokFailure, match=r"is not there.*put it back or set"):
            Keyring.of(store)
    assert not file.exists()
    file.write_bytes(key)
    file.chmod(0o600)
    with open_store(url) as store:
        assert [one.name for one in store.students()] == ["Noor"]


def test_keys_of_devices_alone_are_keys_that_are_locked(url, tmp_path) -> None:
    with open_store(url) as store:
        Keyring.of(store).add(DEVICE, RFC_KEY)
        assert Keyring.of(store).key_of(DEVICE) == RFC_KEY
    (tmp_path / "b.sqlite.key").unlink()
    with open_store(url) as store, pytest.raises(BioklokFailure, match="is not there"):
        Keyring.of(store)
    assert not (tmp_path / "b.sqlite.key").exists()


def test_a_folder_of_keys_that_cannot_be_looked_into_makes_none(url, tmp_path, monkeypatch) -> None:
    (tmp_path / "keys").write_text("no folder")
    monkeypatch.setenv("BIOKLOK_KEYS", str(tmp_path / "keys"))
    with pytest.raises(BioklokFailure, match="cannot be used"):
        master_key(url)
    assert not (tmp_path / "b.sqlite.key").exists()


def test_a_key_that_another_program_makes_just_now_is_taken(url, tmp_path, monkeypatch) -> None:
    """It makes the master key, then the first data key: whoever sees the second has the first."""
    listed = os.listdir

    def meanwhile(folder):
        (tmp_path / "b.sqlite.key").write_text("5a" * 32)
        (tmp_path / "b.sqlite.key").chmod(0o600)
        (tmp_path / "b.sqlite.keys").mkdir(exist_ok=True)
        (tmp_path / "b.sqlite.keys" / ("0" * 40)).write_bytes(b"")
        return listed(folder)

    monkeypatch.setattr(os, "listdir", meanwhile)
    assert master_key(url) == b"\x5a" * 32
