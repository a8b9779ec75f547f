"""From what is known and foretold to one of four lamp states, with the reason for it.

focus, easy and pause compare now with the student's *own* usual, never with anybody else's. What
is not known well enough is said to be unknown.
"""

import struct
from array import array

from biocore.lamp import EASY, FOCUS, PAUSE, STATES, UNKNOWN

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
    "no_clock",
    "night_missed",
    "body_clock_unsure",
    "learning",
)
STARTING = const(0)
NO_NIGHT_YET = const(1)
OFF_WRIST = const(2)
ASLEEP = const(3)
JUST_AWAKE = const(4)  # and the night is not told yet, an hour or more
LONG_STILL = const(5)
ABOVE_USUAL = const(6)
USUAL = const(7)
BELOW_USUAL = const(8)
NO_CLOCK = const(9)  # nobody told the device the time
NIGHT_MISSED = const(10)  # the last night was not, or not wholly, measured
BODY_CLOCK_UNSURE = const(11)  # too long without light or sleep
LEARNING = const(12)  # too little is known about this student yet
_REASONS = const(13)

_LONG_STILL_MIN = const(50)  # about one lesson in the seat
_HOLD_MIN = const(15)  # focus, easy and pause stand at least so long

# Six changes in any eight hours, whatever comes: each takes 160 of a credit that grows by one a
# minute up to 480, so that eight hours have 960 at most. Going to unknown must never wait: it is
# paid in advance, on leaving unknown.
_CHANGE_MIN = const(160)
_CREDIT_MIN = const(480)

# Focus is the best three tenths of the student's own waking hours, pause the lowest 15 in 100.
# Quantiles, not mean and SD: a day is high for long and falls off in the evening.
# They are found by stochastic approximation (Robbins & Monro 1951), whose best step is 1 / (n f),
# with f the density there: 0.348 and 0.233 over the spread, for a normal distribution.
_P_HIGH = 0.70
_P_LOW = 0.15
_STEP_HIGH = 1 / 0.348
_STEP_LOW = 1 / 0.233
_APART = 1.56  # spreads between the two, for a normal distribution

# Scores are sixteenths of the own spread above the upper line; the lower one lies at -25. To leave
# a state a quarter of a spread has to be gone back.
_SCORE_UNIT = const(16)
_LOWER = const(-25)
_BACK = const(4)
_SCORE_MAX = const(127)

# Memory of two weeks of 16 waking hours; half a day of spread 0.5 before the first.
_DAY_QUARTERS = const(64)
_MEMORY_QUARTERS = const(896)
_PRIOR_QUARTERS = const(32)
_PRIOR_HIGH = 0.26
_PRIOR_LOW = -0.52
_LEAST_SPREAD = 0.1
_HIGHEST = 100.0
# How much of what the lamp tells apart has to be the student and not our doubt: 0.7, the least that
# is asked of a scale in research (Nunnally 1978). Once reached, 0.65 keeps it.
_RELIABLE = 0.7
_STILL_RELIABLE = 0.65

_FORMAT = "<2fHHBBBb"
SNAPSHOT_BYTES = const(16)


