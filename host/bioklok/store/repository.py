"""What the rest of the host asks of the store, each question or change one method."""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from biocore.page import (
    H_BOOT_ID,
    H_JOURNAL_ID,
    H_N_EPOCHS,
    H_SEQUENCE,
    H_START_UTC_S,
    H_UPTIME_S,
    header,
    placed,
)
from biocore.record import EPOCH_S
from sqlalchemy import func, insert
from sqlmodel import col, select

from bioklok.errors import BioklokFailure, NotFound
from bioklok.settings import DEFAULT_TIMEZONE
from bioklok.store.base import JournalExtent, JournalKey, PageSource, journal_row
from bioklok.store.database import open_engine
from bioklok.store.sessions import Keys, Sessions
from bioklok.store.tables import Journal, Page, Student

_STUDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@contextmanager
def open_store(url: str) -> Iterator["Store"]:
    """Open the database at `url` for a `with` block. Raises BioklokFailure: see `open_engine`."""
    engine, path = open_engine(url)
    store = Store(engine, path)
    try:
        yield store
    finally:
        store.close()


class Store(Sessions, Keys):
    """Everything that is asked of the store; sessions and keys stand in `sessions`."""

    # -- syncing ---------------------------------------------------------------------------------

    def open_journal(self, info: JournalExtent) -> int:
        """Make the journal known; return the sequence to fetch next: behind the last stored one.

        Where the device holds more pages than that leaves room for, the store has a hole: then the
        first that is not stored of those the device may still have. (A place that the device itself
        skipped, after a power cut, is no page and so no hole.)
        """
        with self._write() as session:
            journal = journal_row(session, info.device_id, info.journal_id)
            stored = session.exec(
                select(Page.sequence)
                .where(col(Page.journal) == journal, Page.sequence >= info.oldest)
                .order_by(col(Page.sequence))
            ).all()
        following = stored[-1] + 1 if stored else info.oldest
        if len(stored) + max(info.next - following, 0) >= info.n_pages:
            return following
        there = set(stored)
        missing = (n for n in range(info.oldest, info.next) if n not in there)
        return next(missing, following)

    def utc_offset_min(self, journal: JournalKey) -> int | None:
        """Return how far the clocks of whoever wears this device are ahead of UTC now.

        None: the journal is nobody's.
        """
        with self._read() as session:
            zone = session.exec(
                select(Student.timezone)
                .join(Journal, col(Journal.student_id) == col(Student.id))
                .where(
                    Journal.device_id == journal.device_id,
                    Journal.journal_id == journal.journal_id,
                )
            ).first()
        offset = datetime.now(ZoneInfo(zone)).utcoffset() if zone else None
        return None if offset is None else round(offset.total_seconds() / 60)

    def commit_pages(
        self, info: PageSource, pages: Iterable[bytes], received_at_utc_s: int
    ) -> list[bytes]:
        """Store pages of one journal in one transaction; return those of them that are new.

        A page from before the device had the time is placed by its uptime, where it is of the start
        that `info` speaks of. A page that is there already with the same bytes is not new. Raises
        DamagedData where a page does not pass its checksum, BioklokFailure where a page is another
        journal's or its sequence is taken by other bytes; then none of them is stored.
        """
        given: dict[int, tuple[bytes, tuple[int, ...]]] = {}
        for data in map(bytes, pages):
            head = header(data)
            if head[H_JOURNAL_ID] != info.journal_id:
                raise BioklokFailure(
                    f"device {info.device_id} sent a page of journal {head[H_JOURNAL_ID]} "
                    f"within journal {info.journal_id}: run the sync again"
                )
            if given.setdefault(head[H_SEQUENCE], (data, head))[0] != data:
                raise _other_bytes(info, head[H_SEQUENCE])
        with self._write() as session:
            journal = journal_row(session, info.device_id, info.journal_id)
            stored = session.exec(
                select(Page.sequence, Page.data).where(
                    Page.journal == journal,
                    col(Page.sequence).between(min(given, default=0), max(given, default=-1)),
                )
            )
            for sequence, data in stored.all():
                if given.pop(sequence, (data,))[0] != data:
                    raise _other_bytes(info, sequence)
            if given:
                rows = [_row(journal, info, *new, received_at_utc_s) for new in given.values()]
                session.execute(insert(Page), rows)
        return [data for data, _ in given.values()]

    # -- students --------------------------------------------------------------------------------

    def ensure_student(
        self, student_id: str, name: str | None = None, timezone: str = DEFAULT_TIMEZONE
    ) -> Student:
        """Return the student, made where there is none. A known student stays as they are.

        Raises BioklokFailure where the id could not stand in an address.
        """
        if not _STUDENT_ID.fullmatch(student_id):
            raise BioklokFailure(
                f"student id {student_id!r} cannot be used: "
                "take letters, digits, - and _, at most 40, the first a letter or digit"
            )
        with self._write() as session:
            student = session.get(Student, student_id)
            if student is None:
                student = Student(
                    id=student_id,
                    name=name or student_id,
                    timezone=timezone,
                    created_at_utc_s=int(time.time()),
                )
                session.add(student)
            return student

    def assign(self, device_id: str, student_id: str) -> int:
        """Give the device's journals that are nobody's to a student; return how many.

        A journal that is somebody's stays theirs: a device that goes to another student is wiped
        first and then keeps another journal. Raises NotFound for an unknown student or device,
        BioklokFailure where the device still holds another student's journal.
        """
        with self._write() as session:
            if session.get(Student, student_id) is None:
                raise NotFound(f"no student {student_id} in the database: add the student first")
            journals = session.exec(
                select(Journal).where(Journal.device_id == device_id).order_by(col(Journal.id))
            ).all()
            if not journals:
                raise NotFound(f"no data of device {device_id} in the database: sync it first")
            free = [journal for journal in journals if journal.student_id is None]
            if not free and journals[-1].student_id != student_id:
                raise BioklokFailure(
                    f"device {device_id} holds another student's journal: wipe it first"
                )
            for journal in free:
                journal.student_id = student_id
                session.add(journal)
            return len(free)

    def has_student(self, device_id: str) -> bool:
        """Say whether the device's newest journal is somebody's."""
        with self._read() as session:
            journal = session.exec(
                select(Journal)
                .where(Journal.device_id == device_id)
                .order_by(col(Journal.id).desc())
            ).first()
            return journal is not None and journal.student_id is not None

    def students(self) -> list[Student]:
        """Return all students by name."""
        with self._read() as session:
            return list(session.exec(select(Student).order_by(Student.name, Student.id)).all())

    def student(self, student_id: str) -> Student:
        """Return one student. Raises NotFound."""
        with self._read() as session:
            student = session.get(Student, student_id)
        if student is None:
            raise NotFound(f"no student {student_id} in the database")
        return student

    # -- data ------------------------------------------------------------------------------------

    def pages_of(self, student_id: str, start_utc_s: int, end_utc_s: int) -> list[bytes]:
        """Return the pages with an epoch in [start, end), oldest first.

        Those that were placed come as copies with their time (biocore.page.placed); those of which
        nobody knows the time are left out.
        """
        with self._read() as session:
            rows = session.exec(
                select(Page.data, Page.start_utc_s)
                .join(Journal, col(Page.journal) == col(Journal.id))
                .where(
                    Journal.student_id == student_id,
                    Page.start_utc_s > 0,
                    Page.start_utc_s < end_utc_s,
                    col(Page.start_utc_s) + EPOCH_S * col(Page.n_epochs) > start_utc_s,
                )
                .order_by(col(Page.start_utc_s), col(Page.journal), col(Page.sequence))
            )
            return [
                data if header(data)[H_START_UTC_S] else placed(data, start) for data, start in rows
            ]

    def spans_of(self, student_id: str) -> list[tuple[int, int]]:
        """Return (start_utc_s, n_epochs) of each page with a set clock, oldest first."""
        with self._read() as session:
            rows = session.exec(
                select(Page.start_utc_s, Page.n_epochs)
                .join(Journal, col(Page.journal) == col(Journal.id))
                .where(Journal.student_id == student_id, Page.start_utc_s > 0)
                .order_by(col(Page.start_utc_s))
            )
            return [(start, n) for start, n in rows.all()]

    def n_epochs(self, device_id: str, journal_id: int | None = None) -> int:
        """Return how many epochs of a device are stored, of all its journals or of one."""
        query = (
            select(func.coalesce(func.sum(Page.n_epochs), 0))
            .join(Journal, col(Page.journal) == col(Journal.id))
            .where(Journal.device_id == device_id)
        )
        if journal_id is not None:
            query = query.where(Journal.journal_id == journal_id)
        with self._read() as session:
            return session.exec(query).one()


def _other_bytes(info: PageSource, sequence: int) -> BioklokFailure:
    return BioklokFailure(
        f"device {info.device_id} sent page {sequence} with other bytes than before: "
        "nothing was changed; keep the device and report this"
    )


def _row(
    journal: int, info: PageSource, data: bytes, head: tuple[int, ...], received_at_utc_s: int
) -> dict[str, object]:
    """The columns of `Page`."""
    return {
        "journal": journal,
        "sequence": head[H_SEQUENCE],
        "data": data,
        "start_utc_s": head[H_START_UTC_S] or _placed_utc_s(info, head),
        "n_epochs": head[H_N_EPOCHS],
        "received_at_utc_s": received_at_utc_s,
    }


def _placed_utc_s(info: PageSource, head: tuple[int, ...]) -> int:
    """When a page without a time begins, by its uptime; 0 where its start is another or unknown."""
    if head[H_BOOT_ID] != info.boot_id or not info.started_utc_s:
        return 0
    utc_s = info.started_utc_s + head[H_UPTIME_S]
    return int((utc_s + EPOCH_S // 2) // EPOCH_S * EPOCH_S)
