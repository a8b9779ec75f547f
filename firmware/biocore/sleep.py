"""Asleep or awake now, minute by minute, from angle changes (sustained inactivity, van Hees 2015).

This is the wrist's own quick view, for the lamp. The report finds the night afterwards from the
logged epochs, with the whole night in view (bioklok.analysis.sleep).
"""

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


STILL_CDEG = const(500)  # no angle step above 5 deg
SUSTAINED_MIN = const(5)  # for at least 5 min
_HISTORY = const(30)
_FALL_ASLEEP = const(24)  # of the last 30 minutes in sustained inactivity
_WAKE_UP = const(15)  # at least so many of the last 30 without
NIGHT_MIN = const(180)  # a sleep this long counts as the night
HOUR_MIN = const(60)  # what the non-wear rule looks back over
BACK_MIN = const(45)  # sleep that goes on within this after "off the wrist" was one sleep


class Sleep:
    """`step` once per epoch. `asleep` is the state; the rest is what the energy model needs.

    asleep_min: minutes of the current or last sleep. awake_min: minutes since the last night's end
    (-1: no night seen yet). `nights`: nights seen since start-up.
    """

    def __init__(self):
        self.asleep = False
        self.asleep_min = 0
        self.awake_min = -1
        self.nights = 0
        self._still_run = 0
        self._history = 0  # bit i: i minutes ago was sustained inactivity
        self._kept_min = 0  # sleep before the device was taken for off the wrist
        self._off_min = 0  # how long that lasted
        self._back_min = 0  # minutes since it ended

    def step(self, angle_step_max_cdeg, off_wrist):
        """Take one minute. Off the wrist is never sleep, and the hour that led to it is taken back.

        The non-wear rule also meets an hour of very deep sleep. Sleep from before that hour is kept
        and goes on when sleep goes on within BACK_MIN; else it ended there, and may have been the
        night.
        """
        if off_wrist:
            self._step_off()
            return
        if self._kept_min:
            self._back_min += 1
            if self._back_min > BACK_MIN:
                self._end_kept()
        if angle_step_max_cdeg <= STILL_CDEG:
            self._still_run += 1
        else:
            self._still_run = 0
        sustained = 1 if self._still_run >= SUSTAINED_MIN else 0
        self._history = (self._history << 1 | sustained) & ((1 << _HISTORY) - 1)
        if self._still_run == SUSTAINED_MIN:  # the minutes that led here were inactive too
            self._history |= (1 << SUSTAINED_MIN) - 1
        inactive = _ones(self._history)
        if not self.asleep:
            if self.awake_min >= 0:
                self.awake_min += 1
            if inactive >= _FALL_ASLEEP:
                self.asleep = True
                self.asleep_min = inactive + self._kept_min
                self._kept_min = 0
                self._off_min = 0
        elif inactive <= _HISTORY - _WAKE_UP:
            self.asleep = False
            if self.asleep_min >= NIGHT_MIN:
                self.nights += 1
                self.awake_min = _HISTORY - inactive
        else:
            self.asleep_min += 1

    def _step_off(self):
        if self.asleep:
            self._kept_min = max(self.asleep_min - HOUR_MIN, 0)
            self._off_min = HOUR_MIN
        self.asleep = False
        self.asleep_min = 0
        self._off_min += 1
        self._back_min = 0
        self._still_run = 0
        self._history = 0
        if self.awake_min >= 0:
            self.awake_min += 1

    def _end_kept(self):
        if self._kept_min >= NIGHT_MIN:
            self.nights += 1
            self.awake_min = self._off_min + self._back_min
        self._kept_min = 0
        self._off_min = 0


def _ones(bits):
    n = 0
    while bits:
        bits &= bits - 1
        n += 1
    return n
