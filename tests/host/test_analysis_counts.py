"""Nights from activity counts: the scorer, on counts that can be worked out by hand."""

import numpy as np
import pytest
from biocore.sleep import MOTIONLESS, MOVING, STILL, UNKNOWN
from bioklok.analysis import counts


def test_counts_are_scored_as_oakley_weighs_them():
    values = np.array([0, 0, 0, 0, 100, 0, 0, 0, 0, 0.0])
    codes = counts.stillness(values, 20.0)
    expected = [MOTIONLESS] * 10
    expected[3:6] = [MOVING] * 3  # 1/5 of 100 is 20, not below it; 1/25 is 4
    assert codes.tolist() == expected
    assert counts.stillness(np.array([0, 0, 15, 0, 0.0]), 20.0).tolist() == [
        MOTIONLESS, MOTIONLESS, STILL, MOTIONLESS, MOTIONLESS,
    ]  # fmt: skip
    assert counts.stillness(np.array([0, np.nan, 0.0]), 20.0).tolist()[1] == UNKNOWN
    assert counts.stillness(np.zeros(0), 20.0).tolist() == []
    with pytest.raises(ValueError):
        counts.stillness(values, 0.0)


def test_the_own_threshold_knows_only_the_past_and_no_unit():
    rng = np.random.default_rng(1)
    values = np.where(rng.random(4000) < 0.7, rng.gamma(1.0, 150.0, 4000), 0.0)
    threshold = counts.own_threshold(values)
    assert np.isnan(threshold[:60]).all()
    later = values.copy()
    later[2000:] *= 50
    np.testing.assert_array_equal(counts.own_threshold(later)[:2000], threshold[:2000])
    codes = counts.stillness(values)
    np.testing.assert_array_equal(counts.stillness(values * 1000), codes)
    assert np.nanmedian(threshold) == pytest.approx(150 / 16, rel=0.1)


def test_two_hours_without_a_count_are_a_table():
    values = np.array([5.0] + [0.0] * 130 + [5.0])
    off = counts.lifeless(values)
    assert off.sum() == 11 and off[120] and off[130] and not off[131]


def made_up(waking_share, turn_every_min):
    """A day, a night from minute 960 to 1440 and a day: counts in so many of the waking minutes."""
    rng = np.random.default_rng(2)
    values = np.where(rng.random(2400) < waking_share, rng.gamma(2.0, 75.0, 2400), 0.0)
    values[960:1440] = np.where(np.arange(480) % turn_every_min == turn_every_min // 2, 60.0, 0.0)
    values[[959, 1440]] = 200.0
    return values


def test_a_made_up_night_is_found_in_counts():
    codes = counts.stillness(made_up(0.9, 16))
    [night] = counts.found_nights(codes, np.zeros(2400, bool))
    assert abs(night.onset - 960) <= 5 and abs(night.wake - 1440) <= 5
    assert 1440 + 40 <= night.told <= 1440 + 120
    assert night.onset_known and night.wake_known
    with pytest.raises(ValueError):
        counts.found_nights(codes, np.zeros(2, bool))


def test_a_recording_that_ends_with_the_night_still_tells_it():
    values = made_up(0.9, 16)[:1442]
    [night] = counts.found_nights(counts.stillness(values), np.zeros(1442, bool))
    assert abs(night.wake - 1440) <= 5 and not night.wake_known


def test_spread_finds_the_night_of_a_sensor_that_moves_seldom():
    """On glasses most waking minutes can be without a count."""
    codes = counts.stillness(made_up(0.12, 160))
    never_off = np.zeros(2400, bool)
    assert counts.found_nights(codes, never_off)[-1].wake > 1800  # the day after passes for sleep
    [night] = counts.last_told(counts.found_nights(codes, never_off, 10))
    assert abs(night.onset - 960) <= 20 and abs(night.wake - 1440) <= 20
