import struct
from math import cos, pi, sin

from biocore import focus
from biocore.focus import (
    COS,
    LEVEL,
    MOMENT,
    PRESS_VARIANCE,
    RATING_VARIANCE,
    SHARP_POINTS,
    SIN,
    TIRED_POINTS,
    WEIGHTS,
    Focus,
    points_of_grade,
    points_of_kss,
)

MORNING, NOON, EVENING = 8 * 60 + 30, 12 * 60, 20 * 60
DAY_QUARTERS = 96


def usual(one, minute_of_day):
    return one.usual(0.0, minute_of_day, -1)[0]


def pass_time(one, quarters):
    for _ in range(quarters):
        one.step()


def days_of(one, days, morning, evening, variance=PRESS_VARIANCE):
    """One report in the morning and one in the evening of each day."""
    for _ in range(days):
        one.learn(morning, variance, 0.0, 0.0, MORNING, -1)
        pass_time(one, 46)
        one.learn(evening, variance, 0.0, 0.0, EVENING, -1)
        pass_time(one, 50)


class Noise:
    """A small generator of its own: both interpreters see the same reports."""

    def __init__(self, seed):
        self._state = seed

    def below(self, n):
        self._state = (self._state * 1103 + 12345) & 0xFFFFFF
        return (self._state >> 6) % n


def test_scales_meet_at_their_words():
    assert [points_of_grade(grade) for grade in (1, 2, 3, 4, 5)] == [-4, -2, 0, 2, 4]
    assert [points_of_kss(kss) for kss in (9, 7, 5, 3, 1)] == [-4, -2, 0, 2, 4]
    assert points_of_kss(3) == SHARP_POINTS
    assert points_of_kss(7) == TIRED_POINTS


def test_before_any_report_it_is_the_population_with_its_doubt():
    one = Focus()
    mean, sd = one.predict(0.0, 0.0, NOON, 300)
    assert abs(mean - 1.0) < 1e-6  # KSS 4
    assert 1.4 < sd < 2.0
    rested, _ = one.predict(1.0, 0.0, NOON, 300)
    assert abs(rested - mean - 0.7) < 1e-3
    lively, _ = one.predict(0.0, 1.0, NOON, 300)
    assert abs(lively - mean - 1.5 / 2.56) < 1e-3


def situation(minute_of_day, awake_min):
    angle = 2 * pi * minute_of_day / 1440
    awake = min(max((awake_min - 480) / 480, -1.0), 1.0) if awake_min >= 0 else 0.0
    return [1.0, 1.0, awake, cos(angle), sin(angle)]


def solve(a, b):
    """Gauss with pivots, for the comparison below."""
    n = len(b)
    for i in range(n):
        pivot = i
        for k in range(i + 1, n):
            if abs(a[k][i]) > abs(a[pivot][i]):
                pivot = k
        a[i], a[pivot] = a[pivot], a[i]
        b[i], b[pivot] = b[pivot], b[i]
        for k in range(i + 1, n):
            factor = a[k][i] / a[i][i]
            b[k] -= factor * b[i]
            for j in range(i, n):
                a[k][j] -= factor * a[i][j]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            b[i] -= a[i][j] * b[j]
        b[i] /= a[i][i]
    return b


def test_it_is_the_bayesian_regression_of_all_reports():
    """Without time in between, one at a time gives what all at once gives."""
    noise = Noise(7)
    one = Focus()
    precision = [[0.0] * WEIGHTS for _ in range(WEIGHTS)]
    for i in range(WEIGHTS):
        precision[i][i] = 1 / focus._VARIANCE[i]
    right = [0.0] * WEIGHTS
    for _ in range(40):
        points = SHARP_POINTS if noise.below(3) else TIRED_POINTS
        minute_of_day, awake_min = noise.below(1440), noise.below(1000) - 1
        energy_points, context = noise.below(300) / 100 - 1.5, noise.below(400) / 100 - 2
        one.learn(points, PRESS_VARIANCE, energy_points, context, minute_of_day, awake_min)
        h = situation(minute_of_day, awake_min)
        rest = (points - 1.0) / 1.4
        rest -= focus.ENERGY_GAIN * energy_points + focus.CONTEXT_GAIN * context
        for i in range(WEIGHTS):
            right[i] += h[i] * rest / PRESS_VARIANCE
            for j in range(WEIGHTS):
                precision[i][j] += h[i] * h[j] / PRESS_VARIANCE
    together = solve(precision, right)
    for i in range(WEIGHTS):
        assert abs(one.weight(i)[0] - together[i]) < 2e-4


def test_reports_shift_the_level_and_lessen_the_doubt():
    one = Focus()
    _, doubt = one.usual(0.0, NOON, -1)
    days_of(one, 10, TIRED_POINTS, TIRED_POINTS)
    mean, sd = one.usual(0.0, NOON, -1)
    assert mean < -0.8
    assert sd < 0.6 * doubt
    assert one.weight(LEVEL)[0] < -1.0


def test_a_lark_and_an_owl_are_told_apart_by_presses_of_two_weeks():
    lark, owl = Focus(), Focus()
    days_of(lark, 14, SHARP_POINTS, TIRED_POINTS)
    days_of(owl, 14, TIRED_POINTS, SHARP_POINTS)
    assert usual(lark, MORNING) > usual(lark, EVENING) + 0.8
    assert usual(owl, EVENING) > usual(owl, MORNING) + 0.8


