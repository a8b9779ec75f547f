"""The demo as a person runs it: once, again, without a network, stopped halfway; and all of it."""

import os
import select
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from bioklok import demo_school
from bioklok.cli import app
from bioklok.demo import deeds
from bioklok.demo.side_by_side import n_cores
from bioklok.office import sharing, strips, wearing
from bioklok.reports.week import build_week
from bioklok.school.ledger import State
from bioklok.school.sharing import Part
from bioklok.store import Store, file_url, open_store
from support.command import BIOKLOK, bioklok, environment_of, failed
from typer.testing import CliRunner

# Says who it is, and then hears nothing: neither its world nor that the world ends.
HANGS = '#!/bin/sh\n[ "$1" = -c ] && { echo micropython; exit 0; }\necho $$ > UP\nexec sleep 60\n'
THE_YEAR_TURNS = (200, 230)  # days of the year: from the middle of July to that of August


@pytest.fixture
def unreachable(tmp_path, monkeypatch):
    """No recordings: there is no place to keep them in."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("BIOKLOK_DATABASE_URL", "")


def run_demo(folder: Path, days: int):
    arguments = ["demo", "--once", "--days", str(days), "--data", str(folder)]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def counts(folder: Path) -> dict[str, int]:
    """Rows of every table that tells of people and what they did."""
    with closing(sqlite3.connect(folder / "bioklok.sqlite")) as store:
        names = [
            row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        kept = [name for name in names if name not in ("sync_session", "session", "ticket")]
        return {one: store.execute(f'SELECT count(*) FROM "{one}"').fetchone()[0] for one in kept}


def test_the_demo_twice_adds_nothing_and_lives_once(tmp_path, monkeypatch, unreachable):
    monkeypatch.setattr(demo_school, "KIND_OF", {"sanne": "early"})
    data = tmp_path / "a?b #1"
    first = run_demo(data, 1)
    assert "No recorded night this time: the recording cannot be kept in" in first.stderr
    assert first.stdout.count("1,440") == 3  # on both devices; new for Sanne, and
    assert first.stdout.count("2,880") == 1  # at home and at school for the usual student
    images = {path.name: path.stat().st_ino for path in data.glob("*.flash")}
    assert set(images) == {"demo.flash", "sanne.flash"}
    rows = counts(data)
    second = run_demo(data, 1)
    assert second.stdout.count("kept") == 2 and "2,880" not in second.stdout
    assert {path.name: path.stat().st_ino for path in data.glob("*.flash")} == images
    assert changed(rows, counts(data)) == {}
    assert {path.name for path in data.iterdir() if not path.name.startswith("bioklok.")} == set(
        images
    )
    (command,) = [line for line in first.stdout.splitlines() if line.startswith("bioklok ")]
    report = CliRunner().invoke(app, shlex.split(command)[1:], catch_exceptions=False)
    assert '"n_epochs": 1440' in report.stdout
    with open_store(file_url(data / "bioklok.sqlite"), demo_school.SCHOOL) as school:
        look_at_school(school)


def changed(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Tables with another number of rows, but for notes of syncs."""
    return {
        name: (n, after[name])
        for name, n in before.items()
        if n != after[name] and "session" not in name
    }


def look_at_school(school: Store) -> None:
    """What Mila and Sanne shared is there, and no more; a strip was used."""
    mentor, now_utc_s = school.account(demo_school.MENTOR), int(time.time())
    shown = sharing.week_for(school, mentor, demo_school.STUDENT, deeds.WEEK, now_utc_s)
    assert shown is not None and shown.parts == (Part.RHYTHM,)  # one day has no whole night
    for student in (demo_school.RECORDED, "bram", "fleur", "thijs"):
        assert sharing.week_for(school, mentor, student, deeds.WEEK, now_utc_s) is None
    labels = [device.label for device in school.devices() if device.student_id is None]
    assert labels == ["Bioklok reserve, in the drawer"]
    if date.today().timetuple().tm_yday in range(*THE_YEAR_TURNS):
        return  # last week's strips and next week's are of two school years
    card = strips.card(school, school.account("sanne"), now_utc_s)
    assert State.USED in {one.state for one in card.requests}
    agreed = strips.card(school, school.account("daan"), now_utc_s).requests
    assert {one.state for one in agreed} == {State.AGREED}
    assert "fleur" in {one.student.id for one in strips.waiting_for(school, mentor, now_utc_s)}
    assert strips.card(school, school.account(demo_school.STUDENT), now_utc_s).lessons


