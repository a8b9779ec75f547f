"""A list of people from a file: what it would change, and changing it.

CSV with a first line `id,name,role,born,mentor,parents` (semicolons between columns are taken too).
`role`: one or more of student, parent, mentor, administrator, with spaces between. Of students:
`born` as 2014-05-31, `mentor` an id, `parents` ids with spaces between. Who is there already stays
as they are; ties are added, none is ended but that to another mentor.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bioklok.errors import BioklokFailure, NotFound
from bioklok.office import accounts
from bioklok.office.settings import zone_of_school
from bioklok.school.days import local_day
from bioklok.school.people import Person, Role, is_age_of_student, roles_towards
from bioklok.store import Store

COLUMNS = ("id", "name", "role", "born", "mentor", "parents")
_MOST_ROWS = 5000


@dataclass(frozen=True)
class Line:
    """One person of the list; `number` is the line of the file."""

    number: int
    id: str
    name: str
    roles: frozenset[Role]
    born: date | None
    mentor: str | None
    parents: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """Something the list would change: `what` in words."""

    line: Line
    what: str
    other_id: str | None = None
    role: Role | None = None


def read_list(text: str) -> list[Line]:
    """Return the people of a CSV text. Raises BioklokFailure, which names the line."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    try:
        names = {(name or "").strip().casefold(): name for name in rows.fieldnames or ()}
        if "id" not in names or "role" not in names:
            raise BioklokFailure(f"the first line has to be {','.join(COLUMNS)}")
        found = []
        for row in rows:
            given = {key: (row.get(name) or "").strip() for key, name in names.items()}
            if any(given.values()):
                found.append(_line(rows.line_num, given))
            if len(found) > _MOST_ROWS:
                raise BioklokFailure(f"the list is longer than {_MOST_ROWS} people: split it")
    except csv.Error as error:
        raise BioklokFailure(f"line {rows.line_num}: this is no CSV ({error})") from None
    twice = {one.id for one in found if [other.id for other in found].count(one.id) > 1}
    if twice:
        raise BioklokFailure(f"{', '.join(sorted(twice))}: more than once in the list")
    return found


def plan(store: Store, lines: Sequence[Line], now_utc_s: int) -> list[Change]:
    """Return what the list would change, in order. Raises BioklokFailure for what cannot be."""
    roles = {one.id: one.person.roles for one in store.accounts() if one.ended_utc_s is None}
    known = set(roles)
    roles |= {line.id: line.roles for line in lines if line.id not in known}
    changes = []
    today = local_day(now_utc_s, zone_of_school(store))
    for line in lines:
        is_new = line.id not in known
        if is_new and line.born is not None and not is_age_of_student(line.born, today):
            raise BioklokFailure(
                f"line {line.number}: {line.born} is no student's day of birth: look at the year"
            )
        if is_new:
            changes.append(Change(line, f"add {'+'.join(sorted(line.roles))} {line.id}"))
        elif line.roles != roles[line.id]:
            raise BioklokFailure(f"line {line.number}: {line.id} is there with another role")
    for line in lines:
        wanted = [(one, Role.PARENT) for one in line.parents]
        wanted += [(line.mentor, Role.MENTOR)] if line.mentor else []
        for other_id, role in wanted:
            if role not in roles.get(other_id, frozenset()):
                raise BioklokFailure(
                    f"line {line.number}: {other_id} is no {role.value}: add them to the list"
                )
            if line.id not in known or not _is_tied(store, other_id, line.id, role, now_utc_s):
                what = f"tie {other_id} to {line.id} as {role.value}"
                changes.append(Change(line, what, other_id, role))
    return changes


def carry_out(store: Store, by: Person | None, changes: Sequence[Change], now_utc_s: int) -> None:
    """Do what `plan` said. Each change is a transaction: run it again after a failure."""
    for one in changes:
        line = one.line
        if one.other_id is None or one.role is None:
            accounts.add_member(store, by, line.id, line.name, line.roles, line.born)
        elif one.role is Role.MENTOR:
            accounts.mentor_class(store, by, one.other_id, [line.id], now_utc_s)
        else:
            accounts.tie(store, by, one.other_id, line.id, one.role, now_utc_s)


def _line(number: int, given: dict[str, str]) -> Line:
    try:
        roles = frozenset(Role(one) for one in given["role"].casefold().split())
    except ValueError:
        raise BioklokFailure(
            f"line {number}: role {given['role']!r} is none of {', '.join(Role)}"
        ) from None
    if not roles or (Role.STUDENT in roles and len(roles) > 1):
        raise BioklokFailure(f"line {number}: give one role; a student has no other")
    try:
        born = date.fromisoformat(given["born"]) if given.get("born") else None
    except ValueError:
        raise BioklokFailure(f"line {number}: {given['born']!r} is no day as 2014-05-31") from None
    mentor, parents = given.get("mentor") or None, tuple(given.get("parents", "").split())
    if Role.STUDENT not in roles and (born or mentor or parents):
        raise BioklokFailure(f"line {number}: born, mentor and parents are of students alone")
    name = " ".join((given.get("name") or given["id"]).split())
    if not accounts.is_name(name):
        raise BioklokFailure(f"line {number}: {name!r} is no name of one line, with letters in it")
    return Line(number, given["id"], name, roles, born, mentor, parents)


def _is_tied(store: Store, adult_id: str, student_id: str, role: Role, now_utc_s: int) -> bool:
    try:
        adult = store.account(adult_id).person
        with store.reading(student_id) as desk:
            return role in roles_towards(adult, desk.student, desk.ties(), now_utc_s)
    except NotFound:
        return False
