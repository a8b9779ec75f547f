"""The open page on flash once half of it is full: a power cut then takes a quarter of an hour.

Two sectors of 512-byte slots, taken in turn as those of app.snapshots are: CRC32, then the page's
header and its epochs so far, with the number that it would get. A draft counts as long as no page
of that number or a later one is stored; then the start that finds it makes it that page.
"""

import struct
from binascii import crc32

from biocore.page import (
    H_JOURNAL_ID,
    H_N_EPOCHS,
    H_SEQUENCE,
    HEADER_BYTES,
    HEADER_FORMAT,
    MAX_EPOCHS,
    PAGE_BYTES,
    PAGE_FORMAT,
    PAGE_MAGIC,
)
from biocore.record import EPOCH_BYTES

SECTORS = 2
HALF_EPOCHS = MAX_EPOCHS // 2
_CRC_BYTES = 4
_BLANK = b"\xff" * PAGE_BYTES


class Drafts:
    """`keep` and `bring_back` a biocore.page.PageBuilder. buffer: PAGE_BYTES to work in."""

    def __init__(self, flash, address, buffer):
        self._flash = flash
        self._address = address
        self._buffer = buffer
        self._per_sector = flash.sector_bytes // PAGE_BYTES
        self._slots = SECTORS * self._per_sector
        self._next = 0
        self._kept = -1  # the page that has its draft

    def _at(self, place):
        return self._address + place * PAGE_BYTES

    def _read(self, place):
        """Read a slot into the buffer; its page's header, None where it is no whole draft."""
        buffer = self._buffer
        self._flash.read_into(self._at(place), buffer)
        head = struct.unpack_from(HEADER_FORMAT, buffer, _CRC_BYTES)
        end = _CRC_BYTES + HEADER_BYTES + head[H_N_EPOCHS] * EPOCH_BYTES
        if head[0] != PAGE_MAGIC or head[1] != PAGE_FORMAT or end > PAGE_BYTES:
            return None
        crc = crc32(memoryview(buffer)[_CRC_BYTES:end])
        return head if struct.unpack_from("<I", buffer, 0)[0] == crc else None

    def find(self, journal_id):
        """Look for the newest draft; returns (its page's number, its place), -1 for none."""
        newest = found = -1
        for place in range(self._slots):
            head = self._read(place)
            is_ours = head is not None and head[H_JOURNAL_ID] == journal_id
            if is_ours and head[H_SEQUENCE] >= newest:
                newest = head[H_SEQUENCE]
                found = place
        self._next = (found + 1) % self._slots
        return newest, found

    def bring_back(self, page, journal_id, next_sequence):
        """Fill the page with the newest draft, if that was never written as one; True then."""
        newest, found = self.find(journal_id)
        if found < 0 or newest < next_sequence:
            return False
        page.n_epochs = self._read(found)[H_N_EPOCHS]
        size = HEADER_BYTES + page.n_epochs * EPOCH_BYTES
        page.buffer[:] = _BLANK
        page.buffer[:size] = memoryview(self._buffer)[_CRC_BYTES : _CRC_BYTES + size]
        return True

    def keep(self, page, sequence):
        """Keep the page as far as it is, once, when half of it is full. Raises OSError where the
        flash does: no page is lost by that."""
        if page.n_epochs < HALF_EPOCHS or page.is_full() or self._kept == sequence:
            return
        self._kept = sequence
        place = self._blank_place()
        size = HEADER_BYTES + page.n_epochs * EPOCH_BYTES
        view = memoryview(self._buffer)[: _CRC_BYTES + size]
        view[_CRC_BYTES:] = memoryview(page.close(sequence))[:size]
        struct.pack_into("<I", self._buffer, 0, crc32(view[_CRC_BYTES:]))
        self._next = (place + 1) % self._slots
        self._flash.program(self._at(place), view)

    def _blank_place(self):
        """The next slot to write; erases the sector it begins, passes over what is torn."""
        place = self._next
        while True:
            if place % self._per_sector == 0:
                self._flash.erase(self._at(place))
                return place
            self._flash.read_into(self._at(place), self._buffer)
            if self._buffer == _BLANK:
                return place
            place = (place + 1) % self._slots

    def spare(self):
        """The address of the sector that is erased next: what is in there counts no more."""
        sector = ((self._next - 1) // self._per_sector + 1) % SECTORS
        return self._at(sector * self._per_sector)

    def wipe(self):
        """Forget all of them."""
        self._next = 0
        self._kept = -1
        for sector in range(SECTORS):
            self._flash.erase(self._at(sector * self._per_sector))
