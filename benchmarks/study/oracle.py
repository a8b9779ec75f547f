"""What could be known at best: a Bayesian who knows everything but the student's own weights.

It is given the true clock, the true sleep pressure and the distributions the students were drawn
from, and weighs draws of the student's hidden weights by the likelihood of the presses (importance
sampling). What it gets wrong, three presses of two grades a day do not tell.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.study.bodies import Body
from benchmarks.study.students import ASLEEP, DAY_MIN, FloatArray, IntArray, Life, World
from benchmarks.study.wrist import liveliness

DRAWS = 1500
_LOGISTIC = 1.702  # the logistic curve nearest to the normal distribution's


@dataclass(frozen=True)
class Seen:
    """What the oracle sees of a student; presses are (minute from `first_day`, sharp)."""

    life: Life
    clock_h: FloatArray
    body: Body
    presses: tuple[tuple[int, bool], ...]
    first_day: int


def bound(seen: Seen, days: list[int], at_min: IntArray, world: World, number: int) -> FloatArray:
    """Expected sharpness at these minutes of these days, given the presses: (len(at_min),)."""
    rng = np.random.default_rng([77, number])
    spread = world.differences
    student = seen.life.student

    def about(mean: float) -> FloatArray:
        return mean * np.exp(spread * rng.standard_normal(DRAWS) - spread * spread / 2)

    pressure, clock, dip = about(6.0), about(1.5), about(0.3)
    peak_h = 13.5 + student.lateness + rng.standard_normal(DRAWS)
    dip_h = 10.5 + 0.7 * rng.standard_normal(DRAWS)
    inertia = 2.5 * np.exp(0.5 * rng.standard_normal(DRAWS))
    threshold = 0.6 * rng.standard_normal(DRAWS)

    def points(minutes: IntArray) -> FloatArray:
        turn = 2 * np.pi / 24 * seen.clock_h[minutes][:, None]
        return np.asarray(
            clock * np.cos(turn - 2 * np.pi / 24 * peak_h)
            - dip * np.cos(2 * turn - 2 * np.pi / 12 * dip_h)
            - pressure * seen.body.pressure[minutes][:, None]
            - inertia * seen.body.inertia[minutes][:, None]
        )

    start = seen.first_day * DAY_MIN
    state = seen.life.state[start:]
    awake = start + np.flatnonzero(state != ASLEEP)[::97]
    usual = np.median(points(awake), axis=0)
    at = np.array([minute for minute, _ in seen.presses], dtype=np.int64)
    signs = np.array([1.0 if sharp else -1.0 for _, sharp in seen.presses])
    felt = points(start + at) + (0.75 * liveliness(state))[at][:, None]
    noise = world.noise * 1.25  # mood and press together
    margin = signs[:, None] * (felt - usual - threshold) / max(noise, 0.1)
    logs = -np.logaddexp(0.0, -_LOGISTIC * margin).sum(axis=0)
    weights = np.exp(logs - logs.max())
    course = np.mean([points(day * DAY_MIN + at_min) for day in days], axis=0)
    return np.asarray(course @ (weights / weights.sum()))
