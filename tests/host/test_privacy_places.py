"""Retention in the places where data can be: a school among others, a server, a home."""

from datetime import date

import pytest
from bioklok.office.retention import retention
from bioklok.school.days import SchoolYear
from bioklok.school.people import Role, Tie
from bioklok.store import Store, open_store
from bioklok.store.base import SYSTEM_VIEWER
from sqlalchemy import text
from support.campus import BEGAN, DEVICE, NOW, SCHOOL, campus
from support.privacy import WEEK, fill, rows
from support.school import at
from support.synthetic import AMSTERDAM, Info, Minute, local_minutes, pages, school_day

DAY = 86_400
NEXT_YEAR = at("2027-08-01T03:00")
INFO = Info(DEVICE["noor"])


@pytest.fixture
def store(database_url):
    with campus(database_url) as opened:
        yield opened


def test_another_school_in_the_same_database_is_left_alone(store: Store):
    fill(store)
    west = store.of("west", SYSTEM_VIEWER)
    west.add_school("Het Westen")
    west.add_person("noor", "A namesake", {Role.STUDENT})
    west.hand_out(DEVICE["tuur"], "noor")
    west.commit_pages(Info(DEVICE["tuur"]), pages(NOW, [Minute()] * 60), NOW)
    with west.desk("noor") as desk:
        desk.put_weekly(WEEK, {}, NOW)
    before = rows(west)
    retention(store, NEXT_YEAR)
    store.erase_person("noor", NEXT_YEAR)
    store.finish_erasures()
    assert rows(west) == before
    assert west.account("noor").name == "A namesake"


def test_on_a_server_empty_months_are_dropped_and_others_stay(database_url):
    if "postgresql" not in database_url:
        pytest.skip("SQLite has no partitions")
    with campus(database_url) as store:
        start = at("2026-11-30T00:00")  # November and December
        made = pages(start, local_minutes(start, start + 3 * DAY, school_day))
        store.commit_pages(INFO, made, start + 3 * DAY)
        store.commit_pages(INFO, pages(at("2027-03-01T00:00"), [Minute()] * 90, sequence=900), NOW)
        assert months(store) == ["page_2026_11", "page_2026_12", "page_2027_02", "page_2027_03"]
        assert retention(store, at("2027-02-20T00:00")).months == 0
        kept = retention(store, at("2027-03-20T00:00"))
        assert kept.months == 1 and "1 empty months dropped" in kept.line()
        assert months(store)[0] == "page_2026_12"
        # A month that is stored into again is made again.
        again = store.of(SCHOOL)
        again.commit_pages(INFO, pages(at("2026-11-10T00:00"), [Minute()] * 30, sequence=950), NOW)
        assert "page_2026_11" in months(store)


def months(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT inhrelid::regclass::text FROM pg_inherits"
                " WHERE inhparent = 'page'::regclass AND inhrelid <> 'page_other'::regclass"
            )
        )
        return sorted(found.scalars())


def test_at_home_it_does_the_same(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
        store.ensure_student("kit")
        store.commit_pages(Info(), pages(NOW, [Minute()] * 60), NOW)
        store.assign(Info().device_id, "kit")
        assert retention(store, NOW + 50 * DAY).pages == 2
        with store.reading("kit") as desk:
            assert desk.weekly(WEEK)["n_epochs"] == 60


def test_the_school_year_is_the_schools(store: Store):
    assert SchoolYear.of(date(2027, 7, 31)) == SchoolYear(2026)
    assert AMSTERDAM.key == store.school().timezone
    tie = Tie(SCHOOL, "sem", "q", Role.PARENT, BEGAN, at("2027-08-01T00:00"))
    store.add_tie(tie)
    retention(store, at("2027-07-31T23:59"))
    assert tie in store.ties("sem")
    retention(store, at("2027-08-01T00:01"))
    assert tie not in store.ties("sem")
