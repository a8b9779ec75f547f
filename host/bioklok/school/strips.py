"""The strip card: asking for a lesson off, and what becomes of it (school.md, Strip card).

    (nothing) -> asked      reserves a strip; outside the rules it is released at once, with why
    asked     -> agreed     by the rules or the mentor
    asked     -> released   by the student, by the mentor, without an answer, without the lesson
    agreed    -> released   by the student before the lesson begins, or without the lesson
    agreed    -> used       when the lesson is over

Every function here decides what to add to a ledger and adds nothing itself: its caller appends it
with the version that it was decided on (`Ledger.append`), and where another was first decides anew.
All of them may be called again: what was done already adds nothing.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from bioklok.errors import BioklokFailure, NotFound
from bioklok.school.asking import School, answer_by_utc_s, check_timetable
from bioklok.school.days import local_day
from bioklok.school.granting import for_period
from bioklok.school.ledger import OPEN, Account, Cause, Entry, Kind, Ledger, Request, State, moved
from bioklok.school.people import Act, Person, Tie, require
from bioklok.school.strip_rules import PRESS_KEPT_DAYS, Lot, Period
from bioklok.school.timetable import Lesson, Snapshot, is_same, trace

# What the BALANCE frame can say; 255 stands for "not known" (docs/protocol.md).
MOST_ON_DEVICE = 254


class NotPossible(BioklokFailure):
    """Too late, or it is no such request: show the request as it stands now."""


# -- strips come and go ----------------------------------------------------------------------------


def grant(ledger: Ledger, period: Period, school: School, now_utc_s: int) -> tuple[Entry, ...]:
    """Give the strips of a period, once; they are good within it, or to the end of the year.

    Where its days were changed since, they are good as long as it lasts now: see `granting`.
    """
    before, now = for_period(ledger, period, school)
    told = {"request_id": now.grant_id, "lot": now.lot, "days": (now.first, now.last)}
    if before is None:
        return _granted(ledger, now_utc_s, strips=period.strips, **told)
    if before == now:
        return ()
    return ledger.plus(Kind.GRANT, now_utc_s, **told).since(ledger.version)


def grant_more(
    ledger: Ledger,
    by: Person,
    student: Person,
    *,
    grant_id: str,
    lot: Lot,
    strips: int,
    now_utc_s: int,
) -> tuple[Entry, ...]:
    """Give more strips of a lot, once: as for a lesson that was cancelled after its strip was used.

    Raises NotAllowed for who is no administrator of the school, NotPossible for less than one.
    """
    require(by, Act.GRANT_STRIPS, _owner(ledger, student), (), now_utc_s)
    if strips < 1:
        raise NotPossible("give one strip or more")
    return _granted(
        ledger, now_utc_s, request_id=f"more:{grant_id}", lot=lot, strips=strips, by_id=by.id
    )


def device_balance(ledger: Ledger, day: date) -> int:
    """Return the strips left on a day as the device can show them."""
    return min(ledger.balance(day), MOST_ON_DEVICE)


# -- a request -------------------------------------------------------------------------------------


def answer(
    ledger: Ledger,
    request_id: str,
    is_agreed: bool,
    *,
    by: Person,
    student: Person,
    ties: Sequence[Tie],
    now_utc_s: int,
) -> tuple[Entry, ...]:
    """Agree to a request, or not. An agreement stays: a student can count on it.

    Raises NotAllowed for who is not the student's mentor now, NotPossible where it no longer waits
    for an answer or was answered otherwise.
    """
    require(by, Act.ANSWER_STRIP, _owner(ledger, student), ties, now_utc_s)
    request = _known(ledger, request_id)
    if request.state is State.ASKED and now_utc_s < (request.answer_by_utc_s or 0):
        if is_agreed:
            work = ledger.plus(Kind.AGREE, now_utc_s, request_id=request_id, by_id=by.id)
        else:
            work = _released(ledger, request, Cause.NOT_AGREED, now_utc_s, by_id=by.id)
        return work.since(ledger.version)
    was_agreed = request.state in (State.AGREED, State.USED)
    if was_agreed if is_agreed else request.cause is Cause.NOT_AGREED:
        return ()
    raise NotPossible("this request no longer waits for an answer")


def withdraw(
    ledger: Ledger, request_id: str, *, by: Person, student: Person, now_utc_s: int
) -> tuple[Entry, ...]:
    """Take a request back: before its lesson begins, or as long as nobody answered it.

    Raises NotAllowed for anybody but the student, NotPossible when it is too late.
    """
    require(by, Act.ASK_STRIP, _owner(ledger, student), (), now_utc_s)
    request = _known(ledger, request_id)
    if request.state is State.RELEASED:
        return ()
    has_begun = request.lesson is not None and request.lesson.start_utc_s <= now_utc_s
    if request.state is State.USED or (request.state is State.AGREED and has_begun):
        raise NotPossible("the lesson has begun: this strip is used")
    return _released(ledger, request, Cause.WITHDRAWN, now_utc_s).since(ledger.version)


# -- what time and the timetable do ----------------------------------------------------------------


def follow(
    ledger: Ledger, snapshots: Sequence[Snapshot], school: School, now_utc_s: int
) -> tuple[Entry, ...]:
    """Let open requests follow their lessons into the newest snapshot (the last of them).

    Within its day a strip goes along with its lesson; where the lesson is gone, or on another day,
    or its day was made free before it began, the strip is free again. It looks at every open
    request each time: one that was reserved while a snapshot came in is caught at the next look.
    Raises ValueError for another student's timetable.
    """
    check_timetable(ledger, snapshots)
    work = ledger
    for request in _open(ledger):
        if request.lesson is None:
            continue
        lesson = trace(request.lesson, snapshots, school.zone)
        day = _day(request.lesson, school)
        is_to_come = now_utc_s < request.lesson.start_utc_s  # what was taken stays taken
        is_off = is_to_come and school.is_free(day)
        if lesson is None or _day(lesson, school) != day or is_off:
            work = _released(work, request, Cause.LESSON_GONE, now_utc_s)
        elif not is_same(lesson, request.lesson):
            work = work.plus(
                Kind.MOVE,
                now_utc_s,
                request_id=request.request_id,
                lesson=lesson,
                answer_by_utc_s=answer_by_utc_s(lesson, now_utc_s, school),
            )
    return work.since(ledger.version)


def settle(ledger: Ledger, school: School, now_utc_s: int) -> tuple[Entry, ...]:
    """Do what time does: use what was agreed, release what nobody answered, let lots expire.

    After the school year everything is settled: no request is open and no strip is left.
    """
    today = local_day(now_utc_s, school.zone)
    is_over = today > ledger.year.last
    work = ledger
    for request in _open(ledger):
        if request.state is State.ASKED:
            if is_over or now_utc_s >= (request.answer_by_utc_s or 0):
                work = _released(work, request, Cause.NO_ANSWER, now_utc_s)
        elif request.lesson is not None and now_utc_s >= request.lesson.end_utc_s:
            work = work.plus(
                Kind.REDEEM,
                now_utc_s,
                request_id=request.request_id,
                postings=moved(Account.RESERVED, Account.USED, request.lot),
            )
    strips = work.accounts()
    for lot in work.lots().values():
        left = strips[Account.FREE, lot.name]
        if left and (is_over or today > lot.last + timedelta(days=PRESS_KEPT_DAYS)):
            postings = moved(Account.FREE, Account.EXPIRED, lot.name, left)
            work = work.plus(Kind.EXPIRE, now_utc_s, postings=postings)
    return work.since(ledger.version)


def _granted(ledger: Ledger, now_utc_s: int, *, strips: int, **fields: Any) -> tuple[Entry, ...]:
    if strips == 0 or ledger.has_grant(fields["request_id"]):
        return ()
    postings = moved(Account.ISSUED, Account.FREE, fields["lot"].name, strips)
    work = ledger.plus(Kind.GRANT, now_utc_s, postings=postings, **fields)
    return work.since(ledger.version)


def _released(
    ledger: Ledger, request: Request, cause: Cause, now_utc_s: int, **fields: Any
) -> Ledger:
    return ledger.plus(
        Kind.RELEASE,
        now_utc_s,
        request_id=request.request_id,
        cause=cause,
        postings=moved(Account.RESERVED, Account.FREE, request.lot),
        **fields,
    )


def _open(ledger: Ledger) -> list[Request]:
    return [one for one in ledger.requests().values() if one.state in OPEN]


def _known(ledger: Ledger, request_id: str) -> Request:
    request = ledger.requests().get(request_id)
    if request is None:
        raise NotFound("there is no such request for a strip")
    return request


def _owner(ledger: Ledger, student: Person) -> Person:
    if (ledger.school_id, ledger.student_id) != (student.school_id, student.id):
        raise ValueError("the ledger of another student")
    return student


def _day(lesson: Lesson, school: School) -> date:
    return local_day(lesson.start_utc_s, school.zone)
