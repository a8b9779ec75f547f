"""What is older than it may be: counting it, and taking it out. When is `office.retention`'s."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from biocore.record import EPOCH_S
from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, text, update
from sqlmodel import Session, SQLModel, col, select

from bioklok.errors import BioklokFailure
from bioklok.school.consent import ConsentEvent
from bioklok.school.ledger import Entry
from bioklok.school.people import Role
from bioklok.school.sharing import ShareEvent
from bioklok.store.base import Database, journals_of
from bioklok.store.database import failures
from bioklok.store.records import from_json
from bioklok.store.school_tables import LedgerRow, LookRow, ShareLog, TieRow
from bioklok.store.tables import Journal, Page, SyncSession

_CONSENT, _SHARE = "consent", "share"
_MONTH = re.compile(r"page_[0-9]{4}_[0-9]{2}")  # tables that `bioklok_page_month` makes
_OLD_MONTH_S = 62 * 86_400  # a program that runs may still take a month's table to be there


@dataclass(frozen=True)
class Bounds:
    """What is older goes; Unix seconds, but `week` (ISO) and `year` (of the year's August)."""

    raw_utc_s: int
    look_utc_s: int
    session_utc_s: int
    year_utc_s: int
    week: str
    year: int
    now_utc_s: int


class Keeping(Database):
    """Deletes by age. Each method returns how many rows, and with `dry` only counts them."""

    def forget_papers(self, student_id: str, bounds: Bounds, dry: bool) -> dict[str, int]:
        """Delete a student's papers of past school years, and past looks, by table."""
        tables = SQLModel.metadata.tables
        weekly, reflection = tables["weekly"], tables["reflection"]
        ledger, reason = tables["ledger_entry"], tables["reason_note"]
        share, snapshot, look = tables["share_log"], tables["timetable_snapshot"], tables["look"]
        grade, course = tables["grade"], tables["course"]
        old: Sequence[tuple[Table, ColumnElement[bool]]] = (
            (weekly, weekly.c.week < bounds.week),
            (reflection, reflection.c.week < bounds.week),
            (ledger, ledger.c.year < bounds.year),
            (reason, reason.c.at_utc_s < bounds.year_utc_s),
            # Words about consent stay as long as the student: they prove that there was one.
            (share, and_(share.c.kind == _SHARE, share.c.at_utc_s < bounds.year_utc_s)),
            (snapshot, snapshot.c.until_utc_s <= bounds.year_utc_s),
            (look, look.c.at_utc_s < bounds.look_utc_s),
            (grade, grade.c.at_utc_s < bounds.raw_utc_s),
            (course, course.c.at_utc_s < bounds.raw_utc_s),
        )
        found = {}
        with self._changing(dry, f"student {student_id}") as session:
            for table, is_old in old:
                its = and_(table.c.student_id == student_id, is_old)
                found[table.name] = self._drop(session, table, its, dry)
            found["tie"] = self._drop_ties(session, student_id, bounds, dry)
        return found

    def forget_pages(self, bounds: Bounds, student_id: str | None, dry: bool) -> int:
        """Empty the pages of a student (None: those that are nobody's) that are old.

        Its place is kept, as that of a page that was refused: what the device still has is not
        fetched again. When it was measured is not.
        """
        page = SQLModel.metadata.tables["page"]
        whose = col(Journal.student_id) == student_id
        if student_id is None:
            whose = col(Journal.student_id).is_(None)
        journals = select(Journal.id).where(Journal.school_id == self.school_id, whose)
        is_old = and_(
            page.c.school_id == self.school_id,
            page.c.journal.in_(journals),
            page.c.n_epochs > 0,
            or_(
                and_(
                    page.c.start_utc_s > 0,
                    page.c.start_utc_s + EPOCH_S * page.c.n_epochs <= bounds.raw_utc_s,
                ),
                # Of some nobody knows the time, of some the clock was wrong.
                page.c.received_at_utc_s <= bounds.raw_utc_s,
            ),
        )
        with self._changing(dry, None) as session:
            if dry:
                return _count(session, page, is_old)
            emptied = update(page).where(is_old).values(data=b"", n_epochs=0, start_utc_s=0)
            return _n(session.execute(emptied))

    def forget_rest(self, bounds: Bounds, dry: bool) -> dict[str, int]:
        """Delete notes of syncs, tickets that open nothing, and places in journals of before."""
        tables = SQLModel.metadata.tables
        page, synced, ticket = tables["page"], tables["sync_session"], tables["ticket"]
        journal = tables["journal"]
        found = {}
        with self._changing(dry, None) as session:
            is_old = synced.c.ended_utc_s < bounds.session_utc_s
            found["sync_session"] = self._drop(session, synced, is_old, dry)
            is_old = ticket.c.expires_at_utc_s < bounds.now_utc_s
            found["ticket"] = self._drop(session, ticket, is_old, dry)
            # The device has begun another journal: it cannot offer these pages any more.
            past = self._past_journals(session)
            is_empty = and_(page.c.journal.in_(past), page.c.n_epochs == 0)
            found["page"] = self._drop(session, page, is_empty, dry)
            is_left = and_(
                journal.c.id.in_(past),
                ~select(Page).where(_of(Page, self.school_id, journal)).exists(),
                ~select(SyncSession).where(_of(SyncSession, self.school_id, journal)).exists(),
            )
            found["journal"] = self._drop(session, journal, is_left, dry)
        return found

    def newest_page_utc_s(self, student_id: str, start_utc_s: int, end_utc_s: int) -> int | None:
        """Return when the last page that begins in [start, end) was received; None: no page."""
        query = select(func.max(Page.received_at_utc_s)).where(
            Page.school_id == self.school_id,
            Page.n_epochs > 0,
            col(Page.start_utc_s) >= start_utc_s,
            Page.start_utc_s < end_utc_s,
        )
        with self._read() as session:
            journals = journals_of(session, self.school_id, student_id)
            return session.exec(query.where(col(Page.journal).in_(journals))).one()

    def named_in_logs(self) -> set[str]:
        """Return everybody whom a log or a tie of a student names."""
        with self._read() as session:
            at = self.school_id
            found = set(session.exec(select(LookRow.viewer_id).where(LookRow.school_id == at)))
            found |= set(session.exec(select(TieRow.adult_id).where(TieRow.school_id == at)))
            for row in session.exec(select(ShareLog).where(ShareLog.school_id == at)):
                if row.kind == _CONSENT:
                    found.add(from_json(ConsentEvent, row.body).by_id)
                else:
                    found.add(from_json(ShareEvent, row.body).viewer_id)
            for row_ in session.exec(select(LedgerRow).where(LedgerRow.school_id == at)):
                by_id = from_json(Entry, row_.body).by_id
                found |= {by_id} if by_id else set()
        return found

    def drop_empty_months(self, raw_utc_s: int) -> int | None:
        """On a server, drop the tables of past months in which no page is left; return how many.

        None where this user does not own them: their owner's `bioklok retention` drops them.
        """
        if self.place.is_sqlite:
            return 0
        last = datetime.fromtimestamp(raw_utc_s - _OLD_MONTH_S, UTC)
        with failures(self.place), self.engine.begin() as connection:
            # As the owner and outside of `_say_who`: a month's table is every school's.
            if not connection.execute(
                text(
                    "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class"
                    " WHERE oid = 'public.page'::regclass"
                )
            ).scalar():
                return None
            months = connection.execute(
                text(
                    "SELECT inhrelid::regclass::text FROM pg_inherits"
                    " WHERE inhparent = 'public.page'::regclass"
                )
            ).scalars()
            names = [name.removeprefix("public.") for name in months]
            dropped = 0
            for name in sorted(filter(_MONTH.fullmatch, names)):
                if name >= f"page_{last:%Y_%m}":
                    break
                connection.execute(text(f"LOCK TABLE public.{name} IN ACCESS EXCLUSIVE MODE"))
                any_row = text(f"SELECT 1 FROM public.{name} LIMIT 1")  # nosec B608 - see _MONTH
                if connection.execute(any_row).first() is None:
                    connection.execute(text(f"DROP TABLE public.{name}"))
                    dropped += 1
        return dropped

    # -- rows ------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self, dry: bool, lock: str | None) -> Iterator[Session]:
        with self._read() if dry else self._write(lock) as session:
            yield session

    def _drop(self, session: Session, table: Table, which: ColumnElement[bool], dry: bool) -> int:
        ours = and_(table.c.school_id == self.school_id, which)
        if dry:
            return _count(session, table, ours)
        return _n(session.execute(delete(table).where(ours)))

    def _drop_ties(self, session: Session, student_id: str, bounds: Bounds, dry: bool) -> int:
        """Past ties, but those of who said a word about consent: by them it counts, or ended."""
        log = select(ShareLog).where(
            ShareLog.school_id == self.school_id,
            ShareLog.student_id == student_id,
            ShareLog.kind == _CONSENT,
        )
        said = {from_json(ConsentEvent, row.body).by_id for row in session.exec(log)}
        tie = SQLModel.metadata.tables["tie"]
        is_past = and_(
            tie.c.student_id == student_id,
            tie.c.until_utc_s <= bounds.year_utc_s,
            or_(tie.c.role != Role.PARENT.value, tie.c.adult_id.not_in(sorted(said))),
        )
        return self._drop(session, tie, is_past, dry)

    def _past_journals(self, session: Session) -> list[int]:
        newest: dict[str, int] = {}
        past = []
        rows = select(Journal.device_id, Journal.id).where(Journal.school_id == self.school_id)
        for device_id, journal in session.exec(rows.order_by(col(Journal.id))):
            if device_id in newest:
                past.append(newest[device_id])
            newest[device_id] = journal
        return past


def _of(model: Any, school_id: str, journal: Table) -> ColumnElement[bool]:
    return and_(model.school_id == school_id, model.journal == journal.c.id)


def _count(session: Session, table: Table, which: ColumnElement[bool]) -> int:
    return int(session.execute(select(func.count()).select_from(table).where(which)).scalar_one())


def _n(result: Any) -> int:
    if result.rowcount < 0:
        raise BioklokFailure("the database does not say how many rows it deleted: update it")
    return int(result.rowcount)
