"""Files that a stranger made: one clear failure or a snapshot, in bounded time and memory."""

import re
import time
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
from bioklok.errors import BioklokFailure
from bioklok.school.timetable import Snapshot
from hypothesis import given, settings
from hypothesis import strategies as st
from support.feed_damage import damaged
from support.feeds import FEEDS, event, feed, read
from support.fuzz import profiles

SUBJECT = re.compile(r"|[a-z][a-z0-9&]{0,11}")
# Ten times what the slowest takes on a small machine, by the size; without limits it is hours.
MOST_S = 20.0
MOST_BYTES = 120_000_000


def read_or_refuse(data: bytes) -> Snapshot | None:
    try:
        found = read(data)
    except BioklokFailure as failure:
        assert "\n" not in str(failure)
        assert len(str(failure)) < 200
        return None
    assert all(SUBJECT.fullmatch(one.subject) for one in found.lessons)
    assert all(found.speaks_of(one) and len(one.id) == 20 for one in found.lessons)
    return found


def damage(seed: int, count: int) -> None:
    random = Random(seed)
    read_whole = 0
    for _ in range(count):
        read_whole += read_or_refuse(damaged(random)) is not None
    # Damage that everything or nothing survives would show nothing.
    assert count // 20 < read_whole < count * 19 // 20


def test_500_damaged_feeds() -> None:
    damage(20261116, 500)


@pytest.mark.soak
def test_10_000_damaged_feeds() -> None:
    damage(20261117, 10_000)


@profiles(quick=40, long=4_000)
def test_any_bytes(profile: settings) -> None:
    pieces = st.sampled_from(
        [b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"DTSTART:", b"20261116T080000Z"]
    )
    text = st.lists(pieces | st.binary(max_size=20), max_size=30).map(b"".join)

    @profile
    @given(
        text | st.builds(lambda one: feed(event(*one)), st.lists(st.text(max_size=30), max_size=6))
    )
    def check(data: bytes) -> None:
        read_or_refuse(data)

    check()


def many(count: int, *lines: str) -> bytes:
    return feed(*(event(f"UID:{n}", *lines, "SUMMARY:ne") for n in range(count)))


def exceptions(count: int, range_: str = "") -> bytes:
    series = event("UID:a", *HOUR, "RRULE:FREQ=DAILY")
    changes = (event("UID:a", f"RECURRENCE-ID{range_}:{moment(n)}", *HOUR) for n in range(count))
    return feed(series, *changes)


def moment(n: int) -> str:
    return f"202611{1 + n % 29:02}T{n // 29 % 24:02}{n // 696:02}00Z"


CALENDAR, EVENT = b"BEGIN:VCALENDAR\r\n", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"
HOUR = ("DTSTART:20261101T080000Z", "DURATION:PT1H")
OLD = ("DTSTART:19000101T080000Z", "DURATION:PT1H")
YEAR = ("DTSTART:20251201", "DTEND:20261201")
DATES = ",".join(moment(n) for n in range(1_000))
ZONE = "BEGIN:VTIMEZONE\r\nTZID:A\r\nEND:VTIMEZONE\r\n"
# Each of a size n, in appointments; the largest has as many as may be, or fills a file.
BOMBS: dict[str, Callable[[int], bytes]] = {
    "never true": lambda n: many(n, *HOUR, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
    "since 1900": lambda n: many(n, *OLD, "RRULE:FREQ=DAILY"),
    "many rules": lambda n: many(n, *HOUR, "RRULE:FREQ=DAILY"),
    "monthly": lambda n: many(n, *HOUR, "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=-1"),
    "many": lambda n: many(n, *HOUR),
    "too many": lambda n: many(n + 10, *HOUR),
    "many changes": lambda n: exceptions(n - 1),
    "this and future": lambda n: exceptions(n - 1, ";RANGE=THISANDFUTURE"),
    "many dates": lambda n: many(n // 60, *HOUR, f"EXDATE:{DATES}", f"RDATE:{DATES}"),
    "a long year": lambda n: many(n, *YEAR, "RRULE:FREQ=DAILY;COUNT=2"),
    "deep": lambda n: CALENDAR + b"BEGIN:X\r\n" * (40 * n),
    "wide": lambda n: CALENDAR + b"BEGIN:X\r\nEND:X\r\n" * (24 * n),
    "folds": lambda n: CALENDAR + b"X:" + b"\r\n a" * (90 * n),
    "empty lines": lambda n: CALENDAR + b"\n" * (380 * n),
    "one line": lambda n: CALENDAR + b"X:" + b"a" * (380 * n),
    "parameters": lambda n: EVENT + b"DTSTART" + b";A=b" * n + b":1\r\n",
    "values": lambda n: EVENT + b"DTSTART;A=" + b"b," * n + b"c:1\r\n",
    "quotes": lambda n: EVENT + b"DTSTART;A=" + b'"' * (3 * n) + b"\r\n",
    "zones": lambda n: feed(head=ZONE * (4 * n)),
    "titles": lambda n: feed(*(event(f"UID:{k}", *HOUR, TITLE) for k in range(n))),
    "too large": lambda n: CALENDAR + b" " * (400 * n),
}
TITLE = "SUMMARY:" + "a1(" * 60
SMALL, LARGE = 40, 5_000


@pytest.mark.parametrize(
    "size", [SMALL, pytest.param(LARGE, marks=pytest.mark.soak)], ids=["small", "large"]
)
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_little_time(name: str, size: int) -> None:
    data = BOMBS[name](size)
    began_s = time.process_time()
    read_or_refuse(data)
    assert time.process_time() - began_s < MOST_S * max(size, LARGE // 10) / LARGE


@pytest.mark.soak
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_little_memory(name: str) -> None:
    data = BOMBS[name](LARGE)
    tracemalloc.start()
    try:
        read_or_refuse(data)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["too many", "zones", "deep", "folds", "one line", "too large"])
def test_the_largest_are_refused(name: str) -> None:
    assert read_or_refuse(BOMBS[name](LARGE)) is None


@pytest.mark.parametrize("data", FEEDS)
def test_a_feed_that_is_cut_anywhere_is_refused(data: bytes) -> None:
    whole = len(data.rstrip())
    for length in range(0, whole, 7):
        assert read_or_refuse(data[:length]) is None
