"""From energy to one of four lamp states, with the reason. What is not known is said so."""

from biocore.lamp import EASY, FOCUS, PAUSE, UNKNOWN

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# code -> the sentence's key on the dashboard
REASONS = (
    "starting",
    "no_night_yet",
    "off_wrist",
    "asleep",
    "just_awake",
    "long_still",
    "above_usual",
    "usual",
    "below_usual",
)
STARTING = const(0)
NO_NIGHT_YET = const(1)
OFF_WRIST = const(2)
ASLEEP = const(3)
JUST_AWAKE = const(4)
LONG_STILL = const(5)
ABOVE_USUAL = const(6)
USUAL = const(7)
BELOW_USUAL = const(8)

_INERTIA_MIN = const(45)  # W has faded to a third of a KSS point by then
_LONG_STILL_MIN = const(50)  # about one lesson in the seat
_HOLD_MIN = const(15)  # a state stands at least so long: no flicker
_ABOVE = 0.3
_BELOW = -1.5
_USUAL_MEMORY_MIN = const(1800)  # about two days awake


class Decision:
    """`step` once per epoch; `lamp` and `reason` are the answer.

    `usual` is the student's own mean level while awake, the heaviness after waking left out: over
    all minutes so far, then with a memory of two days awake. The state says "above *your* usual",
    never a value that could be compared with anyone's.
    """

    def __init__(self):
        self.lamp = UNKNOWN
        self.reason = STARTING
        self.usual = 0.0
        self._usual_min = 0
        self._held_min = 0
        self._quiet_min = 0

    def step(self, off_wrist, asleep, awake_min, level, is_quiet):
        """`level`: energy. `is_quiet`: hardly any movement this minute. Returns the lamp state."""
        self._quiet_min = self._quiet_min + 1 if is_quiet and not (asleep or off_wrist) else 0
        if off_wrist:
            return self._set(UNKNOWN, OFF_WRIST)
        if asleep:
            return self._set(UNKNOWN, ASLEEP)
        if awake_min < 0:
            return self._set(UNKNOWN, NO_NIGHT_YET)
        if awake_min < _INERTIA_MIN:
            return self._hold(EASY, JUST_AWAKE)
        self._usual_min = min(self._usual_min + 1, _USUAL_MEMORY_MIN)
        self.usual += (level - self.usual) / self._usual_min
        if self._quiet_min >= _LONG_STILL_MIN:
            return self._hold(PAUSE, LONG_STILL)
        difference = level - self.usual
        if difference > _ABOVE:
            return self._hold(FOCUS, ABOVE_USUAL)
        if difference < _BELOW:
            return self._hold(PAUSE, BELOW_USUAL)
        return self._hold(EASY, USUAL)

    def _set(self, lamp, reason):
        self.lamp = lamp
        self.reason = reason
        self._held_min = 0
        return lamp

    def _hold(self, lamp, reason):
        self._held_min += 1
        if lamp == self.lamp:
            self.reason = reason
        elif self.lamp == UNKNOWN or self._held_min >= _HOLD_MIN:
            self._set(lamp, reason)
        return self.lamp
