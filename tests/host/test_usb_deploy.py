"""`bioklok device deploy` on a real MicroPython behind a pseudo-terminal."""

import json
import logging
import shutil
from hashlib import sha256

import pytest
from bioklok.boards.build import FIRMWARE
from bioklok.boards.build import build as build_board
from bioklok.errors import BioklokFailure, NotFound
from bioklok.usb.build import check_fits, read_build
from bioklok.usb.cable import cable_to
from bioklok.usb.deploy import deploy, seal_of
from support.board_on_cable import BoardOnCable
from support.build_folder import in_slot, make_build, named_slot
from support.command import bioklok, failed


@pytest.fixture
def board(tmp_path):
    with BoardOnCable(tmp_path) as made:
        yield made


def put(board: BoardOnCable, folder, key=None, **options):
    with cable_to(board.port) as cable:
        done = deploy(cable, read_build(folder), lambda _: key, lambda done, total: None, **options)
        cable.restart(0.0)
    return done


def test_an_empty_board_gets_identical_files_and_runs(board, tmp_path):
    build = make_build(tmp_path / "build")
    done = bioklok(tmp_path, "device", "deploy", build, "--port", board.port)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "bench 1.0.0 (build 100) runs from slot a: 7 files sent, 0 were there\n"
    board.wait_for(b"RUNNING 1.0.0 on bench")
    assert board.is_running_a_program()
    files = board.files()
    assert json.loads(files.pop("slot.json")) == {"slot": "a", "tries": 0, "good": False}
    root = {name: (build / name).read_bytes() for name in ("boot.py", "main.py")}
    assert files == in_slot(build, "a") | root


def test_the_next_build_goes_beside_the_running_one(board, tmp_path):
    first, second = make_build(tmp_path / "1"), make_build(tmp_path / "2", "1.1.0", 101)
    third = make_build(tmp_path / "3", "1.2.0", 102)
    put(board, first)
    assert put(board, second).slot == "b"
    board.wait_for(b"RUNNING 1.1.0")
    files = board.files()
    assert named_slot(files) == "b"
    assert in_slot(first, "a").items() <= files.items()
    assert put(board, third).slot == "a"
    files = board.files()
    assert named_slot(files) == "a"
    # What only the first build had is gone from the slot.
    assert {path for path in files if path.startswith("a/")} == set(in_slot(third, "a"))


def test_the_same_build_again_sends_nothing_and_runs(board, tmp_path):
    build = make_build(tmp_path / "build")
    put(board, build)
    before, start = board.files(), len(board.said)
    done = put(board, build)
    assert (done.slot, done.n_sent, done.n_kept) == ("a", 0, 7)
    board.wait_for(b"RUNNING 1.0.0", start)
    assert board.files() == before


def test_what_is_there_already_is_not_sent_again(board, tmp_path):
    put(board, make_build(tmp_path / "1"))
    put(board, make_build(tmp_path / "2", "1.1.0", 101))
    done = put(board, make_build(tmp_path / "3", "1.2.0", 102))
    # app/same, biocore/kernels, board, boot.py and main.py are as they were.
    assert (done.slot, done.n_sent, done.n_kept) == ("a", 2, 5)


def test_a_file_that_rotted_on_the_running_board_is_found(board, tmp_path):
    build = make_build(tmp_path / "build")
    put(board, build)
    with cable_to(board.port) as cable:
        cable.call("begin", "a/app/same.mpy")
        cable.call("end", "a/app/same.mpy")
    assert put(board, build).slot == "b"
    assert in_slot(build, "b").items() <= board.files().items()


