"""Context: how lively and how bright the last half hour was, for this student.

Moving about and bright light lower sleepiness by 1 to 2 points of the KSS, sitting still in dim
light raises it as much (Akerstedt, Anund, Axelsson & Kecklund 2014, J Sleep Res 23:240). What is
lively differs between devices and between students, so each is measured against the student's own
waking quarter hours: logarithm, own mean, own spread. `step` is integers only.
"""

import struct
from array import array

from biocore.record import NO_LIGHT_ALPHA

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


QUARTER_MIN = const(15)
# Below one lux the eye of somebody awake tells little apart: alpha of 1 lx in 2**-18, as a floor.
_ALPHA_1LX_Q18 = const(134)
_NONE = const(65535)  # a quarter hour that says nothing
_LEAST_MIN = const(5)  # of 15 minutes, for a quarter hour to say something
_LEAST_QUARTERS = const(8)  # two waking hours before "own spread" means anything
_MEMORY_QUARTERS = const(896)  # 14 days of 16 waking hours: forgets over weeks
_LEAST_VARIANCE = 0.0625  # a spread of a quarter of a doubling, against division by nothing
_LIMIT = 2.0  # one odd half hour counts as two spreads at most
_HIGHEST_Q4 = const(464)  # log2_q4 of the largest value
_HIGHEST = 900.0  # square of the largest logarithm: above any mean and any variance
_LARGEST = const((1 << 29) - 1)
_VALUE_STEPS = const(60)  # `value` in sixtieths: fits a signed byte, so a snapshot is exact
_FORMAT = "<4f8H2Bb"
_PACKED = (  # behind the four of `_own`
    "_n_activity",
    "_n_light",
    "_last_activity",
    "_last_light",
    "_before_activity",
    "_before_light",
    "_activity",
    "_light",
    "_minutes",
    "_light_minutes",
    "_value",
)
SNAPSHOT_BYTES = const(35)


def log2_q4(value):
    """log2(1 + value) in sixteenths, linear between powers of two; values cut to 0..2**29 - 1."""
    value = 1 if value < 0 else (value if value < _LARGEST else _LARGEST) + 1
    whole = 0
    while value >> (whole + 1):
        whole += 1
    rest = value - (1 << whole)
    return (whole << 4) + (rest << 4 >> whole if whole < 25 else rest >> (whole - 4))


class Context:
    """`step` each minute, `end_quarter` each quarter hour; `value` is the answer.

    `value` is the mean of how far activity and light of the last two quarter hours lie from the
    student's usual, each in own spreads. What is not known counts as usual, 0.
    """

    def __init__(self):
        self._value = 0
        # mean and variance of activity, then of light: log2 units
        self._own = array("f", [0.0] * 4)
        self._n_activity = 0
        self._n_light = 0
        self._last_activity = _NONE
        self._last_light = _NONE
        self._before_activity = _NONE
        self._before_light = _NONE
        self._activity = 0
        self._light = 0
        self._minutes = 0
        self._light_minutes = 0

    @property
    def value(self):
        """Liveliness of the last half hour in own spreads, -2 to 2."""
        return self._value / _VALUE_STEPS

    def step(self, activity, light_alpha_q18):
        """Take a minute: activity in any steady unit (ENMO, counts), mean alpha (biocore.record).

        No light reading: 65535.
        """
        if self._minutes < QUARTER_MIN:
            self._minutes += 1
            self._activity += log2_q4(activity)
            if light_alpha_q18 != NO_LIGHT_ALPHA:
                self._light_minutes += 1
                self._light += log2_q4(light_alpha_q18 + _ALPHA_1LX_Q18)

    def end_quarter(self, is_worn, is_awake):
        """Close the quarter hour. Off the wrist it says nothing; own usual is learnt awake."""
        self._before_activity = self._last_activity
        self._before_light = self._last_light
        enough = is_worn and self._minutes >= _LEAST_MIN
        self._last_activity = self._activity // self._minutes if enough else _NONE
        enough = is_worn and self._light_minutes >= _LEAST_MIN
        self._last_light = self._light // self._light_minutes if enough else _NONE
        self._activity = 0
        self._light = 0
        self._minutes = 0
        self._light_minutes = 0
        # Judged before it is learnt: a first bright hour is not its own yardstick.
        self._judge()
        if is_awake and self._last_activity != _NONE:
            self._n_activity = self._learn(0, self._last_activity, self._n_activity)
        if is_awake and self._last_light != _NONE:
            self._n_light = self._learn(2, self._last_light, self._n_light)

    def _judge(self):
        both = self._deviation(0, self._last_activity, self._before_activity, self._n_activity)
        both += self._deviation(2, self._last_light, self._before_light, self._n_light)
        self._value = round(0.5 * _VALUE_STEPS * both)

    def _deviation(self, at, last_q4, before_q4, n):
        if n < _LEAST_QUARTERS or last_q4 == _NONE:
            return 0.0
        level = last_q4 if before_q4 == _NONE else 0.5 * (last_q4 + before_q4)
        variance = max(self._own[at + 1], _LEAST_VARIANCE)
        return min(max((level / 16 - self._own[at]) / variance**0.5, -_LIMIT), _LIMIT)

    def _learn(self, at, level_q4, n):
        """Mean and variance over all waking quarter hours so far, then with a memory."""
        own = self._own
        n = min(n + 1, _MEMORY_QUARTERS)
        difference = level_q4 / 16 - own[at]
        own[at] += difference / n
        own[at + 1] += (difference * (level_q4 / 16 - own[at]) - own[at + 1]) / n
        return n

    def snapshot_into(self, buffer, at):
        """Write SNAPSHOT_BYTES bytes at `at`; return where they end."""
        values = list(self._own) + [getattr(self, name) for name in _PACKED]
        struct.pack_into(_FORMAT, buffer, at, *values)
        return at + SNAPSHOT_BYTES

    def restore(self, buffer, at):
        """Take over what `snapshot_into` wrote; return where it ends. Nonsense starts anew."""
        values = struct.unpack_from(_FORMAT, buffer, at)
        own = self._own
        for i in range(len(own)):
            own[i] = values[i]
        for i in range(len(_PACKED)):
            setattr(self, _PACKED[i], values[len(own) + i])
        if not self._is_sane():
            self.__init__()
        return at + SNAPSHOT_BYTES

    def _is_sane(self):
        for i in range(4):  # not (0 <= nan)
            if not 0.0 <= self._own[i] <= _HIGHEST:
                return False
        for level in (
            self._last_activity,
            self._last_light,
            self._before_activity,
            self._before_light,
        ):
            if level > _HIGHEST_Q4 and level != _NONE:
                return False
        return (
            self._n_activity <= _MEMORY_QUARTERS
            and self._n_light <= _MEMORY_QUARTERS
            and self._minutes <= QUARTER_MIN
            and self._light_minutes <= self._minutes
            and self._activity <= self._minutes * _HIGHEST_Q4
            and self._light <= self._light_minutes * _HIGHEST_Q4
            and -2 * _VALUE_STEPS <= self._value <= 2 * _VALUE_STEPS
        )
