"""Doors: credentials, and tickets of which the database knows the digest alone."""

import hashlib
import secrets
import time

from sqlmodel import col, select

from bioklok.errors import BioklokFailure, NotFound
from bioklok.store.people import Account, People
from bioklok.store.school_tables import Credential, Job, Ticket
from bioklok.store.tables import Person

INVITATION, LINK, SESSION, HUB, EXPORT = "invitation", "link", "session", "hub", "export"
ONCE = frozenset({INVITATION, LINK})  # kinds of tickets that open a door a single time
_SECRET_BYTES = 32


class Access(People):
    """How people and programs get in. What they may do then is `school.people`'s to say."""

    def issue(
        self,
        kind: str,
        person_id: str | None,
        lasts_s: int,
        label: str = "",
        now_s: int | None = None,
    ) -> str:
        """Make a ticket; return it, which nobody can do again: "school.secret"."""
        now_utc_s = int(time.time()) if now_s is None else now_s
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        with self._write() as session:
            session.add(
                Ticket(
                    school_id=self.school_id,
                    digest=_digest(secret),
                    kind=kind,
                    person_id=person_id,
                    label=label,
                    created_at_utc_s=now_utc_s,
                    expires_at_utc_s=now_utc_s + lasts_s,
                )
            )
        return f"{self.school_id}.{secret}"

    def ticket(self, given: str, kind: str, now_utc_s: int) -> Ticket | None:
        """Return the ticket behind a secret, where it is good for this door now; else None."""
        with self._read() as session:
            row = session.get(Ticket, (self.school_id, _digest(given.partition(".")[2])))
        if row is None or row.kind != kind or now_utc_s >= row.expires_at_utc_s:
            return None
        return None if row.used_at_utc_s is not None and kind in ONCE else row

    def use(self, given: str, kind: str, now_utc_s: int) -> Ticket | None:
        """Use up a ticket of a kind that opens a single time; None where it is not good (any more).

        Of several who come at once, one gets it.
        """
        digest = _digest(given.partition(".")[2])
        with self._write(lock=f"ticket {digest}") as session:
            row = session.get(Ticket, (self.school_id, digest))
            if (
                row is None
                or row.kind != kind
                or row.used_at_utc_s is not None
                or now_utc_s >= row.expires_at_utc_s
            ):
                return None
            row.used_at_utc_s = now_utc_s
            session.add(row)
            return row

    def seen(self, ticket: Ticket, now_utc_s: int, expires_at_utc_s: int) -> None:
        """Note that a session or a token is in use, and until when it is good now."""
        with self._write() as session:
            row = session.get(Ticket, (self.school_id, ticket.digest))
            if row is not None:
                row.seen_at_utc_s = now_utc_s
                row.expires_at_utc_s = expires_at_utc_s
                session.add(row)

    def tickets(self, kind: str, person_id: str | None = None) -> list[Ticket]:
        """Return tickets of a kind, all or one person's, newest first."""
        query = select(Ticket).where(Ticket.school_id == self.school_id, Ticket.kind == kind)
        if person_id is not None:
            query = query.where(Ticket.person_id == person_id)
        with self._read() as session:
            return list(session.exec(query.order_by(col(Ticket.created_at_utc_s).desc())))

    def revoke(self, digest: str) -> None:
        """Shut the door of one ticket; that it is gone is no error."""
        with self._write() as session:
            row = session.get(Ticket, (self.school_id, digest))
            if row is not None:
                session.delete(row)

    def revoke_all(self, person_id: str, kind: str, but: str | None = None) -> None:
        """Shut all doors of a person of one kind, but perhaps that of one digest."""
        with self._write() as session:
            query = select(Ticket).where(
                Ticket.school_id == self.school_id,
                Ticket.person_id == person_id,
                Ticket.kind == kind,
            )
            for row in session.exec(query):
                if row.digest != but:
                    session.delete(row)

    # -- credentials -----------------------------------------------------------------------------

    def put_credential(self, person_id: str, id: str, kind: str, body: str) -> None:
        """Keep a way to sign in; one of that id is replaced."""
        with self._write(lock=f"person {person_id}") as session:
            session.merge(
                Credential(
                    school_id=self.school_id,
                    person_id=person_id,
                    id=id,
                    kind=kind,
                    body=body,
                    created_at_utc_s=int(time.time()),
                )
            )

    def credentials(self, person_id: str, kind: str | None = None) -> list[Credential]:
        """Return the ways in which somebody signs in."""
        query = select(Credential).where(
            Credential.school_id == self.school_id, Credential.person_id == person_id
        )
        if kind is not None:
            query = query.where(Credential.kind == kind)
        with self._read() as session:
            return list(session.exec(query.order_by(col(Credential.created_at_utc_s))))

    def credential(self, id: str) -> Credential | None:
        """Return a passkey by its id, whosever it is; None: there is none."""
        query = select(Credential).where(
            Credential.school_id == self.school_id, Credential.id == id
        )
        with self._read() as session:
            return session.exec(query).first()

    def drop_credential(self, person_id: str, id: str) -> None:
        """Take a way to sign in away; that it is gone is no error."""
        with self._write() as session:
            row = session.get(Credential, (self.school_id, person_id, id))
            if row is not None:
                session.delete(row)

    # -- the school's sign-in service ------------------------------------------------------------

    def by_subject(self, subject: str) -> Account | None:
        """Return whose account a name at the school's sign-in service is; None: nobody's."""
        with self._read() as session:
            row = session.exec(
                select(Person).where(
                    Person.school_id == self.school_id, Person.oidc_subject == subject
                )
            ).first()
        return None if row is None else self._account(row)

    def set_subject(self, person_id: str, subject: str | None) -> None:
        """Say who somebody is at the school's sign-in service; None: nobody.

        Raises NotFound, BioklokFailure where somebody else is known by that name.
        """
        with self._write(lock="subjects") as session:
            row = session.get(Person, (self.school_id, person_id))
            if row is None:
                raise NotFound(f"no {person_id} in the database")
            query = select(Person.id).where(
                Person.school_id == self.school_id, Person.oidc_subject == subject
            )
            if subject is not None and session.exec(query).first() not in (None, person_id):
                raise BioklokFailure(
                    f"somebody else is {subject} at the sign-in service: take it from them first"
                )
            row.oidc_subject = subject
            session.add(row)

    def subject_of(self, person_id: str) -> str | None:
        """Return who somebody is at the school's sign-in service; None: nobody. Raises NotFound."""
        with self._read() as session:
            row = session.get(Person, (self.school_id, person_id))
        if row is None:
            raise NotFound(f"no {person_id} in the database")
        return row.oidc_subject

    # -- jobs ------------------------------------------------------------------------------------

    def note_job(self, name: str, ended_utc_s: int, result: str = "") -> None:
        """Note that a job came to its end."""
        with self._write() as session:
            session.merge(
                Job(school_id=self.school_id, name=name, ended_utc_s=ended_utc_s, result=result)
            )

    def jobs(self) -> dict[str, Job]:
        """Return when each job last came to its end."""
        with self._read() as session:
            rows = session.exec(select(Job).where(Job.school_id == self.school_id))
            return {row.name: row for row in rows}


def school_of(given: str) -> str:
    """Return the school that a ticket says it is of (its secret is not looked at)."""
    return given.partition(".")[0]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
