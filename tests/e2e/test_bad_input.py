"""Bad input: one clear line on stderr, exit code 1, nothing half-written. Real processes."""

import os
import shutil
import socket
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from support import geneactiv
from support.command import bioklok, failed

SOMEBODY = ("user", "add", "somebody", "--role", "student")


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """The flash of a device that was worn for a day."""
    folder = tmp_path_factory.mktemp("day")
    assert bioklok(folder, "simulate", "--days", "1").returncode == 0
    return folder / "bioklok.flash"


def test_damaged_recording(tmp_path):
    path = geneactiv.write(tmp_path / "a.bin", geneactiv.still(3), says=99)
    assert "3 of 99 pages" in failed(bioklok(tmp_path, "replay", path))
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_unknown_format(tmp_path):
    (tmp_path / "a.xyz").write_bytes(os.urandom(5000))
    assert "no recording this can replay" in failed(bioklok(tmp_path, "replay", "a.xyz"))
    assert "not a flash image" in failed(bioklok(tmp_path, "sync", "--virtual", "a.xyz"))
    assert "cannot read" in failed(bioklok(tmp_path, "sync", "--virtual", "nothing.flash"))


@pytest.mark.parametrize("limit_bytes", [0, 300_000, 1_000_000])
def test_full_disk_while_simulating(tmp_path, limit_bytes):
    line = failed(bioklok(tmp_path, "simulate", "--days", "1", limit_bytes=limit_bytes))
    assert "bioklok.flash" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit_bytes", [30_000, 60_000])
def test_full_disk_while_syncing_keeps_only_whole_batches(tmp_path, day, limit_bytes):
    shutil.copy(day, tmp_path / "bioklok.flash")
    bioklok(tmp_path, *SOMEBODY)  # makes the store
    # 48 pages are written at the front of the image; what SQLite writes grows beyond the limit.
    sync = ("sync", "--virtual", tmp_path / "bioklok.flash")
    line = failed(bioklok(tmp_path, *sync, limit_bytes=limit_bytes))
    assert "store.sqlite" in line
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as store:
        ((n_pages, last),) = store.execute("SELECT count(*), max(sequence) FROM page").fetchall()
    assert n_pages in (0, 48) and last in (None, n_pages - 1)  # one batch, one transaction
    done = bioklok(tmp_path, *sync, "-v")
    assert " bursts, radio " in done.stderr  # what the device counts of itself
    n_left = 30 * (48 - n_pages)
    assert f"1440 epochs on the device, 1440 in the store, {n_left} new" in done.stdout


def test_an_id_that_cannot_be_used_is_said_before_the_radio(tmp_path, day):
    shutil.copy(day, tmp_path / "bioklok.flash")
    sync = ("sync", "--virtual", tmp_path / "bioklok.flash", "--student", "x y")
    done = bioklok(tmp_path, *sync)
    assert done.returncode == 2 and "cannot be used" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["bioklok.flash"]


def test_no_database_can_be_made(tmp_path, day):
    shutil.copy(day, tmp_path / "bioklok.flash")
    sync = ("sync", "--virtual", tmp_path / "bioklok.flash")
    assert "/dev/full" in failed(
        bioklok(tmp_path, *sync, BIOKLOK_DATABASE_URL="sqlite:////dev/full/x")
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_disk_while_reporting(tmp_path, day):
    shutil.copy(day, tmp_path / "bioklok.flash")
    bioklok(tmp_path, "sync", "--virtual", "bioklok.flash", "--student", "mila")
    arguments = ("report", "--student", "mila", "--week", "2026-W47", "-o")
    assert "No space left" in failed(bioklok(tmp_path, *arguments, "/dev/full"))
    assert "cannot write" in failed(bioklok(tmp_path, *arguments, tmp_path / "no" / "x.json"))


def test_port_in_use(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for command in ("serve", "demo"):
            line = failed(bioklok(tmp_path, command, "--port", port))
            assert f"port {port} on 127.0.0.1 is in use" in line
    assert list(tmp_path.iterdir()) == []


def test_no_micropython(tmp_path):
    for missing in (tmp_path / "nowhere", Path(sys.executable)):
        line = failed(bioklok(tmp_path, "simulate", BIOKLOK_MICROPYTHON=str(missing)))
        assert "not a MicroPython" in line
    assert list(tmp_path.iterdir()) == []


def test_an_interpreter_that_dies_is_one_line_too(tmp_path):
    fake = tmp_path / "micropython"
    fake.write_text(
        '#!/bin/sh\n[ "$1" = -c ] && echo micropython && exit 0\necho "OOPS: dead" >&2\nexit 7\n'
    )
    fake.chmod(0o755)
    line = failed(bioklok(tmp_path, "simulate", "--days", "1", BIOKLOK_MICROPYTHON=str(fake)))
    assert "the simulated device stopped: OOPS: dead" in line
    assert [p.name for p in tmp_path.iterdir()] == ["micropython"]


def test_a_database_that_is_none(tmp_path):
    (tmp_path / "store.sqlite").write_bytes(b"something else " * 100)
    before = (tmp_path / "store.sqlite").read_bytes()
    assert "not a Bioklok database" in failed(
        bioklok(tmp_path, "report", "--student", "x", "--week", "2026-W47")
    )
    assert (tmp_path / "store.sqlite").read_bytes() == before


def test_unknown_student_and_week(tmp_path):
    report = ("report", "--student", "nobody", "--week", "2026-W47")
    assert "there is no database" in failed(bioklok(tmp_path, *report))
    bioklok(tmp_path, *SOMEBODY)
    assert "no student" in failed(bioklok(tmp_path, *report))


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate", "--days", "0"],
        ["simulate", "--start", "someday"],
        ["report", "--student", "x"],
        ["nonsense"],
        ["serve", "--port", "70000"],
    ],
)
def test_wrong_use_is_exit_code_2(tmp_path, arguments):
    done = bioklok(tmp_path, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", ["", "demo", "simulate", "replay", "sync", "serve", "report", "doctor"]
)
def test_every_command_has_help(tmp_path, command):
    done = bioklok(tmp_path, *([command] if command else []), "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_doctor_says_what_there_is(tmp_path):
    done = bioklok(tmp_path, "doctor")
    assert done.returncode == 0
    for name in ("Python", "MicroPython", "firmware", "database", "Bluetooth adapter"):
        assert name in done.stderr
    missing = bioklok(tmp_path, "doctor", BIOKLOK_MICROPYTHON="/nowhere")
    assert "needed and not there: MicroPython" in failed(missing)
