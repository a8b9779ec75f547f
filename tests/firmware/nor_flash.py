"""NOR flash in memory: programming clears bits, erasing sets a sector, the power can fail."""

SECTOR = 4096
_BLANK = b"\xff" * SECTOR


class PowerCut(Exception):
    pass


def _nothing(*_):
    pass


class Flash:
    """Blank at first. `cells`: memory to use again, where the heap is too small for another.

    left: bytes that can still be programmed before the power is cut, -1: no end. erased: sectors
    erased. `on_write()` is called before each write, `on_programmed(data)` after a whole one.
    """

    sector_bytes = SECTOR

    def __init__(self, sectors, cells=None):
        self.size_bytes = sectors * SECTOR
        self.bytes = bytearray(self.size_bytes) if cells is None else cells
        for address in range(0, self.size_bytes, SECTOR):
            self.bytes[address : address + SECTOR] = _BLANK
        self.left = -1
        self.erased = 0
        self.on_write = _nothing
        self.on_programmed = _nothing

    def read_into(self, address, buffer):
        buffer[:] = memoryview(self.bytes)[address : address + len(buffer)]

    def program(self, address, data):
        self.on_write()
        for i, value in enumerate(data):
            if self.left == 0:
                raise PowerCut
            self.left -= 1
            self.bytes[address + i] &= value
        self.on_programmed(data)

    def erase(self, address):
        assert address % SECTOR == 0
        self.on_write()
        if self.left == 0:
            raise PowerCut
        self.erased += 1
        self.bytes[address : address + SECTOR] = _BLANK
