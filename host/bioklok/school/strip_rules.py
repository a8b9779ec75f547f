"""A school's rules for the strip card, as data (school.md, Strip card)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

DAY_S = 24 * 3600

# A device keeps a press as long as its raw minutes (school.md, Privacy), and the press counts from
# when it was made: so long after its last day a strip still waits for one that was offline.
PRESS_KEPT_DAYS = 28


class Agreement(StrEnum):
    """Who agrees to a request that keeps the rules."""

    AUTOMATIC = "automatic"
    MENTOR = "mentor"


@dataclass(frozen=True)
class Lot:
    """Strips that were granted together, good for lessons from the first to the last day."""

    name: str
    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Say whether its strips are good for a lesson on this day."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Period:
    """A part of the school year and the strips that everybody gets for it."""

    name: str
    first: date
    last: date
    strips: int


@dataclass(frozen=True)
class StripRules:
    """What one school agreed on. None: no such limit. Days and weeks are local, of the lesson.

    periods          with the strips of each, not overlapping
    keeps_leftovers  what is left of a period stays good until the school year ends
    per_week         lessons covered in an ISO week
    per_subject      lessons of one subject covered in a period
    notice_s         how long before its start a lesson has to be asked for
    blocked_hours    lesson hours that no strip covers, every day
    blocked_days     first and last days within which no strip covers anything (test weeks)
    agreement        the rules' own, or the mentor's
    press_days_ahead how many days after that of a long press its lesson may be
    late_answer_s    how long the mentor can answer a press that arrived after its lesson began

    A strip never covers what is not a lesson; tests are none (see `timetable`). Raises ValueError
    where periods overlap or a number is below zero.
    """

    school_id: str
    periods: tuple[Period, ...]
    keeps_leftovers: bool = False
    per_week: int | None = None
    per_subject: int | None = None
    notice_s: int = 0
    blocked_hours: frozenset[int] = frozenset()
    blocked_days: tuple[tuple[date, date], ...] = ()
    agreement: Agreement = Agreement.MENTOR
    press_days_ahead: int = 0
    late_answer_s: int = 7 * DAY_S

    def __post_init__(self) -> None:
        in_order = sorted(self.periods, key=lambda one: one.first)
        names = {one.name for one in in_order}
        if len(names) != len(in_order) or any(
            one.last >= following.first for one, following in pairwise(in_order)
        ):
            raise ValueError("two periods of one name or on one day")
        numbers = [self.notice_s, self.press_days_ahead, self.late_answer_s]
        numbers += [self.per_week or 0, self.per_subject or 0]
        numbers += [one.strips for one in in_order]
        if min(numbers) < 0 or any(one.last < one.first for one in in_order):
            raise ValueError("a number below zero, or a period that ends before it begins")

    def period_on(self, day: date) -> Period | None:
        """Return the period that a day is part of."""
        return next((one for one in self.periods if one.first <= day <= one.last), None)

    def is_blocked(self, day: date, hours: Collection[int]) -> bool:
        """Say whether no strip covers a lesson on this day or in one of these lesson hours."""
        return not self.blocked_hours.isdisjoint(hours) or any(
            first <= day <= last for first, last in self.blocked_days
        )
