"""Recurrence rules, held against dateutil's reading of them."""

from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile

from bioklok.timetables.lines import RawCalendar
from bioklok.timetables.rules import Budget, Window, starts_of
from bioklok.timetables.zones import Zones
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from support.feeds import ZONE, at
from support.fuzz import profiles

DAYS = st.integers(0, 330).map(lambda n: date(2026, 8, 17) + timedelta(days=n))
NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def expanded(rule: str, start: str) -> list[str]:
    window = Window(at("2026-10-01"), at("2027-04-01"))
    first = datetime.fromisoformat(start).replace(tzinfo=ZONE)
    found = starts_of(rule, first, window, Zones(RawCalendar(), ZONE), Budget(10_000, 1_000))
    return [f"{one:%m-%d}" for one in found]


def test_the_first_day_of_the_week_tells_which_weeks_are_left_out() -> None:
    # As in RFC 5545, 3.8.5.3, on other days.
    rule = "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST="
    assert expanded(rule + "MO", "2026-11-10") == ["11-10", "11-15", "11-24", "11-29"]
    assert expanded(rule + "SU", "2026-11-10") == ["11-10", "11-22", "11-24", "12-06"]


def test_positions_are_counted_from_both_ends() -> None:
    rule = "FREQ=MONTHLY;COUNT=4;BYDAY=MO,TU,WE,TH,FR;BYSETPOS="
    assert expanded(rule + "-1", "2026-10-30") == ["10-30", "11-30", "12-31", "01-29"]
    assert expanded(rule + "2,-2", "2026-10-02") == ["10-02", "10-29", "11-03", "11-27"]
    assert expanded("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "2026-12-31") == [
        "12-31",
        "01-31",
        "02-28",
    ]


def joined(values: st.SearchStrategy[object], most: int = 3) -> st.SearchStrategy[str]:
    lists = st.lists(values, min_size=1, max_size=most, unique=True)
    return lists.map(lambda found: ",".join(str(one) for one in found))


WEEKDAYS = joined(st.sampled_from(NAMES))
NUMBERED = joined(st.sampled_from([f"{n}{day}" for n in (1, 2, 4, -1) for day in NAMES]))
MONTHS = joined(st.integers(1, 12), 12)
MONTH_DAYS = joined(st.sampled_from([1, 2, 13, 28, 29, 30, 31, -1, -2, -28]))


def rule_of(freq: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    chosen = st.fixed_dictionaries({}, optional={**parts, "INTERVAL": st.sampled_from("1234")})
    return chosen.map(lambda some: ";".join([f"FREQ={freq}", *(f"{k}={some[k]}" for k in some)]))


RULES = st.one_of(
    rule_of("DAILY", BYDAY=WEEKDAYS, BYMONTH=MONTHS, BYMONTHDAY=MONTH_DAYS),
    rule_of("WEEKLY", BYDAY=WEEKDAYS, BYMONTH=MONTHS, WKST=st.sampled_from(NAMES)),
    rule_of("MONTHLY", BYDAY=NUMBERED, BYMONTH=MONTHS),
    rule_of("MONTHLY", BYDAY=WEEKDAYS, BYSETPOS=st.sampled_from(["1", "-1", "2,-2"])).filter(
        lambda rule: "BYDAY" in rule or "BYSETPOS" not in rule
    ),
    rule_of("MONTHLY", BYMONTHDAY=MONTH_DAYS),
    rule_of("YEARLY"),
    st.tuples(MONTHS, MONTH_DAYS).map(
        lambda some: "FREQ=YEARLY;BYMONTH={};BYMONTHDAY={}".format(*some)
    ),
    st.tuples(MONTHS, NUMBERED).map(lambda some: "FREQ=YEARLY;BYMONTH={};BYDAY={}".format(*some)),
)


@profiles(quick=60, long=2_000)
def test_rules_are_what_dateutil_makes_of_them(profile: settings) -> None:
    zones = Zones(RawCalendar(), ZONE)
    window = Window(at("2026-10-01"), at("2027-10-01"))

    @profile
    @given(RULES, DAYS, st.none() | st.integers(1, 40))
    def check(rule: str, first: date, count: int | None) -> None:
        start = datetime.combine(first, time(9), ZONE)
        text = f"{rule};COUNT={count}" if count else rule
        found = starts_of(text, start, window, zones, Budget(10_000, 10_000))
        naive, end = start.replace(tzinfo=None), datetime.combine(window.last, time(23))
        theirs = rrulestr(rule, dtstart=naive)
        expected = list(islice(takewhile(lambda one: one <= end, theirs), count))
        assert [one.replace(tzinfo=None) for one in found if isinstance(one, datetime)] == [
            one for one in expected if one.date() >= window.first
        ]

    check()