def test_a_new_timetable_is_learnt_within_weeks():
    one = Focus()
    days_of(one, 60, SHARP_POINTS, TIRED_POINTS)
    assert usual(one, MORNING) > usual(one, EVENING) + 1.0
    days_of(one, 35, TIRED_POINTS, SHARP_POINTS)
    assert usual(one, EVENING) > usual(one, MORNING) + 0.5


def test_a_moment_passes_in_hours_and_the_rest_in_weeks():
    one = Focus()
    days_of(one, 10, SHARP_POINTS, SHARP_POINTS)
    before, _ = one.predict(0.0, 0.0, NOON, -1)
    one.learn(TIRED_POINTS, RATING_VARIANCE, 0.0, 0.0, NOON, -1)
    now, _ = one.predict(0.0, 0.0, NOON, -1)
    level = one.weight(LEVEL)[0]
    pass_time(one, DAY_QUARTERS)
    later, _ = one.predict(0.0, 0.0, NOON, -1)
    assert now < before - 0.5
    assert later > now + 0.6 * (before - now) * 0.7
    assert abs(one.weight(MOMENT)[0]) < 0.05
    assert abs(one.weight(LEVEL)[0] / level - 0.965) < 0.01  # a day of four weeks


def test_doubt_returns_to_the_prior_and_never_beyond():
    one, fresh = Focus(), Focus()
    days_of(one, 20, SHARP_POINTS, TIRED_POINTS)
    assert one.weight(LEVEL)[1] < 0.5 * fresh.weight(LEVEL)[1]
    pass_time(one, 200 * DAY_QUARTERS)
    for i in range(WEIGHTS):
        mean, sd = one.weight(i)
        assert abs(mean) < 0.01
        assert 0.99 < sd / fresh.weight(i)[1] < 1.001


def test_spread_is_the_students_own_and_presses_do_not_tell_it():
    steady, wide, presser = Focus(), Focus(), Focus()
    for i in range(30):
        steady.learn(points_of_kss(3), RATING_VARIANCE, 0.0, 0.0, NOON, -1)
        wide.learn(points_of_kss(1 + 7 * (i % 2)), RATING_VARIANCE, 0.0, 0.0, NOON, -1)
        presser.learn(SHARP_POINTS if i % 2 else TIRED_POINTS, PRESS_VARIANCE, 0.0, 0.0, NOON, -1)
    assert steady.spread < 0.8
    assert wide.spread > 2.5
    assert abs(presser.spread - 1.4) < 1e-5
    one, _ = steady.predict(1.0, 0.0, NOON, -1)
    none, _ = steady.predict(0.0, 0.0, NOON, -1)
    assert abs((one - none) / steady.spread - focus.ENERGY_GAIN) < 1e-3


def test_thousands_of_reports_keep_the_covariance_positive():
    noise = Noise(99)
    one = Focus()
    buffer = bytearray(focus.SNAPSHOT_BYTES)
    for i in range(3000):
        points = noise.below(9) - 4
        variance = RATING_VARIANCE if noise.below(2) else PRESS_VARIANCE
        energy_points = noise.below(1000) / 100 - 5
        situation_ = (energy_points, noise.below(400) / 100 - 2, noise.below(2) * 720, 480)
        one.learn(points, variance, *situation_)
        if i % 7 == 0:
            one.step()
    assert one._is_sane()
    one.snapshot_into(buffer, 0)
    other = Focus()
    other.restore(buffer, 0)
    assert other.weight(COS) == one.weight(COS) != Focus().weight(COS)
    for i in range(WEIGHTS):
        assert abs(one.weight(i)[0]) < 20


def test_snapshot_goes_on_exactly():
    one = Focus()
    days_of(one, 9, SHARP_POINTS, TIRED_POINTS, RATING_VARIANCE)
    buffer = bytearray(focus.SNAPSHOT_BYTES + 4)
    assert one.snapshot_into(buffer, 2) == 2 + focus.SNAPSHOT_BYTES
    other = Focus()
    assert other.restore(buffer, 2) == 2 + focus.SNAPSHOT_BYTES
    for focus_ in (one, other):
        days_of(focus_, 5, TIRED_POINTS, SHARP_POINTS, RATING_VARIANCE)
    assert one.predict(0.3, -0.4, EVENING, 700) == other.predict(0.3, -0.4, EVENING, 700)
    assert one.spread == other.spread


def test_nonsense_starts_anew():
    noise = Noise(5)
    fresh = Focus().predict(0.0, 0.0, NOON, 0)
    for _ in range(60):
        one = Focus()
        one.restore(bytes([noise.below(256) for _ in range(focus.SNAPSHOT_BYTES)]), 0)
        assert one.predict(0.0, 0.0, NOON, 0) == fresh
    # Two weights that hang together more than completely: no covariance.
    one = Focus()
    buffer = bytearray(focus.SNAPSHOT_BYTES)
    one.snapshot_into(buffer, 0)
    struct.pack_into("<f", buffer, 4 * WEIGHTS + 4 * focus._at(COS, SIN), 0.2)
    one.restore(buffer, 0)
    assert one.predict(0.0, 0.0, NOON, 0) == fresh


def test_absurd_inputs_leave_a_legal_answer():
    one = Focus()
    for points in (1000, -1000):
        one.learn(points, RATING_VARIANCE, 50.0, -2.0, 99999, 1 << 28)
        one.learn(points, PRESS_VARIANCE, -50.0, 2.0, -5, -1)
        one.step()
    mean, sd = one.predict(1e6, 2.0, -1, 99999)
    assert mean == 20.0
    assert 0.0 < sd < 5.0
    assert one._is_sane()
