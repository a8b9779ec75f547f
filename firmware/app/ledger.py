"""The duty ledger: what the device did since its start, for the host to work out what it costs.

Integers alone, and counting allocates nothing. What a counter means stands in biocore.message,
STATUS.
"""

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_FLASH_PAGE_BYTES = const(256)  # what a NOR flash programs at once
_FULL = const(255)
_MOST_STEP_MS = const(10_000)  # 255 * 255 * this is a small integer yet
_MASK = const(0xFFFFFFFF)
N_FIELDS = const(16)


class Channel:
    """One colour of the lamp: milliseconds, weighed by level and by its square, of 255 each."""

    def __init__(self):
        self.level_ms = 0
        self.square_ms = 0
        self._level = 0  # what is not a whole millisecond yet
        self._square = 0

    def shone(self, level, ms):
        self._level += level * ms
        self.level_ms += self._level // _FULL
        self._level %= _FULL
        self._square += level * level * ms
        self.square_ms += self._square // (_FULL * _FULL)
        self._square %= _FULL * _FULL


class Ledger:
    """`awake(us)`, `shone(red, green, blue, ms)`, `connected_s` and the flash's counters are told;
    what a room counts itself is put beside it by `fields`.

    awake: by the port that puts the chip to sleep; where there is none, awake_s stays 0.
    """

    def __init__(self):
        self.awake_s = 0
        self._awake_us = 0
        self.connected_s = 0
        self.lamp_ms = 0
        self.is_lit = False  # now: the indicator says so
        self.red = Channel()
        self.green = Channel()
        self.blue = Channel()
        self.flash_pages = 0
        self.flash_sectors = 0

    def awake(self, us):
        """The program ran for so long in one piece."""
        self._awake_us += us
        while self._awake_us >= 1_000_000:
            self._awake_us -= 1_000_000
            self.awake_s += 1

    def shone(self, red, green, blue, ms):
        """The lamp stood at these levels (0..255) for so long."""
        if not (red or green or blue) or ms <= 0:
            return
        ms = min(ms, _MOST_STEP_MS)
        self.lamp_ms += ms
        self.red.shone(red, ms)
        self.green.shone(green, ms)
        self.blue.shone(blue, ms)

    def fields(self, uptime_s, sampler, visibility):
        """The fields of STATUS from uptime_s to flash_sectors."""
        counts = (
            max(uptime_s, 1),  # 0 would say that nothing is counted
            self.awake_s,
            sampler.bursts,
            sampler.light_reads,
            sampler.epochs,
            visibility.open_s,
            self.connected_s,
            self.lamp_ms,
            self.red.level_ms,
            self.green.level_ms,
            self.blue.level_ms,
            self.red.square_ms,
            self.green.square_ms,
            self.blue.square_ms,
            self.flash_pages,
            self.flash_sectors,
        )
        return tuple([count & _MASK for count in counts])


class CountedFlash:
    """A board's flash port, with what is written to it counted in a ledger."""

    def __init__(self, flash, ledger):
        self._flash = flash
        self._ledger = ledger
        self.size_bytes = flash.size_bytes
        self.sector_bytes = flash.sector_bytes
        self.read_into = flash.read_into

    def program(self, address, data):
        first = address // _FLASH_PAGE_BYTES
        last = (address + len(data) - 1) // _FLASH_PAGE_BYTES
        self._ledger.flash_pages += last - first + 1
        self._flash.program(address, data)

    def erase(self, address):
        self._ledger.flash_sectors += 1
        self._flash.erase(address)
