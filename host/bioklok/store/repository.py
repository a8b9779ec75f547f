"""What the rest of the host asks of the store, each question or change one method."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from biocore.page import (
    H_JOURNAL_ID,
    H_N_EPOCHS,
    H_SEQUENCE,
    MAX_EPOCHS,
    header,
)
from biocore.record import EPOCH_S
from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from bioklok.errors import BioklokFailure, NotFound
from bioklok.settings import HOME
from bioklok.store.access import Access
from bioklok.store.base import (
    JournalExtent,
    JournalKey,
    OtherBytes,
    PageSource,
    journal_row,
    journals_of,
)
from bioklok.store.database import open_engine
from bioklok.store.desk import Desk, Gate
from bioklok.store.erasure import Erasure
from bioklok.store.holding import Holding
from bioklok.store.keeping import Keeping
from bioklok.store.months import Months
from bioklok.store.place import place_of
from bioklok.store.placing import start_of, with_time
from bioklok.store.sealing import Sealer, about_page, open_page
from bioklok.store.sessions import Keys, Sessions
from bioklok.store.tables import Journal, Page, Person
from bioklok.store.vault import Vault
from bioklok.store.wearing import Wearing

_MOST_S = EPOCH_S * MAX_EPOCHS  # in one page

# Given the desk and the new pages, placed: what else has to happen in the same transaction.
Then = Callable[[Desk, list[bytes]], None]


@contextmanager
def open_store(url: str, school_id: str = HOME, *, must_exist: bool = False) -> Iterator["Store"]:
    """Open the database at `url` for a `with` block, as one school's.

    must_exist: make no file where there is none, for whoever wants to read what is there. Raises
    BioklokFailure: see `open_engine`; NotFound.
    """
    place = place_of(url)
    if must_exist and place.file is not None and not place.file.exists():
        raise NotFound(f"there is no database {place.name}: name another with --database")
    store = Store(open_engine(place), place, Vault(place), school_id)
    try:
        yield store
    finally:
        store.close()


class Store(Sessions, Keys, Holding, Wearing, Access, Erasure, Keeping, Months):
    """Everything that is asked of the store; here stand the pages."""

    # -- syncing ---------------------------------------------------------------------------------

    def open_journal(self, info: JournalExtent) -> int:
        """Make the journal known; return the sequence to fetch next: behind the last stored one.

        Where the device holds more pages than that leaves room for, the store has a hole: then the
        first that is not stored of those the device may still have. (A place that the device itself
        skipped, after a power cut, is no page and so no hole.)
        """
        with self._write() as session:
            journal = self._journal(session, info)
            stored = session.exec(
                select(Page.sequence)
                .where(
                    Page.school_id == self.school_id,
                    col(Page.journal) == journal.id,
                    Page.sequence >= info.oldest,
                )
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
                select(Person.timezone)
                .join(
                    Journal,
                    (col(Journal.school_id) == col(Person.school_id))
                    & (col(Journal.student_id) == col(Person.id)),
                )
                .where(
                    Journal.school_id == self.school_id,
                    Journal.device_id == journal.device_id,
                    Journal.journal_id == journal.journal_id,
                )
            ).first()
        offset = datetime.now(ZoneInfo(zone)).utcoffset() if zone else None
        return None if offset is None else round(offset.total_seconds() / 60)

    def commit_pages(
        self,
        info: PageSource,
        pages: Iterable[bytes],
        received_at_utc_s: int,
        gate: Gate | None = None,
        then: Then | None = None,
    ) -> list[bytes]:
        """Store pages of one journal in one transaction; return those of them that are new.

        A page from before the device had the time is placed by its uptime, where it is of the start
        that `info` speaks of. A page that is there already with the same bytes is not new. Of what
        is older than `gate` says only the place is noted, so that it is never fetched again.
        Raises DamagedData where a page does not pass its checksum, BioklokFailure where a page is
        another journal's or the gate is shut, OtherBytes where its sequence is taken by others;
        then none of them is stored.
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
        starts_utc_s = {start_of(info, head) for _, head in given.values()}
        self._make_months(datetime.fromtimestamp(start, UTC) for start in starts_utc_s)
        with self._write(lock=f"device {info.device_id}") as session:
            journal = self._journal(session, info)
            owner = journal.student_id
            since_utc_s = 0
            desk = None
            if owner is not None and (gate is not None or then is not None):
                self._lock(session, f"student {owner}")
                desk = self._desk(session, owner)
            if gate is not None:
                since_utc_s = gate(desk)
            sealer = self._sealer(owner)
            stored = session.exec(
                select(Page.sequence, Page.data).where(
                    Page.school_id == self.school_id,
                    Page.journal == journal.id,
                    col(Page.sequence).between(min(given, default=0), max(given, default=-1)),
                )
            )
            for sequence, data in stored.all():
                is_bare = not data or sequence not in given
                plain = data if is_bare else self._plain(journal.id, sequence, data, sealer)
                if given.pop(sequence, (plain,))[0] != plain and plain:
                    raise _other_bytes(info, sequence)
            rows = [
                self._row(journal.id, info, *new, received_at_utc_s, since_utc_s, sealer)
                for new in given.values()
            ]
            if rows:
                session.execute(insert(Page), rows)
            starts = {row["sequence"]: int(str(row["start_utc_s"])) for row in rows if row["data"]}
            new = [(sequence, data) for sequence, (data, _) in given.items() if sequence in starts]
            if then is not None and desk is not None:
                then(desk, [with_time(data, starts[sequence]) for sequence, data in new])
        return [data for _, data in new]

    # -- data ------------------------------------------------------------------------------------

    def pages_of(
        self,
        student_id: str,
        start_utc_s: int,
        end_utc_s: int,
        received_by_utc_s: int | None = None,
    ) -> list[bytes]:
        """Return the pages with an epoch in [start, end), oldest first.

        Those that were placed come as copies with their time (biocore.page.placed); those of which
        nobody knows the time are left out, and so are those received after `received_by_utc_s`.
        """
        query = (
            select(Page.journal, Page.sequence, Page.data, Page.start_utc_s)
            .where(
                Page.school_id == self.school_id,
                Page.start_utc_s > 0,
                Page.n_epochs > 0,
                Page.start_utc_s < end_utc_s,
                # A page holds a few dozen epochs: an index needs a bound on the start itself.
                Page.start_utc_s > start_utc_s - _MOST_S,
                col(Page.start_utc_s) + EPOCH_S * col(Page.n_epochs) > start_utc_s,
            )
            .order_by(col(Page.start_utc_s), col(Page.journal), col(Page.sequence))
        )
        if received_by_utc_s is not None:
            query = query.where(Page.received_at_utc_s <= received_by_utc_s)
        with self._read() as session:
            journals = journals_of(session, self.school_id, student_id)
            rows = session.exec(query.where(col(Page.journal).in_(journals))).all()
        sealer = self._sealer(student_id) if rows else None
        found = []
        for journal, sequence, data, start in rows:
            found.append(with_time(self._plain(journal, sequence, data, sealer), start))
        return found

    def spans_of(self, student_id: str) -> list[tuple[int, int]]:
        """Return (start_utc_s, n_epochs) of each page with a set clock, oldest first."""
        with self._read() as session:
            rows = session.exec(
                select(Page.start_utc_s, Page.n_epochs)
                .where(
                    Page.school_id == self.school_id,
                    col(Page.journal).in_(journals_of(session, self.school_id, student_id)),
                    Page.start_utc_s > 0,
                    Page.n_epochs > 0,
                )
                .order_by(col(Page.start_utc_s))
            )
            return [(start, n) for start, n in rows.all()]

    def n_epochs(self, device_id: str, journal_id: int | None = None) -> int:
        """Return how many epochs of a device are stored, of all its journals or of one."""
        journals = select(Journal.id).where(
            Journal.school_id == self.school_id, Journal.device_id == device_id
        )
        if journal_id is not None:
            journals = journals.where(Journal.journal_id == journal_id)
        with self._read() as session:
            query = select(func.coalesce(func.sum(Page.n_epochs), 0)).where(
                Page.school_id == self.school_id,
                col(Page.journal).in_(list(session.exec(journals))),
            )
            return int(session.exec(query).one())

    # -- a page, sealed --------------------------------------------------------------------------

    def _journal(self, session: Session, info: JournalKey) -> Journal:
        return journal_row(session, self.school_id, info.device_id, info.journal_id)

    def _sealer(self, student_id: str | None) -> Sealer | None:
        return Sealer(self.vault.key(self.school_id, student_id)) if student_id else None

    def _plain(self, journal: int, sequence: int, data: bytes, sealer: Sealer | None) -> bytes:
        return open_page(self.school_id, journal, sequence, data, sealer)

    def _row(  # noqa: PLR0917
        self,
        journal: int,
        info: PageSource,
        data: bytes,
        head: tuple[int, ...],
        received_at_utc_s: int,
        since_utc_s: int,
        sealer: Sealer | None,
    ) -> dict[str, object]:
        """The columns of `Page`."""
        sequence = head[H_SEQUENCE]
        start_utc_s = start_of(info, head)
        is_refused = start_utc_s < since_utc_s
        if is_refused:
            data = b""
        elif sealer is not None:
            data = sealer.seal(data, about_page(self.school_id, journal, sequence))
        return {
            "school_id": self.school_id,
            "journal": journal,
            "sequence": sequence,
            "data": data,
            "start_utc_s": 0 if is_refused else start_utc_s,
            "n_epochs": 0 if is_refused else head[H_N_EPOCHS],
            "received_at_utc_s": received_at_utc_s,
        }


def _other_bytes(info: PageSource, sequence: int) -> OtherBytes:
    return OtherBytes(
        f"device {info.device_id} sent page {sequence} with other bytes than before: "
        "nothing was changed; keep the device and report this"
    )
