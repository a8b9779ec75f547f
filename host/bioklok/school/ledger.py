"""The strip card's ledger: append-only, double entry (school.md, Strip card).

Every entry that moves strips posts them out of one account and into another, so all postings of a
ledger sum to zero; balance, accounts and requests are folded from the entries, never stored. There
is no place for a reason: it stays with the student (see `reasons`).

Optimistic concurrency: whoever decides says which version (number of entries) they decided on.
Where somebody else was first, nothing is added, and they read and decide again.

    GRANT    issued   -> free       strips of a lot, or none: it is good for longer
    RESERVE  free     -> reserved   asked, and within the rules
    TURN_DOWN  -                    asked, and outside the rules: released at once, not lost
    AGREE      -                    by the rules or the mentor
    MOVE       -                    the lesson moved, or got another id
    REDEEM   reserved -> used       the lesson is over
    RELEASE  reserved -> free
    EXPIRE   free     -> expired    the lot is past
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from bioklok.errors import BioklokFailure
from bioklok.school.days import SchoolYear
from bioklok.school.strip_rules import Lot
from bioklok.school.timetable import Lesson


class LedgerMoved(BioklokFailure):
    """Somebody else added to the ledger first: read it again and decide again."""


class Account(StrEnum):
    """Where strips are. `ISSUED` is the school's side and the only one below zero."""

    ISSUED = "issued"
    FREE = "free"
    RESERVED = "reserved"
    USED = "used"
    EXPIRED = "expired"


class Kind(StrEnum):
    """What an entry does; see the table at the top."""

    GRANT = "grant"
    RESERVE = "reserve"
    TURN_DOWN = "turn down"
    AGREE = "agree"
    MOVE = "move"
    REDEEM = "redeem"
    RELEASE = "release"
    EXPIRE = "expire"


class State(StrEnum):
    """Where a request is. Used and released are its ends."""

    ASKED = "asked"
    AGREED = "agreed"
    USED = "used"
    RELEASED = "released"


OPEN = frozenset({State.ASKED, State.AGREED})


class Cause(StrEnum):
    """Why a request was released, in words for the student."""

    WITHDRAWN = "you took it back"
    NOT_AGREED = "your mentor did not agree"
    NO_ANSWER = "nobody answered in time"
    LESSON_GONE = "the lesson was cancelled or moved to another day"
    NO_LESSON = "there was no lesson to cover"
    TOO_LATE = "it was asked too shortly before the lesson"
    BLOCKED = "the school lets no strip cover this lesson"
    SAME_LESSON = "a strip covers this lesson already"
    NO_STRIP = "no strip was left for that day"
    WEEK_FULL = "that week has as many as the school lets it have"
    SUBJECT_FULL = "that subject has as many as the school lets it have"


class Posting(NamedTuple):
    """Strips into (or, below zero, out of) an account, by the lot that they are of."""

    account: Account
    lot: str
    strips: int


def moved(source: Account, target: Account, lot: str, strips: int = 1) -> tuple[Posting, ...]:
    """Return the two postings of strips that go from one account to another."""
    return Posting(source, lot, -strips), Posting(target, lot, strips)


@dataclass(frozen=True)
class Entry:
    """One line; (school_id, student_id, year, sequence) is its key. Times in Unix seconds UTC.

    request_id       which request; of a GRANT its own id
    lot              of a GRANT, or until when its strips are good now
    days             of a GRANT by the rules: first and last of the days it is for
    lesson           of RESERVE and MOVE; of TURN_DOWN where there was one
    asked_at_utc_s   when it was asked, by the clock of whoever asked
    answer_by_utc_s  up to when the mentor can answer
    by_id            the mentor who agreed or not, who granted; None: the rules, or the student

    Raises ValueError where the postings do not sum to zero.
    """

    school_id: str
    student_id: str
    year: SchoolYear
    sequence: int
    at_utc_s: int
    kind: Kind
    postings: tuple[Posting, ...] = ()
    request_id: str | None = None
    lot: Lot | None = None
    lesson: Lesson | None = None
    asked_at_utc_s: int | None = None
    answer_by_utc_s: int | None = None
    cause: Cause | None = None
    by_id: str | None = None
    days: tuple[date, date] | None = None

    def __post_init__(self) -> None:
        if sum(posting.strips for posting in self.postings):
            raise ValueError(f"{self.kind.value}: the postings do not sum to zero")


@dataclass(frozen=True)
class Request:
    """One request as the entries tell it. `lot` is the lot of its strip; empty: it got none."""

    request_id: str
    state: State
    asked_at_utc_s: int
    lesson: Lesson | None = None
    lot: str = ""
    answer_by_utc_s: int | None = None
    cause: Cause | None = None


