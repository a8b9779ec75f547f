"""What the command does where nobody reads what it writes, or there is nowhere to write to."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bioklok.store import open_store
from support.command import BIOKLOK, bioklok, environment_of

WEEK = "time,activity,lux,marker\n" + "".join(
    f"2026-11-{16 + minute // 1440} {minute // 60 % 24:02}:{minute % 60:02},{minute % 97},1,0\n"
    for minute in range(3 * 1440)
)


@pytest.fixture
def unread():
    """The end to write to of a pipe whose reader has gone, as after `| head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "week.csv").write_text(WEEK)
    return tmp_path


def run(folder: Path, code: str, stdout: int):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment_of(folder, PYTHONUNBUFFERED=""),  # what is printed waits for the end
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        ["school", "list"],
        ["--help"],
        ["analyse", "week.csv", "--format", "text"],
        ["analyse", "week.csv", "--format", "json"],
    ],
)
def test_where_nobody_reads_any_more_that_is_no_failure(folder, unread, command):
    with open_store(f"sqlite:///{folder / 'store.sqlite'}"):
        pass  # `school list` makes none
    done = bioklok(folder, *command, stdout=unread)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_work_is_done_where_nobody_reads_of_it(folder, unread):
    (folder / "class.csv").write_text(
        "id,name,role\n" + "".join(f"s{n},S {n},student\n" for n in range(9))
    )
    done = bioklok(folder, "user", "import", "class.csv", "--go", stdout=unread)
    assert (done.returncode, done.stderr) == (0, "")
    assert bioklok(folder, "user", "list").stdout.count("student") == 9
    done = bioklok(folder, "jobs", "run", stdout=unread)
    assert (done.returncode, done.stderr) == (0, "")
    # The last of those that are due by day.
    assert "home sharp: never" not in bioklok(folder, "jobs", "list").stdout


def test_a_failure_stays_one_where_nobody_reads(folder, unread):
    for command, code, word in (
        (["analyse", "nope.csv"], 1, "there is no file"),
        (["analyse"], 2, "Missing argument"),
    ):
        done = bioklok(folder, *command, stdout=unread)
        assert done.returncode == code and word in done.stderr
        assert "BrokenPipe" not in done.stderr
    printed = """
import typer, bioklok.cli
from bioklok.errors import BioklokFailure
@bioklok.cli.app.command()
def half():
    print("one")
    raise BioklokFailure("half done")
import sys
sys.argv = ["bioklok", "half"]
bioklok.cli.main()
"""
    done = run(folder, printed, unread)
    assert (done.returncode, done.stderr) == (1, "bioklok: half done\n")


def test_a_pipe_elsewhere_that_breaks_is_a_failure(folder):
    code = """
import errno, os, sys, bioklok.cli
@bioklok.cli.app.command()
def breaks():
    reader, writer = os.pipe()
    os.close(reader)
    os.write(writer, b"x")
sys.argv = ["bioklok", "breaks"]
bioklok.cli.main()
"""
    done = run(folder, code, subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "bioklok: Broken pipe\n")


def test_where_nobody_reads_the_messages_the_work_is_done(folder, unread):
    done = subprocess.run(
        [BIOKLOK, "import", "week.csv", "--student", "noor"],
        cwd=folder,
        env=environment_of(folder),
        stdout=subprocess.PIPE,
        stderr=unread,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "new, of noor" in done.stdout


def closed(folder: Path, which: str, *command: str):
    return subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {which}', BIOKLOK, *command],
        cwd=folder,
        env=environment_of(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_stdout_that_is_closed_is_one_line(folder):
    for command in (["analyse", "week.csv"], ["analyse", "week.csv", "--format", "text"]):
        done = closed(folder, ">&-", *command)
        assert done.returncode == 1
        assert done.stderr == (
            "bioklok: stdout is closed: send it somewhere, such as > /dev/null\n"
        )


def test_a_stderr_that_is_closed_costs_no_data(folder):
    done = closed(folder, "2>&-", "analyse", "week.csv")
    assert done.returncode == 0 and json.loads(done.stdout)["n_epochs"] == 3 * 1440
    assert closed(folder, "2>&-", "analyse", "nope.csv").returncode == 1
