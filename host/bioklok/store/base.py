"""What the rooms of the store share: the open database, its transactions, the row of a journal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, Self

from sqlalchemy import Engine, event, text
from sqlmodel import Session, select

from bioklok.errors import BioklokFailure
from bioklok.settings import HOME
from bioklok.store.database import WRITES, failures
from bioklok.store.place import Place
from bioklok.store.tables import Device, Journal
from bioklok.store.vault import Vault

# As `Device.wipe_journal`: whichever journal the device keeps when it is next heard.
ANY_JOURNAL = -1

# Who looks where no person does: a sync, a job, the command line.
SYSTEM_VIEWER = "system"


_JOURNALS = "journals"  # of a session that is asked at once: those of each student


class OtherBytes(BioklokFailure):
    """A page came whose place is taken by other bytes: nothing of what came with it is stored."""


class JournalKey(Protocol):
    """The part of what a device says about itself that tells its journals apart."""

    @property
    def device_id(self) -> str: ...
    @property
    def journal_id(self) -> int: ...


class PageSource(JournalKey, Protocol):
    """And which start of the device it is, and when that was (Unix seconds; 0: not known)."""

    @property
    def boot_id(self) -> int: ...
    @property
    def started_utc_s(self) -> int: ...


class JournalExtent(JournalKey, Protocol):
    """And which pages it still holds: `n_pages`, from `oldest` to before `next`."""

    @property
    def oldest(self) -> int: ...
    @property
    def next(self) -> int: ...
    @property
    def n_pages(self) -> int: ...


class Database:
    """One school's part of an open database, and its data keys.

    Safe to use from several threads; each method is one transaction, but those of `at_once`. On a
    server every transaction says whose it is (`school_id`) and who looks (`viewer`): row-level
    security shows nothing else, and nothing at all to a query that does not say so.
    """

    def __init__(
        self,
        engine: Engine,
        place: Place,
        vault: Vault,
        school_id: str = HOME,
        viewer: str = SYSTEM_VIEWER,
    ) -> None:
        self.engine = engine
        self.place = place
        self.vault = vault
        self.school_id = school_id
        self.viewer = viewer
        self._months: set[str] = set()  # whose partitions are known to be there
        self._shared: Session | None = None  # within `at_once`

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.school_id} in {self.place.name}>"

    def of(self, school_id: str, viewer: str = SYSTEM_VIEWER) -> Self:
        """Return the same database as another school's, or with another viewer."""
        return type(self)(self.engine, self.place, self.vault, school_id, viewer)

    def close(self) -> None:
        """Close every connection to the database."""
        self.engine.dispose()

    @contextmanager
    def at_once(self) -> Iterator[Self]:
        """Give this store for a `with` block of one thread: what it is asked is one transaction.

        What a page is made of is then of one moment, and costs one trip to a server's pool. It only
        reads: a change there would not be seen by what is asked after it. Raises BioklokFailure.
        """
        if self._shared is not None:
            yield self
            return
        engine = self.engine
        if not self.place.is_sqlite:  # whose transactions are of one moment anyway
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with self._read(engine) as session:
            loaded: list[object] = []  # a session forgets rows that nobody holds, and asks again
            event.listen(session, "loaded_as_persistent", lambda _session, row: loaded.append(row))
            session.info[_JOURNALS] = {}
            asked = self.of(self.school_id, self.viewer)
            asked._shared = session
            try:
                yield asked
            finally:
                asked._shared = None

    @contextmanager
    def _read(self, engine: Engine | None = None) -> Iterator[Session]:
        if self._shared is not None:
            with failures(self.place):
                yield self._shared
            return
        with failures(self.place), Session(engine or self.engine) as session:
            self._say_who(session)
            yield session

    @contextmanager
    def _write(self, lock: str | None = None) -> Iterator[Session]:
        """One transaction that writes. `lock`: what no other one may do meanwhile, by name."""
        if self._shared is not None:
            raise RuntimeError("a store that is asked at once is read alone")
        engine = self.engine.execution_options(**WRITES)
        with failures(self.place), Session(engine, expire_on_commit=False) as session:
            self._say_who(session)
            if lock is not None:
                self._lock(session, lock)
            yield session
            session.commit()

    def _lock(self, session: Session, name: str) -> None:
        """Wait for the lock of that name until the transaction ends. First devices, then people."""
        if not self.place.is_sqlite:  # there all writers take turns
            query = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
            session.execute(query, {"name": f"{self.school_id}/{name}"})

    def _say_who(self, session: Session) -> None:
        if self.place.is_sqlite:
            return
        session.execute(
            text(
                "SELECT set_config('role', 'bioklok_app', true),"
                " set_config('bioklok.school', :school, true),"
                " set_config('bioklok.viewer', :viewer, true)"
            ),
            {"school": self.school_id, "viewer": self.viewer},
        )


def journal_row(session: Session, school_id: str, device_id: str, journal_id: int) -> Journal:
    """Return the row of a journal, made where there is none: then it is of whoever wears it."""
    journal = session.exec(
        select(Journal).where(
            Journal.school_id == school_id,
            Journal.device_id == device_id,
            Journal.journal_id == journal_id,
        )
    ).first()
    if journal is None:
        device = session.get(Device, (school_id, device_id))
        journal = Journal(
            school_id=school_id,
            device_id=device_id,
            journal_id=journal_id,
            student_id=device.student_id if device else None,
            first_seen_utc_s=int(time.time()),
        )
        session.add(journal)
        session.flush()
    return journal


def journals_of(session: Session, school_id: str, student_id: str) -> list[int]:
    """Return the numbers of a student's journals: what pages are looked up by.

    In a query of its own. Of a join SQLite, which has counted nothing, reads all pages of a school.
    """
    known: dict[str, list[int]] = session.info.get(_JOURNALS, {})
    if student_id not in known:
        query = select(Journal.id).where(
            Journal.school_id == school_id, Journal.student_id == student_id
        )
        known[student_id] = list(session.exec(query))
    return known[student_id]
