"""Stands in for MicroPython's `esp32`: a flash with a partition table, and what wakes the chip.

`partitions`: {label: bytearray}, of whole sectors. Only what firmware/hw uses; a wrong argument is
an error here too.
"""

SECTOR = 4096
WAKEUP_ALL_LOW = False
wakes = []  # (pin, level), by ext0
wakes_gpio = []
partitions = {}


def wake_on_ext0(pin, level):
    wakes.append((pin, level))


def _wake_on_gpio(pins, level):
    for pin in pins:
        wakes_gpio.append((pin, level))


def has_wake_on_gpio(has):
    """Whether this chip's interpreter has it (an ESP32 without: ext0, a C3: nothing)."""
    wakes.clear()
    wakes_gpio.clear()
    if has:
        globals()["wake_on_gpio"] = _wake_on_gpio
    else:
        globals().pop("wake_on_gpio", None)


class Partition:
    TYPE_APP, TYPE_DATA = 0, 1

    def __init__(self, cells):
        self.cells = cells

    @staticmethod
    def find(type=0, subtype=0xFF, label=None, block_size=4096):
        if type != Partition.TYPE_DATA:
            return []
        return [Partition(cells) for name, cells in partitions.items() if name == label]

    def _at(self, block, offset, n):
        at = block * SECTOR + offset
        if not 0 <= at <= at + n <= len(self.cells):
            raise OSError(-258, "ESP_ERR_INVALID_ARG")
        return at

    def readblocks(self, block, buffer, offset=0):
        at = self._at(block, offset, len(buffer))
        buffer[:] = memoryview(self.cells)[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:  # then whole blocks, erased first
            for i in range(len(buffer) // SECTOR):
                self.ioctl(6, block + i)
        at = self._at(block, offset or 0, len(buffer))
        for i, value in enumerate(buffer):
            self.cells[at + i] &= value

    def ioctl(self, op, arg):
        if op == 4:
            return len(self.cells) // SECTOR
        if op == 5:
            return SECTOR
        if op == 6:
            at = self._at(arg, 0, SECTOR)
            self.cells[at : at + SECTOR] = b"\xff" * SECTOR
            return 0
        raise OSError(22)
