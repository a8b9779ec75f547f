"""Figures against values worked out by hand."""

from datetime import date, timedelta

import numpy as np
import pytest
from bioklok.analysis import metrics as figures
from bioklok.analysis.epochs import decode
from bioklok.analysis.grid import make_grid
from bioklok.analysis.rest import profile, rest_and_activity
from bioklok.analysis.sleep import Night
from hypothesis import given, settings
from hypothesis import strategies as st
from support.synthetic import AMSTERDAM, Minute, local_minutes, pages, utc_s

MONDAY = date(2026, 11, 16)


def days_of(n):
    return [MONDAY + timedelta(days=i) for i in range(n)]


def grid_of(rule, n_days=2):
    first, end = utc_s("2026-11-16T00:00"), utc_s(f"{MONDAY + timedelta(days=n_days)}T00:00")
    return make_grid(decode(pages(first, local_minutes(first, end, rule))), first, end)


def test_l5_m10_and_ra_of_a_known_profile():
    course = np.full(1440, 10.0)
    course[120:420] = 2.0  # 02:00-07:00
    course[540:1140] = 50.0  # 09:00-19:00
    rest = rest_and_activity(course, circular=True)
    assert (rest.l5, rest.l5_onset_min) == (2.0, 120)
    assert (rest.m10, rest.m10_onset_min) == (50.0, 540)
    assert rest.ra == (50 - 2) / (50 + 2)


def test_windows_run_over_midnight_on_the_mean_day_only():
    course = np.full(1440, 10.0)
    course[[*range(1320, 1440), *range(180)]] = 1.0  # 22:00-03:00
    mean_day = rest_and_activity(course, circular=True)
    assert (mean_day.l5, mean_day.l5_onset_min) == (1.0, 1320)
    calendar_day = rest_and_activity(course, circular=False)
    assert calendar_day.l5_onset_min == 0
    assert calendar_day.l5 == pytest.approx((180 * 1 + 120 * 10) / 300)


def test_a_flat_profile_has_no_amplitude_and_no_movement_no_ra():
    assert rest_and_activity(np.full(1440, 3.0), circular=True).ra == 0
    assert rest_and_activity(np.zeros(1440), circular=True).ra is None


def test_a_profile_with_a_hole_says_nothing():
    course = np.ones(1440)
    course[:72] = np.nan
    assert rest_and_activity(course, circular=True) is not None
    course[:73] = np.nan
    assert rest_and_activity(course, circular=True) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1439), st.integers(0, 2**31))
def test_turning_the_clock_turns_the_onsets_and_nothing_else(turn, seed):
    course = np.random.default_rng(seed).gamma(2.0, 10.0, 1440).round(1)
    rest = rest_and_activity(course, circular=True)
    turned = rest_and_activity(np.roll(course, turn), circular=True)
    assert turned.l5 == pytest.approx(rest.l5, abs=1e-6)
    assert turned.m10 == pytest.approx(rest.m10, abs=1e-6)
    naive = min(np.take(course, range(i, i + 300), mode="wrap").mean() for i in range(1440))
    assert rest.l5 == pytest.approx(naive, abs=1e-6)


def test_the_profile_of_a_25_hour_day_averages_the_hour_that_came_twice():
    first, end = utc_s("2026-10-25T00:00"), utc_s("2026-10-26T00:00")

    def rule(moment):
        return Minute("outside" if moment.hour == 2 and moment.fold else "awake")

    grid = make_grid(decode(pages(first, local_minutes(first, end, rule))), first, end)
    course = profile(grid, AMSTERDAM)
    assert course[60] == 40.0
    assert course[150] == (40.0 + 80.0) / 2
    assert course[180] == 40.0


def test_time_above_250_lx_counts_minutes_on_the_wrist():
    found = figures.metrics(
        grid_of(lambda moment: Minute("outside" if moment.hour in (12, 13) else "awake")),
        days_of(2),
        [],
        AMSTERDAM,
    )["time_above_250lx"]
    assert (found.value, found.unit, found.n_days, found.coverage) == (120.0, "min", 2, 1.0)


def test_a_day_counts_from_16_hours_on():
    for minutes, n_days in ((959, 0), (960, 1)):
        grid = grid_of(
            lambda moment, n=minutes: Minute(
                "asleep" if moment.day == 16 and moment.hour * 60 + moment.minute < n else "table",
                still_hour=not (moment.day == 16 and moment.hour * 60 + moment.minute < n + 59),
            )
        )
        found = figures.metrics(grid, days_of(2), [], AMSTERDAM)
        assert found["l5"].n_days == n_days
        assert found["l5"].coverage == pytest.approx(minutes / 2880)
        assert found["l5"].value is None
        assert found["l5"].reason == (figures.NO_PROFILE if n_days else figures.NO_DAY)


def test_times_of_nights_are_averaged_over_midnight():
    def moment(text):
        from datetime import datetime

        return datetime.fromisoformat(text)

    nights = [
        Night(
            MONDAY, moment("2026-11-16T23:30+01:00"), moment("2026-11-17T07:00+01:00"), 440, True
        ),
        Night(
            MONDAY, moment("2026-11-18T00:10+01:00"), moment("2026-11-18T07:30+01:00"), 420, True
        ),
        Night(MONDAY, None, moment("2026-11-19T08:00+01:00"), None, True),
    ]
    found = figures.metrics(grid_of(lambda _moment: Minute()), days_of(2), nights, AMSTERDAM)
    assert (found["sleep_onset"].value, found["sleep_onset"].n_days) == (1430.0, 2)
    assert (found["sleep_offset"].value, found["sleep_offset"].n_days) == (450.0, 3)
    assert (found["sleep_duration"].value, found["sleep_duration"].n_days) == (430.0, 2)


def test_without_data_each_figure_has_a_reason():
    grid = make_grid(decode([]), utc_s("2026-11-16T00:00"), utc_s("2026-11-18T00:00"))
    found = figures.metrics(grid, days_of(2), [], AMSTERDAM)
    assert len(found) == 19
    for metric in found.values():
        assert (metric.value, metric.n_days, metric.coverage) == (None, 0, 0.0)
        assert metric.reason