def test_a_board_with_a_key_gets_its_manifest_sealed(board, tmp_path):
    build = make_build(tmp_path / "build")
    key = bytes(range(32))
    put(board, build)
    with cable_to(board.port) as cable:
        cable.call("begin", "key")
        cable.call("add", b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        assert cable.call("end", "key") == sha256(key).hexdigest()
    with pytest.raises(BioklokFailure, match="does not have the key of 0a1b2c3d4e5f0000"):
        put(board, build, key=None)
    with pytest.raises(BioklokFailure, match="first give it a new one"):
        put(board, build, key=bytes(32))
    assert put(board, build, key=key).slot == "a"
    manifest = (build / "a" / "manifest.json").read_bytes()
    assert board.files()["a/manifest.hmac"] == seal_of(key, manifest)
    second = make_build(tmp_path / "2", "1.1.0", 101)
    put(board, second, key=key)
    manifest = (second / "a" / "manifest.json").read_bytes()
    assert board.files()["b/manifest.hmac"] == seal_of(key, manifest)


def test_the_seal_is_hmac_sha256(tmp_path):
    # RFC 4231, test case 2
    assert seal_of(b"Jefe", b"what do ya want for nothing?").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_an_older_build_and_another_board_are_refused(board, tmp_path):
    put(board, make_build(tmp_path / "2", "1.1.0", 101))
    before = board.files()
    older, other = make_build(tmp_path / "1"), make_build(tmp_path / "o", board="other", build=102)
    with pytest.raises(BioklokFailure, match="newer than build 100"):
        put(board, older)
    with pytest.raises(BioklokFailure, match="this one is a bench, the build is for other"):
        put(board, other)
    assert board.files() == before
    assert put(board, older, may_be_older=True).slot == "b"
    assert put(board, other, may_be_other_board=True).slot == "a"


def test_a_build_for_another_chip_touches_nothing(board, tmp_path):
    build = make_build(tmp_path / "build", machine="xtensawin")
    with pytest.raises(BioklokFailure, match=r"wrong board: .*xtensawin.*runs x64"):
        put(board, build)
    assert board.files() == {}


def test_a_program_that_ends_is_no_success(board, tmp_path):
    build = make_build(tmp_path / "build")
    (build / "main.py").write_text("import nothing_of_that_name\n")
    done = bioklok(tmp_path, "device", "deploy", build, "--port", board.port)
    assert "ended at once: look why with 'bioklok device logs --follow" in failed(done)


def test_a_full_board_says_so_and_runs_on(tmp_path):
    with BoardOnCable(tmp_path, size_kb=64) as board:
        small = make_build(tmp_path / "1")
        put(board, small)
        big = make_build(tmp_path / "2", "1.1.0", 101, app__big=f"A = {bytes(40_000)!r}\n")
        start = len(board.said)
        with pytest.raises(BioklokFailure, match=r"file system of the board on .* is full"):
            put(board, big)
        board.wait_for(b"RUNNING 1.0.0", start)
        assert named_slot(board.files()) == "a"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda b: (b / "main.py").unlink(), "there is no build in"),
        (lambda b: (b / "a" / "board.mpy").unlink(), "not whole"),
        (lambda b: (b / "a" / "board.mpy").write_bytes(b"M"), "not whole"),
        (lambda b: (b / "a" / "more.mpy").write_bytes(b"M"), "not whole"),
        (lambda b: (b / "a" / "manifest.json").write_text("{}"), "not whole"),
        (lambda b: (b / "a" / "manifest.json").write_text("["), "not whole"),
    ],
)
def test_a_build_that_is_not_whole_is_refused(tmp_path, spoil, words):
    build = make_build(tmp_path / "build")
    spoil(build)
    with pytest.raises((BioklokFailure, NotFound), match=words):
        read_build(build)


def test_a_manifest_that_points_out_of_the_slot_is_refused(tmp_path):
    build = make_build(tmp_path / "build")
    (build / "key").write_bytes(b"x")
    path = build / "a" / "manifest.json"
    about = json.loads(path.read_text())
    about["files"].append({"path": "../key", "size": 1, "sha256": sha256(b"x").hexdigest()})
    path.write_text(json.dumps(about))
    with pytest.raises(BioklokFailure):
        read_build(build)


def test_each_step_is_told_and_no_content(board, tmp_path, caplog):
    build = make_build(tmp_path / "build")
    with caplog.at_level(logging.INFO, "bioklok.usb"):
        put(board, build)
    size = (build / "a" / "app" / "device.mpy").stat().st_size
    assert f"write a/app/device.mpy, {size} bytes" in caplog.messages
    assert caplog.messages[-1] == "rename slot.json.new to slot.json"


def test_what_make_build_writes_is_taken(tmp_path):
    built = build_board("esp32c3_pilot", into=tmp_path)
    read = read_build(built.folder)
    assert (read.board, read.version, read.build) == (built.board.name, built.version, built.build)
    assert {path: len(data) for path, data in read.files.items()} == built.sizes
    rv32imc, xtensawin = 11 << 10 | 3 << 8 | 6, 10 << 10 | 3 << 8 | 6
    check_fits(read, rv32imc)
    with pytest.raises(BioklokFailure, match=r"rv32imc.*runs xtensawin"):
        check_fits(read, xtensawin)
    with pytest.raises(BioklokFailure, match="compiled for another MicroPython"):
        check_fits(read, rv32imc + 1)


def test_visits_by_cable_do_not_bring_the_old_firmware_back(board, tmp_path):
    """With the boot.py that boards have, which gives a slot three tries."""
    first, second = make_build(tmp_path / "1"), make_build(tmp_path / "2", "1.1.0", 101)
    for build in (first, second):
        for name in ("boot.py", "slots.py", "manifest.py"):
            shutil.copy(FIRMWARE / name, build / name)
    put(board, first)
    board.wait_for(b"RUNNING 1.0.0")
    put(board, second)
    board.wait_for(b"RUNNING 1.1.0")
    for _ in range(5):
        start = len(board.said)
        with cable_to(board.port) as cable:
            assert cable.call("loaded", "slot.json")["slot"] == "b"
        board.wait_for(b"RUNNING 1.1.0", start)
    assert json.loads(board.files()["slot.json"]) == {"slot": "b", "tries": 1, "good": False}


def test_what_boot_imports_is_written_before_it(tmp_path):
    build = make_build(tmp_path / "build")
    (build / "slots.py").write_text("")
    (build / "README.md").write_text("")
    assert list(read_build(build).root) == ["slots.py", "boot.py", "main.py"]
