"""Slots of one size in two sectors of flash, written in turn.

A sector is erased only when the last slot of the other is taken, so whatever byte a power cut falls
on, what was written before stays.
"""

SECTORS = 2


class SlotRing:
    """`n` places of `slot_bytes` each, from `address` on; `next` is the one that is written next.

    Who begins sets `next` behind the newest slot that was found. Each method raises OSError where
    the flash does.
    """

    def __init__(self, flash, address, slot_bytes):
        self._flash = flash
        self._address = address
        self._slot_bytes = slot_bytes
        self._per_sector = flash.sector_bytes // slot_bytes
        self.n = SECTORS * self._per_sector
        self.next = 0
        self.blank = b"\xff" * slot_bytes

    def _at(self, place):
        return self._address + place * self._slot_bytes

    def begin_behind(self, place):
        """Write next behind that place; -1: nothing is there."""
        self.next = (place + 1) % self.n

    def read_into(self, place, buffer):
        self._flash.read_into(self._at(place), buffer)

    def make_room(self, buffer):
        """Return the place to write: erases the sector it begins, passes over what is torn.

        buffer: `slot_bytes` to work in.
        """
        place = self.next
        while True:
            if place % self._per_sector == 0:
                self._flash.erase(self._at(place))
                return place
            self.read_into(place, buffer)
            if buffer == self.blank:
                return place
            place = (place + 1) % self.n

    def program(self, place, data):
        """Write the place that `make_room` gave.

        Where the flash does not take it `next` stays: however often that is, the sector of what was
        written last is not erased.
        """
        self._flash.program(self._at(place), data)
        self.begin_behind(place)

    def spare(self):
        """The address of the sector that is erased next: what is in there counts no more."""
        sector = ((self.next - 1) // self._per_sector + 1) % SECTORS
        return self._at(sector * self._per_sector)

    def wipe(self):
        self.next = 0
        for sector in range(SECTORS):
            self._flash.erase(self._at(sector * self._per_sector))
