"""What no usual week has: every page of every role, and the report, over stores at their edges.

Nothing at all, one day, a week on the table, a day of 25 hours and one of 23, a student who crossed
an ocean, three years. Addresses are those of `support.asked`, which test_web_matrix holds complete.
Everything is shared with mentor and parent, so that their pages draw it too.
"""

import json
import struct
import time
from binascii import crc32
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
from biocore.page import (
    CRC_OFFSET,
    H_JOURNAL_ID,
    H_SEQUENCE,
    H_START_UTC_S,
    HEADER_BYTES,
    HEADER_FORMAT,
    header,
)
from bioklok.office import sharing
from bioklok.office.consenting import answer
from bioklok.reports.week import build_week
from bioklok.school.consent import Answer
from bioklok.school.days import SchoolYear
from bioklok.school.people import mentor_tie, parent_tie
from bioklok.school.sharing import Part
from bioklok.store import Store, open_store
from bioklok.web import Settings, access_table, create_app
from bioklok.web.pages import week_html
from support.asked import ASKED
from support.school import snapshot
from support.school_web import NOW, PEOPLE, SEPTEMBER, WEEK, Clock, House
from support.synthetic import (
    DEVICE_ID,
    JOURNAL_ID,
    Info,
    Minute,
    local_minutes,
    pages,
    school_day,
    utc_s,
)

NEW_YORK = "America/New_York"
DAY_S = 86_400
WHO = {
    access_table.STUDENT: "noor",
    access_table.SIGNED_IN: "noor",
    access_table.PARENT: "pa",
    access_table.MENTOR: "max",
    access_table.ADMINISTRATOR: "ada",
}


def lived(first: str, last: str) -> list[bytes]:
    start, end = utc_s(first), utc_s(last)
    return pages(start, local_minutes(start, end, school_day))


def on_the_table() -> list[bytes]:
    """A week that lay still: the device says so at the end of each quarter of an hour."""
    minutes = [Minute("table", still_hour=n % 15 == 14 and n >= 59) for n in range(7 * 1440)]
    return pages(utc_s("2026-11-16T00:00"), minutes)


def over_the_ocean() -> list[bytes]:
    """Three days by the clock of Amsterdam, seven hours in which it was off, then New York's."""
    west = ZoneInfo(NEW_YORK)
    landed = utc_s("2026-11-19T14:00")
    end = int(datetime(2026, 11, 23, tzinfo=west).timestamp())
    there = [school_day(datetime.fromtimestamp(at, west)) for at in range(landed, end, 60)]
    before = lived("2026-11-16T00:00", "2026-11-19T07:00")
    return before + pages(landed, there, sequence=len(before))


def three_years() -> list[bytes]:
    """1097 days, each the same in UTC, so that the local clock moves twice a year. The device was
    wiped on each 1 August: three journals and a bit."""
    day = lived("2026-11-22T00:00", "2026-11-23T00:00")
    first = utc_s("2023-11-22T00:00")
    made = []
    for n_day in range(1097):
        start_utc_s = first + n_day * DAY_S
        journal_id = (
            JOURNAL_ID + SchoolYear.of(datetime.fromtimestamp(start_utc_s, UTC).date()).begins
        )
        for n, page in enumerate(day):
            place = (n_day * len(day) + n, journal_id, start_utc_s + 1800 * n)
            made.append(at_another_place(page, *place))
    return made


def at_another_place(page: bytes, sequence: int, journal_id: int, start_utc_s: int) -> bytes:
    """The same minutes in another journal, at another time."""
    head = list(struct.unpack_from(HEADER_FORMAT, page))
    head[H_SEQUENCE], head[H_JOURNAL_ID], head[H_START_UTC_S] = sequence, journal_id, start_utc_s
    data = struct.pack(HEADER_FORMAT, *head) + page[HEADER_BYTES:CRC_OFFSET]
    return data + struct.pack("<I", crc32(data))


@dataclass(frozen=True)
class Case:
    """A store: its pages, the weeks to ask for, the student's time zone."""

    made: Callable[[], list[bytes]]
    weeks: tuple[str, ...] = (WEEK,)
    timezone: str = "Europe/Amsterdam"
    is_seen: bool = True  # by others, where it is shared


CASES = {
    "empty": Case(list, is_seen=False),
    "one day": Case(lambda: lived("2026-11-18T00:00", "2026-11-19T00:00")),
    "all unworn": Case(on_the_table, is_seen=False),
    "a day of 25 hours": Case(
        lambda: lived("2026-10-18T12:00", "2026-10-26T12:00"), ("2026-W43", "2026-W44")
    ),
    "a day of 23 hours": Case(
        lambda: lived("2026-03-22T12:00", "2026-03-30T12:00"), ("2026-W13", "2026-W14")
    ),
    "two time zones": Case(over_the_ocean, timezone=NEW_YORK),
    "two time zones, at home again": Case(over_the_ocean),
}


