"""What a sync may bring in at a school, and what it takes back to the device.

A device that was handed to nobody, or whose student has no consent, is refused kindly: nothing is
fetched and nothing kept. What it recorded before the consent stood is not stored either. Long
presses become requests for strips, the balance goes back, and a device whose student was erased,
or who handed it on, is wiped.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from biocore.page import H_JOURNAL_ID, H_SEQUENCE, header, records
from biocore.record import EPOCH_MARKS, bits

from bioklok.device_facts import DeviceStatus, Orders
from bioklok.errors import BioklokFailure
from bioklok.office import grades, strips
from bioklok.office.consenting import SCHOOL, verdict_at
from bioklok.office.settings import settings_of
from bioklok.office.wearing import wishes_at
from bioklok.school.asking import Ask, pressed
from bioklok.store import Desk, Device, Store
from bioklok.store.base import ANY_JOURNAL, JournalExtent, JournalKey, PageSource
from bioklok.store.sessions import SessionKey

_MARKS_AT = 6  # place in biocore.record.EPOCH_FIELDS
_PAGE_EPOCHS = 1 << 6  # more than a page holds: so that each minute of a journal has its number


class NotWelcome(BioklokFailure):
    """This device's measurements may not be kept now: leave them on it."""


class Intake:
    """The store as a sync at a school sees it; see `bioklok.sync.Store` and `Clerk`."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._is_school = store.school().kind == SCHOOL

    def open_journal(self, info: JournalExtent) -> int:
        """Return the sequence to fetch next. Raises NotWelcome."""
        device = self._store.device(info.device_id)
        if device is not None and device.wipe_journal == ANY_JOURNAL:

            def pin(row: Device) -> None:
                if row.wipe_journal == ANY_JOURNAL:
                    row.wipe_journal = info.journal_id  # what it begins afterwards stays

            self._store.change_device(info.device_id, pin)
            device = self._store.device(info.device_id)
        if _is_to_go(device, info):
            return info.next  # nothing of it is fetched
        if self._is_school:
            if device is None or device.student_id is None:
                raise NotWelcome(
                    f"Device {info.device_id} was handed to nobody: its minutes stay on it. "
                    "Hand it to a student first."
                )
            with self._store.reading(device.student_id) as desk:
                self._since(desk, int(self._clock()))
        return self._store.open_journal(info)

    def commit_pages(
        self, info: PageSource, pages: Sequence[bytes], received_at_utc_s: int
    ) -> list[bytes]:
        """Store pages while they are welcome; return those that are new. Raises NotWelcome."""

        def gate(desk: Desk | None) -> int:
            return self._welcome(info, desk, received_at_utc_s)

        def then(desk: Desk, new: list[bytes]) -> None:
            presses = [press for page in new for press in _presses(info.device_id, page)]
            if presses:
                settings = settings_of(self._store)
                strips.take_presses(self._store, desk, presses, received_at_utc_s, settings)

        return self._store.commit_pages(
            info, pages, received_at_utc_s, gate, then if self._is_school else None
        )

    def utc_offset_min(self, info: JournalKey) -> int | None:
        """Return how far the wearer's clocks are ahead of UTC now; None: nobody wears it."""
        return self._store.utc_offset_min(info)

    def note_status(self, info: JournalKey, status: DeviceStatus) -> None:
        """Keep how the device is: battery, firmware, faults."""

        def note(device: Device) -> None:
            device.battery_mv = status.battery_mv or None
            device.firmware, device.faults = status.firmware, status.faults

        self._store.change_device(info.device_id, note)

    def orders(self, info: JournalExtent) -> Orders:
        """Return what to tell the device before it is left alone."""
        device = self._store.device(info.device_id)
        if device is None:
            return Orders()
        if device.wipe_journal == info.journal_id:
            return Orders(wipe=True)
        if device.student_id is None:
            return Orders()
        now_utc_s = int(self._clock())
        left = None
        if self._is_school:
            left = strips.balance(self._store, device.student_id, now_utc_s)
        with self._store.reading(device.student_id) as desk:
            told = wishes_at(desk).settings(now_utc_s)
            found = verdict_at(self._store, desk, settings_of(self._store), now_utc_s)
            reports = grades.to_tell(desk, now_utc_s) if found.since_utc_s is not None else ()
        return Orders(left, told, reports)

    def note_session(self, info: SessionKey, **told: Any) -> None:
        """Keep a note of how a sync went (`told`: see `Store.log_session`). Raises NotWelcome."""

        def gate(desk: Desk | None) -> int:
            return self._welcome(info, desk, int(self._clock()))

        self._store.log_session(info, **told, gate=gate)

    def end(self, info: JournalExtent, **told: Any) -> Orders:
        """Note how a sync ended; return what to tell the device.

        One that is to be wiped is told that alone, and no note is kept of it. Raises NotWelcome.
        """
        try:
            self.note_session(info, **told)
        except NotWelcome:
            device = self._store.device(info.device_id)
            if device is not None and device.wipe_journal == info.journal_id:
                return Orders(wipe=True)
            raise
        return self.orders(info)

    def wiped(self, info: JournalExtent) -> None:
        """Note that the device has wiped itself."""

        def note(device: Device) -> None:
            if device.wipe_journal == info.journal_id:
                device.wipe_journal = None

        self._store.change_device(info.device_id, note)

    def _welcome(self, info: SessionKey, desk: Desk | None, now_utc_s: int) -> int:
        # Its wearer may have been erased while the sync ran: that waited for its device's lock.
        if _is_to_go(self._store.device(info.device_id), info):
            raise NotWelcome("This device is to be wiped: nothing more of it is kept.")
        if not self._is_school:
            return 0
        if desk is None:
            raise NotWelcome("This device's journal is nobody's: its minutes stay on it.")
        return self._since(desk, now_utc_s)

    def _since(self, desk: Desk, now_utc_s: int) -> int:
        found = verdict_at(self._store, desk, settings_of(self._store), now_utc_s)
        if found.since_utc_s is None:
            # Why is for the student and the parents: who stands at the hub is told no more.
            raise NotWelcome(
                "There is no consent for this device's student now: its minutes stay on it."
            )
        return found.since_utc_s


def _is_to_go(device: Device | None, info: SessionKey) -> bool:
    if device is None or device.wipe_journal is None:
        return False
    return device.wipe_journal in (ANY_JOURNAL, info.journal_id)


def _presses(device_id: str, page: bytes) -> list[Ask]:
    head = header(page)
    return [
        pressed(
            device_id,
            head[H_JOURNAL_ID],
            head[H_SEQUENCE] * _PAGE_EPOCHS + n,
            start_utc_s,
        )
        for n, (start_utc_s, record) in enumerate(records(page))
        # When nobody knows when it was asked, nobody knows for which lesson either.
        if start_utc_s and bits(EPOCH_MARKS, "strip", record[_MARKS_AT])
    ]
