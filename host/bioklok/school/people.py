"""People of a school, the ties between them, and who may act as what towards a student.

Deny by default: a role alone opens nothing. What somebody may do follows from a tie to this one
student that holds at this moment (school.md, The people). A person is one school's: who has
children at two schools is a person at each, so no key ever crosses a school.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bioklok.errors import BioklokFailure
from bioklok.school.days import SchoolYear, local_day, utc_s_at

# Under this age a parent consents and the child assents (AVG art. 8; school.md, Privacy).
OWN_CONSENT_AGE = 16
YOUNGEST, OLDEST = 8, 22  # students, also of a school for special education


class NotAllowed(BioklokFailure):
    """This person may not do this: answer as if what they asked for did not exist."""


class Role(StrEnum):
    """What somebody is at the school, or towards one student."""

    STUDENT = "student"
    PARENT = "parent"
    MENTOR = "mentor"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """What can be done about a student."""

    SEE_OWN = "see own data, looks and reasons"
    SHARE = "share"
    ASSENT = "assent"
    CONSENT = "consent"
    BE_SHOWN = "be shown what the student shares"
    ASK_STRIP = "ask for a strip"
    ANSWER_STRIP = "answer a request for a strip"
    GRANT_STRIPS = "grant strips"


# The matrix of who may do what; whatever is not in it nobody may. A parent's consent gives no right
# to look, an administrator sees no rhythm, and another student is nobody (school.md, The people).
ROLES_FOR = MappingProxyType(
    {
        Act.SEE_OWN: frozenset({Role.STUDENT}),
        Act.SHARE: frozenset({Role.STUDENT}),
        Act.ASSENT: frozenset({Role.STUDENT}),
        Act.CONSENT: frozenset({Role.PARENT}),
        Act.BE_SHOWN: frozenset({Role.PARENT, Role.MENTOR}),
        Act.ASK_STRIP: frozenset({Role.STUDENT}),
        Act.ANSWER_STRIP: frozenset({Role.MENTOR}),
        Act.GRANT_STRIPS: frozenset({Role.ADMINISTRATOR}),
    }
)


@dataclass(frozen=True)
class Person:
    """Somebody with an account; (school_id, id) is the key.

    A teacher can be mentor and parent and administrator at once, a student is a student alone:
    ValueError otherwise. `born` is known of students only, and only for the age of consent; None
    counts as under it.
    """

    school_id: str
    id: str
    roles: frozenset[Role]
    timezone: str
    born: date | None = None

    def __post_init__(self) -> None:
        if Role.STUDENT in self.roles and len(self.roles) > 1:
            raise ValueError("a student has no other role")

    @property
    def zone(self) -> ZoneInfo:
        """Where this person's days are."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class Tie:
    """Parent or mentor and student, from one moment up to another (None: open).

    Its key is (school_id, student_id, adult_id, role, since_utc_s). Times are Unix seconds UTC.
    """

    school_id: str
    student_id: str
    adult_id: str
    role: Role
    since_utc_s: int
    until_utc_s: int | None = None

    def holds(self, at_utc_s: int) -> bool:
        """Say whether the tie is there at a moment; at its end it no longer is."""
        return self.since_utc_s <= at_utc_s and (
            self.until_utc_s is None or at_utc_s < self.until_utc_s
        )

    def ended(self, at_utc_s: int) -> "Tie":
        """Return the tie as it ends now; one that ended earlier stays as it is."""
        if self.until_utc_s is not None and self.until_utc_s <= at_utc_s:
            return self
        return replace(self, until_utc_s=max(at_utc_s, self.since_utc_s))


def parent_tie(parent: Person, student: Person, now_utc_s: int) -> Tie:
    """Tie a parent or carer to a student, until somebody ends it. Raises NotAllowed."""
    return _tie(Role.PARENT, parent, student, now_utc_s, None)