def build(store: Store, case: Case) -> None:
    """The school of `support.school_web`, with this store as Noor's."""
    store.add_school("Oost College")
    for person_id, name, roles, born in PEOPLE:
        zone = case.timezone if person_id == "noor" else "Europe/Amsterdam"
        store.add_person(person_id, name, roles, zone, born)
    noor, pa, mentor = (store.account(one).person for one in ("noor", "pa", "max"))
    store.add_tie(parent_tie(pa, noor, SEPTEMBER))
    store.add_tie(mentor_tie(mentor, noor, store.ties("noor"), SEPTEMBER))
    for by in (pa, noor):
        answer(store, by, "noor", Answer.AGREES, SEPTEMBER)
    store.hand_out(DEVICE_ID, "noor", "blauw 1")
    for journal_id, made in groupby(case.made(), lambda page: header(page)[H_JOURNAL_ID]):
        info = Info(journal_id=journal_id)
        store.open_journal(info)
        store.commit_pages(info, made, NOW - 600)
        times = {"started_utc_s": NOW - 600, "ended_utc_s": NOW - 590}
        store.log_session(info, **times, frames=1, bytes=1, pages_new=1, epochs_new=1)
    with store.desk("noor") as desk:
        desk.add_snapshot(snapshot(taken="2026-11-16 00:00"))
    account = store.account("noor")
    for week in case.weeks:
        sharing.preview(store, account, week, list(Part), ["max", "pa"], NOW - 300)
        sharing.share(store, account, week, list(Part), ["max", "pa"], NOW - 200)


def house_of(tmp_path: object, case: Case) -> House:
    url, clock = f"sqlite:///{tmp_path}/b.sqlite", Clock()
    with open_store(url) as home:
        build(home.of("oost"), case)
    app = create_app(Settings(database_url=url, clock=clock))
    return House(url, app.state.store, app, clock)


def asked(case: Case, roles: Mapping[str, str]) -> Iterator[tuple[str, str, set[int]]]:
    """Who asks, for which address, and what they may be answered: whatever is only looked at."""
    rows = {f"{row.method} {row.path}": row for row in access_table.TABLE}
    for key, (address, _sent, good) in ASKED.items():
        if not key.startswith("GET "):
            continue
        for role in rows[key].who.split(", "):
            if role in roles:
                for week in case.weeks if WEEK in address else (WEEK,):
                    yield roles[role], address.replace(WEEK, week), good


def look_at_everything(
    house: House, case: Case, language: str, roles: Mapping[str, str] = WHO
) -> dict[tuple[str, str], float]:
    """Ask for all of it; return the processor seconds of each. Fails where an answer is none."""
    browsers = {person: house.browser(person) for person in roles.values()}
    took, wrong = {}, []
    for person, address, good in asked(case, roles):
        is_page = not address.startswith(access_table.V1)
        joined = f"{'&' if '?' in address else '?'}lang={language}" if is_page else ""
        began = time.process_time()
        found = browsers[person].get(address + joined)
        took[person, address] = time.process_time() - began
        if found.status_code not in good or "NaN" in found.text:
            wrong.append((person, address, found.status_code))
    assert wrong == []
    return took


@pytest.mark.parametrize("name", list(CASES))
def test_every_page_of_every_role(tmp_path, name):
    case = CASES[name]
    house = house_of(tmp_path, case)
    # What an administrator sees hangs on no minute: once, with nothing there, is enough.
    roles = WHO if name == "empty" else {role: who for role, who in WHO.items() if who != "ada"}
    language = ("nl", "en")[list(CASES).index(name) % 2]
    assert len(look_at_everything(house, case, language, roles)) > 25
    for person in ("max", "pa"):
        seen = house.browser(person).get(f"/students/noor/weeks/{case.weeks[0]}")
        # A share of a week in which nothing was measured looks like none at all.
        assert seen.status_code == (200 if case.is_seen else 404), person


@pytest.mark.parametrize("name", list(CASES))
def test_the_report_as_json_and_as_html(tmp_path, name):
    case = CASES[name]
    with open_store(f"sqlite:///{tmp_path}/b.sqlite") as home:
        store = home.of("oost")
        build(store, case)
        for week in (*case.weeks, "2020-W53", "1971-W01"):
            built = build_week(store, "noor", week, case.timezone)
            told = json.loads(json.dumps(built.to_dict(), allow_nan=False))
            for metric in told["metrics"].values():
                assert (metric["value"] is None) == (metric["reason"] is not None)
            for language in ("nl", "en"):
                html = week_html(built, store.student("noor"), language)
                assert "</html>" in html and ">nan<" not in html.lower()


def test_a_day_of_25_hours_has_all_its_minutes(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/b.sqlite") as home:
        build(home.of("oost"), CASES["a day of 25 hours"])
        week = build_week(home.of("oost"), "noor", "2026-W43")
    sunday = week.days[-1]
    assert (len(sunday.grid), sunday.n_worn) == (1500, 1500)
    assert week.n_moments == 7 * 1440 + 60 and week.coverage == 1


def test_who_flew_west_has_one_long_day_and_no_minute_twice(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/b.sqlite") as home:
        build(home.of("oost"), CASES["two time zones"])
        for zone in (NEW_YORK, "Europe/Amsterdam"):
            week = build_week(home.of("oost"), "noor", WEEK, zone)
            assert week.n_epochs <= len(over_the_ocean()) * 30
            assert all(day.n_worn <= len(day.grid) == 1440 for day in week.days)
        assert {night.date.isoformat() for night in week.nights if night.onset} >= {
            "2026-11-16",
            "2026-11-17",
        }


def test_three_years_render_and_soon(tmp_path):
    """Of the processor, which a machine that is busy with other things changes little."""
    case = Case(three_years, (WEEK, "2024-W12"))
    house = house_of(tmp_path, case)
    took = look_at_everything(house, case, "nl")
    assert house.browser("noor").get("/me/weeks").text.count("/me/weeks/20") >= 156
    noor = house.browser("noor")
    for address in ("/me/weeks", f"/me/weeks/{WEEK}", "/me/weeks/2024-W12", "/me"):
        began = time.process_time()
        assert noor.get(address).status_code == 200
        assert time.process_time() - began < 5, address
    assert max(took.values()) < 60
