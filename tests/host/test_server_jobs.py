"""Jobs: when they are due, that two programs never do the same, and the workers of a server."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from bioklok import jobs
from bioklok.errors import BioklokFailure
from bioklok.jobs import (
    RETENTION,
    SETTLE,
    SHARP,
    TIMETABLES,
    WEEKLY,
    due_since,
    run_due,
    run_one,
)
from bioklok.school.consent import Answer
from bioklok.store import Store
from bioklok.store.turns import LONGEST_TURN_S, turn
from sqlalchemy import event, text
from support.campus import DEVICE, NOW, SCHOOL, campus, say
from support.command import BIOKLOK, bioklok
from support.school import ZONE, at
from support.synthetic import Info, school_week

SOMEBODY = ("user", "add", "somebody", "--role", "student")
FRIDAY = at("2026-11-20T15:00")


@pytest.fixture
def store(database_url):
    with campus(database_url) as opened:
        yield opened


def with_week(store: Store) -> None:
    """A week of noor's and of sem's, as their devices bring it."""
    for n, student in enumerate(("noor", "sem")):
        info = Info(DEVICE[student], journal_id=77)
        store.commit_pages(info, school_week(), FRIDAY + n)


def weekly(store: Store, student: str, week: str = "2026-W47"):
    with store.reading(student) as desk:
        return desk.weekly(week)


@pytest.mark.parametrize(
    ("job", "now", "due"),
    [
        (WEEKLY, "2026-11-20T14:59", "2026-11-13T15:00"),
        (WEEKLY, "2026-11-20T15:00", "2026-11-20T15:00"),
        (WEEKLY, "2026-11-23T07:00", "2026-11-20T15:00"),
        (WEEKLY, "2026-10-26T07:00", "2026-10-23T15:00"),  # the clock went back in between
        (RETENTION, "2026-11-20T02:59", "2026-11-19T03:00"),
        (RETENTION, "2026-11-20T03:00", "2026-11-20T03:00"),
        (SETTLE, "2026-11-20T09:14", "2026-11-20T09:00"),
        (TIMETABLES, "2026-11-20T09:14", "2026-11-20T09:00"),  # 08:00 UTC
    ],
)
def test_when_a_job_is_due(job, now, due):
    assert due_since(job, at(now), ZONE) == at(due)


def test_what_is_due_is_done_once(store):
    with_week(store)
    first = list(run_due(store, lambda: FRIDAY))
    assert {(one.school_id, one.job) for one in first} == {
        (SCHOOL, SETTLE),
        (SCHOOL, TIMETABLES),
        (SCHOOL, WEEKLY),
        (SCHOOL, RETENTION),
        (SCHOOL, SHARP),
        ("home", TIMETABLES),
        ("home", WEEKLY),
        ("home", SHARP),  # at home there are no strips, and nothing is deleted
    }
    assert not any(one.failure for one in first)
    assert list(run_due(store, lambda: FRIDAY + 5)) == []
    later = [one.job for one in run_due(store, lambda: FRIDAY + 15 * 60)]
    assert later == [SETTLE]
    assert {one.split()[0] for one in store.jobs()} == set(jobs.NAMES)


def test_the_weekly_figures_are_those_of_the_week(store):
    from bioklok.reports.week import build_week

    with_week(store)
    done = run_one(store, WEEKLY, lambda: FRIDAY)
    assert done and done.result == "students 3"
    made, built = weekly(store, "noor"), build_week(store, "noor", "2026-W47").to_dict()
    assert (made["metrics"], made["nights"]) == (built["metrics"], built["nights"])
    assert made["n_epochs"] == 10080
    assert weekly(store, "noor", "2026-W46")["n_epochs"] == 12 * 60
    assert weekly(store, "tuur") is None  # without consent nothing is made


def test_figures_stop_with_the_consent(store):
    with_week(store)
    say(store, "noor", "noor", Answer.STOPS, FRIDAY - 60)
    run_one(store, WEEKLY, lambda: FRIDAY)
    assert weekly(store, "noor") is None
    assert weekly(store, "sem")["n_epochs"] == 10080


def test_of_several_who_come_at_once_one_does_it(store):
    with_week(store)
    n = 6
    together = Barrier(n, timeout=30)

    def go(_: int):
        together.wait()
        return run_one(store, WEEKLY, lambda: FRIDAY)

    with ThreadPoolExecutor(n) as pool:
        done = [one for one in pool.map(go, range(n)) if one is not None]
    assert len(done) == 1
    assert weekly(store, "noor")["n_epochs"] == 10080


HOLD = """
import sys
from bioklok.store import open_store
from bioklok.store.turns import turn
with open_store(sys.argv[1], "oost") as store, turn(store, "weekly", int(sys.argv[2])) as ours:
    print(ours, flush=True)
    sys.stdin.read()
