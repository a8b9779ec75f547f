"""Small numbers that survive a power cut: which journal this is, and how far the host has it.

Two flash sectors. Entries of 16 bytes are appended to one; when it is full the current values are
written to the other, and last of all that one's first entry, which makes it the valid one. Whatever
byte a power cut falls on, one of the two is whole.
"""

import struct
from binascii import crc32

SECTORS = 2
JOURNAL_ID = 1
ACKNOWLEDGED = 2
TRUSTED_FROM = 3
_GENERATION = 0xA5

_ENTRY_BYTES = 16
_BLANK = b"\xff" * _ENTRY_BYTES


class Bookmarks:
    """`get` and `put` numbers (0..2**32-1) by kind. `get` gives None for one never put."""

    def __init__(self, flash, address):
        self._flash = flash
        self._address = address
        self._values = {}
        self._sector = 0
        self._generation = 0
        self._used = 0
        self._entry = bytearray(_ENTRY_BYTES)
        generations = [self._read(sector, 0) for sector in range(SECTORS)]
        valid = [
            (entry[1], sector)
            for sector, entry in enumerate(generations)
            if entry is not None and entry[0] == _GENERATION
        ]
        if valid:
            self._generation, self._sector = max(valid)
            self._load()

    def _at(self, sector, index):
        return self._address + sector * self._flash.sector_bytes + index * _ENTRY_BYTES

    def _read(self, sector, index):
        """Return (kind, value), or None for a blank or torn entry."""
        self._flash.read_into(self._at(sector, index), self._entry)
        kind, value, _, crc = struct.unpack("<IIII", self._entry)
        if crc != crc32(memoryview(self._entry)[:12]):
            return None
        return kind, value

    def _load(self):
        capacity = self._flash.sector_bytes // _ENTRY_BYTES
        self._used = 1
        while self._used < capacity:
            entry = self._read(self._sector, self._used)
            if entry is None and self._entry == _BLANK:
                break
            if entry is not None:
                self._values[entry[0]] = entry[1]
            self._used += 1  # a torn entry is passed over, not written on

    def _write(self, sector, index, kind, value):
        struct.pack_into("<III", self._entry, 0, kind, value, 0)
        struct.pack_into("<I", self._entry, 12, crc32(memoryview(self._entry)[:12]))
        self._flash.program(self._at(sector, index), self._entry)

    def get(self, kind):
        return self._values.get(kind)

    def put(self, kind, value):
        """Keep a number; safe when this returns."""
        capacity = self._flash.sector_bytes // _ENTRY_BYTES
        if self._generation and self._used < capacity:
            self._used += 1  # also where it fails: what is torn is not written on
            self._write(self._sector, self._used - 1, kind, value)
            self._values[kind] = value
            return
        before = self._values.get(kind)
        self._values[kind] = value
        try:
            self._move()
        except OSError:
            if before is None:
                del self._values[kind]
            else:
                self._values[kind] = before
            raise

    def _move(self):
        """Write all current values to the other sector and make that one valid."""
        sector = (self._sector + 1) % SECTORS if self._generation else 0
        self._flash.erase(self._at(sector, 0))
        index = 1
        for kind in sorted(self._values):
            self._write(sector, index, kind, self._values[kind])
            index += 1
        self._generation += 1
        self._write(sector, 0, _GENERATION, self._generation)
        self._sector = sector
        self._used = index
