"""Lives a virtual student's days: what the wrist feels and sees, second by second."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from bioklok.errors import BioklokFailure
from bioklok.simulator.student import WEEKDAYS, Student
from bioklok.simulator.world import (
    FIRST_YEAR,
    LAST_YEAR,
    SAMPLE_HZ,
    SECOND,
    World,
    presses,
    to_mg,
    to_mlx,
)

ASLEEP, AWAKE, CLASS, SPORT, OUTSIDE, EVENING, OFF, IN_BED = range(8)

# Movement (SD per axis, mg), mean seconds between turns of the arm, light (lx; 0: see _light)
_MOVEMENT_MG = np.array([1.5, 45.0, 22.0, 420.0, 160.0, 30.0, 0.0, 24.0])
_TURN_S = np.array([480.0, 25.0, 70.0, 4.0, 8.0, 60.0, 1e9, 60.0])
_LIGHT_LX = np.array([0.05, 110.0, 380.0, 0.0, 0.0, 45.0, 30.0, 12.0])
_SENSOR_NOISE_MG = 2.0
_SHIFT_SHARE = 0.75
_DAYLIGHT_LX = 9000.0  # a clear winter noon
_CHUNK_S = 3600
_SHORTEST_DAY_S = 3600  # who is up for less presses nothing
_NAPS = ((time(11, 10), time(12, 40)), (time(14, 30), time(16, 20)))  # of who is ill


@dataclass(frozen=True)
class Night:
    """Unix seconds of falling asleep and waking."""

    asleep_utc_s: int
    awake_utc_s: int


def live(student: Student, start: date, days: int, seed: int) -> World:
    """Return the world of `days` local days from midnight at the beginning of `start`.

    Raises BioklokFailure for days that the device cannot count.
    """
    if not FIRST_YEAR <= start.year <= LAST_YEAR:
        raise BioklokFailure(
            f"a life cannot begin in {start.year}: choose a day from {FIRST_YEAR} to {LAST_YEAR}"
        )
    zone = student.zone()
    rng = np.random.default_rng([seed, 1])
    start_utc_s = _utc_s(datetime.combine(start, time(), zone))
    end_utc_s = _utc_s(datetime.combine(start + timedelta(days=days), time(), zone))
    nights = [_night(student, start + timedelta(days=i), zone, rng) for i in range(days + 2)]
    n_seconds = end_utc_s - start_utc_s
    state = np.full(n_seconds, AWAKE, dtype=np.int8)
    for i in range(days):
        _fill_day(state, student, start + timedelta(days=i), start_utc_s, nights[i : i + 2])
    for night in nights:
        _fill(state, night.asleep_utc_s - start_utc_s, night.awake_utc_s - start_utc_s, ASLEEP)
    for i in range(-1, days):
        _take_off(state, student, start + timedelta(days=i), start_utc_s)
    button = _button(student, start, state, nights, rng)
    return World(
        start_utc_s=start_utc_s,
        seed=f"{student} from {start} for {days} days, seed {seed}",
        n_seconds=n_seconds,
        button=button,
        chunks=_chunks(state, start_utc_s, zone, np.random.default_rng([seed, 2])),
    )


def _utc_s(moment: datetime) -> int:
    return int(moment.timestamp())


def _fill(state: NDArray[np.int8], first: int, last: int, value: int) -> None:
    state[max(first, 0) : max(min(last, len(state)), 0)] = value


def _night(student: Student, day: date, zone: ZoneInfo, rng: np.random.Generator) -> Night:
    """The night that ends on `day`, with the night's own jitter at both ends."""
    asleep, awake = student.sleep_on(day)
    evening = day - timedelta(days=1) if asleep.hour >= 12 else day
    shift = rng.normal(0, student.jitter_min * 60, 2)
    if not student.is_free(day) and day not in student.ill_days:
        shift[1] *= 0.3  # the alarm
    return Night(
        _utc_s(datetime.combine(evening, asleep, zone)) + int(shift[0]),
        _utc_s(datetime.combine(day, awake, zone)) + int(shift[1]),
    )


