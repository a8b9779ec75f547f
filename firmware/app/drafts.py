"""The open page on flash once half of it is full: a power cut then takes a quarter of an hour.

Slots of 512 bytes (app.slot_ring): CRC32, then the page's header and its epochs so far, with the
number that it would get. A draft counts as long as no page of that number or a later one is stored;
then the start that finds it makes it that page.
"""

import struct
from binascii import crc32

from app.slot_ring import SlotRing
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

HALF_EPOCHS = MAX_EPOCHS // 2
_CRC_BYTES = 4


class Drafts:
    """`keep` and `bring_back` a biocore.page.PageBuilder. buffer: PAGE_BYTES to work in."""

    def __init__(self, flash, address, buffer):
        self._buffer = buffer
        self._ring = SlotRing(flash, address, PAGE_BYTES)
        self._kept = -1  # the page that has its draft

    def _read(self, place):
        """Read a slot into the buffer; its page's header, None where it is no whole draft."""
        buffer = self._buffer
        self._ring.read_into(place, buffer)
        head = struct.unpack_from(HEADER_FORMAT, buffer, _CRC_BYTES)
        end = _CRC_BYTES + HEADER_BYTES + head[H_N_EPOCHS] * EPOCH_BYTES
        if head[0] != PAGE_MAGIC or head[1] != PAGE_FORMAT or end > PAGE_BYTES:
            return None
        crc = crc32(memoryview(buffer)[_CRC_BYTES:end])
        return head if struct.unpack_from("<I", buffer, 0)[0] == crc else None

    def find(self, journal_id):
        """Look for the newest draft; returns (its page's number, its place), -1 for none."""
        newest = found = -1
        for place in range(self._ring.n):
            head = self._read(place)
            is_ours = head is not None and head[H_JOURNAL_ID] == journal_id
            if is_ours and head[H_SEQUENCE] >= newest:
                newest = head[H_SEQUENCE]
                found = place
        self._ring.begin_behind(found)
        return newest, found

    def bring_back(self, page, journal_id, next_sequence):
        """Fill the page with the newest draft, if that was never written as one; True then."""
        newest, found = self.find(journal_id)
        if found < 0 or newest < next_sequence:
            return False
        page.n_epochs = self._read(found)[H_N_EPOCHS]
        size = HEADER_BYTES + page.n_epochs * EPOCH_BYTES
        page.buffer[:] = self._ring.blank
        page.buffer[:size] = memoryview(self._buffer)[_CRC_BYTES : _CRC_BYTES + size]
        return True

    def keep(self, page, sequence):
        """Keep the page as far as it is, once, when half of it is full. Raises OSError where the
        flash does: no page is lost by that."""
        if page.n_epochs < HALF_EPOCHS or page.is_full() or self._kept == sequence:
            return
        self._kept = sequence
        place = self._ring.make_room(self._buffer)
        size = HEADER_BYTES + page.n_epochs * EPOCH_BYTES
        view = memoryview(self._buffer)[: _CRC_BYTES + size]
        view[_CRC_BYTES:] = memoryview(page.close(sequence))[:size]
        struct.pack_into("<I", self._buffer, 0, crc32(view[_CRC_BYTES:]))
        self._ring.program(place, view)

    def spare(self):
        """The address of a sector that holds nothing that counts."""
        return self._ring.spare()

    def wipe(self):
        """Forget all of them."""
        self._kept = -1
        self._ring.wipe()
