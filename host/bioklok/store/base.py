"""What the rooms of the store share: the open file, its transactions, the row of a journal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlmodel import Session, select

from bioklok.store.database import WRITES, failures
from bioklok.store.tables import Journal


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


def journal_row(session: Session, device_id: str, journal_id: int) -> int:
    """Return the row number of a journal, made where there is none."""
    journal = session.exec(
        select(Journal).where(Journal.device_id == device_id, Journal.journal_id == journal_id)
    ).first()
    if journal is None:
        journal = Journal(
            device_id=device_id,
            journal_id=journal_id,
            first_seen_utc_s=int(time.time()),
        )
        session.add(journal)
        session.flush()
    assert journal.id is not None  # set by the flush
    return journal.id
