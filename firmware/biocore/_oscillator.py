"""The oscillator of Forger, Jewett & Kronauer 1999 (J Biol Rhythms 14:533).

Every minute, in whole numbers and without allocating: the light's way into the clock, n. Every
quarter of an hour, in single precision: the clock itself, x and xc, by RK4 on the quarter's mean
drive and its trend. The mean of alpha over the quarter would not do: solved without any further
error, it is off by up to 0.63 min within six days of light recorded on ten people (and RK4 of it by
2.2, n being too quick for it in the sun); this is off by 0.05.
"""

from array import array
from math import atan2, cos, pi, sin, sqrt

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


QUARTER_MIN = const(15)
DAY_MIN = const(1440)
ALPHA_MAX_Q18 = const(65534)

# Forger99's parameters; time in units of 12 / pi hours, which takes the factor pi / 12 away
_QUARTER = 0.25 * pi / 12
_RAD_PER_MIN = pi / 720
_MU = 0.23
_FOUR_THIRDS = 4 / 3
_K = 0.55
_MODULATION = 0.4
_DRIVE_UNIT = 33.75 / 2097152  # G, over the 2**21 of a minute's drive
# a straight line over 15 minutes has this first moment about its middle, per minute and unit slope
_TREND_UNIT = _DRIVE_UNIT / (15 * 30 * (1 - 1 / 225) / 12)
_BETA_Q18 = const(1966)  # 0.0075 a minute
_STIFFNESS = (24 / (0.99669 * 24.2)) ** 2  # taux = 24.2 h, the period in the dark
# Without light we do not know that it is dark: a person without a sensor still lives 24-h days
_STIFFNESS_COAST = (24 / (0.99669 * 24.0)) ** 2
_LEAST_LIT_MIN = const(8)  # of 15 minutes, to take their mean for the others

# Entrained to 16 h of 150 lx and 8 h of dark, as the lights go out (published initial state), and
# the minutes from there to CBTmin
_X_LIGHTS_OUT = -0.0843259
_XC_LIGHTS_OUT = -1.09607546
_N_LIGHTS_OUT_Q28 = const(122364519)  # 0.45584306
LIGHTS_OUT_TO_CBTMIN_MIN = const(351)

_LEAST_RADIUS = 0.1  # the limit cycle's is 0.97 to 1.03; below this the angle means nothing
_MOST_RADIUS = 2.0
# CBTmin can come late (a flight west), but not by more than six hours
_LATEST_MIN = 1800.0

_X = const(0)
_XC = const(1)
_SINCE = const(2)

_N = const(0)
_DRIVE = const(1)
_MOMENT = const(2)
_MINUTE = const(3)
_LIT = const(4)
_ONE_Q28 = const(1 << 28)


