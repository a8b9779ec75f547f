"""Retention in the places where data can be: a school among others, a server, a home."""

from datetime import date

import pytest
from bioklok.office.retention import retention
from bioklok.school.days import SchoolYear
from bioklok.school.people import Role, Tie
from bioklok.store import Store, open_store
from bioklok.store.base import SYSTEM_VIEWER
from support.campus import BEGAN, DEVICE, NOW, SCHOOL, campus
from support.privacy import WEEK, fill, rows
from support.school import at
from support.synthetic import AMSTERDAM, Info, Minute, pages

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
