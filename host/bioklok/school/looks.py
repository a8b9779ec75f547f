"""The audit log: every look of somebody else at a student's data, and who may read it.

What was not shown was no look: an attempt leaves no entry, or the log would tell the student that
their mentor tries. The student's own looks are nobody's business and are not kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bioklok.school.people import Act, NotAllowed, Person, may
from bioklok.school.sharing import Part, Sight


class Handling(StrEnum):
    """Looks that are not at a shared week."""

    STRIP_REQUEST = "request for a strip"  # by the mentor who has to answer it
    ABSENCES = "authorised absences"  # by the school's administration


@dataclass(frozen=True)
class Look:
    """Who looked at what and when; its key is its place in the log of (school_id, student_id).

    `week` is None where what was looked at is no week; `at_utc_s` is Unix seconds.
    """

    school_id: str
    student_id: str
    viewer_id: str
    what: Part | Handling
    week: str | None
    at_utc_s: int


def look_at_week(
    viewer: Person, student: Person, week: str, part: Part, sight: Sight, *, now_utc_s: int
) -> tuple[Look, ...]:
    """Return what to log before a part is shown: one entry, none for nothing or one's own."""
    if not sight.is_open or (viewer.school_id, viewer.id) == (student.school_id, student.id):
        return ()
    return (Look(student.school_id, student.id, viewer.id, part, week, now_utc_s),)


def look_at(viewer: Person, student_id: str, what: Handling, now_utc_s: int) -> Look:
    """Return what to log before an adult of the school is shown a request or an absence."""
    return Look(viewer.school_id, student_id, viewer.id, what, None, now_utc_s)


def readable(
    reader: Person, student: Person, log: Iterable[Look], now_utc_s: int
) -> tuple[Look, ...]:
    """Return every look at a student's data, for that student alone (school.md, Privacy).

    Raises NotAllowed for anybody else: who looked is the student's too.
    """
    if not may(reader, Act.SEE_OWN, student, (), now_utc_s):
        raise NotAllowed(f"{reader.id} may not read who looked")
    key = (student.school_id, student.id)
    return tuple(look for look in log if (look.school_id, look.student_id) == key)
