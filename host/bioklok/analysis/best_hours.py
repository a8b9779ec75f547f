"""When a student is usually at their best: the two hours, and how sure that is.

The estimator's own step functions are run over an ordinary school day to come: energy from the
usual night and the light clock, corrected by what the student has reported (biocore.focus). The
best two hours are those with the highest mean, between an hour after waking and two hours before
bed. How sure: the same for 400 draws from what is not known, the weights of the focus with their
covariance and the time of the clock (Monte Carlo; the draws are fixed, so equal states give equal
answers).
"""

from dataclasses import dataclass

import numpy as np
from biocore.energy import KSS_PER_LEVEL, Energy
from biocore.estimator import Estimator
from biocore.focus import AWAKE, COS, ENERGY_GAIN, SIN, Focus
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
DAY_MIN = 1440
WINDOW_MIN = 120
AFTER_WAKING_MIN = 60  # sleep inertia
BEFORE_BED_MIN = 120
STEP_MIN = 5
NEAR_MIN = 90
# Told when right within 90 min is likelier than not by a margin, and when the reports, not the
# average of everybody, say so: of the prior's doubt about the course of the day they have removed
# this share. Both were set on virtual students of another seed than the study's.
LEAST_NEAR = 0.6
LEAST_LEARNT = 0.4

_SHAPE = (AWAKE, COS, SIN)  # the weights that make a course; the others shift the whole day
_SETTLE_DAYS = 14  # the chronic debt settles with 97 h
_DRAWS = np.random.default_rng(2010).standard_normal((400, len(_SHAPE) + 1))
_CLOCK_STEPS = np.linspace(-2.5, 2.5, 11)  # the clock's doubt, in its SD


@dataclass(frozen=True)
class UsualDay:
    """Local minutes of the day; `bed_min` beyond 1440 is after midnight."""

    wake_min: int
    bed_min: int
    cbtmin_min: int
    cbtmin_sd_min: float


@dataclass(frozen=True)
class BestHours:
    """Middle of the best two hours (local minute of the day) and where four in five would lie.

    near: probability that it is right within 90 min. learnt: share of the prior's doubt about the
    day's course that reports have removed, 0 to 1. gain_points: KSS points by which these two hours
    are expected to exceed the day's mean.
    """

    middle_min: int
    low_min: int
    high_min: int
    near: float
    learnt: float
    gain_points: float

    @property
    def is_known(self) -> bool:
        """Whether it is sure enough to be told."""
        return self.near >= LEAST_NEAR and self.learnt >= LEAST_LEARNT


def energy_course(day: UsualDay, cbtmin_min: float, at_min: NDArray[np.int64]) -> FloatArray:
    """KSS points of energy at these local minutes, an ordinary night behind; mean 0."""
    energy = Energy()
    asleep_min = DAY_MIN - (day.bed_min - day.wake_min)
    for _ in range(_SETTLE_DAYS):
        energy.tell_night(asleep_min, 0, True)
        energy.skip(DAY_MIN)
    energy.tell_night(asleep_min, 0, True)
    course = np.empty(len(at_min))
    up_min = 0
    for i, minute in enumerate(at_min.tolist()):
        energy.skip(minute - day.wake_min - up_min)
        up_min = minute - day.wake_min
        energy.refresh(up_min, (minute - cbtmin_min) % DAY_MIN)
        course[i] = KSS_PER_LEVEL * energy.level
    return np.asarray(course - course.mean())


def best_window(course: FloatArray) -> int:
    """Index of the first of the steps that are the best two hours of a course (or courses)."""
    return int(_window_means(course[None, :])[0].argmax())


def _window_means(courses: FloatArray) -> FloatArray:
    """Mean of each two hours, (n, steps) to (n, steps - 23)."""
    steps = WINDOW_MIN // STEP_MIN
    sums = np.cumsum(np.pad(courses, ((0, 0), (1, 0))), axis=1)
    return np.asarray((sums[:, steps:] - sums[:, :-steps]) / steps)


