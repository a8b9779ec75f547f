"""Schools, people and their ties. Who wears which device: see `wearing`."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from bioklok.errors import BioklokFailure, NotFound
from bioklok.school.people import Person as PersonOfSchool
from bioklok.school.people import Role, Tie
from bioklok.settings import DEFAULT_TIMEZONE
from bioklok.store.base import Database
from bioklok.store.erasing_keys import end_old_key
from bioklok.store.school_tables import TieRow
from bioklok.store.sealing import Sealer
from bioklok.store.tables import Person, School
from bioklok.store.vault import KeyGone

SCHOOL_KIND = "school"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Account:
    """Somebody with an account, by name. `language` None: what their browser asks for."""

    person: PersonOfSchool
    name: str
    language: str | None = None
    ended_utc_s: int | None = None

    @property
    def id(self) -> str:
        return self.person.id

    @property
    def timezone(self) -> str:
        return self.person.timezone


@dataclass(frozen=True)
class Student:
    """Somebody who wears a Bioklok. `id` stands in addresses and files, `name` on the page."""

    id: str
    name: str
    timezone: str = DEFAULT_TIMEZONE


class People(Database):
    """Schools, accounts, ties."""

    # -- schools ---------------------------------------------------------------------------------

    def school(self) -> School:
        """Return this school. Raises NotFound."""
        with self._read() as session:
            found = session.get(School, self.school_id)
        if found is None:
            raise NotFound(f"no school {self.school_id} in the database: 'bioklok school add' one")
        return found

    def add_school(self, name: str, timezone: str = DEFAULT_TIMEZONE, settings: str = "{}") -> None:
        """Make this school. Raises BioklokFailure where it is there, or its id cannot be used."""
        check_id("school", self.school_id)
        with self._write() as session:
            if session.get(School, self.school_id) is not None:
                raise BioklokFailure(f"school {self.school_id} is there already")
            session.add(
                School(
                    id=self.school_id,
                    name=name,
                    kind=SCHOOL_KIND,
                    timezone=timezone,
                    settings=settings,
                    created_at_utc_s=int(time.time()),
                )
            )

    def put_settings(self, settings: str) -> None:
        """Keep the school's settings (JSON, see `office.settings`)."""
        with self._write() as session:
            school = session.get_one(School, self.school_id)
            school.settings = settings
            session.add(school)

    def schools(self) -> list[School]:
        """Return all schools of the database."""
        with self._read() as session:
            return list(session.exec(select(School).order_by(School.id)))

    # -- accounts --------------------------------------------------------------------------------

    def add_person(  # noqa: PLR0917
        self,
        person_id: str,
        name: str,
        roles: Iterable[Role],
        timezone: str = DEFAULT_TIMEZONE,
        born: date | None = None,
        language: str | None = None,
    ) -> Account:
        """Make an account. Raises BioklokFailure where the id cannot be used or is taken."""
        check_id("person", person_id)
        try:
            person = PersonOfSchool(self.school_id, person_id, frozenset(roles), timezone, born)
        except ValueError as error:
            raise BioklokFailure(f"{person_id}: {error}") from None
        account = Account(person, name, language)
        with self._write(lock=f"person {person_id}") as session:
            if session.get(Person, (self.school_id, person_id)) is not None:
                raise BioklokFailure(f"there is a {person_id} already: choose another id")
            session.add(self._row_of(session, account, int(time.time())))
        return account

    def account(self, person_id: str) -> Account:
        """Return one account. Raises NotFound."""
        with self._read() as session:
            row = session.get(Person, (self.school_id, person_id))
        if row is None:
            raise NotFound(f"no {person_id} in the database")
        return self._account(row)

    def accounts(self, role: Role | None = None) -> list[Account]:
        """Return all accounts, or those with a role, by name."""
        with self._read() as session:
            rows = session.exec(select(Person).where(Person.school_id == self.school_id)).all()
        found = [self._account(row) for row in rows]
        found = [one for one in found if role is None or role in one.person.roles]
        return sorted(found, key=lambda one: (one.name.casefold(), one.id))

    def close_account(self, person_id: str, at_utc_s: int) -> None:
        """Close an account: nobody signs in to it any more, and its open ties end."""
        with self._write(lock=f"person {person_id}") as session:
            row = session.get(Person, (self.school_id, person_id))
            if row is None:
                raise NotFound(f"no {person_id} in the database")
            row.ended_utc_s = row.ended_utc_s or at_utc_s
            session.add(row)
            for tie in session.exec(ties_query(self.school_id, adult_id=person_id)):
                tie.until_utc_s = tie_of(tie).ended(at_utc_s).until_utc_s
                session.add(tie)

    def put_told(self, person_id: str, name: str, born: date | None) -> Account:
        """Keep another name and day of birth of somebody. Raises NotFound, KeyGone."""
        with self._write(lock=f"person {person_id}") as session:
            # Whose consent counts follows from it: whoever stores something asks before or after.
            self._lock(session, f"student {person_id}")
            row = session.get(Person, (self.school_id, person_id))
            if row is None:
                raise NotFound(f"no {person_id} in the database")
            sealer = Sealer(self.vault.key(self.school_id, person_id))
            row.sealed = sealer.seal_json(_told(name, born), _about(self.school_id, person_id))
            session.add(row)
            return self._account(row)

    def set_language(self, person_id: str, language: str | None) -> None:
        """Keep the language in which somebody reads."""
        with self._write() as session:
            row = session.get_one(Person, (self.school_id, person_id))
            row.language = language
            session.add(row)

    # -- ties ------------------------------------------------------------------------------------

    def add_tie(self, tie: Tie) -> None:
        """Keep a tie that `school.people` made, or its end."""
        with self._write(lock=f"student {tie.student_id}") as session:
            session.merge(
                TieRow(
                    school_id=self.school_id,
                    student_id=tie.student_id,
                    adult_id=tie.adult_id,
                    role=tie.role,
                    since_utc_s=tie.since_utc_s,
                    until_utc_s=tie.until_utc_s,
                )
            )

    def ties(self, student_id: str | None = None, adult_id: str | None = None) -> list[Tie]:
        """Return ties, all of the school or those of a student or an adult, oldest first."""
        with self._read() as session:
            query = ties_query(self.school_id, student_id, adult_id)
            return [tie_of(row) for row in session.exec(query)]

    # -- students --------------------------------------------------------------------------------

    def ensure_student(
        self, student_id: str, name: str | None = None, timezone: str = DEFAULT_TIMEZONE
    ) -> Student:
        """Return the student, made where there is none. A known student stays as they are.

        Raises BioklokFailure where the id could not stand in an address.
        """
        check_id("student", student_id)
        with self._write(lock=f"person {student_id}") as session:
            row = session.get(Person, (self.school_id, student_id))
            if row is None:
                roles = frozenset({Role.STUDENT})
                person = PersonOfSchool(self.school_id, student_id, roles, timezone)
                account = Account(person, name or student_id)
                row = self._row_of(session, account, int(time.time()))
                session.add(row)
        return self._student(row)

    def students(self) -> list[Student]:
        """Return all students by name."""
        return [
            Student(one.id, one.name, one.timezone)
            for one in self.accounts(Role.STUDENT)
            if one.ended_utc_s is None
        ]

    def student(self, student_id: str) -> Student:
        """Return one student. Raises NotFound."""
        with self._read() as session:
            row = session.get(Person, (self.school_id, student_id))
        if row is None or Role.STUDENT not in row.roles.split(","):
            raise NotFound(f"no student {student_id} in the database")
        return self._student(row)

    # -- rows ------------------------------------------------------------------------------------

    def _row_of(self, session: Session, account: Account, now_utc_s: int) -> Person:
        person = account.person
        # Somebody of that id may have been erased just now: their key is not taken over.
        end_old_key(session, self.vault, self.school_id, person.id)
        sealer = Sealer(self.vault.make(self.school_id, person.id))
        told = _told(account.name, person.born)
        return Person(
            school_id=self.school_id,
            id=person.id,
            roles=",".join(sorted(person.roles)),
            sealed=sealer.seal_json(told, _about(self.school_id, person.id)),
            timezone=person.timezone,
            language=account.language,
            created_at_utc_s=now_utc_s,
        )

    def _account(self, row: Person) -> Account:
        try:
            sealer = Sealer(self.vault.key(self.school_id, row.id))
            told = sealer.open_json(row.sealed, _about(self.school_id, row.id))
        except KeyGone:  # it was erased, or this copy of the database came without its keys
            told = {"name": row.id, "born": None}
        born = date.fromisoformat(told["born"]) if told["born"] else None
        roles = frozenset(Role(one) for one in row.roles.split(","))
        person = PersonOfSchool(self.school_id, row.id, roles, row.timezone, born)
        return Account(person, told["name"], row.language, row.ended_utc_s)

    def _student(self, row: Person) -> Student:
        return Student(row.id, self._account(row).name, row.timezone)


def _told(name: str, born: date | None) -> dict[str, str | None]:
    return {"name": name, "born": born.isoformat() if born else None}


def _about(school_id: str, person_id: str) -> str:
    return f"person {school_id}/{person_id}"


def check_id(what: str, given: str) -> None:
    """Pass what can stand in an address and a file name. Raises BioklokFailure."""
    if not _ID.fullmatch(given):
        raise BioklokFailure(
            f"{what} id {given!r} cannot be used: "
            "take letters, digits, - and _, at most 40, the first a letter or digit"
        )


def ties_query(school_id: str, student_id: str | None = None, adult_id: str | None = None):  # type: ignore[no-untyped-def]
    query = select(TieRow).where(TieRow.school_id == school_id)
    if student_id is not None:
        query = query.where(TieRow.student_id == student_id)
    if adult_id is not None:
        query = query.where(TieRow.adult_id == adult_id)
    return query.order_by(col(TieRow.since_utc_s), TieRow.student_id, TieRow.adult_id)


def tie_of(row: TieRow) -> Tie:
    return Tie(
        row.school_id,
        row.student_id,
        row.adult_id,
        Role(row.role),
        row.since_utc_s,
        row.until_utc_s,
    )