class Decision:
    """`judge` each quarter hour, `step` each minute; `lamp` and `reason` are the answer.

    `judge` takes the foretold focus as points against the student's mean hour
    (biocore.focus.Focus.relative) and compares it with the student's own hours so far.
    """

    def __init__(self):
        self.lamp = UNKNOWN
        self.reason = STARTING
        self.is_enough = False
        self._own = array("f", [_PRIOR_HIGH, _PRIOR_LOW])
        self._n = _PRIOR_QUARTERS
        self._score = 0
        self._quiet_min = 0
        self._held_min = 0
        self._credit_min = _CREDIT_MIN

    @property
    def spread(self):
        """The student's own spread of foretold focus over waking hours, in points."""
        return max((self._own[0] - self._own[1]) / _APART, _LEAST_SPREAD)

    @property
    def days(self):
        """Waking days (of 16 h) that the own spread rests on, at most 13.5."""
        return (self._n - _PRIOR_QUARTERS) / _DAY_QUARTERS

    def judge(self, points, variance, is_usable):
        """A quarter hour ends: focus foretold for now, and the variance of it, in points.

        is_usable: awake, on the wrist, after a night that is known: only then the own usual learns.
        """
        if is_usable:
            self._learn(points)
        spread = self.spread
        # The own lines are as uncertain as a mean of that many days: hours of one day are alike.
        own_variance = spread * spread
        doubt = variance + own_variance / max(self.days, 0.1)
        reliability = own_variance / (own_variance + doubt)
        self.is_enough = reliability >= (_STILL_RELIABLE if self.is_enough else _RELIABLE)
        score = _SCORE_UNIT * (points - self._own[0]) / spread
        self._score = int(min(max(score, -_SCORE_MAX), _SCORE_MAX))

    def _learn(self, points):
        own = self._own
        self._n = min(self._n + 1, _MEMORY_QUARTERS)
        unit = self.spread / self._n
        own[0] += unit * _STEP_HIGH * (_P_HIGH - (1.0 if points < own[0] else 0.0))
        own[1] += unit * _STEP_LOW * (_P_LOW - (1.0 if points < own[1] else 0.0))

    def step(self, fact, is_quiet):
        """A minute passes; returns the lamp.

        fact: the reason why the lamp must be unknown, or USUAL: none.
        is_quiet: hardly any movement in this minute. Allocates nothing.
        """
        self._held_min = min(self._held_min + 1, 255)
        most = _CREDIT_MIN if self.lamp == UNKNOWN else _CREDIT_MIN - _CHANGE_MIN
        self._credit_min = min(self._credit_min + 1, most)
        if not is_quiet or fact in (OFF_WRIST, ASLEEP):
            self._quiet_min = 0
        elif self._quiet_min < 255:
            self._quiet_min += 1
        if fact != USUAL:
            return self._give_up(fact)
        if not self.is_enough:
            return self._give_up(LEARNING)
        if self._quiet_min >= _LONG_STILL_MIN and (
            # not without the way back: who gets up must not be told to
            self.lamp == PAUSE or self._credit_min >= 2 * _CHANGE_MIN
        ):
            return self._turn(PAUSE, LONG_STILL)
        is_high = self.lamp == FOCUS
        is_low = self.lamp == PAUSE and self.reason == BELOW_USUAL
        if self._score > (-_BACK if is_high else 0):
            return self._turn(FOCUS, ABOVE_USUAL)
        if self._score < (_LOWER + _BACK if is_low else _LOWER):
            return self._turn(PAUSE, BELOW_USUAL)
        return self._turn(EASY, USUAL)

    def _give_up(self, reason):
        self.lamp = UNKNOWN
        self.reason = reason
        return UNKNOWN

    def _turn(self, lamp, reason):
        """Show this, unless it would flicker: then all stays as it is."""
        if lamp == self.lamp:
            self.reason = reason
            return lamp
        cost = _CHANGE_MIN
        if self.lamp == UNKNOWN:
            cost += _CHANGE_MIN  # the way back
        elif self._held_min < _HOLD_MIN:
            return self.lamp
        if self._credit_min < cost:
            if self.lamp == UNKNOWN:
                self.reason = STARTING
            return self.lamp
        self._credit_min -= cost
        self._held_min = 0
        self.lamp = lamp
        self.reason = reason
        return lamp

    def snapshot_into(self, buffer, at):
        """Write SNAPSHOT_BYTES bytes at `at`; return where they end."""
        struct.pack_into(
            _FORMAT,
            buffer,
            at,
            self._own[0],
            self._own[1],
            self._n,
            self._credit_min,
            self.lamp | self.reason << 2 | (64 if self.is_enough else 0),
            self._quiet_min,
            self._held_min,
            self._score,
        )
        return at + SNAPSHOT_BYTES

    def restore(self, buffer, at):
        """Take over what `snapshot_into` wrote; return where it ends. Nonsense starts anew."""
        high, low, n, credit_min, packed, quiet_min, held_min, score = struct.unpack_from(
            _FORMAT, buffer, at
        )
        self.__init__()
        reason = packed >> 2 & 15
        # comparisons with NaN are false
        if (
            abs(high) <= _HIGHEST
            and abs(low) <= _HIGHEST
            and _PRIOR_QUARTERS <= n <= _MEMORY_QUARTERS
            and credit_min <= _CREDIT_MIN
            and packed < 128
            and reason < _REASONS
            and _is_legal(packed & 3, reason)
            and -_SCORE_MAX <= score
        ):
            self._own[0] = high
            self._own[1] = low
            self._n = n
            self._credit_min = credit_min
            self.lamp = packed & 3
            self.reason = reason
            self.is_enough = packed & 64 != 0
            self._quiet_min = quiet_min
            self._held_min = held_min
            self._score = score
        return at + SNAPSHOT_BYTES


def _is_legal(lamp, reason):
    """Whether a lamp can have this reason: unknown's are not the others'."""
    is_of_known = reason in (LONG_STILL, ABOVE_USUAL, USUAL, BELOW_USUAL)
    return lamp < len(STATES) and is_of_known == (lamp != UNKNOWN)