def _fill_day(
    state: NDArray[np.int8], student: Student, day: date, start_utc_s: int, nights: list[Night]
) -> None:
    def at(moment: time) -> int:
        return _utc_s(datetime.combine(day, moment, student.zone())) - start_utc_s

    if day in student.ill_days:
        _fill(state, at(time(5, 0)), nights[1].asleep_utc_s - start_utc_s, IN_BED)
        for nods_off, wakes in _NAPS:
            _fill(state, at(nods_off), at(wakes), ASLEEP)
        return
    _fill(state, at(time(18, 30)), nights[1].asleep_utc_s - start_utc_s, EVENING)
    if student.is_free(day):
        _fill(state, at(time(13, 0)), at(time(14, 30)), OUTSIDE)
    else:
        first, last = (at(hour) for hour in student.school_hours)
        _fill(state, first - 1500, first - 300, OUTSIDE)  # the way there
        _fill(state, first, last, CLASS)
        for pause in range(first + 6000, last - 3000, 8400):
            _fill(state, pause, pause + 1200, OUTSIDE)
        _fill(state, last, last + 1200, OUTSIDE)
    if WEEKDAYS[day.weekday()] in student.sport_days:
        first, last = (at(hour) for hour in student.sport_hours)
        _fill(state, first, last, SPORT)


def _take_off(state: NDArray[np.int8], student: Student, day: date, start_utc_s: int) -> None:
    weekday, tomorrow = WEEKDAYS[day.weekday()], day + timedelta(days=1)
    first, last = student.off_wrist
    away = [(first, day if first < last else tomorrow, last)]
    away = away if weekday in student.off_wrist_days else []
    if weekday in student.drawer_days:
        away.append((time(), tomorrow, time()))
    for off, until, on in away:
        off_utc_s = _utc_s(datetime.combine(day, off, student.zone()))
        on_utc_s = _utc_s(datetime.combine(until, on, student.zone()))
        _fill(state, off_utc_s - start_utc_s, on_utc_s - start_utc_s, OFF)


def _button(
    student: Student,
    start: date,
    state: NDArray[np.int8],
    nights: list[Night],
    rng: np.random.Generator,
) -> list[tuple[int, int]]:
    """Self-reports at random waking moments, a look at the lamp now and then, a strip."""
    moments: list[list[tuple[int, int]]] = []
    start_utc_s = _utc_s(datetime.combine(start, time(), student.zone()))
    for i in range(len(nights) - 2):
        day = start + timedelta(days=i)
        # Who goes to bed after midnight is still up when the world ends.
        wake = max(nights[i].awake_utc_s, start_utc_s)
        bed = nights[i + 1].asleep_utc_s
        end_utc_s = start_utc_s + len(state)
        if min(bed, end_utc_s) - wake <= _SHORTEST_DAY_S:
            continue
        for _ in range(rng.poisson(student.marks_per_day)):
            at = int(rng.integers(wake + 1800, min(bed - 1800, end_utc_s)))
            if state[at - start_utc_s] in (OFF, ASLEEP):
                continue
            off_h = ((at - wake) / 3600 - student.sharpest_awake_h) / 3.0
            is_sharp = rng.random() < 0.1 + 0.8 * np.exp(-0.5 * off_h**2)
            moments.append(presses((at - start_utc_s) * 1000, 2 if is_sharp else 3))
        look = int(rng.integers(wake + 600, min(bed - 600, end_utc_s)))
        moments.append(presses((look - start_utc_s) * 1000, 1))
        if WEEKDAYS[day.weekday()] in student.strip_days:
            ask = _utc_s(datetime.combine(day, time(10, 40), student.zone())) - start_utc_s
            moments.append(presses(ask * 1000, 1, held_ms=2500))
    moments.sort()
    return _apart(moments, (nights[0].awake_utc_s - start_utc_s) * 1000)


