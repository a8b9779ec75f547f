"""Focus: the energy, corrected by what this student reports (sharp, tired, 1-5, KSS).

A Kalman filter with five weights (linear-Gaussian: Kalman 1960; as Bayesian regression that
forgets: West & Harrison 1997, ch. 4). In points of the Karolinska Sleepiness Scale, turned round
and centred so that more alert is higher: points = 5 - KSS, "neither alert nor sleepy" is 0.

    points = PRIOR_POINTS + spread * ( level + moment + awake * f(awake) + a * cos + b * sin
             + ENERGY_GAIN * energy + CONTEXT_GAIN * context ) + noise

spread: the student's own spread of reports, so that nobody's lamp swings more than they do. Every
weight drifts back to its prior value with a time constant, and its variance to the prior variance
(Ornstein-Uhlenbeck): four forget over weeks, `moment` (a mood, a dull lesson) over hours. So the
variance never grows beyond the prior's, whatever comes.
"""

import struct
from array import array
from math import cos, exp, pi, sin

from biocore._triangle import is_positive, place

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


LEVEL = const(0)
MOMENT = const(1)
AWAKE = const(2)
COS = const(3)
SIN = const(4)
WEIGHTS = const(5)
_TRIANGLE = const(15)

# KSS over a day of 431 daytime workers: 4.5 at 07 h, 3 to 4 at 10-16 h, 6.0 at 22 h, 0.7 less on
# days off: a mean of 4.0 (Akerstedt, Hallvig & Kecklund 2017, J Sleep Res 26:559).
PRIOR_POINTS = 1.0
# Spread of one person's ratings about their mean: those hours' means have an SD of 0.9 points;
# that one rating lies 1.1 from the course is ours. It weighs as much as six ratings.
PRIOR_SPREAD = 1.4
_PRIOR_RATINGS = const(6)
_LEAST_SPREAD = 0.5  # ratings come in whole points
_MEMORY_RATINGS = const(100)  # about a month of three a day

# Weights below are in spreads. KSS_PER_SPREAD turns published KSS points into them.
KSS_PER_SPREAD = PRIOR_SPREAD
# The energy's KSS points, shrunk: nights and phase from the wrist are uncertain, and an uncertain
# predictor deserves its reliability as a factor (regression dilution; Frost & Thompson 2000).
ENERGY_GAIN = 0.7 / KSS_PER_SPREAD
# Moving about and bright light against sitting in the dark: 1 to 2 points (Akerstedt et al. 2014,
# J Sleep Res 23:240). 1.5 points between the 10th and the 90th percentile, 2.56 spreads.
CONTEXT_GAIN = 1.5 / 2.56 / KSS_PER_SPREAD
MOMENT_H = 6.0  # a mood, a dull lesson: a quarter of a day
# Half a day's mood against a single rating's noise: 3 parts to 7 of what stays unexplained.
MOMENT_VARIANCE = 0.3
# Prior variances, in squared spreads.
_VARIANCE = (
    # People differ by 0.7 points in the laboratory (Axelsson et al. 2008, Chronobiol Int 25:297),
    # by stress 1.3 and by sleep quality 1.0 in the field (Akerstedt 2017): taken as an SD of 1.4.
    1.0,
    MOMENT_VARIANCE,
    # People differ by 60 % of the mean in how much time awake and the clock do to them (SD; Van
    # Dongen, Bender & Dinges 2012, Accid Anal Prev 45S:11). Awake, S falls by 3 points in 16 h, 2.1
    # of them shrunk as above: 0.63 points more or less at either end of the day, 0.45 spreads.
    0.2,
    # C swings by 1.5 points, 1.05 shrunk: 0.63 points more or less at its peak and its low. In
    # between the hour of the peak counts: 1.1 h by the light clock (right within 1 h for 58 %, 2 h
    # for 95 %) is 0.30 points, and lessons and meals bring as much as U, 0.30 points. The mean of
    # both squares, in spreads.
    0.15,
    0.15,
)
_DRIFT_H = (672.0, MOMENT_H, 672.0, 672.0, 672.0)  # four weeks

# Variance of one report, in squared spreads. A press has but two grades, anywhere within the
# sharp or the tired half of the scale (four points wide: 4**2 / 12 more).
RATING_VARIANCE = 0.7
PRESS_VARIANCE = 0.7 + 16 / 12 / (PRIOR_SPREAD * PRIOR_SPREAD)

SHARP_POINTS = const(2)  # KSS 3, "alert"
TIRED_POINTS = const(-2)  # KSS 7, "sleepy, no effort to stay awake"

