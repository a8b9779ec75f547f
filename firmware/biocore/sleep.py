"""What one minute says about stillness, and from it: asleep or awake now.

Sustained inactivity (van Hees et al. 2015, PLoS ONE 10:e0142533): no change of angle-z above 5 deg
for at least 5 min. This is the wrist's quick view, for the lamp. The night's window is found in
biocore.night, when it is over; the report's in bioklok.analysis.sleep, with all of it in view.
"""

import struct

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# What one minute says. Only a MOTIONLESS one could as well be of a table.
UNKNOWN = const(0)  # nothing was measured
MOVING = const(1)
DOUBTFUL = const(2)
STILL = const(3)  # still, with a stir in it
MOTIONLESS = const(4)

STILL_CDEG = const(500)  # no angle step above 5 deg
SUSTAINED_MIN = const(5)  # for at least 5 min
# Ours: a stir. On a table the steps are the sensor's noise, below 0.2 deg; a sleeper stirs.
STIR_CDEG = const(100)
# HDCZA's threshold on the median step lies within these limits (van Hees et al. 2018): still below
# both, moving above both, else doubtful.
QUIET_CDEG = const(13)
RESTLESS_CDEG = const(50)
_NO_ANGLE = const(65535)

_HISTORY_MIN = const(30)
_HISTORY_MASK = const((1 << 29) - 1)
_FALL_ASLEEP_MIN = const(24)  # of the last 30 minutes in sustained inactivity
_WAKE_UP_MIN = const(15)  # at least so many of the last 30 without
# Stirs that a rest shows before it is believed: being put down, or moved on, is one, not two.
_STIRS = const(2)
# Without stirs, a rest is believed once the non-wear rule has had its say: after an hour, told up
# to a quarter late, and the minute itself.
_REST_MIN = const(76)
# Three of five minutes with large steps are somebody up, not a turn: the rest starts afresh. Who
# takes the device off when getting up would else go on sleeping on the table.
_UP_MIN = const(3)
_UP_MASK = const((1 << 5) - 1)

NIGHT_MIN = const(180)  # a sleep this long counts as the night
HOUR_MIN = const(60)  # what the non-wear rule looks back over
# Sleep that goes on within this was one sleep: the stillness that is taken back when deep sleep
# meets the non-wear rule (120 min as in biocore.night), and the turn that ends it.
BACK_MIN = const(130)

_RESTART_MIN = const(5)  # ours: the device is back, on the same wrist

_MOST_KEPT_MIN = const(255)  # what a snapshot holds: before it and after, the same
_MAX_MIN = const(32767)
_NO_MIN = const(65535)
_FORMAT = "<IHHHHBBBBB"
SNAPSHOT_BYTES = struct.calcsize(_FORMAT)


def stillness(angle_step_median_cdeg, angle_step_max_cdeg):
    """What one epoch says, UNKNOWN to MOTIONLESS. Units as in biocore.record."""
    if angle_step_median_cdeg == _NO_ANGLE:
        return UNKNOWN
    if angle_step_median_cdeg > RESTLESS_CDEG or angle_step_max_cdeg > STILL_CDEG:
        return MOVING
    if angle_step_median_cdeg > QUIET_CDEG:
        return DOUBTFUL
    return STILL if angle_step_max_cdeg > STIR_CDEG else MOTIONLESS


