"""What is held of one student, row by row: for their copy of everything (`office.export`)."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select

from bioklok.store.base import journals_of
from bioklok.store.desk import Desks
from bioklok.store.sealing import Sealer, open_page
from bioklok.store.tables import Device, Journal, Page, SyncSession

_BATCH = 500  # pages read at once: a quarter of a megabyte


@dataclass(frozen=True)
class HeldPage:
    """A page as it was received. `start_utc_s`: where it was placed; 0: nobody knows when."""

    device_id: str
    journal_id: int
    sequence: int
    start_utc_s: int
    received_at_utc_s: int
    data: bytes


@dataclass(frozen=True)
class Extent:
    """How many pages of a student have a time, and when the first and the last of them begin."""

    n_pages: int
    first_utc_s: int
    last_utc_s: int


class Holding(Desks):
    """Everything of one student, in an order that does not change."""

    def extent_of(self, student_id: str) -> Extent | None:
        """Return from when to when there are pages; None: there are none. It changes with each."""
        with self._read() as session:
            starts = col(Page.start_utc_s)
            # An emptied page has no start: the index on it answers alone.
            n_pages, first, last = session.exec(
                select(func.count(), func.min(starts), func.max(starts)).where(
                    Page.school_id == self.school_id,
                    col(Page.journal).in_(journals_of(session, self.school_id, student_id)),
                    starts > 0,
                )
            ).one()
        return Extent(n_pages, first, last) if n_pages else None

    def pages_held(self, student_id: str) -> Iterator[HeldPage]:
        """Yield every page that is kept of a student, a few hundred read at once.

        Raises KeyGone, BioklokFailure where they cannot be opened.
        """
        sealer = Sealer(self.vault.key(self.school_id, student_id))
        for journal in self.journals_held(student_id):
            last = -1
            while rows := self._batch(journal.id, last):
                for row in rows:
                    data = open_page(self.school_id, journal.id, row.sequence, row.data, sealer)
                    yield HeldPage(
                        journal.device_id,
                        journal.journal_id,
                        row.sequence,
                        row.start_utc_s,
                        row.received_at_utc_s,
                        data,
                    )
                last = rows[-1].sequence

    def journals_held(self, student_id: str) -> list[Journal]:
        """Return the journals that are a student's, oldest first."""
        query = select(Journal).where(
            Journal.school_id == self.school_id, Journal.student_id == student_id
        )
        with self._read() as session:
            return list(session.exec(query.order_by(col(Journal.id))))

    def sessions_held(self, student_id: str) -> list[SyncSession]:
        """Return the notes of syncs of a student's journals, oldest first."""
        journals = [row.id for row in self.journals_held(student_id)]
        query = select(SyncSession).where(
            SyncSession.school_id == self.school_id, col(SyncSession.journal).in_(journals)
        )
        with self._read() as session:
            return list(session.exec(query.order_by(col(SyncSession.id))))

    def devices_held(self, student_id: str) -> list[Device]:
        """Return the devices that a student wears."""
        query = select(Device).where(
            Device.school_id == self.school_id, Device.student_id == student_id
        )
        with self._read() as session:
            return list(session.exec(query.order_by(Device.device_id)))

    def _batch(self, journal: int, after_sequence: int) -> list[Page]:
        query = (
            select(Page)
            .where(
                Page.school_id == self.school_id,
                Page.journal == journal,
                Page.n_epochs > 0,
                Page.sequence > after_sequence,
            )
            .order_by(col(Page.sequence))
            .limit(_BATCH)
        )
        with self._read() as session:
            return list(session.exec(query))
