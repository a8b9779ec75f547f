"""Energy: the three-process model in steps of one minute (Akerstedt & Folkard; Ingre et al. 2014).

S falls while awake and recovers in sleep; C swings over the day; W is the heaviness just after
waking. Without a phase model yet, C hangs on the time of waking: its trough is set 2.5 h before
the night's end, so its peak comes 12 h after that. Higher is more alert; about 7 to 16.
"""

from math import cos, exp, pi

_LA = 2.4
_HA = 14.3
_BL = 12.2
_D_PER_H = -0.0353
_G_PER_H = -0.381356
_CA = 2.5
_WC = -5.72
_WD_PER_H = -1.51
S_START = 14.0  # the level after an ordinary night (models: 14.02 for bed 22:00, up 07:00)
TROUGH_BEFORE_WAKE_H = 2.5

_AWAKE_FACTOR = exp(_D_PER_H / 60)
_ASLEEP_RISE = _G_PER_H * (_BL - _HA) / 60
_ASLEEP_FACTOR = exp(_G_PER_H / 60)


def step_s(s, asleep):
    """Process S one minute on."""
    if not asleep:
        return _LA + (s - _LA) * _AWAKE_FACTOR
    if s < _BL:
        return s + _ASLEEP_RISE
    return _HA - (_HA - s) * _ASLEEP_FACTOR


def circadian(awake_min):
    """Process C, `awake_min` minutes after the night's end."""
    return -_CA * cos(2 * pi / 24 * (awake_min / 60 + TROUGH_BEFORE_WAKE_H))


def inertia(awake_min):
    """Process W (sleep inertia), 0 or less."""
    return _WC * exp(_WD_PER_H * awake_min / 60)
