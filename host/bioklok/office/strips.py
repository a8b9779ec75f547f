"""The strip card over its counter: asking, answering, taking back, and what time does."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bioklok.office.settings import Settings, settings_of, strip_school
from bioklok.school import asking, reasons, strips
from bioklok.school.absences import AbsenceExport, absences_on
from bioklok.school.asking import Ask, School
from bioklok.school.days import SchoolYear, local_day
from bioklok.school.granting import for_period
from bioklok.school.ledger import OPEN, Entry, Ledger, Request, State
from bioklok.school.looks import Handling, look_at
from bioklok.school.people import Act, Person, administers, may, require
from bioklok.school.reasons import StripReason
from bioklok.school.timetable import Lesson, next_lesson
from bioklok.store import Account, Desk, Store

LOOK_AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Card:
    """A strip card as its student sees it."""

    left: int  # strips that are good today
    requests: tuple[Request, ...]  # newest first
    reasons: dict[str, StripReason]
    lessons: tuple[Lesson, ...]  # that can be asked for


@dataclass(frozen=True)
class Waiting:
    """A request that waits for its mentor. Why it was made is not here: it is the student's."""

    student: Account
    request: Request


def card(store: Store, student: Account, now_utc_s: int) -> Card:
    """Return a student's own card, after what time and timetable have done to it."""
    settings = settings_of(store)
    school = strip_school(store, settings)
    today = local_day(now_utc_s, school.zone)
    with store.desk(student.id) as desk:
        ledger = _current(desk, settings, school, now_utc_s)
        notes = desk.reason_notes()
        lessons = _lessons(desk, ledger, school, now_utc_s)
    known = reasons.reasons(student.person, student.person, notes, now_utc_s)
    requests = tuple(reversed(list(ledger.requests().values())))
    return Card(ledger.balance(today), requests, known, lessons)


def ask(
    store: Store,
    by: Person,
    student_id: str,
    lesson_id: str,
    now_utc_s: int,
    *,
    form_id: str | None = None,
    reason: StripReason | None = None,
) -> Request:
    """Ask for a lesson off; return the request as it stands. A form sent twice asks once.

    Raises NotAllowed for anybody but the student.
    """
    settings = settings_of(store)
    school = strip_school(store, settings)
    with store.desk(student_id) as desk:
        form = form_id or secrets.token_hex(8)
        request = asking.clicked(by, desk.student, form, lesson_id, now_utc_s)
        ledger = _current(desk, settings, school, now_utc_s)
        is_new = request.request_id not in ledger.requests()
        entries = asking.ask(ledger, request, desk.snapshots(now_utc_s), school, now_utc_s)
        ledger = desk.add_entries(ledger, entries)
        if reason is not None and is_new:
            desk.add_reason(reasons.note(by, desk.student, request.request_id, reason, now_utc_s))
        return ledger.requests()[request.request_id]


def take_presses(
    store: Store, desk: Desk, presses: Sequence[Ask], now_utc_s: int, settings: Settings
) -> None:
    """Enter the long presses that a sync brought. Those of a past school year are let go."""
    school = strip_school(store, settings)
    year = SchoolYear.of(local_day(now_utc_s, school.zone))
    ledger = _current(desk, settings, school, now_utc_s)
    for press in presses:
        if local_day(press.asked_at_utc_s, school.zone) not in year:
            continue
        snapshots = desk.snapshots(press.asked_at_utc_s)
        ledger = desk.add_entries(ledger, asking.ask(ledger, press, snapshots, school, now_utc_s))


def answer(
    store: Store, by: Person, student_id: str, request_id: str, is_agreed: bool, now_utc_s: int
) -> None:
    """Agree to a request or not, as the student's mentor. Raises NotAllowed, NotPossible."""

    def decide(desk: Desk, ledger: Ledger) -> Sequence[Entry]:
        return strips.answer(
            ledger,
            request_id,
            is_agreed,
            by=by,
            student=desk.student,
            ties=desk.ties(),
            now_utc_s=now_utc_s,
        )

    _change(store, student_id, now_utc_s, decide)


def withdraw(store: Store, by: Person, student_id: str, request_id: str, now_utc_s: int) -> None:
    """Take a request back, as the student. Raises NotAllowed, NotPossible."""

    def decide(desk: Desk, ledger: Ledger) -> Sequence[Entry]:
        return strips.withdraw(ledger, request_id, by=by, student=desk.student, now_utc_s=now_utc_s)

    _change(store, student_id, now_utc_s, decide)


def note_reason(
    store: Store, by: Person, request_id: str, reason: StripReason | None, now_utc_s: int
) -> None:
    """Note what a strip is for, for oneself alone."""
    with store.desk(by.id) as desk:
        desk.add_reason(reasons.note(by, desk.student, request_id, reason, now_utc_s))


def waiting_for(store: Store, mentor: Account, now_utc_s: int) -> list[Waiting]:
    """Return the requests that wait for a mentor's answer, the soonest lesson first, and log that
    they were looked at: once a day and student."""
    settings = settings_of(store)
    school = strip_school(store, settings)
    found = []
    students = {tie.student_id for tie in store.ties(adult_id=mentor.id) if tie.holds(now_utc_s)}
    for student_id in sorted(students):
        with store.desk(student_id) as desk:
            if not may(mentor.person, Act.ANSWER_STRIP, desk.student, desk.ties(), now_utc_s):
                continue
            ledger = _current(desk, settings, school, now_utc_s)
            asked = [one for one in ledger.requests().values() if one.state is State.ASKED]
            if asked and not _looked_today(desk, mentor.id, school, now_utc_s):
                looked = look_at(mentor.person, student_id, Handling.STRIP_REQUEST, now_utc_s)
                desk.add_looks([looked])
            found += [Waiting(desk.account, one) for one in asked]
    return sorted(
        found, key=lambda one: one.request.lesson.start_utc_s if one.request.lesson else 0
    )


