"""One student's papers, within one transaction in which nobody else changes them.

    with store.desk(student_id) as desk:
        new = sharing.share(desk.student, week, parts, viewers, desk.events(), ...)
        desk.add_events(new)

What was decided on what was read is written before anybody else can read it; where the block is
left by an exception nothing is written. On a server two desks of one student wait for each other;
in SQLite all writers do.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from bioklok.errors import NotFound
from bioklok.school.consent import ConsentEvent
from bioklok.school.days import SchoolYear
from bioklok.school.ledger import Entry, Ledger
from bioklok.school.looks import Look
from bioklok.school.people import Person, Role, Tie
from bioklok.school.reasons import ReasonNote, StripReason
from bioklok.school.sharing import Event, Part, ShareEvent
from bioklok.school.timetable import Lesson, Snapshot
from bioklok.store.people import Account, People, _tie, _ties
from bioklok.store.records import from_json, to_json
from bioklok.store.school_tables import (
    FeedRow,
    LedgerRow,
    LookRow,
    ReasonRow,
    ReflectionRow,
    ShareLog,
    SnapshotRow,
    TieRow,
    WeeklyRow,
)
from bioklok.store.sealing import Sealer
from bioklok.store.tables import Person as PersonRow

_Row = TypeVar("_Row", bound=SQLModel)
_CONSENT, _SHARE = "consent", "share"


class Desk:
    """The papers of one student. Made by `Desks.desk`."""

    def __init__(self, store: People, session: Session, account: Account) -> None:
        self._store = store
        self._session = session
        self._key = (store.school_id, account.id)
        self.account = account

    @property
    def student(self) -> Person:
        return self.account.person

    @cached_property
    def _sealer(self) -> Sealer:
        return Sealer(self._store.vault.key(*self._key))

    # -- consent, sharing, looks -----------------------------------------------------------------

    def ties(self) -> list[Tie]:
        """Return all ties to this student, oldest first."""
        query = _ties(self._key[0], student_id=self._key[1])
        return [_tie(row) for row in self._session.exec(query)]

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

    # -- the timetable ---------------------------------------------------------------------------

    def snapshots(self, since_utc_s: int = 0) -> list[Snapshot]:
        """Return what the timetable said, oldest first: from the one in force at `since_utc_s`."""
        rows = self._rows(SnapshotRow, SnapshotRow.taken_at_utc_s)
        n_before = sum(row.taken_at_utc_s <= since_utc_s for row in rows)
        return [
            Snapshot(
                *self._key,
                row.taken_at_utc_s,
                row.from_utc_s,
                row.until_utc_s,
                from_json(tuple[Lesson, ...], row.lessons),
            )
            for row in rows[max(n_before - 1, 0) :]
        ]

    def add_snapshot(self, snapshot: Snapshot) -> None:
        """Keep what the timetable says now."""
        from pydantic import TypeAdapter  # noqa: PLC0415

        lessons = TypeAdapter(tuple[Lesson, ...]).dump_json(snapshot.lessons).decode()
        self._put(
            SnapshotRow,
            taken_at_utc_s=snapshot.taken_at_utc_s,
            from_utc_s=snapshot.from_utc_s,
            until_utc_s=snapshot.until_utc_s,
            lessons=lessons,
        )

    def feed(self) -> tuple[FeedRow, str] | None:
        """Return where the timetable comes from and its secret address; None: from nowhere."""
        row = self._session.get(FeedRow, self._key)
        if row is None:
            return None
        return row, self._sealer.open_json(row.sealed, self._about("feed", row.kind))

    def put_feed(self, kind: str, host: str, address: str) -> None:
        """Say where the timetable comes from."""
        sealed = self._sealer.seal_json(address, self._about("feed", kind))
        self._put(FeedRow, kind=kind, host=host, sealed=sealed)

    def note_feed(self, fetched_at_utc_s: int, failure: str = "") -> None:
        """Note how reading the feed went."""
        row = self._session.get_one(FeedRow, self._key)
        row.failure = failure
        if not failure:
            row.fetched_at_utc_s = fetched_at_utc_s
        self._session.add(row)

    def drop_feed(self) -> None:
        """Forget where the timetable comes from."""
        row = self._session.get(FeedRow, self._key)
        if row is not None:
            self._session.delete(row)

    # -- the week --------------------------------------------------------------------------------

    def reflection(self, week: str) -> dict[str, Any]:
        """Return the student's cards of a week; empty where there are none."""
        row = self._session.get(ReflectionRow, (*self._key, week))
        if row is None:
            return {}
        cards: dict[str, Any] = self._sealer.open_json(row.sealed, self._about("reflection", week))
        return cards

    def put_reflection(self, week: str, cards: dict[str, Any], at_utc_s: int) -> None:
        """Keep the student's cards of a week."""
        sealed = self._sealer.seal_json(cards, self._about("reflection", week))
        self._put(ReflectionRow, week=week, sealed=sealed, at_utc_s=at_utc_s)

    def weekly(self, week: str) -> dict[str, Any] | None:
        """Return the aggregates of a week that the weekly job made; None: it made none."""
        row = self._session.get(WeeklyRow, (*self._key, week))
        if row is None:
            return None
        found: dict[str, Any] = self._sealer.open_json(row.sealed, self._about("weekly", week))
        return found

    def put_weekly(self, week: str, aggregates: dict[str, Any], at_utc_s: int) -> None:
        """Keep the aggregates of a week."""
        sealed = self._sealer.seal_json(aggregates, self._about("weekly", week))
        self._put(WeeklyRow, week=week, sealed=sealed, at_utc_s=at_utc_s)

    def weeks(self) -> list[str]:
        """Return the weeks of which there are aggregates or cards, oldest first."""
        found: set[str] = set()
        for table in (WeeklyRow, ReflectionRow):
            found |= {row.week for row in self._session.exec(self._query(table))}
        return sorted(found)

    # -- rows ------------------------------------------------------------------------------------

    def _about(self, what: str, which: str) -> str:
        return f"{what} {self._key[0]}/{self._key[1]}/{which}"

    def _query(self, table: type[_Row]) -> Any:
        columns: Any = table
        return select(table).where(
            columns.school_id == self._key[0], columns.student_id == self._key[1]
        )

    def _rows(self, table: type[_Row], order: Any) -> list[_Row]:
        return list(self._session.exec(self._query(table).order_by(col(order))))

    def _next(self, table: type[_Row]) -> int:
        self._session.flush()
        columns: Any = table
        query = select(func.coalesce(func.max(columns.sequence), -1)).where(
            columns.school_id == self._key[0], columns.student_id == self._key[1]
        )
        return int(self._session.exec(query).one()) + 1

    def _add(self, table: type[_Row], **values: Any) -> None:
        self._session.add(table(school_id=self._key[0], student_id=self._key[1], **values))

    def _put(self, table: type[_Row], **values: Any) -> None:
        self._session.merge(table(school_id=self._key[0], student_id=self._key[1], **values))


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
