"""The board's watchdog: machine.WDT, which no program can stop once it runs.

So it begins at the first feed, when a long start is over; and who leaves the program by Ctrl-C, to
work on the board over the cable, has it fed by a timer until the next restart.
"""

import machine
from micropython import const

# An RP2040 can do no more than 8388 ms; the longest that our loop may be blocked is far below.
TIMEOUT_MS = const(8000)
_RELEASED_MS = const(2000)


class Watchdog:
    """`feed` at most TIMEOUT_MS apart. timer: number of the timer that `release` takes."""

    def __init__(self, timer):
        self._timer = timer
        self._wdt = None
        self._feeder = None

    def feed(self):
        if self._wdt is None:
            self._wdt = machine.WDT(timeout=TIMEOUT_MS)
        self._wdt.feed()

    def release(self):
        """The program ends because a person wants the board: no restart meanwhile."""
        if self._wdt is not None and self._feeder is None:
            self._feeder = machine.Timer(self._timer)
            self._feeder.init(
                period=_RELEASED_MS, mode=machine.Timer.PERIODIC, callback=self._on_timer
            )

    def _on_timer(self, timer):
        self._wdt.feed()


_CAUSES = (  # names of machine's, with those of biocore.message
    ("PWRON_RESET", 1),
    ("HARD_RESET", 2),
    ("SOFT_RESET", 2),
    ("WDT_RESET", 3),
    ("DEEPSLEEP_RESET", 4),
)


def restart_cause():
    """What started the chip, as biocore.message.RESTART_*; 0 where it does not say.

    An ESP32 calls a brown-out a power-on; an RP2040 calls machine.reset() a watchdog's.
    """
    cause = machine.reset_cause()
    for name, code in _CAUSES:
        if getattr(machine, name, None) == cause:
            return code
    return 0