class Oscillator:
    """`state`: x, xc (no unit) and the minutes from CBTmin, where x is least in the dark, to the
    last quarter. `light`: n in 2**-28; of the quarter under way, the sum of alpha (1 - n) in 2**-21
    and its first moment about the middle, minutes gone and minutes lit.
    """

    def __init__(self):
        self.state = array("f", [0.0, 0.0, 0.0])
        self.light = array("i", [0, 0, 0, 0, 0])
        self.reset()

    def reset(self):
        """To lights out on an entrained day, at the beginning of a quarter."""
        state = self.state
        state[_X] = _X_LIGHTS_OUT
        state[_XC] = _XC_LIGHTS_OUT
        state[_SINCE] = DAY_MIN - LIGHTS_OUT_TO_CBTMIN_MIN
        for i in range(5):
            self.light[i] = 0
        self.light[_N] = _N_LIGHTS_OUT_Q28

    def set(self, x, xc, since_min, n_q28, drive_q21, moment_q21, minute, lit):
        """Take these values, if they can be a state; say whether they can."""
        if not (-3 < x < 3 and -3 < xc < 3 and 0 <= since_min <= _LATEST_MIN):
            return False
        if not 0.99 * _LEAST_RADIUS < sqrt(x * x + xc * xc) < 1.01 * _MOST_RADIUS:
            return False
        # a minute's drive is below 2**19, and 56 is the first moment of half a quarter
        if not (0 <= lit <= minute < QUARTER_MIN and 0 <= n_q28 < _ONE_Q28):
            return False
        if not (0 <= drive_q21 <= lit << 19 and -(56 << 19) <= moment_q21 <= 56 << 19):
            return False
        self.state[_X] = x
        self.state[_XC] = xc
        self.state[_SINCE] = since_min
        light = self.light
        light[_N] = n_q28
        light[_DRIVE] = drive_q21
        light[_MOMENT] = moment_q21
        light[_MINUTE] = minute
        light[_LIT] = lit
        return True

    def angle(self):
        """Phase in (-pi, pi], 0 at CBTmin, growing with time."""
        angle = atan2(self.state[_XC], -self.state[_X])
        return angle if angle > -pi else pi

    def minute(self, alpha_q18):
        """One minute of light, alpha in 2**-18, a whole number; allocates nothing.

        n' = alpha (1 - n) - beta n per minute, by the trapezoidal rule solved for the new n: no
        overshoot at any brightness, where RK4 at a quarter of an hour breaks down above 120 klx.
        Anything but 0..65534 is no reading: n stays. Returns True at the end of a quarter, for
        which `quarter` has to be called then.
        """
        light = self.light
        if 0 <= alpha_q18 <= ALPHA_MAX_Q18:
            n = light[_N]
            dark_q13 = (_ONE_Q28 - n + 16384) >> 15
            # every product below stays under 2**30
            rise_q31 = alpha_q18 * dark_q13 - _BETA_Q18 * (8192 - dark_q13)
            rate_q18 = alpha_q18 + _BETA_Q18
            half_q12 = (rate_q18 << 12) // (524288 + rate_q18)  # (rate / 2) / (1 + rate / 2)
            rise_q31 -= ((rise_q31 >> 10) * half_q12) >> 2
            new = n + ((rise_q31 + 4) >> 3)
            if new < 0:
                new = 0
            elif new >= _ONE_Q28:
                new = _ONE_Q28 - 1
            light[_N] = new
            drive_q21 = (alpha_q18 * (((_ONE_Q28 - n) + (_ONE_Q28 - new) + 32768) >> 16)) >> 10
            light[_DRIVE] += drive_q21
            light[_MOMENT] += drive_q21 * (light[_MINUTE] - 7)
            light[_LIT] += 1
        light[_MINUTE] += 1
        return light[_MINUTE] >= QUARTER_MIN

    def quarter(self):
        """End the quarter: move the clock; return the mean drive G alpha (1 - n), -1 if unlit.

        With fewer than 8 minutes of light the quarter is unlit: it coasts at 24 hours a day.
        """
        light = self.light
        lit = light[_LIT]
        drive = -1.0
        if lit >= _LEAST_LIT_MIN:
            drive = light[_DRIVE] * _DRIVE_UNIT / lit
            trend = light[_MOMENT] * _TREND_UNIT if lit == QUARTER_MIN else 0.0
            self._advance(drive, trend, _STIFFNESS)
        else:
            self.coast()
        self.tell(0, 0, 0, 0)
        return drive

    def tell(self, drive_q21, moment_q21, minute, lit):
        """Take the light of a quarter's minutes so far as it was added up elsewhere; n stays."""
        light = self.light
        light[_DRIVE] = drive_q21
        light[_MOMENT] = moment_q21
        light[_MINUTE] = minute
        light[_LIT] = lit

    def coast(self):
        """A quarter passes without knowing the light: 24-hour days, n as it was."""
        self._advance(0.0, 0.0, _STIFFNESS_COAST)

    def since_cbtmin_min(self):
        """Minutes since the last CBTmin, now."""
        return self.state[_SINCE] + self.light[_MINUTE]

    def turn(self, minutes):
        """Put the clock forward by `minutes` (back, if negative), keeping its amplitude."""
        state = self.state
        turn = minutes * _RAD_PER_MIN
        x = state[_X]
        xc = state[_XC]
        self._place(x * cos(turn) + xc * sin(turn), xc * cos(turn) - x * sin(turn))
        since = (state[_SINCE] + minutes) % DAY_MIN
        state[_SINCE] = since
        if state[_SINCE] >= DAY_MIN:  # rounded up to it
            state[_SINCE] = 0.0

    def _advance(self, drive, trend, stiffness):
        """One RK4 step of a quarter; B = drive (1 - 0.4 x)(1 - 0.4 xc), from -trend to +trend."""
        state = self.state
        x = state[_X]
        xc = state[_XC]
        u = x
        v = xc
        sum_u = 0.0
        sum_v = 0.0
        now = drive - trend
        for stage in range(4):
            light = now * (1 - _MODULATION * u) * (1 - _MODULATION * v)
            du = v + light
            dv = _MU * v * (1 - _FOUR_THIRDS * v * v) - u * (stiffness + _K * light)
            reach = _QUARTER / 2
            if 0 < stage < 3:
                sum_u += du + du
                sum_v += dv + dv
            else:
                sum_u += du
                sum_v += dv
            now = drive
            if stage == 2:
                now = drive + trend
                reach = _QUARTER
            u = x + reach * du
            v = xc + reach * dv
        u = x + _QUARTER / 6 * sum_u
        v = xc + _QUARTER / 6 * sum_v
        self._place(u, v)
        since = state[_SINCE] + QUARTER_MIN
        if xc < 0 <= v and u < 0:
            # the angle passed CBTmin within this step; xc is all but straight there
            since = QUARTER_MIN * (v / (v - xc))
        elif since >= _LATEST_MIN:
            since -= DAY_MIN
        state[_SINCE] = since

    def _place(self, x, xc):
        """Set the oscillator, keeping its amplitude where the angle has a meaning."""
        radius = sqrt(x * x + xc * xc)
        scale = 1.0
        if radius < _LEAST_RADIUS:
            scale = _LEAST_RADIUS / radius if radius > 0 else 0.0
        elif radius > _MOST_RADIUS:
            scale = _MOST_RADIUS / radius
        if scale > 0:
            self.state[_X] = x * scale
            self.state[_XC] = xc * scale