def _apart(moments: list[list[tuple[int, int]]], earliest_ms: int) -> list[tuple[int, int]]:
    """Leave out a gesture that would begin within 10 s of the one before it."""
    kept: list[tuple[int, int]] = []
    for gesture in moments:
        free_ms = kept[-1][0] + 10_000 if kept else max(earliest_ms, 0)
        if gesture[0][0] >= free_ms:
            kept += gesture
    return kept


def _chunks(
    state: NDArray[np.int8], start_utc_s: int, zone: ZoneInfo, rng: np.random.Generator
) -> Iterator[NDArray[np.void]]:
    direction = _turned(rng)
    for first in range(0, len(state), _CHUNK_S):
        part = state[first : first + _CHUNK_S]
        out = np.empty(len(part), dtype=SECOND)
        offset = datetime.fromtimestamp(start_utc_s + first, zone).utcoffset() or timedelta()
        hour = (start_utc_s + first + np.arange(len(part)) + offset.total_seconds()) / 3600 % 24
        out["light_mlx"] = to_mlx(_light(part, hour, rng))
        g, direction = _acceleration(part, direction, rng)
        out["mg"] = to_mg(g)
        yield out


def _turned(rng: np.random.Generator) -> NDArray[np.float64]:
    """A direction of gravity in the frame of the wrist."""
    direction = rng.normal(size=3)
    return np.asarray(direction / np.linalg.norm(direction))


def _light(
    state: NDArray[np.int8], hour: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    daylight = _DAYLIGHT_LX * np.clip(np.sin(np.pi * (hour - 8.0) / 9.0), 0.002, None)
    lux = _LIGHT_LX[state]
    indoors = np.where((state == AWAKE) | (state == CLASS), 0.02 * daylight, 0.0)
    lux = np.where((state == OUTSIDE) | (state == SPORT), daylight, lux + indoors)
    # the wrist turns away and comes back: a slow random factor
    knots = rng.normal(0, 0.5, len(state) // 60 + 2)
    factor = np.exp(np.interp(np.arange(len(state)) / 60, np.arange(len(knots)), knots))
    return np.asarray(lux * np.where(state == ASLEEP, 1.0, factor))


def _acceleration(
    state: NDArray[np.int8], direction: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """g of every sample of these seconds, and the direction they end in."""
    n = len(state)
    # The arm turns at random moments; a device that is put down or taken up turns too.
    turns = rng.random(n) < 1.0 / _TURN_S[state]
    turns[1:] |= (state[1:] == OFF) != (state[:-1] == OFF)
    which = np.cumsum(turns)
    directions = rng.normal(size=(which[-1] + 1, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    directions[0] = direction
    # A sleeper mostly shifts a little and rarely turns over.
    starts = np.flatnonzero(turns)
    for turn, second in enumerate(starts, start=1):
        if state[second] == ASLEEP and rng.random() < _SHIFT_SHARE:
            shifted = directions[turn - 1] + 0.25 * directions[turn]
            directions[turn] = shifted / np.linalg.norm(shifted)
    gravity = directions[which].astype(np.float32)
    # turning takes about two seconds
    gravity[1:] = (gravity[1:] + gravity[:-1]) / 2
    amplitude = _MOVEMENT_MG[state] * rng.gamma(2.0, 0.5, n)
    amplitude[state == ASLEEP] = _MOVEMENT_MG[ASLEEP]
    restless = turns & (state == ASLEEP)
    amplitude[restless] = 80.0
    noise_g = np.hypot(amplitude, _SENSOR_NOISE_MG).astype(np.float32) / 1000
    noise = rng.standard_normal((n, SAMPLE_HZ, 3), dtype=np.float32) * noise_g[:, None, None]
    return (gravity[:, None, :] + noise).astype(np.float32), directions[which[-1]]
