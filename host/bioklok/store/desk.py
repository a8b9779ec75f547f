"""One student's papers, within one transaction in which nobody else changes them.

    with store.desk(student_id) as desk:
        new = sharing.share(desk.student, week, parts, viewers, desk.events(), ...)
        desk.add_events(new)

What was decided on what was read is written before anybody else can read it; where the block is
left by an exception nothing is written. On a server two desks of one student wait for each other;
in SQLite all writers do.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlmodel import Session, col, select

from bioklok.errors import NotFound
from bioklok.school.consent import ConsentEvent
from bioklok.school.days import SchoolYear
from bioklok.school.ledger import Entry, Ledger
from bioklok.school.looks import Look
from bioklok.school.people import Role, Tie
from bioklok.school.reasons import ReasonNote, StripReason
from bioklok.school.sharing import Event, Part, ShareEvent
from bioklok.store.papers import Papers
from bioklok.store.people import People, tie_of, ties_query
from bioklok.store.records import from_json, to_json
from bioklok.store.school_tables import (
    LedgerRow,
    LookRow,
    ReasonRow,
    ShareLog,
    TieRow,
)
from bioklok.store.tables import Person as PersonRow

_CONSENT, _SHARE = "consent", "share"


class Desk(Papers):
    """The papers of one student: consent, sharing, looks, strips; `Papers` has the rest.

    Made by `Desks.desk`.
    """

    # -- consent, sharing, looks -----------------------------------------------------------------

    def ties(self) -> list[Tie]:
        """Return all ties to this student, oldest first."""
        query = ties_query(self._key[0], student_id=self._key[1])
        return [tie_of(row) for row in self._session.exec(query)]

    def put_tie(self, tie: Tie) -> None:
        """Keep a tie that was decided on the ties that were read here."""
        role, since, until = tie.role, tie.since_utc_s, tie.until_utc_s
        self._put(TieRow, adult_id=tie.adult_id, role=role, since_utc_s=since, until_utc_s=until)

    def events(self) -> list[Event]:
        """Return words about consent and steps of sharing, in the order in which they came."""
        return [
            from_json(ConsentEvent, row.body)
            if row.kind == _CONSENT
            else from_json(ShareEvent, row.body)
            for row in self._rows(ShareLog, ShareLog.sequence)
        ]

    def consents(self) -> list[ConsentEvent]:
        """Return the words about consent alone."""
        return [one for one in self.events() if isinstance(one, ConsentEvent)]

    def add_events(self, events: Iterable[Event]) -> None:
        """Add to the log."""
        for sequence, event in enumerate(events, self._next(ShareLog)):
            self._add(
                ShareLog,
                sequence=sequence,
                kind=_CONSENT if isinstance(event, ConsentEvent) else _SHARE,
                body=to_json(event),
                at_utc_s=event.at_utc_s,
            )

    def looks(self) -> list[Look]:
        """Return who looked, oldest first."""
        from bioklok.school.looks import Handling  # noqa: PLC0415

        parts = {part.value: part for part in Part}
        return [
            Look(
                *self._key,
                row.viewer_id,
                parts.get(row.what) or Handling(row.what),
                row.week,
                row.at_utc_s,
            )
            for row in self._rows(LookRow, LookRow.sequence)
        ]

    def add_looks(self, looks: Iterable[Look]) -> None:
        """Add to the audit log."""
        for sequence, look in enumerate(looks, self._next(LookRow)):
            self._add(
                LookRow,
                sequence=sequence,
                viewer_id=look.viewer_id,
                what=look.what.value,
                week=look.week,
                at_utc_s=look.at_utc_s,
            )

    # -- the strip card --------------------------------------------------------------------------

    def ledger(self, year: SchoolYear) -> Ledger:
        """Return the ledger of a school year, empty where nothing was entered yet."""
        rows = self._session.exec(
            self._query(LedgerRow)
            .where(col(LedgerRow.year) == year.begins)
            .order_by(col(LedgerRow.sequence))
        )
        entries = tuple(from_json(Entry, row.body) for row in rows)
        return Ledger(*self._key, year, entries)

    def years(self) -> list[SchoolYear]:
        """Return the school years in which there are entries."""
        query = select(LedgerRow.year).where(
            LedgerRow.school_id == self._key[0], LedgerRow.student_id == self._key[1]
        )
        return [SchoolYear(year) for year in sorted(set(self._session.exec(query)))]

    def add_entries(self, ledger: Ledger, entries: Sequence[Entry]) -> Ledger:
        """Add entries that were decided on `ledger`; return the ledger with them.

        Raises LedgerMoved, ValueError: see `Ledger.append`.
        """
        longer = ledger.append(entries, ledger.version)
        for entry in entries:
            self._add(
                LedgerRow,
                year=entry.year.begins,
                sequence=entry.sequence,
                kind=entry.kind.value,
                body=to_json(entry),
                at_utc_s=entry.at_utc_s,
            )
        return longer

    def reason_notes(self) -> list[ReasonNote]:
        """Return what strips were for: the student's own notes."""
        found = []
        for row in self._rows(ReasonRow, ReasonRow.sequence):
            reason = self._sealer.open_json(row.sealed, self._about("reason", row.request_id))
            known = StripReason(reason) if reason else None
            found.append(ReasonNote(*self._key, row.request_id, known, row.at_utc_s))
        return found

    def add_reason(self, note: ReasonNote) -> None:
        """Keep a note of what a strip is for."""
        about = self._about("reason", note.request_id)
        self._add(
            ReasonRow,
            sequence=self._next(ReasonRow),
            request_id=note.request_id,
            sealed=self._sealer.seal_json(note.reason, about),
            at_utc_s=note.at_utc_s,
        )


# Given the desk of whose data comes in (None: nobody's): from when on it may be stored. Raises
# BioklokFailure where none may.
Gate = Callable[[Desk | None], int]


class Desks(People):
    """Hands out desks."""

    @contextmanager
    def desk(self, student_id: str) -> Iterator[Desk]:
        """Take a student's papers for a `with` block, to read and to write. Raises NotFound."""
        with self._write(lock=f"student {student_id}") as session:
            yield self._desk(session, student_id)

    @contextmanager
    def reading(self, student_id: str) -> Iterator[Desk]:
        """Read a student's papers in a `with` block, as they are at one moment. Raises NotFound."""
        with self._read() as session:
            yield self._desk(session, student_id)

    def _desk(self, session: Session, student_id: str) -> Desk:
        row = session.get(PersonRow, (self.school_id, student_id))
        if row is None or Role.STUDENT not in row.roles.split(","):
            raise NotFound(f"no student {student_id} in the database")
        return Desk(self, session, self._account(row))
