"""Energy: the three-process model with a chronic debt, in steps of a quarter hour.

S falls while awake and recovers in sleep; C swings with the light clock, U twice a day; W is the
heaviness just after waking (Akerstedt & Folkard 1997; constants: Ingre et al. 2014, PLoS ONE
9:e108679). A debt carries short nights on for days (unified model: Ramakrishnan et al. 2016, Sleep
39:249). Higher is more alert: about 7 to 16. All steps are closed forms, of any length.
"""

import struct
from array import array
from math import cos, exp, pi

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_LA = 2.4
_HA = 14.3
_BL = 12.2
_D_PER_H = -0.0353
_G_PER_H = -0.381356
_RISE_PER_H = _G_PER_H * (_BL - _HA)
_CM = 0.0
_CA = 2.5
_UM = -0.5
_UA = 0.5
_WC = -5.72
_WD_PER_H = -1.51
_KSS_AT_0 = 10.6
KSS_PER_LEVEL = 0.6
S_START = 14.0  # the level after an ordinary night (models: 14.02 for bed 22:00, up 07:00)

# The published peak of C, p = 16.8 h, is that of adults who sleep from 23 to 07 h. Their CBTmin
# comes an hour after mid-sleep (biocore.phase), at 04 h; so C, whose low follows CBTmin by less
# than an hour (Dijk & Czeisler 1995, J Neurosci 15:3526), peaks so long after it.
C_PEAK_AFTER_CBTMIN_H = 12.8
_U_PEAK_AFTER_C_H = 3.0

# Unified model: L rises towards U0 awake and falls towards -2 U0 asleep, so that 8 h of 24 balance.
_U0 = 24.12
_TAU_LA_H = 4.06 * 24
# Levels of S for a unit of L. Five nights of 4 h made ratings rise by 0.64 KSS points a day
# (Axelsson et al. 2008, Chronobiol Int 25:297). S alone gives 2.35 of these 3.2 points at 08, 14
# and 20 h; L has then risen by 8.29 and has to give the rest: 0.85 / 0.6 / 8.29.
DEBT_LEVEL = 0.17

# The end of a night is known from the wrist to about an hour only: W is its mean over having been
# up for 0 to 1 h longer than it seems.
_WAKE_DOUBT_H = 1.0
_W_DOUBT = (1.0 - exp(_WD_PER_H * _WAKE_DOUBT_H)) / (-_WD_PER_H * _WAKE_DOUBT_H)

# RMS slope of C as biocore.focus shrinks it: 0.6 * 2.5 * 2 pi / 24 * 0.7 / sqrt(2) points an hour.
_SLOPE_PER_MIN = 0.194 / 60
_SURE_MIN2 = 68.0 * 68.0  # the light clock's best; so much doubt is in the focus's own prior

# The student's own mean and spread of the level while awake: a memory of a week of waking hours,
# begun with half a day of an ordinary one (bed 22:00, up 07:00: mean 11.8, spread 0.8).
_MEMORY_QUARTERS = const(448)
_PRIOR_QUARTERS = const(32)
_PRIOR_MEAN = 11.8
_PRIOR_VARIANCE = 0.7
_LEAST_VARIANCE = 0.04

_S_AT_WAKE = const(0)
_DEBT_AT_WAKE = const(1)
_MEAN = const(2)
_VARIANCE = const(3)
_VALUES = const(4)
_MOST_MIN = const(65535)
_QUARTER_MIN = const(15)
_FORMAT = "<4fHH"
SNAPSHOT_BYTES = const(20)


def process_s_awake(s, hours):
    """S after `hours` awake."""
    return _LA + (s - _LA) * exp(_D_PER_H * hours)


def process_s_asleep(s, hours):
    """S after `hours` asleep: a straight rise up to the break at 12.2, then towards 14.3."""
    to_break_h = (_BL - s) / _RISE_PER_H
    if hours <= to_break_h:
        return s + hours * _RISE_PER_H
    if to_break_h > 0.0:
        s = _BL
        hours -= to_break_h
    return _HA - (_HA - s) * exp(_G_PER_H * hours)


def process_c(after_peak_h):
    """C, `after_peak_h` hours after its peak (any number of days)."""
    return _CM + _CA * cos(2 * pi / 24 * after_peak_h)


def process_u(after_peak_h):
    """U (the dip after noon), by the hours after C's peak."""
    return _UM + _UA * cos(2 * pi / 12 * (after_peak_h - _U_PEAK_AFTER_C_H))


def process_w(awake_h):
    """W (sleep inertia), 0 or less, `awake_h` hours after waking."""
    return _WC * exp(_WD_PER_H * awake_h)


def kss(level):
    """Karolinska Sleepiness Scale points (1 alert to 9 sleepy) for a level S + C + U + W."""
    return _KSS_AT_0 - KSS_PER_LEVEL * level


def debt_awake(debt, hours):
    """The unified model's lower asymptote L after `hours` awake, in its own units."""
    return _U0 - (_U0 - debt) * exp(-hours / _TAU_LA_H)


def debt_asleep(debt, hours):
    """The same after `hours` asleep."""
    return -2 * _U0 + (debt + 2 * _U0) * exp(-hours / _TAU_LA_H)


def clock_doubt(variance_min2):
    """Variance in squared KSS points that an unsure light clock (biocore.phase) adds to C."""
    return max(variance_min2 - _SURE_MIN2, 0.0) * _SLOPE_PER_MIN * _SLOPE_PER_MIN