_HALF_DAY_AWAKE_MIN = const(480)
_DAY_MIN = const(1440)
_LIMIT = 20.0  # points: no scale is wider
SNAPSHOT_BYTES = const(89)


def points_of_grade(grade):
    """Points of 1 (very tired) to 5 (very sharp): the KSS's five worded anchors 9 7 5 3 1."""
    return 2 * grade - 6


def points_of_kss(kss):
    """Points of a rating 1 (extremely alert) to 9 (fighting sleep)."""
    return 5 - kss


class Focus:
    """`step` each quarter hour, `learn` each report; `predict` and `usual` at any time.

    All take the situation as: energy_points (biocore.energy.Energy.points), context
    (biocore.context, own spreads), minute_of_day (local), awake_min (since the night's end, -1
    unknown). Answers are (mean, sd) in points, 5 - KSS.
    """

    def __init__(self):
        self._weights = array("f", [0.0] * WEIGHTS)
        self._covariance = array("f", [0.0] * _TRIANGLE)  # upper triangle, row by row
        for i in range(WEIGHTS):
            self._covariance[_at(i, i)] = _VARIANCE[i]
        self._ratings = array("f", [PRIOR_POINTS, PRIOR_SPREAD * PRIOR_SPREAD])
        self._n = 0
        self._mean_h = array("f", [0.0] * WEIGHTS)  # of the mean waking hour (`set_usual_day`)
        self._drift = array("f", [0.0] * WEIGHTS)  # scratch, as the next two
        self._h = array("f", [0.0] * WEIGHTS)
        self._ph = array("f", [0.0] * WEIGHTS)

    @property
    def spread(self):
        """The student's own spread of reports, in points."""
        return self._ratings[1] ** 0.5

    def weight(self, i):
        """(mean, sd) of weight i (LEVEL, MOMENT, AWAKE, COS, SIN), in spreads."""
        return self._weights[i], max(self._covariance[_at(i, i)], 0.0) ** 0.5

    def covariance(self, i, j):
        """Covariance of two weights, in squared spreads."""
        return self._covariance[_at(i, j) if i <= j else _at(j, i)]

    def shape(self, minute_of_day, awake_min):
        """What the weights AWAKE, COS and SIN are multiplied by in this situation."""
        self._situation(minute_of_day, awake_min, 0.0)
        h = self._h
        return h[AWAKE], h[COS], h[SIN]

    def set_usual_day(self, bed_min, wake_min):
        """Tell the student's usual bed and wake time (local minutes of the day), for `relative`."""
        length_min = (bed_min - wake_min) % _DAY_MIN
        begin = 2 * pi * wake_min / _DAY_MIN
        length = max(2 * pi * length_min / _DAY_MIN, 0.01)
        h = self._mean_h
        h[AWAKE] = (length_min / 2 - _HALF_DAY_AWAKE_MIN) / _HALF_DAY_AWAKE_MIN
        h[COS] = (sin(begin + length) - sin(begin)) / length
        h[SIN] = (cos(begin) - cos(begin + length)) / length

    def step(self, quarters=1):
        """Quarter hours pass: every weight drifts towards its prior."""
        weights = self._weights
        covariance = self._covariance
        drift = self._drift
        for i in range(WEIGHTS):
            drift[i] = exp(-0.25 * quarters / _DRIFT_H[i])
        at = 0
        for i in range(WEIGHTS):
            a = drift[i]
            weights[i] *= a
            for j in range(i, WEIGHTS):
                covariance[at] *= a * drift[j]
                if i == j:
                    covariance[at] += (1.0 - a * a) * _VARIANCE[i]
                at += 1

    def predict(self, energy_points, context, minute_of_day, awake_min):
        """Points expected of a report now, and its standard deviation without a report's noise."""
        self._situation(minute_of_day, awake_min, 1.0)
        return self._answer(energy_points, context)

    def usual(self, energy_points, minute_of_day, awake_min):
        """The same for a usual context and no passing mood: for curves over the day."""
        self._situation(minute_of_day, awake_min, 0.0)
        return self._answer(energy_points, 0.0)

    def relative(self, energy_points, context, minute_of_day, awake_min):
        """Points by which now differs from the student's mean waking hour, and the variance of it.

        The level cancels. The passing mood counts, as far as reports have shown one; the variance
        leaves it out, for it is of this hour and not of what is known about the student.
        """
        self._situation(minute_of_day, awake_min, 0.0)
        h = self._h
        h[LEVEL] = 0.0
        for i in range(AWAKE, WEIGHTS):
            h[i] -= self._mean_h[i]
        if awake_min < 0:
            h[AWAKE] = 0.0
        sum_ = ENERGY_GAIN * energy_points + CONTEXT_GAIN * context + self._weights[MOMENT]
        for i in range(AWAKE, WEIGHTS):
            sum_ += h[i] * self._weights[i]
        spread = self.spread
        return spread * sum_, spread * spread * self._uncertainty()

    def learn(self, points, variance, energy_points, context, minute_of_day, awake_min, mood=1.0):
        """Take a report: `points` 5 - KSS, `variance` of it, as RATING_VARIANCE. mood: the share
        of that moment's mood that is left now."""
        points = min(max(points, -4), 4)
        self._situation(minute_of_day, awake_min, mood)
        mean, _ = self._answer(energy_points, context)
        error = (points - mean) / self.spread
        weights = self._weights
        covariance = self._covariance
        ph = self._ph
        total = variance + self._uncertainty()
        at = 0
        # Joseph's form, (I - k h') P (I - k h')' + k R k', multiplied out: an error in the gain k
        # enters only squared, and the triangle keeps it symmetric.
        for i in range(WEIGHTS):
            ki = ph[i] / total
            weights[i] += ki * error
            for j in range(i, WEIGHTS):
                kj = ph[j] / total
                covariance[at] += ki * kj * total - ki * ph[j] - ph[i] * kj
                at += 1
        if variance < PRESS_VARIANCE:  # two grades alone tell nothing about a spread
            self._learn_spread(points)

    def _learn_spread(self, points):
        ratings = self._ratings
        self._n = min(self._n + 1, _MEMORY_RATINGS)
        difference = points - ratings[0]
        ratings[0] += difference / self._n
        change = difference * (points - ratings[0]) - ratings[1]
        if self._n > 1:  # one rating has no spread
            ratings[1] += change / (_PRIOR_RATINGS + self._n - 1)
            ratings[1] = max(ratings[1], _LEAST_SPREAD * _LEAST_SPREAD)

    def _situation(self, minute_of_day, awake_min, moment):
        h = self._h
        angle = 2 * pi * (minute_of_day % _DAY_MIN) / _DAY_MIN
        awake = (awake_min - _HALF_DAY_AWAKE_MIN) / _HALF_DAY_AWAKE_MIN if awake_min >= 0 else 0.0
        h[LEVEL] = 1.0
        h[MOMENT] = moment
        h[AWAKE] = min(max(awake, -1.0), 1.0)
        h[COS] = cos(angle)
        h[SIN] = sin(angle)

    def _uncertainty(self):
        """h' P h, and P h for `learn`."""
        h = self._h
        ph = self._ph
        variance = 0.0
        for i in range(WEIGHTS):
            total = 0.0
            for j in range(WEIGHTS):
                total += self._covariance[_at(i, j) if i <= j else _at(j, i)] * h[j]
            ph[i] = total
            variance += h[i] * total
        return max(variance, 0.0)

    def _answer(self, energy_points, context):
        spread = self.spread
        sum_ = ENERGY_GAIN * energy_points + CONTEXT_GAIN * context
        for i in range(WEIGHTS):
            sum_ += self._h[i] * self._weights[i]
        mean = min(max(PRIOR_POINTS + spread * sum_, -_LIMIT), _LIMIT)
        return mean, spread * self._uncertainty() ** 0.5

    def snapshot_into(self, buffer, at):
        """Write SNAPSHOT_BYTES bytes at `at`; return where they end."""
        for values in (self._weights, self._covariance, self._ratings):
            for value in values:
                struct.pack_into("<f", buffer, at, value)
                at += 4
        buffer[at] = self._n
        return at + 1

    def restore(self, buffer, at):
        """Take over what `snapshot_into` wrote; return where it ends. Nonsense starts anew."""
        end = at + SNAPSHOT_BYTES
        for values in (self._weights, self._covariance, self._ratings):
            for i in range(len(values)):
                (values[i],) = struct.unpack_from("<f", buffer, at)
                at += 4
        self._n = buffer[at]
        if not self._is_sane():
            self.__init__()
        return end

    def _is_sane(self):
        """Finite, and a covariance that a filter could have: comparisons with NaN are false."""
        for i in range(WEIGHTS):
            if not abs(self._weights[i]) <= _LIMIT:
                return False
            if not 0.0 < self._covariance[_at(i, i)] <= 1.001 * _VARIANCE[i]:
                return False
        return (
            is_positive(self._covariance, WEIGHTS)
            and abs(self._ratings[0]) <= _LIMIT
            and _LEAST_SPREAD * _LEAST_SPREAD <= self._ratings[1] <= _LIMIT
            and self._n <= _MEMORY_RATINGS
        )


def _at(i, j):
    """Place of row i, column j >= i in the packed upper triangle."""
    return place(i, j, WEIGHTS)
