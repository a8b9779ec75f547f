"""The log on flash: a ring of 512-byte pages, oldest dropped first, and the open page in RAM.

A page's place follows from its sequence number, so nothing but the pages themselves has to be kept
right. What can be found in a slot at start-up: 1 blank; 2 a valid page of this journal; 3 a torn
page (power went while it was written); 4 a page of an earlier journal. 3 and 4 are skipped and go
with the next erase of their sector.
"""

import errno

from app import drafts, snapshots
from app.bookmarks import ACKNOWLEDGED, JOURNAL_ID, SECTORS, TRUSTED_FROM, Bookmarks
from app.slot_ring import SECTORS as RING_SECTORS
from biocore import page as page_room
from biocore.errors import DamagedData
from biocore.page import (
    BLANK,
    H_JOURNAL_ID,
    H_N_EPOCHS,
    H_SEQUENCE,
    H_START_UTC_S,
    PAGE_BYTES,
)
from biocore.record import EPOCH_S

_ATTEMPTS = 3  # slots that are tried for one page


class Journal:
    """Pages on a NOR-flash port: `size_bytes`, `sector_bytes`, `read_into(address, buffer)`,
    `program(address, data)` (clears bits), `erase(address)` (one sector, to 0xFF).

    capacity: pages there is room for. oldest, next_sequence: extent of what is stored.
    acknowledged: all before it are safe on a host. n_pages, n_epochs: what is stored now. n_lost:
    pages dropped before a host had them.
    is_held: set while a burst is on the air. Writing flash stops the interrupts of some chips
    (RP2040, micropython#17236) and with them the radio: a full page then waits for `settle`, for a
    minute at most.
    utc_offset_quarters, usual_sleep: what pages are headed with (biocore.page); another value
    begins another page. on_page: called with the sequence number after a page was written, to keep
    the state that belongs to it in `snapshots`. on_wipe: called when another journal has begun.
    Flash errors are raised as OSError, a flash that does not take what is written too.
    """

    def __init__(self, flash, entropy):
        self._flash = flash
        drafts_at = (SECTORS + RING_SECTORS) * flash.sector_bytes
        self._first = drafts_at + RING_SECTORS * flash.sector_bytes
        self._slots = (flash.size_bytes - self._first) // PAGE_BYTES
        self._per_sector = flash.sector_bytes // PAGE_BYTES
        self._slots -= self._slots % self._per_sector
        self.capacity = self._slots
        self._buffer = bytearray(PAGE_BYTES)
        self._page = page_room.PageBuilder()
        self._next_start_utc_s = 0
        self._next_uptime_s = 0
        self.utc_offset_quarters = 0
        self.usual_sleep = 0
        self._head = (0, 0)
        self.on_page = None
        self.on_wipe = None
        self.boot_id = int.from_bytes(entropy(4), "little")
        self._entropy = entropy
        self.bookmarks = self._bookmarks = Bookmarks(flash, 0)
        journal_id = self._bookmarks.get(JOURNAL_ID)
        if journal_id is None:
            journal_id = int.from_bytes(entropy(4), "little")
            self._bookmarks.put(JOURNAL_ID, journal_id)
        self.journal_id = journal_id
        self.snapshots = snapshots.Snapshots(flash, SECTORS * flash.sector_bytes, journal_id)
        self._drafts = drafts.Drafts(flash, drafts_at, self._buffer)
        self.acknowledged = self._bookmarks.get(ACKNOWLEDGED) or 0
        self.oldest = 0
        self.next_sequence = 0
        self.n_pages = 0
        self.n_epochs = 0
        self.n_lost = 0
        self.newest_utc_s = 0  # start of the newest stored epoch whose time is known
        # Pages before this one were logged by a clock that turned out to be wrong.
        self._trusted_from = self._bookmarks.get(TRUSTED_FROM) or 0
        self.is_held = False
        self._has_moved = False  # acknowledged, and not on flash yet
        self._mount()

    def _mount(self):
        newest = -1
        oldest = -1
        for slot in range(self._slots):
            head = self._read_slot(slot)
            if head is None:
                continue
            sequence = head[H_SEQUENCE]
            newest = max(newest, sequence)
            if oldest < 0 or sequence < oldest:
                oldest = sequence
            self.n_pages += 1
            self.n_epochs += head[H_N_EPOCHS]
            self._note_time(head)
        self.next_sequence = max(newest + 1, self.acknowledged, self.snapshots.newest() + 1)
        self.oldest = oldest if oldest >= 0 else self.next_sequence
        if self._drafts.bring_back(self._page, self.journal_id, self.next_sequence):
            try:
                self.flush()
            except OSError:
                self.drop_open()

    def _note_time(self, head):
        if head[H_START_UTC_S] and head[H_SEQUENCE] >= self._trusted_from:
            newest = head[H_START_UTC_S] + (head[H_N_EPOCHS] - 1) * EPOCH_S
            self.newest_utc_s = max(self.newest_utc_s, newest)

    def _address(self, slot):
        return self._first + slot * PAGE_BYTES

    def _read_slot(self, slot):
        """Read a slot into the buffer; return its header if it is a valid page of this journal."""
        self._flash.read_into(self._address(slot), self._buffer)
        try:
            head = page_room.header(self._buffer)
        except DamagedData:  # blank, torn, or written by a firmware with another page layout
            return None
        if head[H_JOURNAL_ID] != self.journal_id or head[H_SEQUENCE] % self._slots != slot:
            return None
        return head

    def turn(self, start_utc_s, uptime_s):
        """Write the open page, unless the epoch that began then belongs on it: a page holds
        consecutive minutes of one clock."""
        page = self._page
        head = (self.utc_offset_quarters, self.usual_sleep)
        if page.n_epochs and (
            page.is_full()  # it has waited long enough
            or start_utc_s != self._next_start_utc_s
            or uptime_s != self._next_uptime_s
            or head != self._head
        ):
            self.flush()
        self._head = head

    def append(self, start_utc_s, uptime_s, activity, flags, marks):
        """Add one epoch (fields of biocore.activity.Activity) to the open page."""
        self.turn(start_utc_s, uptime_s)
        page = self._page
        if page.n_epochs == 0:
            page.begin(self.journal_id, self.boot_id, start_utc_s, uptime_s, *self._head)
        page.append(
            activity.enmo_dmg,
            activity.angle_step_median_cdeg,
            activity.angle_step_max_cdeg,
            activity.light_mlx,
            activity.light_alpha_q18,
            flags,
            marks,
            activity.valid_s,
        )
        self._next_start_utc_s = start_utc_s + EPOCH_S if start_utc_s else 0
        self._next_uptime_s = uptime_s + EPOCH_S
        if page.is_full() and not self.is_held:
            self.flush()

    def save_draft(self):
        """Once half of the open page is full, keep it against a power cut: after each `append`."""
        if not self.is_held:
            self._drafts.keep(self._page, self.next_sequence)

    def distrust_times(self):
        """What is logged so far says nothing about what time it is: its clock was wrong."""
        self.flush()
        self._trusted_from = self.next_sequence
        self.newest_utc_s = 0
        self._bookmarks.put(TRUSTED_FROM, self._trusted_from)

    def is_due(self):
        """Whether a full page waits for `settle`: it should come within a minute."""
        return self._page.is_full()

    def settle(self):
        """Write what has waited for a burst to end; nothing where nothing has."""
        if self._page.is_full():
            self.flush()
        if self._has_moved:
            self._has_moved = False
            self._bookmarks.put(ACKNOWLEDGED, self.acknowledged)

    def drop_open(self):
        """Give up the open page, after its writing failed."""
        self._page.n_epochs = 0

    def flush(self):
        """Write the open page, if it holds anything; it is safe when this returns."""
        page = self._page
        attempts = 0
        while page.n_epochs:
            attempts += 1
            if attempts > _ATTEMPTS:
                # Going on would erase sector after sector for nothing.
                raise OSError(errno.EIO)
            sequence = self._claim()
            self.next_sequence = sequence + 1
            slot = sequence % self._slots
            self._flash.program(self._address(slot), page.close(sequence))
            head = self._read_slot(slot)
            if head is None:
                continue  # the cell did not take it: the next slot may
            self._note_time(head)
            if self.n_pages == 0:
                self.oldest = sequence
            self.n_pages += 1
            self.n_epochs += page.n_epochs
            page.n_epochs = 0
            if self.on_page is not None:
                self.on_page(sequence)

    def _claim(self):
        """Return the next number whose slot is blank, erasing a sector where one begins."""
        sequence = self.next_sequence
        while True:
            slot = sequence % self._slots
            self._flash.read_into(self._address(slot), self._buffer)
            if page_room.check(self._buffer) == BLANK:
                return sequence
            if slot % self._per_sector == 0:
                self._drop_sector(slot)
                return sequence
            sequence += 1

    def _drop_sector(self, first_slot):
        """Erase the sector that begins with this slot; the oldest pages live in it."""
        for slot in range(first_slot, first_slot + self._per_sector):
            head = self._read_slot(slot)
            if head is not None:
                self.n_pages -= 1
                self.n_epochs -= head[H_N_EPOCHS]
                if head[H_SEQUENCE] >= self.acknowledged:
                    self.n_lost += 1
                self.oldest = max(self.oldest, head[H_SEQUENCE] + 1)
        self._flash.erase(self._address(first_slot))

    def _find(self, sequence):
        """Read the first stored page at or after `sequence` into our buffer; its sequence or -1."""
        for candidate in range(max(sequence, self.oldest), self.next_sequence):
            head = self._read_slot(candidate % self._slots)
            if head is not None and head[H_SEQUENCE] == candidate:
                return candidate
        return -1

    def read_into(self, sequence, buffer):
        """Copy the first stored page at or after `sequence` into the 512-byte buffer; its
        sequence, or -1 where there is none."""
        found = self._find(sequence)
        if found >= 0:
            buffer[:] = self._buffer
        return found

    def has_from(self, sequence):
        """Whether there is a stored page at or after `sequence`."""
        return self._find(sequence) >= 0

    def wipe(self):
        """Erase all pages and begin another journal."""
        for _ in self.wiping():
            pass

    def wiping(self):
        """The same in steps, one sector each: a generator, as all of them take seconds.

        The old id goes first, on flash and here: what a power cut or an error leaves of its pages
        is nobody's, and goes when its sector is written anew.
        """
        journal_id = int.from_bytes(self._entropy(4), "little")
        self._bookmarks.put(JOURNAL_ID, journal_id)
        self._page.n_epochs = 0
        self.journal_id = journal_id
        if self.on_wipe is not None:
            self.on_wipe()  # before anything can fail: another student's journal begins here
        self.acknowledged = 0
        self._has_moved = True
        self.oldest = 0
        self.next_sequence = 0
        self.n_pages = 0
        self.n_epochs = 0
        self.n_lost = 0
        self.newest_utc_s = 0
        self._trusted_from = 0
        self.snapshots.wipe(journal_id)
        self._drafts.wipe()
        self._bookmarks.put(TRUSTED_FROM, 0)
        for slot in range(0, self._slots, self._per_sector):
            if slot >= self.next_sequence:  # not what was written meanwhile
                self._flash.erase(self._address(slot))
            yield
        self.settle()

    def acknowledge(self, next_sequence):
        """Remember that a host has all pages before `next_sequence`. It only ever rises. A power
        cut before `settle` forgets it, which costs nothing: the host knows what it has."""
        if self.acknowledged < next_sequence <= self.next_sequence:
            self.acknowledged = next_sequence
            self._has_moved = True
            if not self.is_held:
                self.settle()
