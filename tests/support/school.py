"""A school to test the strip card on: people, rules, three weeks of lessons. No tests here."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bioklok.school.asking import Ask, School, ask, pressed
from bioklok.school.days import SchoolYear
from bioklok.school.ledger import (
    Cause,
    Entry,
    Ledger,
    State,
)
from bioklok.school.people import Person, Role, mentor_tie
from bioklok.school.strip_rules import Agreement, Period, StripRules
from bioklok.school.strips import (
    answer,
    grant,
    settle,
    withdraw,
)
from bioklok.school.timetable import Bell, Lesson, LessonHour, Snapshot

TIMEZONE = "Europe/Amsterdam"
ZONE = ZoneInfo(TIMEZONE)
MONDAY = date(2026, 11, 16)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def person(name: str, role: Role, school: str = "oost") -> Person:
    return Person(school, name, frozenset({role}), TIMEZONE)


NOOR, SEM = person("noor", Role.STUDENT), person("sem", Role.STUDENT)
MENTOR, ADMINISTRATOR = person("m", Role.MENTOR), person("a", Role.ADMINISTRATOR)
TIES = (mentor_tie(MENTOR, NOOR, (), at("2026-09-01")),)

AUTUMN = Period("autumn", date(2026, 8, 1), date(2026, 11, 30), 3)
WINTER = Period("winter", date(2026, 12, 1), date(2027, 2, 28), 2)
BELL = Bell(
    "oost",
    tuple(LessonHour(n, time(n + 7), time(n + 7, 50)) for n in range(1, 9)),
)
RULES = StripRules("oost", (AUTUMN, WINTER))
SCHOOL = School(RULES, BELL, ZONE)
AUTOMATIC = replace(SCHOOL, rules=replace(RULES, agreement=Agreement.AUTOMATIC))


def with_rules(**rules: object) -> School:
    return replace(SCHOOL, rules=replace(RULES, **rules))  # type: ignore[arg-type]


def lesson(day: date, hour: int, subject: str) -> Lesson:
    start = at(f"{day}") + 3600 * hour
    return Lesson(start, start + 3000, subject, f"{subject} {day} {hour}")


# Monday to Friday 09:00 maths, 10:00 Dutch, 11:00 maths, over three weeks.
DAYS = [MONDAY + timedelta(days=n) for n in range(21) if (MONDAY + timedelta(days=n)).weekday() < 5]
WEEKS = tuple(
    lesson(day, hour, subject)
    for day in DAYS
    for hour, subject in ((9, "wi"), (10, "ne"), (11, "wi"))
)
MATHS, DUTCH, MATHS_2 = WEEKS[:3]


def snapshot(lessons: Iterable[Lesson] = WEEKS, taken: str = "2026-11-16 00:00") -> Snapshot:
    return Snapshot("oost", "noor", at(taken), at("2026-11-16"), at("2026-12-07"), tuple(lessons))


TIMETABLE = [snapshot()]
EARLY = at("2026-11-16 08:00")


def empty() -> Ledger:
    return Ledger("oost", "noor", SchoolYear(2026))


def started(school: School = SCHOOL) -> Ledger:
    ledger = empty()
    return ledger.append(grant(ledger, AUTUMN, school, at("2026-09-01")), 0)


def after(ledger: Ledger, entries: tuple[Entry, ...]) -> Ledger:
    return ledger.append(entries, ledger.version)


def asked(
    ledger: Ledger,
    *lessons: Lesson,
    school: School = SCHOOL,
    now: int = EARLY,
    timetable: list[Snapshot] = TIMETABLE,
) -> Ledger:
    for one in lessons:
        ledger = after(ledger, ask(ledger, Ask(one.id, now, one.id), timetable, school, now))
    return ledger


def answered(ledger: Ledger, one: Lesson, yes: bool, now: int = EARLY) -> Ledger:
    return after(
        ledger, answer(ledger, one.id, yes, by=MENTOR, student=NOOR, ties=TIES, now_utc_s=now)
    )


def taken_back(ledger: Ledger, one: Lesson, now: int = EARLY) -> Ledger:
    return after(ledger, withdraw(ledger, one.id, by=NOOR, student=NOOR, now_utc_s=now))


def settled(ledger: Ledger, now: str, school: School = SCHOOL) -> Ledger:
    return after(ledger, settle(ledger, school, at(now)))


def outcome(ledger: Ledger, request_id: str) -> tuple[State, Cause | None]:
    request = ledger.requests()[request_id]
    return request.state, request.cause


PRESS = "press:c0ffee:7:1"


def press(
    ledger: Ledger, when: str, arrived: str, school: School = SCHOOL, **more: object
) -> Ledger:
    timetable = more.get("timetable", TIMETABLE)
    request = pressed("c0ffee", 7, int(more.get("epoch", 1)), at(when))  # type: ignore[call-overload]
    return after(ledger, ask(ledger, request, timetable, school, at(arrived)))  # type: ignore[arg-type]