def settle_all(store: Store, now_utc_s: int) -> int:
    """Do for every student what time and timetables do; return how many entries that made."""
    settings = settings_of(store)
    school = strip_school(store, settings)
    n_entries = 0
    for student in store.students():
        with store.desk(student.id) as desk:
            before = sum(desk.ledger(year).version for year in desk.years())
            _current(desk, settings, school, now_utc_s)
            n_entries += sum(desk.ledger(year).version for year in desk.years()) - before
    return n_entries


def absences(store: Store, by: Person, day: date, now_utc_s: int) -> AbsenceExport:
    """Return a day's authorised absences for the absence administration, and log that it looked.

    Raises NotAllowed for who is no administrator of the school.
    """
    settings = settings_of(store)
    school = strip_school(store, settings)
    if administers(by, store.school_id):
        settle_all(store, now_utc_s)
    ledgers = []
    for student in store.students():
        with store.reading(student.id) as desk:
            ledgers.append(desk.ledger(SchoolYear.of(day)))
    export = absences_on(day, ledgers, school, by, now_utc_s)
    for look in export.looks:
        with store.desk(look.student_id) as desk:
            desk.add_looks([look])
    return export


def balance(store: Store, student_id: str, now_utc_s: int) -> int:
    """Return the strips left today, as the device can show them."""
    settings = settings_of(store)
    school = strip_school(store, settings)
    with store.desk(student_id) as desk:
        ledger = _current(desk, settings, school, now_utc_s)
    return strips.device_balance(ledger, local_day(now_utc_s, school.zone))


def give_more(
    store: Store, by: Person, student_id: str, n_strips: int, grant_id: str, now_utc_s: int
) -> None:
    """Give a student more strips of this period, once, as an administrator."""
    settings = settings_of(store)
    school = strip_school(store, settings)
    today = local_day(now_utc_s, school.zone)
    period = settings.rules.period_on(today)
    if period is None:
        raise strips.NotPossible("no period of the strip card's rules holds today: set one first")

    def decide(desk: Desk, ledger: Ledger) -> Sequence[Entry]:
        _, now = for_period(ledger, period, school)
        return strips.grant_more(
            ledger,
            by,
            desk.student,
            grant_id=grant_id,
            lot=now.lot,
            strips=n_strips,
            now_utc_s=now_utc_s,
        )

    _change(store, student_id, now_utc_s, decide)


def _change(
    store: Store,
    student_id: str,
    now_utc_s: int,
    decide: Callable[[Desk, Ledger], Sequence[Entry]],
) -> None:
    settings = settings_of(store)
    school = strip_school(store, settings)
    with store.desk(student_id) as desk:
        ledger = _current(desk, settings, school, now_utc_s)
        desk.add_entries(ledger, decide(desk, ledger))


def _current(desk: Desk, settings: Settings, school: School, now_utc_s: int) -> Ledger:
    """Bring this school year's ledger up to now: strips of the period, lessons, what is over."""
    today = local_day(now_utc_s, school.zone)
    year = SchoolYear.of(today)
    for past in desk.years():
        if past < year:
            old = desk.ledger(past)
            desk.add_entries(old, strips.settle(old, school, now_utc_s))
    ledger = desk.ledger(year)
    period = settings.rules.period_on(today)
    if period is not None:
        ledger = desk.add_entries(ledger, strips.grant(ledger, period, school, now_utc_s))
    oldest_s = min(
        (one.asked_at_utc_s for one in ledger.requests().values() if one.state in OPEN),
        default=now_utc_s,
    )
    snapshots = desk.snapshots(oldest_s)
    ledger = desk.add_entries(ledger, strips.follow(ledger, snapshots, school, now_utc_s))
    return desk.add_entries(ledger, strips.settle(ledger, school, now_utc_s))


def _looked_today(desk: Desk, viewer_id: str, school: School, now_utc_s: int) -> bool:
    today = local_day(now_utc_s, school.zone)
    return any(
        (one.what, one.viewer_id) == (Handling.STRIP_REQUEST, viewer_id)
        and local_day(one.at_utc_s, school.zone) == today
        for one in desk.looks()
    )


def _lessons(desk: Desk, ledger: Ledger, school: School, now_utc_s: int) -> tuple[Lesson, ...]:
    """The lessons of the next two weeks for which the rules would take a request now."""
    snapshots = desk.snapshots(now_utc_s)
    if not snapshots:
        return ()
    last_day = local_day(now_utc_s, school.zone) + LOOK_AHEAD
    found, moment = [], now_utc_s
    while (lesson := next_lesson(snapshots[-1], moment, last_day, school.zone)) is not None:
        trial = Ask("trial", now_utc_s, lesson.id)
        entries = asking.ask(ledger, trial, snapshots, school, now_utc_s)
        if entries and entries[0].cause is None and entries[0].postings:
            found.append(lesson)
        moment = lesson.start_utc_s + 1
    return tuple(found)


def check_reader(store: Store, by: Person, student_id: str, now_utc_s: int) -> None:
    """Pass who may see a student's own card. Raises NotAllowed, NotFound."""
    with store.reading(student_id) as desk:
        require(by, Act.SEE_OWN, desk.student, desk.ties(), now_utc_s)
