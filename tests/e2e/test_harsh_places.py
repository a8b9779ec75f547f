"""Terminals, disks and names as they come: one line, nothing half-written, nothing misread."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bioklok.demo_recording import NoNetwork, fetch_recording, is_whole
from bioklok.store import file_url, open_store
from support.command import BIOKLOK, bioklok, environment_of, failed
from support.synthetic import DEVICE_ID, Info, school_week

DIES = '#!/bin/sh\n[ "$1" = -c ] && {{ echo micropython; exit 0; }}\necho "OOPS: {}" >&2\nexit 7\n'
HANGS = '#!/bin/sh\n[ "$1" = -c ] && { echo micropython; exit 0; }\necho up >&3\nexec sleep 60\n'


@pytest.fixture
def week(tmp_path):
    """A store with Zoë's week; the arguments that report it."""
    with open_store(file_url(tmp_path / "store.sqlite")) as store:
        store.commit_pages(Info(), school_week(), 1000)
        store.ensure_student("zoe", "Zoë")
        store.assign(DEVICE_ID, "zoe")
    return ["report", "--student", "zoe", "--week", "2026-W47"]


def interpreter(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("form", ["json", "html"])
def test_a_terminal_that_takes_no_more(tmp_path, week, form):
    with open("/dev/full", "wb") as full:
        done = bioklok(tmp_path, *week, "--format", form, stdout=full.fileno())
    assert "cannot write to stdout: No space left" in failed(done)


def test_a_reader_that_goes_away_is_no_failure(tmp_path, week):
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = bioklok(tmp_path, *week, stdout=write_end)
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_terminal_of_another_encoding_gets_utf_8(tmp_path, week, form):
    written = tmp_path / "out"
    bioklok(tmp_path, *week, "--format", form, "-o", written)
    done = bioklok(tmp_path, *week, "--format", form, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout == written.read_text(encoding="utf-8")
    assert form == "json" or "Zoë" in done.stdout


def test_names_are_no_markup(tmp_path):
    flash = tmp_path / "a[/b] it's.flash"
    done = bioklok(tmp_path, "simulate", "--days", "1", "--flash", flash.name)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{flash.name}\n"
    (command,) = [line for line in done.stderr.splitlines() if "Next: " in line]
    command = command.split("Next: bioklok ")[1]
    assert shlex.split(command) == ["sync", "--virtual", flash.name]
    folder = tmp_path / "[/x]"
    found = bioklok(tmp_path, "doctor", BIOKLOK_DATABASE_URL=file_url(folder / "x.sqlite"))
    assert str(folder) in found.stderr
    synced = bioklok(tmp_path, *shlex.split(command), "--student", "ana", "--tz", "Asia/Tokyo")
    assert "1440 new" in synced.stdout
    with open_store(file_url(tmp_path / "store.sqlite")) as store:
        assert store.student("ana").timezone == "Asia/Tokyo"
        again = bioklok(tmp_path, *shlex.split(command), "--student", "ana", "--tz", "Etc/UTC")
        assert "keeps the time zone Asia/Tokyo" in again.stderr
        assert store.student("ana").timezone == "Asia/Tokyo"


def test_a_time_zone_that_is_none_is_refused_before_anything_runs(tmp_path):
    sync = ("sync", "--virtual", "x.flash", "--tz", "Mars/Olympus")
    done = bioklok(tmp_path, *sync, "--student", "ana")
    assert done.returncode == 2 and "no time zone" in done.stderr
    assert bioklok(tmp_path, *sync).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_flash_that_is_not_there_makes_no_database(tmp_path):
    assert "cannot read" in failed(bioklok(tmp_path, "sync", "--virtual", "nope.flash"))
    assert list(tmp_path.iterdir()) == []


def test_a_start_that_no_clock_knows(tmp_path):
    line = failed(bioklok(tmp_path, "simulate", "--start", "9999-12-31", "--days", "3"))
    assert "1971 to 2105" in line
    assert list(tmp_path.iterdir()) == []


def test_a_week_that_no_device_measured(tmp_path, week):
    for name in ("9999-W52", "0001-W01"):
        done = bioklok(tmp_path, *week[:-1], name)
        assert done.returncode == 2 and "there is no week" in done.stderr


def test_other_computers_are_not_served(tmp_path):
    assert "--https-proxy" in failed(bioklok(tmp_path, "serve", "--host", "0.0.0.0"))
    assert list(tmp_path.iterdir()) == []


def test_a_device_that_stops_says_why_at_once(tmp_path):
    flash = tmp_path / "a.flash"
    assert bioklok(tmp_path, "simulate", "--days", "1", "--flash", flash).returncode == 0
    fake = interpreter(tmp_path / "micropython", DIES.format("Read-only file system"))
    line = failed(bioklok(tmp_path, "sync", "--virtual", flash, "--micropython", fake))
    assert line == "bioklok: the simulated device stopped: OOPS: Read-only file system"


@pytest.mark.skipif(sys.platform != "linux", reason="the third descriptor reaches a child here")
def test_a_run_that_is_terminated_or_meets_another_leaves_nothing(tmp_path):
    """The first simulation is held still until the second was refused, then it is terminated."""
    fake = interpreter(tmp_path / "micropython", HANGS.replace(">&3", f"> {tmp_path}/up"))
    os.mkfifo(tmp_path / "up")
    simulate = ["simulate", "--days", "1", "--flash", "x.flash"]
    with subprocess.Popen(
        [BIOKLOK, *simulate, "--micropython", fake],
        cwd=tmp_path,
        env=environment_of(tmp_path),
        stderr=subprocess.DEVNULL,
    ) as first:
        assert (tmp_path / "up").read_text() == "up\n"
        line = failed(bioklok(tmp_path, *simulate))
        assert "another simulation is writing x.flash" in line
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 128 + signal.SIGTERM
    assert {p.name for p in tmp_path.iterdir()} == {"micropython", "up"}


def test_a_recording_that_was_changed_is_not_taken_for_the_right_one(tmp_path):
    try:
        recording = fetch_recording()
    except NoNetwork as failure:
        pytest.skip(str(failure))
    assert is_whole(recording)
    changed = tmp_path / "x.bin"
    data = bytearray(recording.read_bytes())
    data[len(data) // 2] ^= 1
    changed.write_bytes(data)
    assert not is_whole(changed)
    assert not is_whole(tmp_path / "nothing")