"""


def holder(url: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, str(NOW)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "True\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.wait(30)
    process.stdin.close()
    process.stdout.close()


def test_a_turn_is_held_by_one_program_and_ends_with_it_also_by_a_kill(store, database_url):
    process = holder(database_url)
    with turn(store, WEEKLY, NOW) as ours, turn(store, SETTLE, NOW) as another:
        assert (ours, another) == (False, True)
    with turn(store.of("home"), WEEKLY, NOW) as of_another_school:
        assert of_another_school
    assert run_one(store, WEEKLY, lambda: NOW) is None
    process.kill()
    end(process)
    if not store.place.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while connection.execute(text(TURNS)).scalar():  # the server notices in its own time
                pass
    with turn(store, WEEKLY, NOW) as ours:
        assert ours


HOLDERS = (
    "FROM pg_locks WHERE locktype = 'advisory' AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())"
)
TURNS = f"SELECT count(*) {HOLDERS}"


def test_a_turn_is_given_back_before_its_connection_is_closed(store):
    """A server hears of a closed connection in its own time, and the next one is refused."""
    if store.place.is_sqlite:
        pytest.skip("a file's turn is a row")
    held = []

    def count(_connection, _record, _error):
        with store.engine.connect() as other:
            held.append(other.execute(text(TURNS)).scalar())

    event.listen(store.engine, "invalidate", count)
    with turn(store, WEEKLY, NOW) as ours, store.engine.connect() as other:
        assert ours
        assert other.execute(text(TURNS)).scalar() == 1
    assert held == [0]


def test_a_turn_ends_also_where_the_server_dropped_its_connection_meanwhile(store):
    if store.place.is_sqlite:
        pytest.skip("a file has no connections to drop")
    with turn(store, WEEKLY, NOW) as ours, store.engine.begin() as other:
        assert ours
        query = text(f"SELECT pg_terminate_backend(pid, 5000) {HOLDERS}")
        assert other.execute(query).scalar_one()
    with turn(store, WEEKLY, NOW) as ours:
        assert ours


def test_a_turn_of_long_ago_is_passed_over_in_a_file(tmp_path, own_keys):
    with campus(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
        store.note_job(f"running {WEEKLY}", NOW, str(os.getppid()))
        with turn(store, WEEKLY, NOW + 60) as ours:
            assert not ours
        with turn(store, WEEKLY, NOW + LONGEST_TURN_S) as ours:
            assert ours


def test_a_job_that_fails_stays_due_and_the_others_go_on(store, monkeypatch):
    def broken(*_: object) -> int:
        raise BioklokFailure("the disk is full: make room and run it again")

    monkeypatch.setattr(jobs, "settle_all", broken)
    done = {one.job: one for one in run_due(store, lambda: FRIDAY) if one.school_id == SCHOOL}
    assert done[SETTLE].failure.startswith("the disk is full")
    assert not done[RETENTION].failure
    assert [one.job for one in run_due(store, lambda: FRIDAY + 1)] == [SETTLE]


def test_a_student_whose_key_is_gone_does_not_stop_the_others(store):
    with_week(store)
    store.vault.destroy(SCHOOL, "noor")
    done = run_one(store, WEEKLY, lambda: FRIDAY)
    assert done and done.result == "students 2, failed 1"
    assert weekly(store, "sem")["n_epochs"] == 10080


# -- the command ---------------------------------------------------------------------------------


def test_the_command_runs_lists_and_refuses(tmp_path):
    assert bioklok(tmp_path, "jobs", "run").returncode == 1  # no database: nothing to do it for
    bioklok(tmp_path, *SOMEBODY)
    first = bioklok(tmp_path, "jobs", "run", "weekly")
    assert (first.returncode, first.stdout) == (0, "home weekly: students 1\n")
    again = bioklok(tmp_path, "jobs", "run", "weekly")
    assert (again.returncode, again.stdout) == (0, "")
    listed = bioklok(tmp_path, "jobs", "list").stdout.splitlines()
    assert [line.split(":")[0] for line in listed] == [f"home {name}" for name in jobs.NAMES]
    assert "(students 1)" in listed[2]
    assert bioklok(tmp_path, "jobs", "run", "nothing").returncode == 2


def test_watching_ends_in_good_order(tmp_path):
    from support.command import environment_of

    bioklok(tmp_path, *SOMEBODY)
    process = subprocess.Popen(
        [BIOKLOK, "jobs", "watch", "--every", "60"],
        env=environment_of(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "home timetables: students 1\n"
    process.terminate()
    _, said = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in said) == (0, False)
