"""The usual day: percentiles over days, gaps that stay gaps, peaks that are named or not."""

import numpy as np
import pytest
from bioklok.analysis.usual_day import (
    BANDS,
    ClockDay,
    by_clock,
    percentiles,
    shape_of,
    usual_day,
)
from hypothesis import given, settings
from hypothesis import strategies as st

CLOCK = np.arange(1440)


def day(activity, light=100.0, asleep=None, worn=None, clock=CLOCK):
    n = len(clock)
    worn = np.ones(n, bool) if worn is None else worn
    activity = np.where(worn, np.broadcast_to(activity, n), np.nan)
    lit = np.where(worn, np.broadcast_to(light, n), np.nan)
    return ClockDay(
        activity, lit, worn, np.zeros(n) if asleep is None else asleep.astype(float), clock
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.floats(0, 500) | st.none(), min_size=4, max_size=4), max_size=9))
def test_percentiles_are_numpys_where_three_days_are_known(rows):
    table = np.array([[np.nan if v is None else v for v in row] for row in rows] or [[np.nan] * 4])
    found = percentiles(table, BANDS)
    for column in range(4):
        known = table[:, column][~np.isnan(table[:, column])]
        if len(known) < 3:
            assert np.isnan(found[:, column]).all()
        else:
            assert found[:, column] == pytest.approx(np.percentile(known, BANDS))


def test_a_step_with_less_than_half_of_its_minutes_is_not_known():
    values = np.full(1440, np.nan)
    values[0:8] = 3.0  # 8 of 15
    values[15:22] = 5.0  # 7 of 15
    means = by_clock(values, CLOCK, 15)
    assert means[0] == 3.0 and np.isnan(means[1:]).all()


def test_two_days_are_not_usual_and_an_unworn_day_counts_for_nothing():
    two = usual_day([day(10.0), day(20.0), day(99.0, worn=np.zeros(1440, bool))])
    assert not two.is_known and np.isnan(two.activity_mg).all() and two.most_days == 2
    three = usual_day([day(10.0), day(20.0), day(40.0)])
    assert three.is_known and (three.activity_mg[2] == 20.0).all()
    assert three.n_moments == 3 * 1440
    assert not usual_day([]).is_known


@pytest.mark.parametrize("hours", [23, 25])
def test_a_day_of_23_or_25_hours_lies_on_the_same_clock(hours):
    """The hour from 2 to 3 comes twice, or not at all."""
    if hours == 25:
        clock = np.concatenate((CLOCK[:180], CLOCK[120:]))
    else:
        clock = np.concatenate((CLOCK[:120], CLOCK[180:]))
    night = clock < 420
    found = usual_day(
        [day(10.0), day(10.0, asleep=CLOCK < 420), day(np.where(night, 1, 9), clock=clock)]
    )
    assert found.n_days[8:12].tolist() == [3 if hours == 25 else 2] * 4
    assert found.n_days[12:].tolist() == [3] * 84
    assert found.asleep_days[0] == 1 and found.asleep_days[30] == 0


def test_two_peaks_and_the_dip_between_them_are_named():
    hump = lambda at, wide: np.exp(-(((CLOCK - at) / wide) ** 2))  # noqa: E731
    activity = 5 + 60 * hump(9 * 60, 70) + 50 * hump(18 * 60, 90)
    shape = shape_of(usual_day([day(activity)] * 3))
    assert abs(shape.morning_min - 9 * 60) <= 15
    assert abs(shape.evening_min - 18 * 60) <= 15
    assert 11 * 60 <= shape.dip_min <= 15 * 60


def test_no_higher_point_stands_beside_a_peak_that_is_named():
    """Short walks at four times of a school day: the smooth line is highest at other ones."""
    hours = CLOCK / 60
    activity = np.select(
        [hours < 7, (hours >= 8) & (hours < 8.5), (hours >= 10.25) & (hours < 10.5)],
        [1.0, 57.0, 74.0],
        9.0,
    )
    activity[(hours >= 12.5) & (hours < 12.75)] = 73.0
    activity[(hours >= 14.75) & (hours < 15.25)] = 55.0
    activity[(hours >= 15.25) & (hours < 22)] = 19.0
    found = usual_day([day(activity)] * 3)
    shape, median = shape_of(found), found.activity_mg[2]
    named = [at // 15 for at in (shape.morning_min, shape.evening_min)]
    assert named == [int(median[:50].argmax()), 50 + int(median[50:].argmax())] == [41, 50]
    assert 11 * 60 <= shape.dip_min < 12 * 60 + 30 and median[shape.dip_min // 15] == 9.0


@pytest.mark.parametrize("noon", [12 * 60, 12 * 60 + 45])
def test_the_slope_of_a_peak_across_noon_is_not_another_peak(noon):
    hump = lambda at, wide: np.exp(-(((CLOCK - at) / wide) ** 2))  # noqa: E731
    sides = (70, 30) if noon < 750 else (30, 90)
    activity = 5 + sides[0] * hump(8 * 60, 60) + sides[1] * hump(18 * 60, 60) + 80 * hump(noon, 40)
    shape = shape_of(usual_day([day(activity)] * 3))
    named = [shape.morning_min, shape.evening_min]
    expected = [noon, 18 * 60] if noon < 750 else [8 * 60, 18 * 60]
    assert named == pytest.approx(expected, abs=15)


@pytest.mark.parametrize(
    "activity",
    [np.full(1440, 30.0), np.zeros(1440), 30 + 2 * np.sin(CLOCK / 90), CLOCK / 10.0],
    ids=["flat", "nothing", "ripples", "ever more"],
)
def test_what_does_not_stand_out_is_not_named(activity):
    assert shape_of(usual_day([day(activity)] * 4)) is None


def test_with_a_gap_in_the_day_nothing_is_named():
    worn = (CLOCK < 840) | (CLOCK > 900)
    activity = (
        5 + 60 * np.exp(-(((CLOCK - 540) / 70) ** 2)) + 50 * np.exp(-(((CLOCK - 1080) / 90) ** 2))
    )
    assert shape_of(usual_day([day(activity, worn=worn)] * 3)) is None