# Which states an entry finds a request in (None: there is no such request yet) and leaves it in.
_STEPS: dict[Kind, tuple[frozenset[State | None], State | None]] = {
    Kind.RESERVE: (frozenset({None}), State.ASKED),
    Kind.TURN_DOWN: (frozenset({None}), State.RELEASED),
    Kind.AGREE: (frozenset({State.ASKED}), State.AGREED),
    Kind.MOVE: (frozenset(OPEN), None),
    Kind.REDEEM: (frozenset({State.AGREED}), State.USED),
    Kind.RELEASE: (frozenset(OPEN), State.RELEASED),
}


@dataclass(frozen=True)
class Ledger:
    """One student's strips in one school year."""

    school_id: str
    student_id: str
    year: SchoolYear
    entries: tuple[Entry, ...] = ()

    @property
    def version(self) -> int:
        """How many entries there are: what `append` is told to expect."""
        return len(self.entries)

    def accounts(self) -> Counter[tuple[Account, str]]:
        """Return the strips in each account, by lot."""
        strips: Counter[tuple[Account, str]] = Counter()
        for entry in self.entries:
            for posting in entry.postings:
                strips[posting.account, posting.lot] += posting.strips
        return strips

    def total(self, account: Account) -> int:
        """Return the strips in one account, of all lots."""
        return sum(n for (where, _), n in self.accounts().items() if where is account)

    def lots(self) -> dict[str, Lot]:
        """Return the lots that strips were granted in, by name, in the order of granting."""
        return {entry.lot.name: entry.lot for entry in self.entries if entry.lot is not None}

    def balance(self, day: date) -> int:
        """Return the strips that are free for a lesson on a day; what goes back to the device."""
        strips = self.accounts()
        return sum(
            strips[Account.FREE, lot.name] for lot in self.lots().values() if lot.covers(day)
        )

    def requests(self) -> dict[str, Request]:
        """Return every request there ever was, by id, in the order in which they came.

        Raises ValueError where the entries tell what cannot be.
        """
        found: dict[str, Request] = {}
        for entry in self.entries:
            if entry.kind in _STEPS and entry.request_id is not None:
                found[entry.request_id] = _stepped(found.get(entry.request_id), entry)
        return found

    def has_grant(self, grant_id: str) -> bool:
        """Say whether strips were granted under this id."""
        return any(
            entry.kind is Kind.GRANT and entry.request_id == grant_id for entry in self.entries
        )

    def plus(self, kind: Kind, at_utc_s: int, **fields: Any) -> "Ledger":
        """Return the ledger with one more entry of these fields; for deciding, see `since`."""
        start = Entry(self.school_id, self.student_id, self.year, self.version, at_utc_s, kind)
        return self.append((replace(start, **fields),), self.version)

    def since(self, version: int) -> tuple[Entry, ...]:
        """Return the entries that were added after a version."""
        return self.entries[version:]

    def append(self, entries: Iterable[Entry], expected_version: int) -> "Ledger":
        """Return the ledger with more entries; all of them or none.

        Raises LedgerMoved where it is not the version that the entries were decided on, ValueError
        where they are no entries of this ledger, or it would then tell what cannot be: an account
        below zero, a request that ends twice.
        """
        if expected_version != self.version:
            raise LedgerMoved(
                f"the strip card moved on from version {expected_version}: read it again"
            )
        longer = replace(self, entries=(*self.entries, *entries))
        for sequence, entry in enumerate(longer.entries):
            key = (entry.school_id, entry.student_id, entry.year, entry.sequence)
            if key != (self.school_id, self.student_id, self.year, sequence):
                raise ValueError("an entry of another ledger, or out of order")
        longer.requests()
        if any(n < 0 for (account, _), n in longer.accounts().items() if account != Account.ISSUED):
            raise ValueError("more strips out of an account than are in it")
        return longer


def _stepped(request: Request | None, entry: Entry) -> Request:
    before, state = _STEPS[entry.kind]
    if (request.state if request else None) not in before or entry.request_id is None:
        raise ValueError(f"{entry.kind.value} of a request that is not open to it")
    if request is None:
        lot = entry.postings[0].lot if entry.postings else ""
        request = Request(entry.request_id, State.ASKED, entry.asked_at_utc_s or 0, lot=lot)
    return replace(
        request,
        state=state or request.state,
        lesson=entry.lesson or request.lesson,
        answer_by_utc_s=entry.answer_by_utc_s or request.answer_by_utc_s,
        cause=entry.cause,
    )
