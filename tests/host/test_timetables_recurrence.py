"""Series in a feed, held against the school's clock and against a slow expansion of our own."""

from datetime import date, datetime, time, timedelta

import pytest
from bioklok.errors import BioklokFailure
from hypothesis import given, settings
from hypothesis import strategies as st
from support.feeds import OUTLOOK, ZONE, at, event, feed, local, read
from support.fuzz import profiles

HOUR = ("DTSTART;TZID=Europe/Amsterdam:20261005T090000", "DURATION:PT50M", "SUMMARY:ne")


def starts(*lines: str, others: str = "", **window: int) -> list[str]:
    found = read(feed(event("UID:a", *HOUR, *lines), others), **window)
    return [one[0] for one in local(found)]


def test_outlook() -> None:
    assert [one[:2] for one in local(read(OUTLOOK))] == [
        ("10-12 11:00", "11:50"),
        ("10-22 11:00", "11:50"),  # the 15th and the 19th are excluded
        ("10-26 11:00", "11:50"),  # the clock went back on the 25th
        ("10-29 11:00", "11:50"),
        ("11-03 13:00", "13:50"),  # moved from the 2nd; the 5th was cancelled
        ("11-09 11:00", "11:50"),
        ("11-12 11:00", "11:50"),
        ("11-16 11:00", "11:50"),
        ("11-19 11:00", "11:50"),
        ("11-23 11:00", "11:50"),
        ("11-26 11:00", "11:50"),
        ("11-30 11:00", "11:50"),  # UNTIL is a day: that day counts
        ("12-04 14:00", "14:50"),
    ]


def test_a_weekly_lesson_keeps_its_time_when_clocks_change_both_ways() -> None:
    weekly = "RRULE:FREQ=WEEKLY"
    assert {one[6:] for one in starts(weekly)} == {"09:00"}
    spring = starts(weekly, from_utc_s=at("2027-03-01"), until_utc_s=at("2027-04-30"))
    assert [one[:5] for one in spring] == [
        *("03-01", "03-08", "03-15", "03-22", "03-29", "04-05", "04-12", "04-19", "04-26")
    ]
    assert {one[6:] for one in spring} == {"09:00"}


def test_a_series_in_utc_moves_by_the_schools_clock() -> None:
    series = event(
        "UID:u", "DTSTART:20261019T080000Z", "DURATION:PT50M", "RRULE:FREQ=WEEKLY;COUNT=2"
    )
    assert [one[0] for one in local(read(feed(series)))] == ["10-19 10:00", "10-26 09:00"]


def test_count_until_and_interval() -> None:
    assert starts("RRULE:FREQ=WEEKLY;COUNT=3") == ["10-05 09:00", "10-12 09:00", "10-19 09:00"]
    assert starts("RRULE:FREQ=WEEKLY;COUNT=3", from_utc_s=at("2026-10-13")) == ["10-19 09:00"]
    assert starts("RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261102T080000Z;WKST=SU") == [
        *("10-05 09:00", "10-19 09:00", "11-02 09:00")
    ]
    assert starts("RRULE:FREQ=WEEKLY;UNTIL=20261102T075959Z")[-1] == "10-26 09:00"
    assert starts("RRULE:FREQ=WEEKLY;UNTIL=20261019T090000")[-1] == "10-19 09:00"
    assert starts("RRULE:FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=1") == [
        *("10-05 09:00", "11-02 09:00", "12-07 09:00")
    ]


def test_dates_as_days_and_days_as_dates() -> None:
    assert starts("RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;VALUE=DATE:20261012") == [
        *("10-05 09:00", "10-19 09:00")
    ]
    assert starts("RDATE;VALUE=DATE:20261007") == ["10-05 09:00", "10-07 09:00"]
    assert starts("RDATE;VALUE=PERIOD:20261007T080000Z/PT2H,20261008T080000Z/20261008T110000Z") == [
        *("10-05 09:00", "10-07 10:00", "10-08 10:00")
    ]
    day = event("UID:d", "DTSTART;VALUE=DATE:20261005", "RRULE:FREQ=DAILY;UNTIL=20261007")
    assert [one[0] for one in local(read(feed(day)))] == [
        *("10-05 00:00", "10-06 00:00", "10-07 00:00")
    ]


def test_a_change_may_come_from_outside_the_window_and_go_there() -> None:
    moved_in = event(
        *("UID:a", "RECURRENCE-ID;TZID=Europe/Amsterdam:20261228T090000"),
        *("DTSTART:20261211T130000Z", "DTEND:20261211T135000Z", "SUMMARY:ne"),
    )
    moved_out = moved_in.replace("20261228", "20261102").replace("20261211T13", "20270108T13")
    found = starts("RRULE:FREQ=WEEKLY", others=moved_in + moved_out)
    assert "12-11 14:00" in found
    assert "11-02 09:00" not in found
    assert len(found) == 11  # the Mondays from 5 October to 14 December, one more, one less


def test_a_change_for_this_and_all_that_follow() -> None:
    later = event(
        *("UID:a", "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Amsterdam:20261012T090000"),
        *("DTSTART;TZID=Europe/Amsterdam:20261013T100000", "DURATION:PT50M", "SUMMARY:ne"),
    )
    series = event("UID:a", *HOUR, "RRULE:FREQ=WEEKLY;COUNT=4")
    found = read(feed(series, later))
    assert [one[0] for one in local(found)] == [
        *("10-05 09:00", "10-13 10:00", "10-20 10:00", "10-27 10:00")
    ]
    # The last is an hour off what it was in UTC, and still known by its own name.
    assert [one.id for one in found.lessons] == [one.id for one in read(feed(series)).lessons]


