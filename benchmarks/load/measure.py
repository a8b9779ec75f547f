"""What is measured of a school in one database, each figure beside a reference of the same run."""

import os
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from bioklok.jobs import SHARP, WEEKLY
from bioklok.office.course import Course
from bioklok.reports.week import build_week
from bioklok.school.days import week_of
from bioklok.store import Store, open_store, place_of
from sqlalchemy import create_engine, text

from benchmarks.figure import Figure
from benchmarks.load.pages import VARIANTS, WEEKS, six_weeks
from benchmarks.load.processes import (
    bring_in_all,
    peak_mb,
    run_jobs,
    servers,
)
from benchmarks.load.school import BATCH, SCHOOL, Report, n_missing, student_id
from benchmarks.load.users import Times, Visit, visit_all

USERS = 50
READ_S = 5.0  # a user looks at a page for so long, on average, before the next
LASTS_S = 15.0
INGEST, PAGE_P95_MS = 2000.0, 300.0
WEEKLY_S_PER_STUDENT = 5 * 60 / 1500
_ROW = b"x" * 540
_BARE_PAGES = 4800
PAGES_A_DAY = 48


def ingest(url: str, n_students: int, monday: date, hubs: int, report: Report) -> Iterator[Figure]:
    """Pages a second through consent, sealing and strips, where there is something to bring in."""
    with open_store(url, SCHOOL) as store:
        missing = n_missing(store, n_students)
    n_pages, took_s = bring_in_all(url, n_students, monday, hubs, report)
    if missing < n_students or not n_pages:
        return  # a run that goes on: what was there already would count as quick
    yield Figure(
        f"ingest, {hubs} hubs, {BATCH} pages a commit",
        n_pages / took_s,
        "pages/s",
        "bare inserts, one program",
        bare_inserts(url),
        least=INGEST,
    )


def bare_inserts(url: str) -> float:
    """Rows of a page's size a second into a table without keys, as many a commit, one program."""
    engine = create_engine(url)
    kind = "BYTEA" if engine.dialect.name == "postgresql" else "BLOB"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE bare (n INTEGER, data {kind})"))
    started = time.perf_counter()
    for first in range(0, _BARE_PAGES, BATCH):
        with engine.begin() as connection:
            rows = [{"n": n, "d": _ROW} for n in range(first, first + BATCH)]
            connection.execute(text("INSERT INTO bare VALUES (:n, :d)"), rows)
    took = time.perf_counter() - started
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE bare"))
    engine.dispose()
    return _BARE_PAGES / took


def size(url: str, n_students: int) -> Iterator[Figure]:
    """Bytes on disk for each week of a student."""
    place = place_of(url)
    if place.file is not None:
        beside = (place.file, Path(f"{place.file}-wal"))
        n_bytes = sum(one.stat().st_size for one in beside if one.exists())
    else:
        engine = create_engine(url)
        with engine.connect() as connection:
            query = text("SELECT pg_database_size(current_database())")
            n_bytes = int(connection.execute(query).scalar_one())
        engine.dispose()
    weeks = n_students * WEEKS
    raw = 7 * 1440 / 30 * 512 / 1000
    yield Figure("database, a student's week", n_bytes / weeks / 1000, "kB", "its pages alone", raw)


