"""The export for the school's absence administration (school.md, Strip card).

For the school a strip is an authorised absence, recorded by lesson hour. The export says so and no
more; it is made for one day at a time, so that it is no searchable history of children.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bioklok.school.asking import School
from bioklok.school.days import local_day
from bioklok.school.ledger import Ledger, State
from bioklok.school.looks import Handling, Look, look_at
from bioklok.school.people import NotAllowed, Person, administers

AUTHORISED = "geoorloofd"


@dataclass(frozen=True, order=True)
class AuthorisedAbsence:
    """One lesson hour of one student, as the absence administration records it."""

    school_id: str
    student_id: str
    date: date
    hour: int
    status: str = AUTHORISED


@dataclass(frozen=True)
class AbsenceExport:
    """The absences of a day, and the looks to log before they are handed out."""

    absences: tuple[AuthorisedAbsence, ...]
    looks: tuple[Look, ...]


def absences_on(
    day: date, ledgers: Iterable[Ledger], school: School, by: Person, now_utc_s: int
) -> AbsenceExport:
    """Return the authorised absences of a local day, by student and hour.

    Of lessons that have begun: before that the student can still come after all. Raises NotAllowed
    for who is no administrator of this school, ValueError where a ledger is another school's.
    """
    school_id = school.rules.school_id
    if not administers(by, school_id):
        raise NotAllowed(f"{by.id} may not export absences here")
    found = set()
    for ledger in ledgers:
        if ledger.school_id != school_id:
            raise ValueError("the ledger of another school")
        for request in ledger.requests().values():
            lesson = request.lesson
            if request.state not in (State.AGREED, State.USED) or lesson is None:
                continue
            if (
                lesson.start_utc_s <= now_utc_s
                and local_day(lesson.start_utc_s, school.zone) == day
            ):
                found |= {
                    AuthorisedAbsence(school_id, ledger.student_id, day, hour)
                    for hour in school.bell.hours_of(lesson, school.zone)
                }
    students = sorted({one.student_id for one in found})
    looks = tuple(look_at(by, student, Handling.ABSENCES, now_utc_s) for student in students)
    return AbsenceExport(tuple(sorted(found)), looks)
