"""`bioklok device selftest`, `logs`, `wipe`, and Ctrl-C, on a real MicroPython."""

import base64
import json
import signal
import subprocess

import pytest
from bioklok.errors import BioklokFailure
from bioklok.keyring import Keyring
from bioklok.store import open_store
from bioklok.usb.build import read_build
from bioklok.usb.cable import cable_to
from bioklok.usb.deploy import deploy
from bioklok.usb.upkeep import wipe
from support.board_on_cable import BoardOnCable
from support.build_folder import make_build, named_slot
from support.command import BIOKLOK, bioklok, environment_of, failed

SELF_TEST = """
def run(board):
    return {"accelerometer": "ok", "light": %r, "board": "ok" if board.flash else "none"}
"""
DEVICE = "0a1b2c3d4e5f0000"


@pytest.fixture
def board(tmp_path):
    with BoardOnCable(tmp_path) as made:
        yield made


def put(board: BoardOnCable, folder) -> None:
    with cable_to(board.port) as cable:
        deploy(cable, read_build(folder), lambda _: None, lambda done, total: None)


def write(board: BoardOnCable, path: str, data: bytes) -> None:
    with cable_to(board.port) as cable:
        cable.call("begin", path)
        cable.call("add", base64.b64encode(data))
        cable.call("end", path)


def device(board: BoardOnCable, folder, *arguments):
    return bioklok(folder, "device", *arguments, "--port", board.port)


# -- selftest ------------------------------------------------------------------------------------


def test_a_self_test_that_finds_nothing(board, tmp_path):
    put(board, make_build(tmp_path / "build", app__selftest=SELF_TEST % "ok"))
    done = device(board, tmp_path, "selftest", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"accelerometer": "ok", "light": "ok", "board": "ok"}


def test_a_self_test_that_finds_a_fault(board, tmp_path):
    put(board, make_build(tmp_path / "build", app__selftest=SELF_TEST % "no answer\x1b[2J at 0x10"))
    start = len(board.said)
    done = device(board, tmp_path, "selftest")
    assert done.returncode == 1
    assert "no answer[2J at 0x10" in done.stdout
    assert done.stderr.splitlines()[-1].startswith("bioklok: at fault: light")
    board.wait_for(b"RUNNING 1.0.0", start)


def test_a_firmware_without_a_self_test(board, tmp_path):
    put(board, make_build(tmp_path / "build"))
    assert "this firmware has no self-test" in failed(device(board, tmp_path, "selftest"))


def test_a_self_test_that_raises(board, tmp_path):
    source = "def run(board):\n    raise ValueError('secret words')\n"
    put(board, make_build(tmp_path / "build", app__selftest=source))
    line = failed(device(board, tmp_path, "selftest"))
    assert "answered ValueError" in line and "secret" not in line


def test_a_board_without_firmware(board, tmp_path):
    assert "this board has no firmware yet" in failed(device(board, tmp_path, "selftest"))


# -- logs ----------------------------------------------------------------------------------------


def test_faults_are_shown(board, tmp_path):
    write(board, "faults.json", b'{"i2c": 3, "last": "NACK\\u001b[2J"}')
    done = device(board, tmp_path, "logs")
    assert done.returncode == 0, done.stderr
    assert done.stdout == 'i2c\t3\nlast\t"NACK\\u001b[2J"\n'


def test_a_board_without_faults(board, tmp_path):
    done = device(board, tmp_path, "logs")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "The board keeps no faults.\n"


def test_faults_that_cannot_be_read(board, tmp_path):
    write(board, "faults.json", b'["x')
    assert "faults.json on the board cannot be read" in failed(device(board, tmp_path, "logs"))


