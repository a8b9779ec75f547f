"""What the rest of the host asks of the store, each question or change one method."""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from biocore.page import H_JOURNAL_ID, H_N_EPOCHS, H_SEQUENCE, H_START_UTC_S, header
from biocore.record import EPOCH_S
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from bioklok.errors import BioklokFailure, NotFound
from bioklok.settings import DEFAULT_TIMEZONE
from bioklok.store.database import WRITES, failures, open_engine
from bioklok.store.tables import Journal, Page, Student, SyncSession

SYNC_DONE = "done"  # `result` of a sync session that came to its end

_STUDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


class JournalKey(Protocol):
    """The part of what a device says about itself that tells its journals apart."""

    @property
    def device_id(self) -> str: ...
    @property
    def journal_id(self) -> int: ...


@contextmanager
def open_store(url: str) -> Iterator["Store"]:
    """Open the database at `url` for a `with` block. Raises BioklokFailure: see `open_engine`."""
    engine, path = open_engine(url)
    store = Store(engine, path)
    try:
        yield store
    finally:
        store.close()


class Store:
    """One open database. Safe to use from several threads; each method is one transaction."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.engine = engine
        self.path = path

    def close(self) -> None:
        """Close every connection to the file."""
        self.engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with failures(self.path), Session(self.engine) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        engine = self.engine.execution_options(**WRITES)
        with failures(self.path), Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    # -- syncing ---------------------------------------------------------------------------------

    def open_journal(self, info: JournalKey) -> int:
        """Make the journal known; return the sequence to fetch next (0 where none is stored)."""
        with self._write() as session:
            journal = _journal(session, info)
            highest = session.exec(
                select(func.max(Page.sequence)).where(col(Page.journal) == journal)
            ).one()
            return 0 if highest is None else highest + 1

    def commit_pages(self, info: JournalKey, pages: Iterable[bytes], received_at_utc_s: int) -> int:
        """Store pages of one journal in one transaction; return how many of them are new.

        A page that is there already with the same bytes is not new. Raises DamagedData where a
        page does not pass its checksum, BioklokFailure where a page is another journal's or its
        sequence is taken by other bytes; then none of them is stored.
        """
        rows: dict[int, Page] = {}
        n_new = 0
        with self._write() as session:
            journal = _journal(session, info)
            for given in pages:
                data = bytes(given)
                head = header(data)
                if head[H_JOURNAL_ID] != info.journal_id:
                    raise BioklokFailure(
                        f"device {info.device_id} sent a page of journal {head[H_JOURNAL_ID]} "
                        f"within journal {info.journal_id}: run the sync again"
                    )
                sequence = head[H_SEQUENCE]
                known = rows.get(sequence) or session.get(Page, (journal, sequence))
                if known is None:
                    n_new += 1
                    known = Page(
                        journal=journal,
                        sequence=sequence,
                        data=data,
                        start_utc_s=head[H_START_UTC_S],
                        n_epochs=head[H_N_EPOCHS],
                        received_at_utc_s=received_at_utc_s,
                    )
                    session.add(known)
                elif known.data != data:
                    raise BioklokFailure(
                        f"device {info.device_id} sent page {sequence} with other bytes than "
                        "before: nothing was changed; keep the device and report this"
                    )
                rows[sequence] = known
        return n_new

    def log_session(
        self,
        info: JournalKey,
        *,
        started_utc_s: int,
        ended_utc_s: int,
        frames: int,
        bytes: int,
        pages_new: int,
        epochs_new: int,
        result: str = SYNC_DONE,
    ) -> None:
        """Note what a sync brought; `result` is SYNC_DONE or one line on why it stopped."""
        with self._write() as session:
            session.add(
                SyncSession(
                    journal=_journal(session, info),
                    started_utc_s=started_utc_s,
                    ended_utc_s=ended_utc_s,
                    frames=frames,
                    bytes=bytes,
                    pages_new=pages_new,
                    epochs_new=epochs_new,
                    result=result,
                )
            )

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
        """Return the pages with an epoch in [start, end), oldest first; unset clocks left out."""
        with self._read() as session:
            rows = session.exec(
                select(Page.data)
                .join(Journal, col(Page.journal) == col(Journal.id))
                .where(
                    Journal.student_id == student_id,
                    Page.start_utc_s > 0,
                    Page.start_utc_s < end_utc_s,
                    col(Page.start_utc_s) + EPOCH_S * col(Page.n_epochs) > start_utc_s,
                )
                .order_by(col(Page.start_utc_s), col(Page.journal), col(Page.sequence))
            )
            return list(rows.all())

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

    def last_sync_utc_s(self, student_id: str) -> int | None:
        """Return when a sync of this student's device last came to its end; None: never."""
        with self._read() as session:
            return session.exec(
                select(func.max(SyncSession.ended_utc_s))
                .join(Journal, col(SyncSession.journal) == col(Journal.id))
                .where(Journal.student_id == student_id, SyncSession.result == SYNC_DONE)
            ).one()


def _journal(session: Session, info: JournalKey) -> int:
    """Return the row number of a journal, made where there is none."""
    journal = session.exec(
        select(Journal).where(
            Journal.device_id == info.device_id, Journal.journal_id == info.journal_id
        )
    ).first()
    if journal is None:
        journal = Journal(
            device_id=info.device_id,
            journal_id=info.journal_id,
            first_seen_utc_s=int(time.time()),
        )
        session.add(journal)
        session.flush()
    assert journal.id is not None  # set by the flush
    return journal.id
