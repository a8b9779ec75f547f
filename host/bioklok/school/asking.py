"""Asking for a lesson off: which lesson is meant, and whether the school's rules let it be.

From the device by a long press, which works offline and settles at the next sync, or from the
dashboard (school.md, Strip card). What becomes of a request then is in `strips`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bioklok.school.days import SchoolCalendar, local_day, week_of
from bioklok.school.ledger import Account, Cause, Entry, Kind, Ledger, State, moved
from bioklok.school.people import Act, Person, require
from bioklok.school.strip_rules import Agreement, StripRules
from bioklok.school.timetable import Bell, Lesson, Snapshot, in_force_since, next_lesson, trace


@dataclass(frozen=True)
class Ask:
    """A request for a strip. `asked_at_utc_s` is when the student asked, not when it came in.

    lesson_id: of the lesson to cover; None, as from the device: the next one that can be covered.
    """

    request_id: str
    asked_at_utc_s: int
    lesson_id: str | None = None


def pressed(device_id: str, journal_id: int, epoch: int, pressed_at_utc_s: int) -> Ask:
    """Return what a long press asks; `epoch` is the place of its minute in the journal.

    Repeated syncs, and two long presses within one minute, are one request.
    """
    return Ask(f"press:{device_id}:{journal_id}:{epoch}", pressed_at_utc_s)


def clicked(by: Person, student: Person, form_id: str, lesson_id: str, now_utc_s: int) -> Ask:
    """Return what the dashboard asks; a form that is sent twice (`form_id`) is one request.

    Raises NotAllowed for anybody but the student.
    """
    require(by, Act.ASK_STRIP, student, (), now_utc_s)
    return Ask(f"form:{form_id}", now_utc_s, lesson_id)


@dataclass(frozen=True)
class School:
    """What decisions rest on: a school's rules, its lesson hours, its time zone, its free days.

    A timetable may hold lessons of a day that the school made free since. Raises ValueError where
    these are of two schools.
    """

    rules: StripRules
    bell: Bell
    zone: ZoneInfo
    calendar: SchoolCalendar | None = None  # None: no day is free

    def __post_init__(self) -> None:
        if self.rules.school_id != self.bell.school_id:
            raise ValueError("rules and lesson hours of two schools")
        if self.calendar is not None and self.rules.school_id != self.calendar.school_id:
            raise ValueError("rules and free days of two schools")

    def is_free(self, day: date) -> bool:
        """Say whether a day has no lessons, whatever a timetable holds."""
        return self.calendar is not None and self.calendar.is_made_free(day)


def ask(
    ledger: Ledger, request: Ask, snapshots: Sequence[Snapshot], school: School, now_utc_s: int
) -> tuple[Entry, ...]:
    """Reserve a strip for a lesson, or turn the request down; in both cases it is kept.

    `snapshots` are the student's timetables, oldest first. The one in force when the student asked
    says which lesson was meant, and that moment counts for the notice; the later ones say what
    became of the lesson. Strips left and caps count as they are now. Raises ValueError where it was
    asked in another school year than the ledger's, or something is another student's.
    """
    check_timetable(ledger, snapshots)
    if school.rules.school_id != ledger.school_id:
        raise ValueError("the rules of another school")
    if local_day(request.asked_at_utc_s, school.zone) not in ledger.year:
        raise ValueError(f"a request of another school year than {ledger.year}")
    if request.request_id in ledger.requests():
        return ()
    then_on = in_force_since(snapshots, request.asked_at_utc_s)
    meant = _meant(request, then_on, school)
    lesson = trace(meant, then_on, school.zone) if meant else None
    told: dict[str, Any] = {
        "request_id": request.request_id,
        "asked_at_utc_s": request.asked_at_utc_s,
        "lesson": lesson or meant,
    }
    cause = _refusal(ledger, request, meant, lesson, school) if meant else Cause.NO_LESSON
    lot = _lot_for(ledger, local_day(lesson.start_utc_s, school.zone)) if lesson else None
    if lesson is None or lot is None or cause is not None:
        turned_down = ledger.plus(Kind.TURN_DOWN, now_utc_s, **told, cause=cause)
        return turned_down.since(ledger.version)
    work = ledger.plus(
        Kind.RESERVE,
        now_utc_s,
        **told,
        answer_by_utc_s=answer_by_utc_s(lesson, now_utc_s, school),
        postings=moved(Account.FREE, Account.RESERVED, lot),
    )
    if school.rules.agreement is Agreement.AUTOMATIC:
        work = work.plus(Kind.AGREE, now_utc_s, request_id=request.request_id)
    return work.since(ledger.version)


def answer_by_utc_s(lesson: Lesson, now_utc_s: int, school: School) -> int:
    """Return up to when the mentor can answer: until the lesson begins.

    Where it has begun, as for a press that was offline, for a while after this moment.
    """
    if now_utc_s < lesson.start_utc_s:
        return lesson.start_utc_s
    return now_utc_s + school.rules.late_answer_s


def check_timetable(ledger: Ledger, snapshots: Sequence[Snapshot]) -> None:
    """Pass the snapshots of the ledger's own student. Raises ValueError for another's."""
    owner = (ledger.school_id, ledger.student_id)
    if any((one.school_id, one.student_id) != owner for one in snapshots):
        raise ValueError("the timetable of another student")


def _meant(request: Ask, then_on: Sequence[Snapshot], school: School) -> Lesson | None:
    """Return the lesson that was meant, in the timetable as it was when the student asked."""
    if not then_on:
        return None
    if request.lesson_id is not None:
        return next((one for one in then_on[0].lessons if one.id == request.lesson_id), None)
    earliest_utc_s = request.asked_at_utc_s + school.rules.notice_s
    day = local_day(request.asked_at_utc_s, school.zone)
    last_day = day + timedelta(days=school.rules.press_days_ahead)
    return next_lesson(then_on[0], earliest_utc_s, last_day, school.zone, school.is_free)


def _refusal(
    ledger: Ledger, request: Ask, meant: Lesson, lesson: Lesson | None, school: School
) -> Cause | None:
    """Say why a request is turned down; None: it keeps the rules."""
    rules, zone = school.rules, school.zone
    day = local_day(meant.start_utc_s, zone)
    if lesson is None or local_day(lesson.start_utc_s, zone) != day or school.is_free(day):
        return Cause.LESSON_GONE
    others = [
        one.lesson
        for one in ledger.requests().values()
        if one.lesson is not None and one.state is not State.RELEASED
    ]
    # Nobody is in two lessons at once: what overlaps is the same lesson under two ids.
    if any(one.id == lesson.id or _overlap(one, lesson) for one in others):
        return Cause.SAME_LESSON
    if not lesson.is_lesson or rules.is_blocked(day, school.bell.hours_of(lesson, zone)):
        return Cause.BLOCKED
    if meant.start_utc_s - request.asked_at_utc_s < rules.notice_s:
        return Cause.TOO_LATE
    if _lot_for(ledger, day) is None:
        return Cause.NO_STRIP
    days = [(one.subject, local_day(one.start_utc_s, zone)) for one in others]
    if rules.per_week is not None:
        n_week = sum(week_of(other) == week_of(day) for _, other in days)
        if n_week >= rules.per_week:
            return Cause.WEEK_FULL
    if rules.per_subject is not None:
        period = rules.period_on(day)
        n_subject = sum(
            subject == lesson.subject and rules.period_on(other) == period
            for subject, other in days
        )
        if n_subject >= rules.per_subject:
            return Cause.SUBJECT_FULL
    return None


def _lot_for(ledger: Ledger, day: date) -> str | None:
    """Return the lot that a strip for this day comes from: of those left, the first to expire."""
    strips = ledger.accounts()
    good = [
        lot
        for lot in ledger.lots().values()
        if lot.covers(day) and strips[Account.FREE, lot.name] > 0
    ]
    return min(good, key=lambda lot: (lot.last, lot.name)).name if good else None


def _overlap(one: Lesson, other: Lesson) -> bool:
    return one.start_utc_s < other.end_utc_s and other.start_utc_s < one.end_utc_s