class Energy:
    """`step` once per quarter hour; `level` is the answer, `standing` the one for the student.

    level: S + C + U + W less the debt, as in the models. standing: the level against the student's
    own waking mean, in own spreads. points: the same in points of the KSS, more alert is higher.
    Sleep is taken from told nights alone: between them S only falls, for still hours at a desk are
    no naps.
    """

    def __init__(self):
        self._state = array("f", [S_START, 0.0, _PRIOR_MEAN, _PRIOR_VARIANCE])
        self._since_wake_min = 0
        self._n = _PRIOR_QUARTERS
        self.level = _PRIOR_MEAN

    @property
    def s(self):
        """Process S now."""
        return process_s_awake(self._state[_S_AT_WAKE], self._since_wake_min / 60)

    @property
    def debt(self):
        """The chronic debt now, in the units of the unified model: -48.24 to 24.12."""
        return debt_awake(self._state[_DEBT_AT_WAKE], self._since_wake_min / 60)

    @property
    def standing(self):
        """The level against the student's own waking mean, in own spreads."""
        return (self.level - self._state[_MEAN]) / self._state[_VARIANCE] ** 0.5

    @property
    def points(self):
        """The level against the student's own waking mean, in KSS points; more alert is higher."""
        return KSS_PER_LEVEL * (self.level - self._state[_MEAN])

    def step(self, awake_min, since_cbtmin_min):
        """Take a quarter hour.

        awake_min: minutes since the night's end, now; -1 where no night is known, or asleep: then
        the own mean is not learnt. since_cbtmin_min: minutes since the light clock's CBTmin, now.
        """
        self.skip(_QUARTER_MIN)
        self.refresh(awake_min, since_cbtmin_min)
        if awake_min >= 0:
            self._learn(self.level)
        return self.level

    def skip(self, minutes):
        """`minutes` pass, seen or not."""
        self._since_wake_min = min(self._since_wake_min + min(minutes, _MOST_MIN), _MOST_MIN)

    def tell_night(self, onset_ago_min, wake_ago_min, is_whole):
        """A night is known now: go back to the last one's end and count anew from there.

        Minutes before now of its onset and its end. is_whole: the time since the last night was
        measured; if not, a night may be missing, and this one is taken for an ordinary one's end.
        """
        state = self._state
        awake_min = self._since_wake_min - onset_ago_min
        if is_whole and awake_min >= 0:
            awake_h = awake_min / 60
            asleep_h = max(onset_ago_min - wake_ago_min, 0) / 60
            s = process_s_asleep(process_s_awake(state[_S_AT_WAKE], awake_h), asleep_h)
            debt = debt_asleep(debt_awake(state[_DEBT_AT_WAKE], awake_h), asleep_h)
        else:
            s = S_START
            debt = state[_DEBT_AT_WAKE]
        state[_S_AT_WAKE] = s
        state[_DEBT_AT_WAKE] = debt
        self._since_wake_min = min(wake_ago_min, _MOST_MIN)

    def refresh(self, awake_min, since_cbtmin_min, ago_min=0):
        """Set `level` anew with S as it is (after `restore`, or when somebody proves to be up).

        ago_min: as it was so many minutes ago, since the last night; the others are of then.
        """
        since_wake_h = max(self._since_wake_min - ago_min, 0) / 60
        after_peak_h = since_cbtmin_min / 60 - C_PEAK_AFTER_CBTMIN_H
        s = process_s_awake(self._state[_S_AT_WAKE], since_wake_h)
        level = s + process_c(after_peak_h) + process_u(after_peak_h)
        if awake_min >= 0:
            level += _W_DOUBT * process_w(awake_min / 60)
        # No credit for more than the balance: lying still for long looks like sleeping for long.
        debt = debt_awake(self._state[_DEBT_AT_WAKE], since_wake_h)
        self.level = level - DEBT_LEVEL * max(debt, 0.0)

    def _learn(self, level):
        state = self._state
        self._n = min(self._n + 1, _MEMORY_QUARTERS)
        difference = level - state[_MEAN]
        state[_MEAN] += difference / self._n
        variance = state[_VARIANCE]
        variance += (difference * (level - state[_MEAN]) - variance) / self._n
        state[_VARIANCE] = max(variance, _LEAST_VARIANCE)

    def snapshot_into(self, buffer, at):
        """Write SNAPSHOT_BYTES bytes at `at`; return where they end; not `level` (`refresh`)."""
        state = self._state
        struct.pack_into(
            _FORMAT,
            buffer,
            at,
            state[_S_AT_WAKE],
            state[_DEBT_AT_WAKE],
            state[_MEAN],
            state[_VARIANCE],
            self._n,
            self._since_wake_min,
        )
        return at + SNAPSHOT_BYTES

    def restore(self, buffer, at):
        """Take over what `snapshot_into` wrote; return where it ends. Nonsense starts anew."""
        values = struct.unpack_from(_FORMAT, buffer, at)
        self.__init__()
        if _is_sane(values):
            for i in range(_VALUES):
                self._state[i] = values[i]
            self._n = values[_VALUES]
            self._since_wake_min = values[_VALUES + 1]
        return at + SNAPSHOT_BYTES


def _is_sane(values):
    """Within what the steps can reach, with room for rounding; comparisons with NaN are false."""
    if not (0.0 <= values[_S_AT_WAKE] <= 20.0 and abs(values[_DEBT_AT_WAKE]) <= 100.0):
        return False
    return (
        abs(values[_MEAN]) <= 40.0
        and _LEAST_VARIANCE / 2 <= values[_VARIANCE] <= 400.0
        and _PRIOR_QUARTERS <= values[_VALUES] <= _MEMORY_QUARTERS
    )