def mentor_tie(mentor: Person, student: Person, ties: Iterable[Tie], since_utc_s: int) -> Tie:
    """Tie a mentor to a student from a moment until 31 July of its school year has passed there.

    Raises NotAllowed, also where the student has a mentor in that time: one at a time (school.md,
    The people).
    """
    last = SchoolYear.of(local_day(since_utc_s, student.zone)).last
    until_utc_s = utc_s_at(last + timedelta(days=1), time(), student.zone)
    if any(
        tie.role is Role.MENTOR
        and tie.since_utc_s < until_utc_s
        and (tie.until_utc_s is None or since_utc_s < tie.until_utc_s)
        for tie in _ties_of(student, ties)
    ):
        raise NotAllowed(f"student {student.id} has a mentor in that time: end that tie first")
    return _tie(Role.MENTOR, mentor, student, since_utc_s, until_utc_s)


def roles_towards(
    person: Person, student: Person, ties: Iterable[Tie], now_utc_s: int
) -> frozenset[Role]:
    """Return the roles in which a person may act towards a student at this moment.

    A tie counts only while the person still has its role, and only within one school.
    """
    if person.school_id != student.school_id or Role.STUDENT not in student.roles:
        return frozenset()
    if person.id == student.id:
        return frozenset({Role.STUDENT})
    tied = {
        tie.role
        for tie in _ties_of(student, ties)
        if tie.adult_id == person.id and tie.holds(now_utc_s)
    }
    return frozenset(tied | {Role.ADMINISTRATOR}) & (person.roles - {Role.STUDENT})


def may(person: Person, act: Act, student: Person, ties: Iterable[Tie], now_utc_s: int) -> bool:
    """Say whether a person may do this about a student at this moment."""
    return not ROLES_FOR[act].isdisjoint(roles_towards(person, student, ties, now_utc_s))


def still_tied(
    adult_id: str, act: Act, student: Person, ties: Iterable[Tie], moments_utc_s: Iterable[int]
) -> bool:
    """Say whether one tie that allows `act` held at all of these moments.

    A tie that was ended and made anew is another: what was said or shared under the first does not
    come back with the second.
    """
    moments = tuple(moments_utc_s)
    return any(
        tie.adult_id == adult_id
        and tie.role in ROLES_FOR[act]
        and all(tie.holds(moment) for moment in moments)
        for tie in _ties_of(student, ties)
    )


def require(person: Person, act: Act, student: Person, ties: Iterable[Tie], now_utc_s: int) -> None:
    """Pass who may do this. Raises NotAllowed, in words that do not tell who the student is."""
    if not may(person, act, student, ties, now_utc_s):
        raise NotAllowed(f"{person.id} may not {act.value} here")


def administers(person: Person, school_id: str) -> bool:
    """Say whether a person is administrator of a school: accounts, devices, timetable, rules, and
    the export of authorised absences. It opens no rhythm.
    """
    return person.school_id == school_id and Role.ADMINISTRATOR in person.roles


def age_on(born: date, day: date) -> int:
    """Return somebody's age in years on a day.

    Who was born on 29 February turns a year older on 1 March where the year has no such day.
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_age_of_student(born: date, today: date) -> bool:
    """Say whether a day of birth may be a student's: it decides whose consent counts, and a slip
    of the year would pass over a parent's."""
    return born <= today and YOUNGEST <= age_on(born, today) <= OLDEST


def decides_alone(student: Person, at_utc_s: int) -> bool:
    """Say whether a student is of the age to consent without a parent, on their local day."""
    return (
        student.born is not None
        and age_on(student.born, local_day(at_utc_s, student.zone)) >= OWN_CONSENT_AGE
    )


def _ties_of(student: Person, ties: Iterable[Tie]) -> Iterable[Tie]:
    return (
        tie for tie in ties if (tie.school_id, tie.student_id) == (student.school_id, student.id)
    )


def _tie(
    role: Role, adult: Person, student: Person, since_utc_s: int, until_utc_s: int | None
) -> Tie:
    if (
        adult.school_id != student.school_id
        or role not in adult.roles
        or Role.STUDENT not in student.roles
    ):
        raise NotAllowed(f"{adult.id} cannot be {role.value} of {student.id} at this school")
    return Tie(student.school_id, student.id, adult.id, role, since_utc_s, until_utc_s)
