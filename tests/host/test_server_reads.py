"""What a page reads grows with its student's data, not with the school's, and is asked at once."""

from contextlib import contextmanager

import pytest
from bioklok.errors import BioklokFailure
from bioklok.store.holding import Extent
from sqlalchemy import event, text
from support.campus import DEVICE, NOW, campus
from support.school_web import WEEK, house
from support.synthetic import Info, Minute, pages, school_week, utc_s


@contextmanager
def asking(engine):
    """Count what is asked within the block: transactions and questions."""
    counted = {"transactions": 0, "questions": []}

    def begun(_connection):
        counted["transactions"] += 1

    def asked(_connection, _cursor, statement, *_more):
        counted["questions"] += [statement] if statement.startswith("SELECT") else []

    event.listen(engine, "begin", begun)
    event.listen(engine, "before_cursor_execute", asked)
    yield counted
    event.remove(engine, "begin", begun)
    event.remove(engine, "before_cursor_execute", asked)


def test_a_week_is_found_by_its_students_journals_and_no_table_is_read_through(tmp_path, own_keys):
    asked: list[tuple[str, object]] = []
    with campus(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
        for student in ("noor", "sem"):
            store.commit_pages(Info(DEVICE[student], 77), school_week(), NOW)

        @event.listens_for(store.engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, parameters, *_more):
            asked.append((statement, parameters))

        assert store.pages_of("noor", NOW, NOW + 86_400, NOW)
        assert store.spans_of("noor")
        assert store.extent_of("noor")
        assert store.n_epochs(DEVICE["noor"])
        assert store.newest_page_utc_s("noor", NOW, NOW + 86_400)
        store.last_sync_utc_s("noor")
        event.remove(store.engine, "before_cursor_execute", note)
        plans = {}
        with store.engine.connect() as connection:
            for statement, parameters in asked:
                if statement.startswith("SELECT"):
                    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                    plans[statement] = [row[3] for row in rows]
            assert connection.execute(text("SELECT count(*) FROM page")).scalar_one() > 700
    of_pages = [plan for plan in plans.values() if any("SEARCH page " in step for step in plan)]
    assert len(of_pages) == 5
    for plan in of_pages:
        assert any("SEARCH page " in step and "journal=?" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for plan in plans.values() for step in plan), plans


def test_an_extent_goes_from_the_first_page_with_a_time_to_the_last(tmp_path, own_keys):
    start = utc_s("2026-11-16T08:00")
    two = pages(start, [Minute()] * 60)
    unset = pages(start, [Minute()] * 5, sequence=2, clock_set=False)
    with campus(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
        assert store.extent_of("noor") is None
        info = Info(DEVICE["noor"])
        store.commit_pages(info, unset, NOW)
        assert store.extent_of("noor") is None
        store.commit_pages(info, two, NOW)
        assert store.extent_of("noor") == Extent(2, start, start + 1800)
        assert store.extent_of("sem") is None


def test_what_is_asked_at_once_is_of_one_moment_and_changes_nothing(database_url):
    week = school_week()
    with campus(database_url) as store:
        info = Info(DEVICE["noor"], 77)
        store.commit_pages(info, week[:9], NOW)
        with asking(store.engine) as counted, store.at_once() as asked:
            before = asked.extent_of("noor")
            assert asked.account("noor") == asked.account("noor")
            asked_of = [one for one in counted["questions"] if "set_config" not in one]
            assert counted["transactions"] == 1 and len(asked_of) == 3
            store.commit_pages(info, week[9:], NOW)
            assert asked.extent_of("noor") == before
            with pytest.raises(RuntimeError, match="read alone"):
                asked.close_account("noor", NOW)
            with asked.at_once() as again:
                assert again.extent_of("noor") == before
        assert store.extent_of("noor") != before and store.account("noor").ended_utc_s is None
        # Kept for longer than its block it is a store as any other, with transactions of its own.
        assert asked.extent_of("noor") == store.extent_of("noor")
        assert store.engine.pool.checkedout() == 0


def test_what_fails_within_is_told_in_one_line(database_url):
    with campus(database_url) as store, store.at_once() as asked:
        with pytest.raises(BioklokFailure):
            asked.account("nobody")
        assert asked.account("noor").name


def test_a_week_costs_two_transactions_and_a_dozen_questions(tmp_path):
    """Who is it, and all that stands on the page. A server's pool is a trip for each."""
    oost = house(tmp_path)
    noor = oost.browser("noor")
    for address in (f"/me/weeks/{WEEK}", f"/api/v1/students/noor/weeks/{WEEK}"):
        assert noor.get(address).status_code == 200
        with asking(oost.store.engine) as counted:
            assert noor.get(address).status_code == 200
        assert counted["transactions"] == 2
        assert len(counted["questions"]) <= 12, counted["questions"]
