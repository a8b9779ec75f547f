"""Feeds as Somtoday and Magister give them: start, end, subject and lesson, and nothing else."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from bioklok.errors import BioklokFailure
from bioklok.school.timetable import compare
from bioklok.timetables.limits import USUAL
from bioklok.timetables.subjects import read_title
from support.feeds import (
    FEEDS,
    MAGISTER,
    OUTLOOK_ZONE,
    PERSONAL,
    SOMTODAY,
    WINDOW,
    ZONE,
    at,
    event,
    feed,
    local,
    read,
)

NINE = ("DTSTART:20261116T080000Z", "DTEND:20261116T085000Z")


def test_somtoday() -> None:
    assert local(read(SOMTODAY)) == [
        ("11-16 08:30", "09:20", "ak", True),
        ("11-16 09:20", "10:10", "tmc", True),
        ("11-17 08:30", "09:20", "mentor", True),
        ("11-18 08:00", "16:30", "", False),
    ]


def test_magister() -> None:
    assert local(read(MAGISTER)) == [
        ("11-16 08:30", "09:20", "netl", True),
        ("11-16 09:20", "10:10", "wisb", False),
        ("11-17 00:00", "00:00", "", False),
        ("11-17 16:00", "16:30", "", False),
    ]


@pytest.mark.parametrize("data", FEEDS)
def test_nothing_else_is_kept(data: bytes) -> None:
    kept = repr(read(data)).lower()
    assert not [one for one in PERSONAL if one in kept]


def test_the_keys_and_the_window_are_those_given() -> None:
    found = read(SOMTODAY, from_utc_s=at("2026-11-17"), until_utc_s=at("2026-11-18"))
    assert (found.school_id, found.student_id) == ("oost", "noor")
    assert (found.from_utc_s, found.until_utc_s) == (at("2026-11-17"), at("2026-11-18"))
    assert local(found) == [("11-17 08:30", "09:20", "mentor", True)]


def test_ids_stay_when_a_lesson_moves_and_say_nothing() -> None:
    moved = SOMTODAY.replace(b"20261116T073000Z", b"20261120T120000Z").replace(
        b"20261116T082000Z\r\nSUMMARY:be012", b"20261120T125000Z\r\nSUMMARY:be012"
    )
    changes = compare(read(SOMTODAY), read(moved), ZONE)
    assert [one.before.id == one.after.id for one in changes.moved] == [True]
    assert (changes.added, changes.removed) == ((), ())
    assert all(len(one.id) == 20 and int(one.id, 16) >= 0 for one in read(SOMTODAY).lessons)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART:20261116T090000", "DTEND:20261116T095000"), ("11-16 09:00", "09:50")),
        (("DTSTART:20261116T080000Z", "DURATION:PT50M"), ("11-16 09:00", "09:50")),
        (
            ("DTSTART:20261116T080000Z", "DTEND;TZID=Europe/London:20261116T085000"),
            ("11-16 09:00", "09:50"),
        ),
        (
            ("DTSTART;TZID=W. Europe Standard Time:20261116T090000", "DURATION:PT50M"),
            ("11-16 09:00", "09:50"),
        ),
        (
            ('DTSTART;TZID="/x.example.org/Europe/Amsterdam":20261116T090000', "DURATION:PT50M"),
            ("11-16 09:00", "09:50"),
        ),
        (
            ("DTSTART;TZID=Customized Time Zone:20261116T090000", "DURATION:PT50M"),
            ("11-16 09:00", "09:50"),
        ),
        (('DTSTART;X=a,"b:c",d:20261116T090000', "DURATION:PT50M"), ("11-16 09:00", "09:50")),
        (("DTSTART;TZID=Etc/GMT-2:20261116T090000", "DURATION:PT50M"), ("11-16 08:00", "08:50")),
    ],
)
def test_times(lines: tuple[str, ...], expected: tuple[str, str]) -> None:
    found = local(read(feed(event("UID:1", *lines, "SUMMARY:ne"), head=OUTLOOK_ZONE)))
    assert found == [(*expected, "ne", True)]


def test_a_zone_of_one_offset_and_one_that_fits_nothing() -> None:
    def zone(*offsets: str) -> str:
        parts = "".join(
            f"BEGIN:STANDARD\r\nTZOFFSETTO:{one}\r\nEND:STANDARD\r\n" for one in offsets
        )
        return f"BEGIN:VTIMEZONE\r\nTZID:Own\r\n{parts}END:VTIMEZONE\r\n"

    own = event("UID:1", "DTSTART;TZID=Own:20261116T090000", "DURATION:PT50M", "SUMMARY:ne")
    assert local(read(feed(own, head=zone("+0300"))))[0][0] == "11-16 07:00"
    assert local(read(feed(own, head=zone("-0100"))))[0][0] == "11-16 11:00"
    for offsets in (("+0530",), ("+0300", "+0400"), ("+9900",), ()):
        with pytest.raises(BioklokFailure, match="time zone"):
            read(feed(own, head=zone(*offsets)))
    with pytest.raises(BioklokFailure, match="does not define"):
        read(feed(own))


def test_one_feeds_zone_is_not_anothers() -> None:
    own = event("UID:1", "DTSTART;TZID=Own:20261116T090000", "DURATION:PT50M", "SUMMARY:ne")
    head = "BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\n"
    read(feed(own, head=f"{head}END:VTIMEZONE\r\n"))
    with pytest.raises(BioklokFailure, match="does not define"):
        read(feed(own))


def test_floating_times_are_the_schools() -> None:
    found = read(
        feed(event("UID:1", "DTSTART:20261116T090000", "DURATION:PT50M", "SUMMARY:ne")),
        ZoneInfo("America/Curacao"),
    )
    assert found.lessons[0].start_utc_s == at("2026-11-16 14:00")


def test_all_day_is_from_midnight_to_midnight_also_when_clocks_change() -> None:
    days = feed(
        event("UID:1", "DTSTART;VALUE=DATE:20261025", "SUMMARY:Vakantie"),
        event("UID:2", "DTSTART;VALUE=DATE:20261019", "DURATION:P5D", "SUMMARY:ne"),
    )
    lasts = {one.id: one.end_utc_s - one.start_utc_s for one in read(days).lessons}
    assert sorted(lasts.values()) == [25 * 3600, 5 * 86_400]
    assert not [one for one in read(days).lessons if one.is_lesson or one.subject]


def test_a_duration_runs_by_the_clock_in_the_night_that_clocks_change() -> None:
    night = feed(event("UID:1", "DTSTART:20261025T013000", "DURATION:PT3H", "SUMMARY:ne"))
    day = feed(event("UID:1", "DTSTART:20261024T090000", "DURATION:P1DT1H", "SUMMARY:ne"))
    assert local(read(night))[0][:2] == ("10-25 01:30", "03:30")
    assert local(read(day))[0][:2] == ("10-24 09:00", "10:00")


def test_what_has_no_length_and_what_is_cancelled_is_left_out() -> None:
    found = read(
        feed(
            event("UID:1", "DTSTART:20261116T080000Z", "SUMMARY:ne"),
            event("UID:2", *NINE, "STATUS:cancelled", "SUMMARY:ne"),
            event("UID:3", *NINE, "SUMMARY:ne uitval"),
        )
    )
    assert found.lessons == ()


def test_overlapping_lessons_stay_and_what_is_listed_twice_is_one() -> None:
    found = feed(
        event("UID:1", *NINE, "SUMMARY:ne"),
        event("UID:2", *NINE, "SUMMARY:ne"),
        event("UID:3", *NINE, "SUMMARY:wi"),
        event("UID:4", "DTSTART:20261116T083000Z", "DURATION:PT50M", "SUMMARY:en"),
    )
    assert [one[2] for one in local(read(found))] == ["ne", "wi", "en"]
    assert len({one.id for one in read(found).lessons}) == 3


def test_of_one_uid_the_last_version_counts_and_otherwise_every_lesson() -> None:
    newer = event("UID:1", "SEQUENCE:2", *NINE, "SUMMARY:ne")
    older = event("UID:1", "DTSTART:20261117T080000Z", "DURATION:PT50M", "SUMMARY:ne")
    assert [one[0] for one in local(read(feed(newer, older)))] == ["11-16 09:00"]
    same = newer.replace("SEQUENCE:2\r\n", "")
    assert [one[0] for one in local(read(feed(same, older)))] == ["11-16 09:00", "11-17 09:00"]
    unnamed = same.replace("UID:1\r\n", "") + older.replace("UID:1\r\n", "")
    assert len(read(feed(unnamed)).lessons) == 2
    assert read(feed(unnamed)).lessons == read(feed(unnamed)).lessons


def test_two_that_a_feed_names_alike_are_both_there() -> None:
    changes = [
        event(
            *("UID:1", f"SEQUENCE:{n}", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261116T080000Z"),
            *(f"DTSTART:2026111{6 + n}T080000Z", "DURATION:PT50M", "SUMMARY:ne"),
        )
        for n in range(2)
    ]
    series = event("UID:1", *NINE, "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:ne")
    found = read(feed(series, *changes)).lessons
    assert len({one.id for one in found}) == len(found) >= 2


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("be012 - oga3bak - ABC", "ak"),
        ("A1.23 - h3a.wi - VRI", "wi"),
        ("gym - h3.wi - NAT", "wi"),
        ("tm145_o&o - oga3bo&o", "o&o"),
        ("3 netl - ABC", "netl"),
        ("3. netl", "netl"),
        ("wisb (ABC)", "wisb"),
        ("econ", "econ"),
        ("Wiskunde B - J. Jansen", "wi"),
        ("lichamelijke opvoeding", "lo"),
        ("2 gpo - KLS", "gpo"),
        ("gpo (KLS)", "gpo"),
        # What a private appointment may be called.
        ("piet", ""),
        ("piet - jan", ""),
        ("Frans bellen", ""),
        ("na school naar oma", ""),
        ("J.Jansen", ""),
        ("h3 - J.Jansen", ""),
        ("mailto:piet@school.example", ""),
        ("", ""),
    ],
)
def test_titles(title: str, subject: str) -> None:
    assert read_title(title).subject == subject


def test_a_school_may_name_its_own_codes() -> None:
    assert read_title("be012 - oga3bxyz - ABC").subject == ""
    assert read_title("be012 - oga3bxyz - ABC", {"xyz"}).subject == "xyz"
    own = feed(event("UID:1", *NINE, "SUMMARY:xyz"))
    assert [one.is_lesson for one in read(own).lessons] == [False]
    assert [one.is_lesson for one in read(own, more_codes={"xyz"}).lessons] == [True]


@pytest.mark.parametrize(
    "title", ["PW netl", "SE: netl", "toets netl", "netl (proefwerk)", "so netl hoofdstuk 3"]
)
def test_a_test_is_no_lesson_and_its_name_is_dropped(title: str) -> None:
    found = read(feed(event("UID:1", *NINE, f"SUMMARY:{title}")))
    assert [(one.subject, one.is_lesson) for one in found.lessons] == [("netl", False)]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a calendar"),
        (b"<!doctype html><html>sign in</html>", "not a calendar"),
        (SOMTODAY[: SOMTODAY.index(b"END:VCALENDAR")], "cut off"),
        (SOMTODAY[:-20], "not closed"),
        (SOMTODAY[: len(SOMTODAY) // 2], "cut off|no property"),
        (b"\xff\xfe" + SOMTODAY, "UTF-8"),
        (feed(event("UID:1", "SUMMARY:ne")), "without a start"),
        (feed(event("UID:1", "DTSTART:20261116T080000Z", "DTEND:20261116T070000Z")), "before"),
        (feed(event("UID:1", "DTSTART:20261131T080000Z")), "time that is none"),
        (feed(event("UID:1", "DTSTART:99991231T080000Z")), "time that is none"),
        (feed(event("UID:1", "DTSTART:20261116T080000Z", "DURATION:P9999W")), "after a year"),
        (feed(event("UID:1", "DTSTART:20261116T080000Z", "DURATION:1 hour")), "duration"),
        (feed(event("UID:1", *NINE, NINE[0])), "more than one DTSTART"),
        (feed(event("UID:1", *NINE, "SUMMARY")), "no property"),
        (feed(event("UID:1", *NINE, "SUMMARY:a\x00b")), "not text"),
        (feed("BEGIN:VEVENT\r\n"), "closed"),
        (feed("BEGIN:VEVENT\r\n" * 9), "nested"),
    ],
)
def test_a_bad_file_is_refused_whole_in_one_line(data: bytes, why: str) -> None:
    with pytest.raises(BioklokFailure, match=why) as failure:
        read(data)
    assert "\n" not in str(failure.value)
    assert "fetch it again" in str(failure.value)


def test_limits() -> None:
    one = event("UID:1", *NINE, "SUMMARY:ne")
    for limits, why in (
        (replace(USUAL, bytes=100), "more than 100 bytes"),
        (replace(USUAL, lines=5), "too many lines"),
        (replace(USUAL, line_chars=10), "too long"),
        (replace(USUAL, events=1), "more than 1 appointments"),
        (replace(USUAL, occurrences=1), "too many appointments"),
    ):
        with pytest.raises(BioklokFailure, match=why):
            read(feed(one, one.replace("UID:1", "UID:2")), limits=limits)
    with pytest.raises(BioklokFailure, match="too long"):
        read(feed(f"X:a\r\n{' a' * 10}\r\n" + " b\r\n" * 60_000))


def test_a_window_that_is_empty_or_too_long_is_the_callers_mistake() -> None:
    for until_utc_s in (WINDOW["from_utc_s"], WINDOW["from_utc_s"] + 401 * 86_400):
        with pytest.raises(ValueError, match="window"):
            read(SOMTODAY, until_utc_s=until_utc_s)
