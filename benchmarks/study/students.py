"""Virtual students: habits and hidden bodies, drawn from the literature, and the lives they lead.

One epoch is one minute; every draw names its source, and no constant comes from `biocore`. Same
seed and number, same student.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DAY_MIN = 1440
BURN_IN_DAYS = 28  # before the wrist device: clock and sleep pressure settle into this life
ASLEEP, HOME, CLASS, OUTSIDE, SPORT, EVENING = range(6)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Student:
    """What is hidden. Hours, lux, points of the Karolinska scale (5 - KSS: higher is sharper)."""

    age_years: float
    lateness: float  # of the own age, in SD
    mid_sleep_free_h: float
    sleep_need_h: float
    alarm_h: float
    school_end_h: float
    sport_days: frozenset[int]
    takes_off_for_sport: bool
    bed_jitter_h: float
    day_length_h: float
    noon_lx: float
    home_lx: float
    class_lx: float
    evening_lx: float
    outdoor_h: float
    wrist_gain: float
    period_h: float
    light_sensitivity: float
    wake_constant_h: float
    sleep_constant_h: float
    pressure_points: float
    clock_points: float
    clock_peak_h: float
    dip_points: float
    dip_h: float
    inertia_points: float
    inertia_h: float
    liveliness_points: float
    day_mood_points: float
    press_noise_points: float
    threshold_points: float
    threshold_walk_points: float
    press_missed: float
    night_missed: float


@dataclass(frozen=True)
class Life:
    """Minutes from local midnight of a Monday, burn-in first. `onset_min[d]`, `wake_min[d]`: the
    night that ends on day d (one more at the end)."""

    student: Student
    onset_min: IntArray
    wake_min: IntArray
    state: NDArray[np.int8]
    eye_lx: FloatArray


def _around(rng: np.random.Generator, centre: float, spread: float) -> float:
    """A log-normal draw: median `centre`, SD of the logarithm `spread`."""
    return float(centre * np.exp(spread * rng.standard_normal()))


def _about(rng: np.random.Generator, mean: float, spread: float) -> float:
    """The same with `mean` as its mean."""
    return _around(rng, mean * float(np.exp(-spread * spread / 2)), spread)


@dataclass(frozen=True)
class World:
    """What the study's answer hangs on; the defaults are the literature's (see `draw`).

    differences: SD of the logarithm of each body's weights; noise: factor on mood and press noise.
    """

    differences: float = 0.55
    noise: float = 1.0
    presses_per_day: int = 3


def draw(rng: np.random.Generator, world: World) -> Student:
    """Draw a student of 10 to 14 years."""
    differences = world.differences
    age = float(rng.uniform(10, 14.99))
    # Mid-sleep on free days about 04:00, SD 1 h, a quarter of an hour later each year (Roenneberg
    # et al. 2004, Curr Biol 14:R1038; Randler 2009).
    lateness = float(rng.standard_normal())
    # Evening types: longer period, r about 0.5 (Duffy, Rimmer & Czeisler 2001); they build up
    # sleep pressure more slowly (Taillard et al. 2003, J Sleep Res 12:275).
    period_z = 0.5 * lateness + np.sqrt(0.75) * rng.standard_normal()
    build_z = 0.5 * lateness + np.sqrt(0.75) * rng.standard_normal()
    return Student(
        age_years=age,
        lateness=lateness,
        mid_sleep_free_h=4.0 + 0.25 * (age - 12.5) + lateness,
        # 9.9, 9.3, 8.7 h at 10, 12, 14 years, SD 0.6-0.7 (Iglowstein et al. 2003, Pediatrics)
        sleep_need_h=float(9.9 - 0.3 * (age - 10) + 0.65 * rng.standard_normal()),
        alarm_h=float(np.clip(7.0 + 0.4 * rng.standard_normal(), 6, 8)),  # ours: school at 08:30
        school_end_h=float(rng.uniform(14, 16)),
        sport_days=frozenset(rng.choice(6, size=int(rng.integers(0, 4)), replace=False).tolist()),
        takes_off_for_sport=bool(rng.random() < 0.5),
        bed_jitter_h=_around(rng, 0.45, 0.3),  # night to night, children: half an hour
        day_length_h=float(rng.uniform(8, 16.5)),  # 52 deg north, any season
        noon_lx=_around(rng, 8_000, 0.7),
        home_lx=_around(rng, 80, 0.4),
        class_lx=_around(rng, 200, 0.3),
        evening_lx=_around(rng, 60, 0.6),
        outdoor_h=_around(rng, 1.0, 0.6),
        wrist_gain=_around(rng, 0.6, 0.5),  # the wrist sees another light than the eye
        # SD of the intrinsic period 0.2 h (Duffy et al. 2011, PNAS 108:15602), about the model's
        period_h=float(23.84 + 0.2 * period_z),
        # people's melatonin answers to light very differently (Phillips et al. 2019, PNAS)
        light_sensitivity=_around(rng, 1.0, 0.7),
        wake_constant_h=float(18.2 * np.exp(0.2 * build_z)),
        sleep_constant_h=_around(rng, 4.2, 0.15),
        # 16 h awake cost about 3 points, the clock swings by +-1.5 (Ingre et al. 2014); people
        # differ by 60 % of the mean in either (Van Dongen, Bender & Dinges 2012, PMC3260461).
        pressure_points=_about(rng, 6.0, differences),
        clock_points=_about(rng, 1.5, differences),
        # Alertness follows the clock's temperature, whose peak comes 13.5 h after its minimum
        # (Monk 1987, Sleep 10:343). Morning and evening types are 2-3 h apart by the clock, but
        # 5-9 h in the rhythm of sleepiness (Lack et al. 2009, Nat Sci Sleep 1:1): its lower end,
        # an hour more per hour, and as much again from person to person.
        clock_peak_h=float(13.5 + lateness + rng.standard_normal()),
        dip_points=_about(rng, 0.3, differences),  # after noon; as large as in Ingre et al. 2014
        dip_h=float(10.5 + 0.7 * rng.standard_normal()),
        inertia_points=_around(rng, 2.5, 0.5),
        inertia_h=_around(rng, 0.67, 0.3),  # Jewett et al. 1999, J Sleep Res 8:1
        # moving about against sitting still: 1-2 points (Akerstedt et al. 2014, J Sleep Res 23)
        liveliness_points=float(np.clip(0.75 + 0.25 * rng.standard_normal(), 0, 1.5)),
        # What is left of real people's ratings when sleep, clock and situation are known: SD 1.2
        # to 1.4 (our replay of MeLiDos Munich), some of it lasting for the day.
        day_mood_points=world.noise * _around(rng, 0.6, 0.3),
        press_noise_points=world.noise * _around(rng, 1.1, 0.25),
        threshold_points=float(0.5 * rng.standard_normal()),  # from the own usual; ours
        threshold_walk_points=0.1,  # a day; ours
        press_missed=float(rng.uniform(0.0, 0.2)),
        night_missed=float(rng.uniform(0.0, 0.15)),
    )


def live(student: Student, days: int, rng: np.random.Generator) -> Life:
    """Live `days` days of school weeks, without looking at the wrist."""
    onset, wake = _nights(student, days, rng)
    minutes = days * DAY_MIN
    state = np.full(minutes, HOME, dtype=np.int8)
    lux = np.empty(minutes)
    for day in range(days):
        _fill_day(state, student, day, int(onset[day + 1]), rng)
    for first, last in zip(onset, wake, strict=True):
        state[max(first, 0) : max(min(last, minutes), 0)] = ASLEEP
    hour = np.arange(minutes) / 60 % 24
    sun = np.clip(np.cos(np.pi * (hour - 12.6) / student.day_length_h), 0.001, None)
    sun[np.abs(hour - 12.6) > student.day_length_h / 2] = 0.001
    weather = np.repeat(np.exp(0.5 * rng.standard_normal(days)), DAY_MIN)
    daylight = student.noon_lx * sun * weather
    place = np.array(
        [0.02, student.home_lx, student.class_lx, 5.0, 100.0, student.evening_lx],
    )
    share = np.array([0.0, 0.015, 0.03, 0.6, 0.4, 0.0])
    restless = np.exp(0.5 * np.interp(np.arange(minutes), *_knots(minutes, 10, rng)))
    lux = (place[state] + share[state] * daylight) * np.where(state == ASLEEP, 1.0, restless)
    for first in onset[1:-1]:  # the lamp is dimmed for the last hour
        lux[max(first - 60, 0) : first] *= 0.5
    return Life(student, onset, wake, state, lux)


def _knots(minutes: int, every_min: int, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
    at = np.arange(0, minutes + every_min, every_min)
    return at, rng.standard_normal(len(at))


def _nights(student: Student, days: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Free nights follow the body, school nights end with the alarm and begin a little earlier."""
    free_onset_h = student.mid_sleep_free_h - student.sleep_need_h / 2 - 0.2
    free_wake_h = student.mid_sleep_free_h + student.sleep_need_h / 2 + 0.2
    # School nights begin earlier by a third of what the morning takes, and are short by the rest.
    school_onset_h = free_onset_h - max(free_wake_h - student.alarm_h, 0.0) / 3
    school_onset_h = min(school_onset_h, student.alarm_h - 6.0)
    school_wake_h = min(student.alarm_h, free_wake_h)
    onset = np.empty(days + 1, dtype=np.int64)
    wake = np.empty(days + 1, dtype=np.int64)
    for day in range(days + 1):
        is_free = day % 7 >= 5
        at_bed, at_wake = rng.standard_normal(2) * student.bed_jitter_h
        # the evening before decides on bed, the morning on waking; Sunday evening is early
        late = free_onset_h if is_free else school_onset_h
        onset[day] = round((day * 24 + late + at_bed) * 60)
        rise = free_wake_h + at_wake if is_free else school_wake_h + 0.25 * at_wake
        wake[day] = max(round((day * 24 + rise) * 60), int(onset[day]) + 240)
    return onset, wake


def _fill_day(
    state: NDArray[np.int8], student: Student, day: int, bed_min: int, rng: np.random.Generator
) -> None:
    def fill(first_h: float, last_h: float, what: int) -> None:
        state[round((day * 24 + first_h) * 60) : round((day * 24 + last_h) * 60)] = what

    state[round((day * 24 + 18.5) * 60) : max(bed_min, 0)] = EVENING
    outdoor_h = min(_around(rng, student.outdoor_h, 0.5), 4.0)
    if day % 7 >= 5:
        first_h = float(rng.uniform(12, 15))
        fill(first_h, first_h + 1.5 * outdoor_h, OUTSIDE)
    else:
        fill(8.1, 8.4, OUTSIDE)
        fill(8.5, student.school_end_h, CLASS)
        for pause_h in (10.25, 12.25):
            fill(pause_h, pause_h + 0.33, OUTSIDE if rng.random() < 0.7 else HOME)
        fill(student.school_end_h, student.school_end_h + 0.4 * outdoor_h + 0.2, OUTSIDE)
    if day % 7 in student.sport_days:
        first_h = float(rng.uniform(16.3, 18.5))
        fill(first_h, first_h + 1.1, SPORT)
