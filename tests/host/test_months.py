"""On a server pages lie by the month in which they begin; its table is made ahead."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from bioklok.errors import BioklokFailure
from bioklok.jobs import RETENTION, run_one
from bioklok.office.retention import retention
from bioklok.store import Store, months, open_store, place_of, upgrade
from sqlalchemy import event, text
from support.campus import DEVICE, NOW, SCHOOL, campus
from support.postgresql import new_database
from support.school import at
from support.synthetic import Info, Minute, local_minutes, pages, school_day, utc_s

DAY = 86_400
START = utc_s("2026-11-16T08:00")
INFO = Info(DEVICE["noor"], 77)


@pytest.fixture
def url(own_keys: None) -> str:
    made = new_database("months")
    upgrade(place_of(made))
    return made


def month_tables(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT inhrelid::regclass::text FROM pg_inherits"
                " WHERE inhparent = 'page'::regclass AND inhrelid <> 'page_other'::regclass"
            )
        )
        return sorted(found.scalars())


def test_devices_that_begin_a_month_together_do_not_wait_for_ever(url):
    n_devices = 6
    together = Barrier(n_devices, timeout=30)

    def sync(n: int) -> int:
        with open_store(url) as store:
            info = Info(f"{n:016x}", journal_id=n + 1)
            new = 0
            for month in range(1, 7):
                start = utc_s(f"2026-{month:02}-03T10:00")
                made = pages(start, [Minute()] * 60, sequence=2 * month, journal_id=n + 1)
                together.wait()
                new += len(store.commit_pages(info, made, START))
            return new

    with ThreadPoolExecutor(n_devices) as pool:
        assert list(pool.map(sync, range(n_devices))) == [12] * n_devices
    with open_store(url) as store:
        assert len(month_tables(store)) == 6


def test_pages_that_came_before_the_table_of_their_month_move_into_it(url):
    made = pages(START, [Minute()] * 90)
    with open_store(url) as store:
        store._months.add("2026-11")  # as a program does that ran while the table was dropped
        assert store.commit_pages(Info(), made[:2], START) == made[:2]
        with open_store(url) as other:
            assert other.commit_pages(Info(), made, START) == made[2:]
            assert other.n_epochs(Info().device_id) == 90
        with store.engine.connect() as connection:
            left = connection.execute(text("SELECT count(*) FROM page_other")).scalar_one()
            there = connection.execute(text("SELECT count(*) FROM page_2026_11")).scalar_one()
    assert (left, there) == (0, 3)


def test_a_month_is_made_when_who_reads_is_done_and_else_one_line_says_so(url, monkeypatch):
    """What reads all months keeps the table of a new one busy: it is asked for again and again."""
    week = pages(START, [Minute()] * 30)
    with campus(url) as store:
        asked_for, reader = [], store.engine.connect()

        @event.listens_for(store.engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, *_more):
            if "bioklok_page_month" in statement:
                asked_for.append(statement)
                if len(asked_for) == 3:
                    reader.rollback()

        reader.execute(text("LOCK TABLE page_other IN ACCESS SHARE MODE"))
        assert store.commit_pages(INFO, week, START)
        assert len(asked_for) == 3

        monkeypatch.setattr(months, "_ATTEMPTS", 2)
        asked_for += [""] * 9
        reader.execute(text("LOCK TABLE page_other IN ACCESS SHARE MODE"))
        later = pages(START + 90 * 86_400, [Minute()] * 30, sequence=1)
        with pytest.raises(BioklokFailure, match="busy: run it again in a moment"):
            store.commit_pages(INFO, later, START)
        reader.close()


def test_the_night_job_makes_the_coming_months_so_that_no_sync_waits(url, monkeypatch):
    last = utc_s("2026-12-31T02:30")
    with campus(url) as store:
        done = run_one(store, RETENTION, lambda: last)
        assert done is not None and not done.failure
        assert month_tables(store) == ["page_2026_12", "page_2027_01"]
        with store.engine.connect() as reader:
            reader.execute(text("LOCK TABLE page_other IN ACCESS SHARE MODE"))
            monkeypatch.setattr(months, "_ATTEMPTS", 1)
            first = pages(utc_s("2027-01-01T00:00"), [Minute()] * 30)
            assert store.of(SCHOOL).commit_pages(INFO, first, last)


def test_a_night_on_which_somebody_reads_is_told_and_the_next_one_makes_them(url):
    with campus(url) as store, store.engine.connect() as reader:
        reader.execute(text("LOCK TABLE page_other IN ACCESS SHARE MODE"))
        done = run_one(store, RETENTION, lambda: NOW)
        assert done is not None and not done.failure
        assert done.result.endswith(", months_waiting 1")
        assert month_tables(store) == [] and run_one(store, RETENTION, lambda: NOW) is None
        reader.rollback()
        done = run_one(store, RETENTION, lambda: NOW + DAY)
        assert done is not None and "waiting" not in done.result
        assert len(month_tables(store)) == 2


def test_empty_months_are_dropped_and_others_stay(url):
    with campus(url) as store:
        start = at("2026-11-30T00:00")  # November and December
        made = pages(start, local_minutes(start, start + 3 * DAY, school_day))
        store.commit_pages(INFO, made, start + 3 * DAY)
        store.commit_pages(INFO, pages(at("2027-03-01T00:00"), [Minute()] * 90, sequence=900), NOW)
        found = [name.removeprefix("page_") for name in month_tables(store)]
        assert found == ["2026_11", "2026_12", "2027_02", "2027_03"]
        assert retention(store, at("2027-02-20T00:00")).months == 0
        kept = retention(store, at("2027-03-20T00:00"))
        assert kept.months == 1 and "1 empty months dropped" in kept.line()
        assert month_tables(store)[0] == "page_2026_12"
        # A month that is stored into again is made again.
        again = store.of(SCHOOL)
        again.commit_pages(INFO, pages(at("2026-11-10T00:00"), [Minute()] * 30, sequence=950), NOW)
        assert "page_2026_11" in month_tables(store)