def best_hours(focus: Focus, day: UsualDay) -> BestHours | None:
    """Where the best two hours of a usual day lie; None for a day too short to hold them."""
    first, last = day.wake_min + AFTER_WAKING_MIN, day.bed_min - BEFORE_BED_MIN
    if last - first < WINDOW_MIN or day.bed_min - day.wake_min >= DAY_MIN:
        return None
    at_min = np.arange(first, last, STEP_MIN)
    shape = np.array([focus.shape(int(m) % DAY_MIN, int(m) - day.wake_min) for m in at_min]).T
    weights = np.array([focus.weight(i)[0] for i in _SHAPE])
    covariance = _covariance(focus)
    factor = np.linalg.cholesky(covariance)
    energies = ENERGY_GAIN * np.array(
        [
            energy_course(day, day.cbtmin_min + step * day.cbtmin_sd_min, at_min)
            for step in _CLOCK_STEPS
        ]
    )
    usual = energies[len(_CLOCK_STEPS) // 2] + weights @ shape
    draws = (weights + _DRAWS[:, :-1] @ factor.T) @ shape
    nearest = np.abs(_DRAWS[:, -1:] - _CLOCK_STEPS).argmin(axis=1)
    draws += energies[nearest]
    half = WINDOW_MIN // 2
    middles = first + half + STEP_MIN * _window_means(draws).argmax(axis=1)
    best = best_window(usual)
    middle = first + half + STEP_MIN * best
    low, high = np.percentile(middles, (10, 90))
    usual_means = _window_means(usual[None, :])[0]
    return BestHours(
        middle_min=middle,
        low_min=int(low),
        high_min=int(high),
        near=float(np.mean(np.abs(middles - middle) <= NEAR_MIN)),
        learnt=_learnt(covariance, shape),
        gain_points=float(focus.spread * (usual_means[best] - usual.mean())),
    )


def _covariance(focus: Focus) -> FloatArray:
    matrix = np.array([[focus.covariance(i, j) for j in _SHAPE] for i in _SHAPE])
    # rounded to single precision in every step: lift it by as much
    return np.asarray(matrix + 1e-6 * np.eye(len(_SHAPE)))


def _learnt(covariance: FloatArray, shape: FloatArray) -> float:
    """1 - variance of the day's course (less its mean) now, by that of a focus without reports."""
    course = shape - shape.mean(axis=1, keepdims=True)
    now, before = (
        float(np.einsum("it,ij,jt->", course, matrix, course))
        for matrix in (covariance, _covariance(Focus()))
    )
    return min(max(1 - now / before, 0.0), 1.0)


class Diary:
    """Collects the usual day from an estimator as it runs: `observe` after each quarter hour."""

    def __init__(self) -> None:
        self._nights: dict[int, tuple[int, int]] = {}  # by the day of waking, counted from 1970
        self._cbtmins: dict[int, int] = {}

    def observe(self, estimator: Estimator, local_min: int) -> None:
        """Look at the estimator at the end of a minute: local time in minutes since 1970."""
        night = estimator.night
        if night.nights and night.onset_known and night.wake_known:
            wake = local_min - night.wake_min()
            self._nights[wake // DAY_MIN] = (local_min - night.onset_min(), wake)
        if local_min % DAY_MIN == DAY_MIN // 2:
            since = estimator.phase.minutes_since_cbtmin()
            self._cbtmins[local_min // DAY_MIN] = DAY_MIN // 2 - since

    def kept(self, since: int) -> dict[str, dict[str, list[int]]]:
        """Return what was seen since a day (counted from 1970) in plain types, for `take_over`."""
        return {
            "nights": {str(day): list(one) for day, one in self._nights.items() if day >= since},
            "cbtmins": {str(day): [one] for day, one in self._cbtmins.items() if day >= since},
        }

    def take_over(self, kept: dict[str, dict[str, list[int]]]) -> None:
        """Go on from what `kept` returned."""
        self._nights = {int(day): (one[0], one[1]) for day, one in kept["nights"].items()}
        self._cbtmins = {int(day): one[0] for day, one in kept["cbtmins"].items()}

    def usual_day(self, days: list[int], cbtmin_sd_min: float) -> UsualDay | None:
        """Medians over these days (counted from 1970); None if a time was never seen on them.

        Bed is the evening of the day, waking its morning.
        """
        wakes = [self._nights[d][1] - d * DAY_MIN for d in days if d in self._nights]
        beds = [self._nights[d + 1][0] - d * DAY_MIN for d in days if d + 1 in self._nights]
        cbtmins = [self._cbtmins[d] for d in days if d in self._cbtmins]
        if not (wakes and beds and cbtmins):
            return None
        wake, bed, cbtmin = (int(np.median(times)) for times in (wakes, beds, cbtmins))
        return UsualDay(wake, bed, cbtmin, cbtmin_sd_min)