def pages(url: str, n_students: int, monday: date, n_servers: int) -> Iterator[Figure]:
    """The week as page and as JSON, by users with pauses and by users without."""
    with open_store(url, SCHOOL) as store:
        cookies = [
            store.issue("session", student_id(n), 86_400, "load", int(time.time()))
            for n in range(min(USERS, n_students))
        ]
    weeks = [week_of(monday - timedelta(weeks=back)) for back in range(1, WEEKS + 1)]
    with servers(url, n_servers) as running:
        ports = list(running)

        def users(path: str) -> list[list[Visit]]:
            return [
                [
                    Visit(
                        ports[n % len(ports)],
                        cookies[n % len(cookies)],
                        path.format(student=student_id(n % len(cookies)), week=week),
                    )
                    for week in weeks
                ]
                for n in range(USERS)
            ]

        asked = (
            ("week page", "/me/weeks/{week}", PAGE_P95_MS),
            ("week JSON", "/api/v1/students/{student}/weeks/{week}", PAGE_P95_MS),
        )
        for name, path, most in asked:
            paused = visit_all(users(path), READ_S, LASTS_S)
            bare = visit_all(users("/healthz"), READ_S, LASTS_S / 2)
            yield _p95(f"{name}, {USERS} users who read {READ_S:.0f} s, p95", paused, bare, most)
        full = visit_all(users(asked[0][1]), 0.0, LASTS_S)
        bare = visit_all(users("/healthz"), 0.0, LASTS_S / 4)
        yield _p95(f"week page, {USERS} requests always waiting, p95", full, bare, None)
        yield Figure(
            "week pages, as many as there can be", full.per_s, "pages/s", "SELECT 1", bare.per_s
        )
        peak = max(peak_mb(process.pid) for process in running.values())
        yield Figure("memory of a server, at its peak", peak, "MB", "servers", n_servers)


def _p95(name: str, times: Times, bare: Times, most: float | None) -> Figure:
    bare_ms = 1000 * bare.percentile(0.95)
    return Figure(name, 1000 * times.percentile(0.95), "ms", "SELECT 1, p95", bare_ms, most=most)


def weekly(url: str, n_students: int, monday: date, n_workers: int) -> Iterator[Figure]:
    """The weekly job for all students."""
    with open_store(url, SCHOOL) as store:
        for one in store.schools():
            store.of(one.id).note_job(WEEKLY, 0)  # it is due, whatever a run of before did
        alone_s = _build_alone(store, n_students, monday)
    took_s = run_jobs(url, n_workers)
    with open_store(url, SCHOOL) as store, store.reading(student_id(n_students - 1)) as desk:
        made = desk.weekly(week_of(monday - timedelta(weeks=1)))
    assert made is not None and made["n_epochs"] > 6 * 1440, "the weekly job made nothing"
    name = f"weekly job, {n_students} students, "
    name += f"{n_workers} workers" if n_workers else "one process"
    beside = 2 * alone_s * n_students  # two weeks each
    most = WEEKLY_S_PER_STUDENT * n_students if n_workers else None
    yield Figure(name, took_s, "s", "its weeks built alone, one process", beside, most=most)


def by_night(url: str, n_students: int, monday: date) -> Iterator[Figure]:
    """The job of the night, which follows each student's estimator over a day's pages.

    The nights before are taken as done: students of one variant have the same pages.
    """
    kept = []
    for variant in range(min(VARIANTS, n_students)):
        course = Course()
        course.follow(six_weeks(monday, variant)[:-PAGES_A_DAY])
        kept.append(course.kept())
    with open_store(url, SCHOOL) as store:
        for n in range(n_students):
            with store.desk(student_id(n)) as desk:
                desk.put_course(kept[n % VARIANTS], 0)
        for one in store.schools():
            store.of(one.id).note_job(SHARP, 0)
    took_s = run_jobs(url, 0, SHARP)
    with open_store(url, SCHOOL) as store, store.reading(student_id(n_students - 1)) as desk:
        last = desk.course()
    assert last is not None, "the job of the night made nothing"
    assert last["sequence"] == len(six_weeks(monday, 0)) - 1, "it did not come to the end"
    name = f"job of the night, {n_students} students, one process"
    yield Figure(name, took_s, "s", "its pages", PAGES_A_DAY * n_students)


def _build_alone(store: Store, n_students: int, monday: date) -> float:
    week = week_of(monday - timedelta(weeks=1))
    some = [student_id(n) for n in range(min(10, n_students))]
    started = time.perf_counter()
    for one in some:
        build_week(store, one, week)
    return (time.perf_counter() - started) / len(some)


def n_cores() -> int:
    """Return how many processors this run may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
