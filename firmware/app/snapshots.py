"""The estimator's state on flash: the newest that was written whole.

Slots of 256 bytes (app.slot_ring), one program of a NOR flash each: sequence number of the page it
belongs to, the state, CRC32. The CRC begins from the journal's id: a state of an earlier journal is
nobody's.
"""

import struct
from binascii import crc32

from app.slot_ring import SlotRing

SLOT_BYTES = 256
_HEAD_BYTES = 4
_CRC_OFFSET = SLOT_BYTES - 4
STATE_BYTES = _CRC_OFFSET - _HEAD_BYTES


class Snapshots:
    """`put` a state with the page it belongs to; `newest` gives the last one back.

    `slot`: the buffer, whose STATE_BYTES from `STATE_AT` on are the state's.
    """

    STATE_AT = _HEAD_BYTES

    def __init__(self, flash, address, journal_id):
        self._ring = SlotRing(flash, address, SLOT_BYTES)
        self._journal_id = journal_id
        self.slot = bytearray(SLOT_BYTES)
        self._probe = bytearray(SLOT_BYTES)
        self._newest = -1
        newest = -1
        for place in range(self._ring.n):
            sequence = self._read(place)
            if sequence > newest:
                newest = sequence
                self._newest = place
        self._ring.begin_behind(self._newest)

    def _crc(self):
        return crc32(memoryview(self.slot)[:_CRC_OFFSET], self._journal_id)

    def _read(self, place):
        """Read a slot into the buffer; its page's sequence number, -1 where it is none of ours."""
        self._ring.read_into(place, self.slot)
        if struct.unpack_from("<I", self.slot, _CRC_OFFSET)[0] != self._crc():
            return -1
        return struct.unpack_from("<I", self.slot, 0)[0]

    def newest(self):
        """Read the newest state into `slot`; its page's sequence number, -1 where there is none."""
        return self._read(self._newest) if self._newest >= 0 else -1

    def put(self, sequence):
        """Keep the state that stands in `slot`, as of the end of page `sequence`.

        Safe when this returns. Raises OSError where the flash does.
        """
        struct.pack_into("<I", self.slot, 0, sequence)
        struct.pack_into("<I", self.slot, _CRC_OFFSET, self._crc())
        place = self._ring.make_room(self._probe)
        self._ring.program(place, self.slot)
        self._newest = place

    def wipe(self, journal_id):
        """Forget all states; later ones belong to this journal."""
        self._journal_id = journal_id
        self._newest = -1
        self._ring.wipe()
