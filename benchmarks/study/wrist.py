"""What the wrist records of a virtual student's life, and when the student presses the button."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.study.students import (
    ASLEEP,
    DAY_MIN,
    SPORT,
    FloatArray,
    IntArray,
    Life,
)

_EDGE_MIN = 30  # nobody presses in the first and the last half hour of a day
_NON_WEAR_MIN, _BLOCK_MIN = 60, 15  # the device judges an hour every quarter

# per state ASLEEP, HOME, CLASS, OUTSIDE, SPORT, EVENING: as in bioklok.simulator.life
_ENMO_DMG = np.array([8.0, 300.0, 150.0, 900.0, 3000.0, 200.0])
_STEP_CDEG = np.array([6.0, 400.0, 150.0, 900.0, 1500.0, 200.0])
# share of minutes in which the arm lies still
_STILL = np.array([0.95, 0.03, 0.10, 0.0, 0.0, 0.20])
_STIR = 0.10  # of a sleeper's still minutes
# How lively a state feels, before it is centred on the student's own day.
_LIVELY = np.array([0.0, 0.0, -0.4, 0.9, 1.3, -0.6])


@dataclass(frozen=True)
class Worn:
    """What the device records, per minute, units as in biocore.record, and the presses.

    `presses`: (minute, sharp). Minutes from the midnight before the first day.
    """

    enmo_dmg: IntArray
    angle_median_cdeg: IntArray
    angle_max_cdeg: IntArray
    light_mlx: IntArray
    still_hour: NDArray[np.bool_]
    presses: tuple[tuple[int, bool], ...]


def wear(
    life: Life, sharp: FloatArray, first_day: int, per_day: int, rng: np.random.Generator
) -> Worn:
    """Record the days from `first_day` on. `sharp`: points at every minute of the life;
    `per_day`: presses meant to be made a day."""
    off = _off_wrist(life, first_day, rng)
    at = first_day * DAY_MIN
    state = life.state[at:]
    minutes = len(state)
    still = rng.random(minutes) < _STILL[state]
    asleep = state == ASLEEP
    stirs = rng.random(minutes) < _STIR
    median = np.where(still, rng.gamma(4, 1.5, minutes), _STEP_CDEG[state] * _spread(rng, minutes))
    most = median * (3 + rng.gamma(1.5, 2.0, minutes))
    most[still] = np.where(asleep & stirs, 150.0, 25.0)[still] * _spread(rng, minutes)[still]
    turning = asleep & ~still
    median[turning] = rng.gamma(2, 15, int(turning.sum()))
    most[turning] = 600 + rng.gamma(1, 2500, int(turning.sum()))
    enmo = np.where(still, 12.0, _ENMO_DMG[state]) * _spread(rng, minutes)
    lux = life.eye_lx[at:] * life.student.wrist_gain * _spread(rng, minutes)
    sleeved = np.repeat(rng.random(minutes // 20) < 0.2, 20) & ~asleep
    lux[sleeved] *= 0.05
    median[off], enmo[off], most[off] = 3.0, 2.0, 8.0
    since_off = np.arange(minutes) - np.maximum.accumulate(
        np.where(off, -1, np.arange(minutes))
    )  # 0 while worn; on the table: minutes since it was worn
    ends_block = np.arange(minutes) % _BLOCK_MIN == _BLOCK_MIN - 1
    return Worn(
        enmo_dmg=np.minimum(enmo, 60_000).astype(np.int64),
        angle_median_cdeg=np.minimum(median, 9000).astype(np.int64),
        angle_max_cdeg=np.minimum(most, 18_000).astype(np.int64),
        light_mlx=np.minimum(lux * 1000, 167_000_000).astype(np.int64),
        still_hour=off & ends_block & (since_off >= _NON_WEAR_MIN),
        presses=_presses(life, sharp[at:], off, per_day, rng),
    )


def _spread(rng: np.random.Generator, minutes: int) -> FloatArray:
    return np.asarray(np.exp(0.5 * rng.standard_normal(minutes)))


def _off_wrist(life: Life, first_day: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A shower a day, sport for some, a night now and then; True on the table."""
    start = first_day * DAY_MIN
    off = np.zeros(len(life.state) - start, dtype=bool)
    student = life.student
    for day in range(first_day, len(life.state) // DAY_MIN):
        bed = int(life.onset_min[day + 1]) - start
        shower = bed - int(rng.integers(40, 90))
        off[max(shower, 0) : max(shower + int(rng.integers(10, 25)), 0)] = True
        if rng.random() < student.night_missed:
            up = int(life.wake_min[day + 1]) - start
            off[max(bed - 45, 0) : max(up + int(rng.integers(15, 60)), 0)] = True
    if student.takes_off_for_sport:
        off |= life.state[start:] == SPORT
    return off


def liveliness(state: NDArray[np.int8]) -> FloatArray:
    """How lively each minute is, against the mean of the waking ones."""
    lively = _LIVELY[state]
    return np.asarray(lively - lively[state != ASLEEP].mean())


def _presses(
    life: Life,
    sharp: FloatArray,
    off: NDArray[np.bool_],
    per_day: int,
    rng: np.random.Generator,
) -> tuple[tuple[int, bool], ...]:
    """At random moments awake: sharp or tired, against a threshold of the student's own."""
    student = life.student
    start = len(life.state) - len(off)
    state = life.state[start:]
    felt = sharp + student.liveliness_points * liveliness(state)
    threshold = float(np.median(felt[state != ASLEEP])) + student.threshold_points
    out: list[tuple[int, bool]] = []
    for day in range(start // DAY_MIN, len(life.state) // DAY_MIN):
        threshold += student.threshold_walk_points * rng.standard_normal()
        mood = student.day_mood_points * rng.standard_normal()
        up = int(life.wake_min[day]) - start + _EDGE_MIN
        bed = min(int(life.onset_min[day + 1]) - start, len(off)) - _EDGE_MIN
        for at in sorted(rng.integers(up, bed, per_day).tolist()):
            noise = student.press_noise_points * rng.standard_normal()
            is_missed = rng.random() < student.press_missed
            if not off[at] and not is_missed:
                out.append((at, bool(felt[at] + mood + noise > threshold)))
    return tuple(out)
