"""The best two hours of a usual day, from the state of an estimator."""

import numpy as np
import pytest
from biocore.estimator import Estimator
from biocore.focus import PRESS_VARIANCE, SHARP_POINTS, TIRED_POINTS, Focus
from bioklok.analysis.best_hours import (
    AFTER_WAKING_MIN,
    BEFORE_BED_MIN,
    STEP_MIN,
    WINDOW_MIN,
    BestHours,
    Diary,
    UsualDay,
    best_hours,
    best_window,
    energy_course,
)

WAKE, BED = 7 * 60, 22 * 60
DAY = UsualDay(WAKE, BED, 4 * 60, 68.0)
MONDAY = 20_759


def of(day: UsualDay, focus: Focus | None = None) -> BestHours:
    hours = best_hours(focus or Focus(), day)
    assert hours is not None
    return hours


def report(focus: Focus, minutes: list[int], is_sharp_at) -> None:
    """One day of reports at these minutes."""
    now = 0
    for minute in [*minutes, 1440]:
        focus.step(minute // 15 - now // 15)
        now = minute
        if minute < 1440:
            points = SHARP_POINTS if is_sharp_at(minute) else TIRED_POINTS
            focus.learn(points, PRESS_VARIANCE, 0.0, 0.0, minute, minute - WAKE)


def taught(is_sharp_at, days: int = 14, per_day: int = 6) -> Focus:
    """A focus after reports evenly over the day, for somebody sharp at those minutes."""
    focus = Focus()
    for _ in range(days):
        minutes = np.linspace(WAKE + 45, BED - 45, per_day).astype(int).tolist()
        report(focus, minutes, is_sharp_at)
    return focus


def test_energy_is_the_published_day() -> None:
    """Steady state, bed 22:00, wake 07:00, peak at 16.8 h: KSS of the reference, less inertia."""
    hours = np.array([10, 12, 14, 16, 20])
    course = energy_course(DAY, DAY.cbtmin_min, hours * 60)
    kss = np.array([3.41, 3.33, 3.20, 3.04, 3.75])
    np.testing.assert_allclose(course, kss.mean() - kss, atol=0.05)


def test_a_later_clock_makes_later_hours() -> None:
    early, late = (of(UsualDay(WAKE, BED, hour * 60, 68.0)).middle_min for hour in (2, 5))
    assert early < late
    first, last = WAKE + AFTER_WAKING_MIN, BED - BEFORE_BED_MIN
    assert first + WINDOW_MIN // 2 <= early < late <= last - WINDOW_MIN // 2


def test_the_window_is_the_highest_mean() -> None:
    course = np.random.default_rng(3).standard_normal(100).cumsum()
    n = WINDOW_MIN // STEP_MIN
    means = [course[i : i + n].mean() for i in range(len(course) - n + 1)]
    assert best_window(course) == int(np.argmax(means))
    assert best_window(np.arange(50.0)) == 50 - n


def test_without_reports_nothing_is_told() -> None:
    hours = of(DAY)
    assert hours.learnt == pytest.approx(0, abs=1e-6)
    assert not hours.is_known
    assert hours.low_min < hours.middle_min < hours.high_min


def test_larks_and_owls_are_told_their_hours() -> None:
    lark = of(DAY, taught(lambda minute: minute < 12 * 60))
    owl = of(DAY, taught(lambda minute: minute > 16 * 60))
    assert lark.middle_min < 11 * 60
    assert owl.middle_min > 17 * 60
    assert lark.is_known and owl.is_known
    assert lark.learnt > 0.4
    assert lark.gain_points > of(DAY).gain_points


def test_more_reports_leave_less_doubt() -> None:
    def is_morning(minute: int) -> bool:
        return minute < 12 * 60

    few, many = (of(DAY, taught(is_morning, 7, per_day)) for per_day in (1, 8))
    assert few.learnt < many.learnt
    assert few.near < many.near
    assert many.high_min - many.low_min < few.high_min - few.low_min


@pytest.mark.parametrize("seed", range(20))
def test_three_days_of_reports_at_random_moments_are_not_enough(seed: int) -> None:
    rng = np.random.default_rng(seed)
    focus = Focus()
    for _ in range(3):
        minutes = sorted(rng.integers(WAKE + 30, BED - 30, 3).tolist())
        report(focus, minutes, lambda _: rng.random() < 0.5)
    assert not of(DAY, focus).is_known


def test_an_unsure_clock_is_doubt_too() -> None:
    sure = of(DAY)
    unsure = of(UsualDay(WAKE, BED, DAY.cbtmin_min, 300.0))
    assert unsure.near < sure.near
    assert unsure.learnt == sure.learnt


def test_equal_states_give_equal_answers() -> None:
    focus = taught(lambda minute: minute < 12 * 60)
    assert of(DAY, focus) == of(DAY, focus)


def test_days_that_cannot_hold_two_hours_have_none() -> None:
    shortest = AFTER_WAKING_MIN + BEFORE_BED_MIN + WINDOW_MIN
    assert best_hours(Focus(), UsualDay(WAKE, WAKE + shortest - 1, 240, 68.0)) is None
    only = of(UsualDay(WAKE, WAKE + shortest, 240, 68.0))
    assert only.middle_min == WAKE + AFTER_WAKING_MIN + WINDOW_MIN // 2
    assert only.near == 1.0
    assert best_hours(Focus(), UsualDay(WAKE, WAKE + 1440, 240, 68.0)) is None


def test_bed_after_midnight() -> None:
    hours = of(UsualDay(10 * 60, 26 * 60, 7 * 60, 68.0))
    assert 12 * 60 <= hours.middle_min <= 23 * 60


def test_the_diary_learns_the_usual_day() -> None:
    estimator, diary = Estimator(), Diary()
    assert diary.usual_day([MONDAY], 68.0) is None
    for minute in range(4 * 1440):
        of_day = minute % 1440
        is_asleep = of_day < WAKE or of_day >= BED
        # a sleeper stirs now and then; somebody awake moves in every minute
        moves = (5, 300 if minute % 23 == 0 else 30) if is_asleep else (300, 3000)
        light = 0 if is_asleep else 1600
        utc_min = MONDAY * 1440 + minute
        estimator.step(utc_min, 10 if is_asleep else 600, *moves, light, False, 0)
        if minute % 15 == 14:
            diary.observe(estimator, utc_min + 1)
    day = diary.usual_day([MONDAY + 1, MONDAY + 2], 70.0)
    assert day is not None
    assert abs(day.wake_min - WAKE) <= 10
    assert abs(day.bed_min - BED) <= 10
    since = estimator.phase.minutes_since_cbtmin()  # now it is midnight
    assert abs(day.cbtmin_min - (1440 - since)) <= 60
    assert day.cbtmin_sd_min == 70.0
    assert diary.usual_day([MONDAY + 3], 70.0) is None  # its bed was not seen yet