def test_follow_shows_what_is_printed_until_ctrl_c(board, tmp_path):
    put(board, make_build(tmp_path / "build"))
    with subprocess.Popen(
        [BIOKLOK, "device", "logs", "--follow", "--port", board.port],
        env=environment_of(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout:
            if "RUNNING 1.0.0 on bench" in line:
                break
        start = len(board.said)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        assert "Traceback" not in process.stderr.read()
    # It was not stopped: it runs on.
    assert board.is_running_a_program()
    assert b"RUNNING" not in board.said[start:]


# -- wipe ----------------------------------------------------------------------------------------


def fill(board: BoardOnCable, tmp_path) -> None:
    put(board, make_build(tmp_path / "build"))
    write(board, "journal.bin", b"data" * 2048)
    write(board, "faults.json", b"{}")
    assert device(board, tmp_path, "provision").returncode == 0


def test_a_wiped_board_has_nothing_of_anybody_s_and_runs(board, tmp_path):
    fill(board, tmp_path)
    assert "key" in board.files()
    start = len(board.said)
    done = device(board, tmp_path, "wipe", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{DEVICE}: wiped\n"
    files = board.files()
    assert not {"key", "settings.json", "faults.json", "a/manifest.hmac"} & set(files)
    assert files["journal.bin"] == b"\xff" * 8192
    assert named_slot(files) == "a"
    board.wait_for(b"RUNNING 1.0.0", start)
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        keyring = Keyring.of(store)
        kept = keyring.key_of(DEVICE)
        assert kept is not None  # this computer forgets a key when it is asked to
        assert device(board, tmp_path, "wipe", "--yes", "--forget").returncode == 0
        assert keyring.key_of(DEVICE) != kept
    assert device(board, tmp_path, "provision").returncode == 0


def test_nothing_is_wiped_unasked(board, tmp_path):
    fill(board, tmp_path)
    before = board.files()
    assert "nobody is here to ask, add --yes" in failed(device(board, tmp_path, "wipe"))
    assert board.files() == before


def test_a_firmware_that_cannot_erase_keeps_key_and_journal_together(board, tmp_path):
    fill(board, tmp_path)
    put_key = board.files()["key"]
    broken = make_build(tmp_path / "2", "1.1.0", 101, board_source="raise OSError(5)\n")
    with cable_to(board.port) as cable:
        deploy(cable, read_build(broken), lambda _: put_key, lambda done, total: None)
    assert "could not erase the journal (OSError), so nothing was wiped" in failed(
        device(board, tmp_path, "wipe", "--yes")
    )
    files = board.files()
    assert files["key"] == put_key
    assert files["journal.bin"] == b"data" * 2048


@pytest.mark.parametrize("n_bytes", [40, 160, 280])
def test_a_wipe_cut_short_closes_the_board_and_can_be_repeated(board, tmp_path, n_bytes):
    fill(board, tmp_path)
    board.plug()
    with cable_to(board.port):
        before_wipe = board.n_from_host
    board.plug()
    board.pull_after(before_wipe + n_bytes)
    with pytest.raises(BioklokFailure, match="went away"), cable_to(board.port) as cable:
        wipe(cable, lambda done, total: None)
    files = board.files()
    assert "key" in files or "settings.json" not in files
    board.plug()
    assert device(board, tmp_path, "wipe", "--yes").returncode == 0
    files = board.files()
    assert "key" not in files and files["journal.bin"] == b"\xff" * 8192


# -- Ctrl-C --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_bytes", [1, 6000, 14000, 20000])
def test_ctrl_c_leaves_a_board_that_runs(board, tmp_path, n_bytes):
    put(board, make_build(tmp_path / "1"))
    big = make_build(tmp_path / "2", "1.1.0", 101, app__big=f"A = {'x' * 30_000!r}\n")
    board.plug()
    start = len(board.said)
    with subprocess.Popen(
        [BIOKLOK, "device", "deploy", big, "--port", board.port],
        env=environment_of(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        board.wait_until_sent(n_bytes)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    board.wait_for(b"RUNNING 1.0.0", start)
    done = bioklok(tmp_path, "device", "deploy", big, "--port", board.port)
    assert done.returncode == 0, done.stderr
    board.wait_for(b"RUNNING 1.1.0", start)
