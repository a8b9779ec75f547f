"""Gestures of the one button, from its edges. Sans I/O: the caller brings level and tick."""

from biocore.units import ticks_diff

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


NOTHING = const(0)
SHORT = const(1)  # show the lamp
DOUBLE = const(2)  # I feel sharp
TRIPLE = const(3)  # I feel tired
LONG = const(4)  # ask for a strip
WIPE = const(5)  # held for ten seconds, and let go

DEBOUNCE_MS = const(30)
GAP_MS = const(450)  # a further press comes within this time
LONG_MS = const(1200)
WIPE_MS = const(10000)
STUCK_MS = const(20000)  # something lies on it: no finger


class Gestures:
    """`edge` at every change of level, `poll` when `wait_ms` has passed; each returns a gesture.

    Four things can be going on: 1 nothing, 2 pressed, 3 released and waiting whether another press
    follows, 4 bouncing. A press that is held counts when it is let go; beyond STUCK_MS it is none.
    """

    def __init__(self):
        self._pressed = False
        self._is_stuck = False  # known, for in six days the ticks say otherwise
        self._count = 0
        self._since = 0

    def edge(self, pressed, ticks_ms):
        """The level is now `pressed` (True: down) since `ticks_ms`."""
        if pressed == self._pressed:
            return NOTHING
        held_ms = STUCK_MS if self._is_stuck else ticks_diff(ticks_ms, self._since)
        if held_ms < DEBOUNCE_MS and (self._count or self._pressed):
            return NOTHING  # 4: contact bounce; the level is looked at again by `poll`
        gesture = NOTHING if pressed else self._release(held_ms)
        if pressed:
            gesture = self.poll(ticks_ms)  # 3 may have run out before this press
        self._pressed = pressed
        self._is_stuck = False
        self._since = ticks_ms
        return gesture

    def _release(self, held_ms):
        if held_ms < LONG_MS:
            self._count += 1
            return NOTHING
        self._count = 0
        if held_ms >= STUCK_MS:
            return NOTHING
        return WIPE if held_ms >= WIPE_MS else LONG

    def poll(self, ticks_ms):
        """Return the gesture that became certain by waiting, or NOTHING."""
        waited_ms = ticks_diff(ticks_ms, self._since)
        if self._pressed and waited_ms >= STUCK_MS:
            self._is_stuck = True
        if not self._pressed and self._count and waited_ms >= GAP_MS:
            count = self._count
            self._count = 0
            return SHORT if count == 1 else DOUBLE if count == 2 else TRIPLE
        return NOTHING

    def wait_ms(self, ticks_ms):
        """Milliseconds until `poll` is worth calling, or -1: only an edge can bring news."""
        if self._pressed:
            return -1 if self._is_stuck else max(STUCK_MS - ticks_diff(ticks_ms, self._since), 0)
        if not self._count:
            return -1
        return max(GAP_MS - ticks_diff(ticks_ms, self._since), 0)
