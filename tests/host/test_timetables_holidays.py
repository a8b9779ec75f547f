"""School holidays: what we carry is whole and as published, and the open data read the same."""

import json
import tomllib
from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from bioklok.errors import BioklokFailure
from bioklok.school.days import Holiday, Region, SchoolCalendar, SchoolYear
from bioklok.timetables.holidays import holidays, read_open_data

NAMES = ("Herfstvakantie", "Kerstvakantie", "Voorjaarsvakantie", "Meivakantie", "Zomervakantie")


def of(region: Region) -> list[Holiday]:
    return [one for one in holidays() if one.region in (None, region)]


@pytest.mark.parametrize("region", Region)
def test_every_year_has_its_five_holidays_from_saturday_to_sunday(region: Region) -> None:
    found = of(region)
    assert [one.name for one in found] == list(NAMES) * 3
    assert {(one.first.weekday(), one.last.weekday()) for one in found} == {(5, 6)}
    assert [(one.last - one.first).days + 1 for one in found] == [9, 16, 9, 9, 44] * 3
    assert all(one.last < other.first for one, other in pairwise(found))
    assert [SchoolYear.of(one.first).begins for one in found[:4]] == [2025] * 4


def test_what_is_the_same_everywhere_is_of_the_whole_country() -> None:
    whole = {one.name for one in holidays() if one.region is None}
    assert whole == {"Kerstvakantie", "Meivakantie"}


def test_every_year_names_its_source_and_when_it_was_read() -> None:
    text = files("bioklok.timetables").joinpath("holidays.toml").read_text(encoding="utf-8")
    for name, year in tomllib.loads(text)["years"].items():
        assert year["source"].startswith("https://www.rijksoverheid.nl/")
        assert year["source"].endswith(name)
        assert isinstance(year["on"], date) and year["read"]


def test_a_calendar_knows_them() -> None:
    north = SchoolCalendar("oost", Region.NOORD, holidays())
    south = SchoolCalendar("oost", Region.ZUID, holidays())
    assert north.holiday_on(date(2026, 10, 12)) == "Herfstvakantie"
    assert south.is_school_day(date(2026, 10, 12))
    assert not south.is_school_day(date(2026, 12, 21))


def moment(day: date, clock: str) -> str:
    return f"{day}T{clock}:00.000Z"


def document(year: str, vacations: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": "x",
        "type": "schoolvakanties",
        "content": [
            {
                "title": f"Overzicht schoolvakanties schooljaar {year}",
                "schoolyear": f" {year}\n",
                "vacations": vacations,
            }
        ],
        "notice": "Scholen mogen afwijken.",
    }


def vacation(name: str, *regions: tuple[str, str, str]) -> dict[str, Any]:
    return {
        "type": f" {name} ",
        "compulsorydates": "true",
        "regions": [{"region": a, "startdate": b, "enddate": c} for a, b, c in regions],
    }


def test_the_open_data_of_a_year_read_as_what_we_carry() -> None:
    carried = [one for one in holidays() if SchoolYear.of(one.first) == SchoolYear(2025)]
    vacations = [
        vacation(
            one.name,
            (
                one.region.value if one.region else "heel Nederland",
                moment(one.first, "00:00"),
                moment(one.last, "21:59" if 3 < one.last.month < 10 else "22:59"),
            ),
        )
        for one in carried
    ]
    one_year = document("2025-2026", vacations)
    assert read_open_data(json.dumps(one_year).encode()) == tuple(carried)
    assert read_open_data(json.dumps([one_year, one_year]).encode()) == tuple(carried)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-17", "2026-10-25"),
        ("2026-10-17T00:00:00.000Z", "2026-10-25T00:00:00.000Z"),
        ("2026-10-16T22:00:00.000Z", "2026-10-25T22:59:00.000Z"),
        ("2026-10-16T23:00:00.000Z", "2026-10-25T21:59:00.000Z"),
        ("2026-10-17T00:00:00.000Z", "2026-10-25T23:00:00.000Z"),
    ],
)
def test_days_are_found_however_they_are_written(start: str, end: str) -> None:
    data = document("2026-2027", [vacation("Herfstvakantie", ("Zuid", start, end))])
    (found,) = read_open_data(json.dumps(data).encode())
    assert found == Holiday("Herfstvakantie", date(2026, 10, 17), date(2026, 10, 25), Region.ZUID)


GOOD = ("zuid", "2026-10-17", "2026-10-25")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"[[]]",
        b"[" * 100_000,
        b" " * 1_000_001,
        *(
            json.dumps(document("2026-2027", one)).encode()
            for one in (
                [],
                [vacation("Herfstvakantie", ("oost", *GOOD[1:]))],
                [vacation("Herfst\nvakantie", GOOD)],
                [vacation("", GOOD)],
                [vacation("Herfstvakantie", ("zuid", "2026-10-25", "2026-10-17"))],
                [vacation("Herfstvakantie", ("zuid", "2026-10-17", "2027-10-25"))],
                [vacation("Herfstvakantie", ("zuid", "17-10-2026", "2026-10-25"))],
                [vacation("Herfstvakantie", ("zuid", "9999-12-31T23:00:00Z", "9999-12-31"))],
                [vacation("Herfstvakantie", *[GOOD] * 1_001)],
                [{"type": 3, "regions": [{}]}],
            )
        ),
    ],
)
def test_what_is_not_in_the_known_form_is_refused(data: bytes) -> None:
    with pytest.raises(BioklokFailure, match="school holidays cannot be read"):
        read_open_data(data)


def test_the_longest_holiday_is_a_summer() -> None:
    assert max(one.last - one.first for one in holidays()) < timedelta(days=50)