class Sleep:
    """`step` once per epoch. `asleep` is the state, told late rather than of a table.

    asleep_min: minutes of the current or last sleep. awake_min: minutes since the last sleep of a
    night's length ended, -1 before the first; at most 32767 both. Off the wrist is never sleep.
    """

    def __init__(self):
        self.asleep = False
        self.asleep_min = 0
        self.awake_min = -1
        self._still_run = 0  # minutes without a step above 5 deg
        self._motionless_run = 0  # minutes without a stir
        self._history = 0  # bit i: i minutes ago was sustained inactivity
        self._moves = 0  # bit i: i minutes ago had a step above 5 deg
        self._stirs = 0  # of this rest, each after 5 min without
        self._rest_min = 0  # how long this rest has lasted, before it is believed
        self._kept_min = 0  # the sleep before this waking
        self._since_min = _MAX_MIN  # when that ended

    def step(self, angle_step_max_cdeg, off_wrist):
        """Take one minute; 65535 is an angle nobody knows, and not still."""
        if self.awake_min >= 0:
            self.awake_min = min(self.awake_min + 1, _MAX_MIN)
        self._since_min = min(self._since_min + 1, _MAX_MIN)
        if off_wrist:
            if self.asleep:
                self._end(max(self._motionless_run, HOUR_MIN))
            self._start_afresh()
            return
        self._count_stillness(angle_step_max_cdeg)
        if _ones(self._moves) >= _UP_MIN:
            if self.asleep:
                self._end(_length(self._moves))
            self._start_afresh()
            return
        inactive_min = _ones(self._history)
        if self.asleep:
            self.asleep_min = min(self.asleep_min + 1, _MAX_MIN)
            if inactive_min <= _HISTORY_MIN - _WAKE_UP_MIN:
                self._end(_HISTORY_MIN - inactive_min)
            return
        if inactive_min < _FALL_ASLEEP_MIN:
            self._rest_min = 0
            return
        self._rest_min = self._rest_min + 1 if self._rest_min else inactive_min
        is_worn = self._stirs >= _STIRS or self._motionless_run >= _REST_MIN
        if is_worn and self._still_run >= SUSTAINED_MIN:
            self.asleep = True
            self.asleep_min = min(self._rest_min, _MAX_MIN)
            if self._since_min - self._rest_min <= BACK_MIN:
                self.asleep_min = min(self._kept_min + self._since_min, _MAX_MIN)
            self._rest_min = 0

    def skip(self, minutes):
        """Take minutes of which nothing is known. A restart lets a sleep go on; longer ends it."""
        minutes = min(max(minutes, 0), _MAX_MIN)
        if self.awake_min >= 0:
            self.awake_min = min(self.awake_min + minutes, _MAX_MIN)
        self._since_min = min(self._since_min + minutes, _MAX_MIN)
        if self.asleep:
            self.asleep_min = min(self.asleep_min + minutes, _MAX_MIN)
        if minutes > _RESTART_MIN:
            if self.asleep:
                self._end(minutes)
            self._start_afresh()

    def mark_up(self):
        """Who presses the button is up."""
        if self.asleep:
            self._end(0)
        self._start_afresh()

    def _count_stillness(self, angle_step_max_cdeg):
        is_move = angle_step_max_cdeg > STILL_CDEG
        self._still_run = 0 if is_move else min(self._still_run + 1, _MOST_KEPT_MIN)
        # Masked before the shift: 31 bits are no small integer.
        self._moves = (self._moves << 1 | (1 if is_move else 0)) & _UP_MASK
        is_sustained = self._still_run >= SUSTAINED_MIN
        self._history = (self._history & _HISTORY_MASK) << 1 | (1 if is_sustained else 0)
        if self._still_run == SUSTAINED_MIN:  # the minutes that led here were inactive too
            self._history |= (1 << SUSTAINED_MIN) - 1
        if angle_step_max_cdeg <= STIR_CDEG:
            self._motionless_run = min(self._motionless_run + 1, _MOST_KEPT_MIN)
            return
        if self._motionless_run >= SUSTAINED_MIN:
            self._stirs = min(self._stirs + 1, _STIRS)
        self._motionless_run = 0

    def _end(self, ago_min):
        """The sleep ended `ago_min` minutes ago."""
        self.asleep = False
        self._kept_min = max(self.asleep_min - ago_min, 0)
        self.asleep_min = self._kept_min
        self._since_min = ago_min
        self._stirs = 0
        if self._kept_min >= NIGHT_MIN:
            self.awake_min = ago_min

    def _start_afresh(self):
        self._still_run = 0
        self._motionless_run = 0
        self._history = 0
        self._stirs = 0
        self._rest_min = 0

    def snapshot_into(self, buffer, at):
        """Write SNAPSHOT_BYTES into `buffer` from `at` on; return the place behind them."""
        struct.pack_into(
            _FORMAT,
            buffer,
            at,
            self._history,
            self.asleep_min,
            _NO_MIN if self.awake_min < 0 else self.awake_min,
            self._kept_min,
            self._since_min,
            min(self._still_run, 255),
            min(self._motionless_run, 255),
            min(self._rest_min, 255),
            self._moves,
            self._stirs << 1 | (1 if self.asleep else 0),
        )
        return at + SNAPSHOT_BYTES

    def restore(self, buffer, at):
        """Take over what `snapshot_into` wrote; return the place behind it.

        Any bytes leave a legal state. Tell the minutes since with `skip`.
        """
        values = struct.unpack_from(_FORMAT, buffer, at)
        self._history = values[0] & ((1 << _HISTORY_MIN) - 1)
        self.asleep_min = min(values[1], _MAX_MIN)
        self.awake_min = -1 if values[2] == _NO_MIN else min(values[2], _MAX_MIN)
        self._kept_min = min(values[3], _MAX_MIN)
        self._since_min = min(values[4], _MAX_MIN)
        self._still_run = values[5]
        self._motionless_run = values[6]
        self._rest_min = values[7]
        self._moves = values[8] & _UP_MASK
        self._stirs = min(values[9] >> 1, _STIRS)
        self.asleep = values[9] & 1 == 1
        return at + SNAPSHOT_BYTES


def _ones(bits):
    n = 0
    while bits:
        bits &= bits - 1
        n += 1
    return n


def _length(bits):
    n = 0
    while bits:
        bits >>= 1
        n += 1
    return n