def test_each_of_the_demos_people_gets_a_link_and_a_word_on_what_to_see(tmp_path):
    with open_store(file_url(tmp_path / "x.sqlite")) as home:
        demo_school.open_school(home, deeds.START)
        links = demo_school.sign_in_links(home, "http://127.0.0.1:8000")
        roles = [who.split(", ")[1] for who, _ in links]
        assert roles.count("student") == len(demo_school.STUDENTS) == 9
        assert {"mentor", "parent", "administrator"} < set(roles)
        for who, told in links:
            see, link = told.splitlines()
            assert see and len(f"Sign in as {who}: {see}") <= 80
            assert link.startswith("http://127.0.0.1:8000/link/")
        school = home.of(demo_school.SCHOOL)
        parents = {one: school.ties(one) for one in demo_school.STUDENTS}
        of = {
            one: {tie.adult_id for tie in ties if tie.role == "parent"}
            for one, ties in parents.items()
        }
        assert of["mila"] == of["robin"] == {demo_school.PARENT} and len(of["fleur"]) == 2
        assert all(
            tie.adult_id == demo_school.MENTOR
            for ties in parents.values()
            for tie in ties
            if tie.role == "mentor"
        )


@pytest.mark.skipif(sys.platform != "linux", reason="counts the cores as Linux does")
def test_ctrl_c_stops_every_device_and_leaves_no_part_of_an_image(tmp_path):
    os.mkfifo(tmp_path / "up")
    fake = tmp_path / "micropython"
    fake.write_text(HANGS.replace("UP", str(tmp_path / "up")))
    fake.chmod(0o755)
    data = tmp_path / "data"
    places = {"XDG_CACHE_HOME": str(fake), "BIOKLOK_MICROPYTHON": str(fake)}
    with subprocess.Popen(
        [BIOKLOK, "demo", "--once", "--days", "1", "--data", data],
        cwd=tmp_path,
        env=environment_of(tmp_path, **places),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        devices: list[int] = []
        # Open to the end: a device that writes to a pipe which nobody reads any more would die.
        up = os.open(tmp_path / "up", os.O_RDWR)
        while len(devices) < n_cores():
            assert demo.poll() is None, "it ended before its devices were up"
            if select.select([up], [], [], 1.0)[0]:
                devices += map(int, os.read(up, 4096).split())
        os.close(up)
        demo.send_signal(signal.SIGINT)
        _, told = demo.communicate(timeout=30)
    assert demo.returncode != 0 and "Traceback" not in told
    for device in devices:
        with pytest.raises(ProcessLookupError):
            os.kill(device, 0)
    assert list(data.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("no folder")
    demo = ("demo", "--once", "--days", "1", "--data", tmp_path / "file" / "x")
    assert "cannot write" in failed(bioklok(tmp_path, *demo, XDG_CACHE_HOME=str(tmp_path / "file")))


@pytest.mark.soak
def test_all_of_it(tmp_path, monkeypatch):
    """Eight wrists through the firmware, each of its kind when it has come to the store."""
    monkeypatch.setenv("BIOKLOK_DATABASE_URL", "")
    run_demo(tmp_path, 7)
    with open_store(file_url(tmp_path / "bioklok.sqlite"), demo_school.SCHOOL) as school:
        weeks = {one: build_week(school, one, deeds.WEEK) for one in demo_school.KIND_OF}

        def figure(student: str, name: str) -> float:
            value = weeks[student].metrics[name].value
            assert value is not None, (student, name)
            return value

        assert figure("daan", "msf_sc") - figure("sanne", "msf_sc") >= 120
        others = [one for one in weeks if one not in ("fleur", "thijs")]
        for one in others:
            assert figure(one, "sleep_duration") - figure("fleur", "sleep_duration") >= 60
            assert figure("bram", "sri") <= figure(one, "sri")
        in_bed = weeks["lotte"].days[2:4]
        assert all(day.bright_min == 0 for day in in_bed)
        assert weeks["thijs"].coverage < 0.15
        assert all(metric.value is None for metric in weeks["thijs"].metrics.values())
        worn = wearing.worn_by(school, school.account("thijs"))
        assert worn is not None and worn.wishes.is_paused(int(time.time()))
        if school.spans_of(demo_school.IMPORTED):  # there was a network
            week = build_week(school, demo_school.IMPORTED, "2019-W39")
            assert sum(night.worn for night in week.nights) >= 2