def test_a_change_alone_without_its_series_counts() -> None:
    alone = event("UID:b", "RECURRENCE-ID:20261005T070000Z", *HOUR)
    assert [one[0] for one in local(read(feed(alone)))] == ["10-05 09:00"]


def test_each_of_a_series_keeps_its_id_when_it_moves_or_the_window_does() -> None:
    before = read(feed(event("UID:a", *HOUR, "RRULE:FREQ=WEEKLY")))
    change = event("UID:a", "RECURRENCE-ID:20261102T080000Z", *HOUR).replace("20261005", "20261103")
    after = read(feed(event("UID:a", *HOUR, "RRULE:FREQ=WEEKLY"), change))
    assert {one.id for one in before.lessons} == {one.id for one in after.lessons}
    later = read(
        feed(event("UID:a", *HOUR, "RRULE:FREQ=WEEKLY")), from_utc_s=at("2026-11-01")
    ).lessons
    assert set(later) < set(before.lessons)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=2",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=DAILY;BYSECOND=1",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=999999",
        "FREQ=WEEKLY;FREQ=WEEKLY",
        "FREQ=WEEKLY;X=1",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=MONTHLY;BYMONTHDAY=0,99",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=DAILY;BYSETPOS=1",
        "FREQ=YEARLY;BYDAY=1MO",
        "FREQ=WEEKLY;UNTIL=20260230",
        "BYDAY=MO",
        "",
    ],
)
def test_a_rule_that_no_timetable_needs_is_refused(rule: str) -> None:
    with pytest.raises(BioklokFailure, match=r"no timetable needs|time that is none"):
        starts(f"RRULE:{rule}")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    ],
)
def test_a_rule_that_never_comes_true_leaves_its_first(rule: str) -> None:
    assert starts(f"RRULE:{rule};COUNT=5") == starts(f"RRULE:{rule}") == ["10-05 09:00"]


DAYS = st.integers(0, 330).map(lambda n: date(2026, 8, 17) + timedelta(days=n))
SERIES = st.fixed_dictionaries(
    {
        "first": DAYS,
        "clock": st.times(time(7), time(17)).map(lambda one: one.replace(second=0, microsecond=0)),
        "days": st.sets(st.integers(0, 6), max_size=3),
        "interval": st.integers(1, 3),
        "count": st.none() | st.integers(1, 60),
        "until": st.none() | DAYS,
        "skipped": st.sets(st.integers(0, 40), max_size=4),
        "moved": st.dictionaries(st.integers(0, 40), st.integers(-40, 40), max_size=3),
        "style": st.sampled_from(["zone", "floating"]),
    }
)
NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def slow(one: dict) -> list[datetime]:
    """Every start of a series, a day at a time, by what RFC 5545 says of WEEKLY."""
    monday = one["first"] - timedelta(days=one["first"].weekday())
    weekdays = one["days"] or {one["first"].weekday()}
    found: list[date] = []
    for n in range(800):
        day = monday + timedelta(days=n)
        if day < one["first"] or day.weekday() not in weekdays or n // 7 % one["interval"]:
            continue
        if one["until"] is not None and day > one["until"]:
            break
        if one["until"] is None and one["count"] and len(found) >= one["count"]:
            break
        found.append(day)
    # The first is part of the series also where the rule does not say so (3.8.5.3).
    found = sorted({one["first"], *found})
    return [datetime.combine(day, one["clock"], ZONE) for day in found]


def written(one: dict, all_starts: list[datetime]) -> bytes:
    def at_(name: str, moment: datetime) -> str:
        zone = ";TZID=Europe/Amsterdam" if one["style"] == "zone" else ""
        return f"{name}{zone}:{moment:%Y%m%dT%H%M%S}"

    rule = f"RRULE:FREQ=WEEKLY;INTERVAL={one['interval']};WKST=MO"
    if one["days"]:
        rule += ";BYDAY=" + ",".join(NAMES[day] for day in sorted(one["days"]))
    if one["until"] is not None:
        rule += f";UNTIL={one['until']:%Y%m%d}"
    elif one["count"]:
        rule += f";COUNT={one['count']}"
    first = datetime.combine(one["first"], one["clock"], ZONE)
    skipped = [at_("EXDATE", all_starts[n]) for n in one["skipped"] if n < len(all_starts)]
    lines = ("UID:a", at_("DTSTART", first), "DURATION:PT50M", rule, *skipped, "SUMMARY:ne")
    changes = [
        event(
            *("UID:a", at_("RECURRENCE-ID", all_starts[n])),
            *(at_("DTSTART", moved(all_starts[n], days)), "DURATION:PT50M", "SUMMARY:ne"),
        )
        for n, days in one["moved"].items()
        if n < len(all_starts)
    ]
    return feed(event(*lines), *changes)


def moved(start: datetime, days: int) -> datetime:
    return start + timedelta(days=days, minutes=7)


@profiles(quick=40, long=1_500)
def test_a_series_is_what_it_is_by_hand(profile: settings) -> None:
    @profile
    @given(SERIES)
    def check(one: dict) -> None:
        all_starts = slow(one)
        gone = one["skipped"] | set(one["moved"])
        expected = {start for n, start in enumerate(all_starts) if n not in gone}
        expected |= {
            moved(all_starts[n], days)
            for n, days in one["moved"].items()
            if n < len(all_starts) and n not in one["skipped"]
        }
        from_utc_s, until_utc_s = at("2026-10-01"), at("2027-05-01")
        data = written(one, all_starts)
        found = read(data, from_utc_s=from_utc_s, until_utc_s=until_utc_s)
        assert [lesson.start_utc_s for lesson in found.lessons] == sorted(
            second
            for second in {int(start.timestamp()) for start in expected}
            if from_utc_s <= second < until_utc_s
        )

    check()
