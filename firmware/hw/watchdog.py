"""The board's watchdog: machine.WDT, which no program can stop once it runs.

A soft reset does not stop it either: the program that a visit by cable starts again may have one
from the first moment. So it runs from here on, and is fed by a timer while the program starts,
which may take minutes where there is a log to go through, and again once a person leaves the
program by Ctrl-C to work on the board.
"""

import machine
from micropython import const

# An RP2040 can do no more than 8388 ms; the longest that our loop may be blocked is far below.
TIMEOUT_MS = const(8000)
_FEED_MS = const(2000)
START_FEEDS = const(300)  # ten minutes: a start that takes longer hangs
_NO_END = const(-1)


class Watchdog:
    """`feed` at most TIMEOUT_MS apart, once the program runs. timer: number of the timer to use."""

    def __init__(self, timer):
        self._wdt = machine.WDT(timeout=TIMEOUT_MS)
        self._feeder = machine.Timer(timer)
        self._is_fed = False  # by the timer
        self._begin(START_FEEDS)

    def _begin(self, left):
        self._left = left
        self._is_fed = True
        self._feeder.init(period=_FEED_MS, mode=machine.Timer.PERIODIC, callback=self._on_timer)

    def feed(self):
        if self._is_fed:
            self._is_fed = False
            self._feeder.deinit()
        self._wdt.feed()

    def release(self):
        """The program ends because a person wants the board: no restart meanwhile."""
        self._begin(_NO_END)

    def _on_timer(self, timer):
        if self._left:
            self._left -= 1
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
