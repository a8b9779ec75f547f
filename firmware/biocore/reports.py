"""What a student says about themselves, as the estimator learns it: presses, and graded reports.

A press is of now. A graded report (1-5) was told on a page and comes with a later sync: it is
learnt in the minute in which it has come, as one of so long ago. What it was like then is reckoned
back as far as it can be: the time of the day, the time awake and with it S and W, the body's clock.
How lively that half hour was is not known any more, and a mood has passed in part: both make the
report less certain. One of before the last night tells nothing: what S was then is gone.
"""

import struct
from math import exp

from biocore.focus import (
    CONTEXT_GAIN,
    MOMENT_H,
    MOMENT_VARIANCE,
    PRESS_VARIANCE,
    PRIOR_SPREAD,
    RATING_VARIANCE,
    SHARP_POINTS,
    TIRED_POINTS,
    points_of_grade,
)
from biocore.record import MARK_SHARP, MARK_TIRED

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


QUARTER_MIN = const(15)
MOST_AGE = const(63)  # quarters: what a record has room for, a waking day
GRADES = const(5)
_GRADE_BITS = const(3)
_GRADE = const(7)
_MEMORY = const(30)  # quarters before the newest of which is known whether they were learnt
_MOST_QUARTER = const(1 << 25)  # the year 2926
_HALF_QUARTER_MIN = const(7)

# Variance of a graded report, in squared spreads. A grade stands for two points of the KSS, a
# rating for one: uniform within them, (2**2 - 1**2) / 12 more.
GRADE_VARIANCE = RATING_VARIANCE + 3 / 12 / (PRIOR_SPREAD * PRIOR_SPREAD)
# How lively it was then lies within the student's own spread, 1.
_CONTEXT_VARIANCE = CONTEXT_GAIN * CONTEXT_GAIN
SNAPSHOT_BYTES = const(8)


def report_of(grade, age_quarters):
    """A grade 1-5 of so many quarters of an hour ago, as one number; 0 is none."""
    return grade | age_quarters << _GRADE_BITS


def grade_of(report):
    """The grade in such a number."""
    return report & _GRADE


def age_of(report):
    """Its age, in quarters of an hour."""
    return report >> _GRADE_BITS


def learn_press(estimator, marks, utc_min):
    """Let it learn a press of this minute. Sharp and tired within one minute say nothing."""
    is_sharp = marks & MARK_SHARP != 0
    if is_sharp == (marks & MARK_TIRED != 0) or not utc_min:
        return
    estimator.learn(SHARP_POINTS if is_sharp else TIRED_POINTS, PRESS_VARIANCE, utc_min)


class Reports:
    """Which graded reports were learnt. One is known by its quarter of an hour, and there is one a
    quarter at most: so the log alone tells which, and none is learnt twice, however often it comes.
    """

    def __init__(self):
        self._newest = 0  # quarter, Unix time / 900; 0: none yet
        self._before = 0  # bit i: the quarter 1 + i before the newest was learnt

    def is_new(self, quarter):
        """Whether the report of this quarter can still be learnt."""
        back = self._newest - quarter
        if back < 0:
            return quarter <= _MOST_QUARTER
        return 0 < back <= _MEMORY and not self._before >> (back - 1) & 1

    def _note(self, quarter):
        ahead = quarter - self._newest
        if ahead <= 0:
            self._before |= 1 << (-ahead - 1)
        else:
            known = self._before << 1 | (1 if self._newest else 0)
            self._before = known << (ahead - 1) & _mask() if ahead <= _MEMORY else 0
            self._newest = quarter

    def learn(self, estimator, report, utc_min):
        """Let it learn a report (`report_of`) in the minute `utc_min`; not without a clock."""
        age = age_of(report)
        quarter = utc_min // QUARTER_MIN - age
        if not utc_min or not 0 < grade_of(report) <= GRADES or not self.is_new(quarter):
            return
        self._note(quarter)
        ago_min = max(utc_min - QUARTER_MIN * quarter - _HALF_QUARTER_MIN, 0)
        awake_min = estimator.awake_ago_min(ago_min)
        if awake_min < 0 and estimator.night.known():
            return
        energy_points = 0.0
        if awake_min >= 0:
            energy_points = estimator.energy_points(awake_min, ago_min)
        mood = exp(-ago_min / 60 / MOMENT_H)
        variance = GRADE_VARIANCE + (1.0 - mood * mood) * MOMENT_VARIANCE
        context = estimator.context.value
        if age:
            context = 0.0
            variance += _CONTEXT_VARIANCE
        minute = estimator.local.minute(utc_min - ago_min)
        points = points_of_grade(grade_of(report))
        estimator.focus.learn(points, variance, energy_points, context, minute, awake_min, mood)
        estimator.judge_anew(utc_min)

    def snapshot_into(self, buffer, at):
        """Write SNAPSHOT_BYTES bytes at `at`; return where they end."""
        struct.pack_into("<II", buffer, at, self._newest, self._before)
        return at + SNAPSHOT_BYTES

    def restore(self, buffer, at):
        """Take over what `snapshot_into` wrote; return where it ends. Nonsense starts anew."""
        self._newest, self._before = struct.unpack_from("<II", buffer, at)
        if self._newest > _MOST_QUARTER or self._before > _mask():
            self.__init__()
        return at + SNAPSHOT_BYTES


def _mask():
    return (1 << _MEMORY) - 1
