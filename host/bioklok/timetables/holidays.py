"""School holidays of the Netherlands: those we carry, and the government's open data.

`holidays.toml` beside this file holds what was published, with its source. Newer years come from
`https://opendata.rijksoverheid.nl/v1/sources/rijksoverheid/infotypes/schoolholidays?output=json`.
Autumn, spring and the second week of May are advice: schools deviate (`school.days.Override`).
"""

import json
import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from bioklok.errors import BioklokFailure
from bioklok.school.days import Holiday, Region

MAX_BYTES = 1_000_000
MAX_HOLIDAYS = 1_000
WHOLE_COUNTRY = "heel nederland"
LONGEST = timedelta(days=70)

_NETHERLANDS = ZoneInfo("Europe/Amsterdam")
_SLACK = timedelta(hours=2)
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}):[0-9]{2}(?:\.0+)?Z?)?")
_NAME = re.compile(r"[A-Za-z][a-z ]{2,38}")


@cache
def holidays() -> tuple[Holiday, ...]:
    """Return the holidays that come with the program, by first day, then region."""
    with files(__package__).joinpath("holidays.toml").open("rb") as file:
        years: dict[str, dict[str, Any]] = tomllib.load(file)["years"]
    return _sorted(
        [
            Holiday(name, first, last, None if region == "nederland" else Region(region))
            for year in years.values()
            for name, regions in year["holidays"].items()
            for region, (first, last) in regions.items()
        ]
    )


def read_open_data(data: bytes) -> tuple[Holiday, ...]:
    """Return the holidays in an answer of the government's open data: of all years, or of one.

    Raises BioklokFailure where it is not in that form or a holiday in it cannot be one.
    """
    if len(data) > MAX_BYTES:
        raise _refused(f"they have more than {MAX_BYTES} bytes")
    try:
        answer = json.loads(data)
        found = [
            _holiday(vacation, region)
            for document in (answer if isinstance(answer, list) else [answer])
            for year in document["content"]
            for vacation in year["vacations"]
            for region in vacation["regions"]
        ]
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        raise _refused("they are not in the form that is known") from None
    if not 0 < len(found) <= MAX_HOLIDAYS:
        raise _refused("they are none, or too many")
    return _sorted(found)


def _holiday(vacation: dict[str, Any], region: dict[str, Any]) -> Holiday:
    name, where = vacation["type"].strip(), region["region"].strip().lower()
    if not _NAME.fullmatch(name):
        raise ValueError("no name")
    first, last = _day(region["startdate"], _SLACK), _day(region["enddate"], -_SLACK)
    if not timedelta() <= last - first <= LONGEST:
        raise ValueError("no holiday lasts so long")
    return Holiday(name, first, last, None if where == WHOLE_COUNTRY else Region(where))


def _day(text: str, slack: timedelta) -> date:
    """Return the day that is meant.

    The data say when a day begins or ends in UTC, in some years an hour off for summer time:
    2025-10-18T00:00:00.000Z, 2019-10-18T22:00:00.000Z and 2025-10-19T21:59:00.000Z have all been
    seen for the 18th, the 19th and the 19th. So some hours inwards, by the clock of the country.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError("no date")
    day = date.fromisoformat(match[1])
    if match[2] in (None, "00:00"):
        return day
    moment = datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=UTC)
    return (moment + slack).astimezone(_NETHERLANDS).date()


def _sorted(found: list[Holiday]) -> tuple[Holiday, ...]:
    return tuple(sorted(set(found), key=lambda one: (one.first, one.region or "", one.name)))


def _refused(why: str) -> BioklokFailure:
    return BioklokFailure(f"the school holidays cannot be read: {why}; keep those there are")
