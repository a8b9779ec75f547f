"""Why a student wants a strip: theirs alone, kept apart from the ledger (school.md, Strip card).

Nothing else in this room takes or gives a reason, so no mentor's page and no export can hold one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bioklok.school.people import Act, Person, require


class StripReason(StrEnum):
    """What a strip is for."""

    REST = "rest"
    REFLECTION = "reflection"
    TOGETHER = "together"


@dataclass(frozen=True)
class ReasonNote:
    """What one request is for, in the student's own notes; (school_id, student_id, request_id).

    Notes are only added; `reason` None takes an earlier one back.
    """

    school_id: str
    student_id: str
    request_id: str
    reason: StripReason | None
    at_utc_s: int


def note(
    by: Person, student: Person, request_id: str, reason: StripReason | None, now_utc_s: int
) -> ReasonNote:
    """Return a note to keep. Raises NotAllowed for anybody but the student."""
    require(by, Act.SEE_OWN, student, (), now_utc_s)
    return ReasonNote(student.school_id, student.id, request_id, reason, now_utc_s)


def reasons(
    reader: Person, student: Person, notes: Iterable[ReasonNote], now_utc_s: int
) -> dict[str, StripReason]:
    """Return the reason of each request that has one; the last note counts, in their order.

    Raises NotAllowed for anybody but the student.
    """
    require(reader, Act.SEE_OWN, student, (), now_utc_s)
    key = (student.school_id, student.id)
    last = {one.request_id: one.reason for one in notes if (one.school_id, one.student_id) == key}
    return {request_id: reason for request_id, reason in last.items() if reason is not None}
