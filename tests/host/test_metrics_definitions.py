"""IS, IV, L5, M10, cosinor and the regularity indices against slow definitions in plain Python."""

import math
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from bioklok.analysis import regularity, rhythm
from bioklok.analysis.clock import local_time, minutes_of_day, utc_offsets_s
from bioklok.analysis.grid import Grid
from bioklok.analysis.metrics import Knowledge, metrics
from bioklok.analysis.rest import rest_and_activity
from hypothesis import given, settings
from hypothesis import strategies as st

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
UTC0 = ZoneInfo("UTC")
MONDAY = date(2026, 11, 16)
# Days with an hour less, an hour more, and ordinary ones.
FIRST_DAYS = st.sampled_from([date(2026, 3, 27), date(2026, 10, 23), MONDAY])


def start_of(day, zone=AMSTERDAM):
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def hours_of(values, zone=UTC0, day=MONDAY):
    """Hours from minute values."""
    start = start_of(day, zone)
    return rhythm.hourly(values, start, utc_offsets_s(start, len(values), zone))


def repeated(hourly_values):
    return np.repeat(np.asarray(hourly_values, float), 60)


def grid_of(activity, lux=None, day=MONDAY, zone=AMSTERDAM):
    n = len(activity)
    nothing = np.full(n, np.nan)
    worn = ~np.isnan(activity)
    light = nothing if lux is None else np.where(worn, lux, np.nan)
    return Grid(
        start_of(day, zone),
        np.ones(n, bool),
        worn,
        activity,
        light,
        nothing,
        nothing,
        np.zeros(n, np.uint8),
    )


def minutes_in(first, n_days, zone=AMSTERDAM):
    return (start_of(first + timedelta(days=n_days), zone) - start_of(first, zone)) // 60


# -- the oracles of the literature ----------------------------------------------------------------


@pytest.mark.parametrize("n_days", [2, 3, 7, 11])
def test_is_of_identical_days_is_exactly_1(n_days):
    day = np.random.default_rng(n_days).gamma(2, 20, 1440)
    assert rhythm.interdaily_stability(hours_of(np.tile(day, n_days))) == 1.0


def test_is_of_noise_goes_to_nothing():
    noise = repeated(np.random.default_rng(1).normal(50, 10, 24 * 400))
    assert rhythm.interdaily_stability(hours_of(noise)) < 0.02


def test_iv_of_an_alternating_series_tends_to_4():
    found = [
        rhythm.intradaily_variability(hours_of(repeated([0, 10] * (12 * n)))) for n in (1, 7, 50)
    ]
    assert found == [4.0, 4.0, 4.0]
    slow = repeated(np.cos(2 * np.pi * np.arange(24 * 7) / 24))
    assert rhythm.intradaily_variability(hours_of(slow)) == pytest.approx(
        2 * (1 - math.cos(2 * math.pi / 24)), rel=0.01
    )


def test_ra_by_hand():
    day = np.full(1440, 10.0)
    day[60:360], day[600:1200] = 2.0, 50.0
    assert rest_and_activity(day, circular=True).ra == (50 - 2) / (50 + 2)


def test_sri_of_identical_days_is_100_and_of_opposite_days_minus_100():
    day = (np.arange(1440) < 480).astype(float)
    assert regularity.regularity_index(np.array([day, day, day])) == 100.0
    assert regularity.regularity_index(np.array([day, 1 - day, day])) == -100.0


# -- properties -----------------------------------------------------------------------------------


@st.composite
def stretches(draw):
    """Days of activity with holes, over changes of clocks or not."""
    first, n_days = draw(FIRST_DAYS), draw(st.integers(2, 5))
    n = minutes_in(first, n_days)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.gamma(1.5, 20.0, n).round(draw(st.integers(0, 3)))
    for _ in range(draw(st.integers(0, 4))):
        at, length = int(rng.integers(n)), int(rng.integers(1, 400))
        values[at : at + length] = np.nan
    return first, n_days, values


def slow_hours(first, values):
    """(serial local hour incl. offset, clock hour) -> mean, in order; None where it counts not."""
    held: dict = {}
    for i, value in enumerate(values.tolist()):
        moment = local_time(start_of(first) + 60 * i, AMSTERDAM)
        held.setdefault((moment.date(), moment.hour, moment.utcoffset()), []).append(value)
    out = []
    for (_, clock, _), minutes in held.items():
        valid = [value for value in minutes if not math.isnan(value)]
        out.append((clock, math.fsum(valid) / len(valid) if len(valid) >= 30 else None))
    return out


def slow_is(hours):
    x = [(clock, mean) for clock, mean in hours if mean is not None]
    average = math.fsum(mean for _, mean in x) / len(x)
    by_clock: dict = {}
    for clock, mean in x:
        by_clock.setdefault(clock, []).append(mean)
    if len(by_clock) < 23:
        return None
    between = math.fsum(
        (math.fsum(means) / len(means) - average) ** 2 for means in by_clock.values()
    )
    spread = math.fsum((mean - average) ** 2 for _, mean in x)
    return len(x) * between / (len(by_clock) * spread)


def slow_iv(hours):
    x = [mean for _, mean in hours if mean is not None]
    average = math.fsum(x) / len(x)
    steps = [(b - a) ** 2 for (_, a), (_, b) in pairwise(hours) if a is not None and b is not None]
    variance = math.fsum((mean - average) ** 2 for mean in x) / len(x)
    return math.fsum(steps) / len(steps) / variance


@settings(max_examples=25, deadline=None)
@given(stretches())
def test_is_and_iv_are_the_textbooks(stretch):
    first, _, values = stretch
    start = start_of(first)
    found = rhythm.hourly(values, start, utc_offsets_s(start, len(values), AMSTERDAM))
    hours = slow_hours(first, values)
    assert found.clock.tolist() == [clock for clock, _ in hours]
    assert rhythm.interdaily_stability(found) == pytest.approx(slow_is(hours), abs=1e-9)
    assert rhythm.intradaily_variability(found) == pytest.approx(slow_iv(hours), abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(stretches())
def test_l5_m10_and_cosinor_are_the_textbooks(stretch):
    first, n_days, values = stretch
    days = [first + timedelta(days=i) for i in range(n_days)]
    found = metrics(grid_of(values, day=first), days, [], AMSTERDAM)
    clock = minutes_of_day(start_of(first), len(values), AMSTERDAM)
    by_minute: dict = {}
    for minute, value in zip(clock.tolist(), values.tolist(), strict=True):
        if not math.isnan(value):
            by_minute.setdefault(minute, []).append(value)
    if found["l5"].value is None:
        assert found["l5"].reason
        return
    mean = {minute: math.fsum(held) / len(held) for minute, held in by_minute.items()}

    def window(start, width):
        held = [mean[m % 1440] for m in range(start, start + width) if m % 1440 in mean]
        return math.fsum(held) / len(held)

    l5 = min(window(start, 300) for start in range(1440))
    m10 = max(window(start, 600) for start in range(1440))
    assert found["l5"].value == pytest.approx(l5, abs=1e-9)
    assert found["m10"].value == pytest.approx(m10, abs=1e-9)
    assert found["ra"].value == pytest.approx((m10 - l5) / (m10 + l5), abs=1e-9)
    assert window(int(found["l5_onset"].value), 300) == pytest.approx(l5, abs=1e-9)
    there = ~np.isnan(values)
    angle = 2 * np.pi * clock[there] / 1440
    design = np.column_stack([np.ones(there.sum()), np.cos(angle), np.sin(angle)])
    (mesor, cosine, sine), *_ = np.linalg.lstsq(design, values[there], rcond=None)
    assert found["cosinor_mesor"].value == pytest.approx(mesor, abs=1e-8)
    assert found["cosinor_amplitude"].value == pytest.approx(math.hypot(cosine, sine), abs=1e-8)


@settings(max_examples=20, deadline=None)
@given(stretches(), st.integers(0, 2**32 - 1))
def test_sri_and_lri_are_the_textbooks(stretch, seed):
    first, n_days, activity = stretch
    rng = np.random.default_rng(seed)
    asleep = (rng.random(len(activity)) < 0.4).astype(float)
    lux = np.where(rng.random(len(activity)) < 0.3, 900.0, 100.0)
    days = [first + timedelta(days=i) for i in range(n_days)]
    found = metrics(grid_of(activity, lux, first), days, [], AMSTERDAM, Knowledge(asleep=asleep))
    for name, state in (("sri", asleep), ("lri", lux > 250)):
        table: dict = {}
        for i in range(len(activity)):
            moment = local_time(start_of(first) + 60 * i, AMSTERDAM)
            key = (moment.date(), moment.hour * 60 + moment.minute)
            if key not in table:  # the first passing of a repeated hour
                table[key] = None if math.isnan(activity[i]) else bool(state[i])
        alike = []
        for (day, minute), value in table.items():
            other = table.get((day + timedelta(days=1), minute))
            if value is not None and other is not None:
                alike.append(value == other)
        if found[name].value is not None:
            expected = -100 + 200 * sum(alike) / len(alike)
            assert found[name].value == pytest.approx(expected, abs=1e-9)
        else:
            assert len(alike) < 0.66 * 1440 * (n_days - 1)


@settings(max_examples=25, deadline=None)
@given(stretches())
def test_every_figure_has_a_value_or_a_reason_and_no_nan(stretch):
    first, n_days, values = stretch
    days = [first + timedelta(days=i) for i in range(n_days)]
    for metric in metrics(grid_of(values, day=first), days, [], AMSTERDAM).values():
        assert (metric.value is None) != (metric.reason is None)
        assert metric.value is None or math.isfinite(metric.value)
        assert 0 <= metric.coverage <= 1 and 0 <= metric.n_days <= n_days


# -- gaps, and days of 23 and 25 hours ------------------------------------------------------------


def test_an_hour_counts_with_half_of_its_minutes():
    values = repeated(range(48))
    values[60:90] = np.nan
    assert hours_of(values).counts == 48
    values[90] = np.nan
    hours = hours_of(values)
    assert hours.counts == 47 and math.isnan(hours.mean[1])


def test_a_gap_is_not_bridged_by_iv():
    values = repeated([0, 0, 10, 10])
    values[60:120] = np.nan  # 0 . 10 10: the one step between known hours is 0
    assert rhythm.intradaily_variability(hours_of(values)) == 0


@pytest.mark.parametrize(
    ("first", "n_hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (MONDAY, 24)]
)
def test_hours_of_long_and_short_days(first, n_hours):
    hours = hours_of(np.ones(minutes_in(first, 1)), AMSTERDAM, first)
    assert len(hours.clock) == n_hours
    expected = [*range(24)]
    if n_hours == 23:
        expected.remove(2)
    if n_hours == 25:
        expected.insert(3, 2)
    assert hours.clock.tolist() == expected


@pytest.mark.parametrize("first", [date(2026, 3, 27), date(2026, 10, 23)])
def test_days_alike_by_the_clock_are_alike_over_its_change(first):
    n = minutes_in(first, 5)
    clock = minutes_of_day(start_of(first), n, AMSTERDAM)
    activity = np.where(clock < 420, 1.0, 50.0)
    lux = np.where((clock > 700) & (clock < 900), 1000.0, 10.0)
    asleep = (clock < 420).astype(float)
    days = [first + timedelta(days=i) for i in range(5)]
    found = metrics(grid_of(activity, lux, first), days, [], AMSTERDAM, Knowledge(asleep=asleep))
    assert [found[name].value for name in ("sri", "lri")] == [100.0, 100.0]
    # The textbook's IS weighs the hour that came once less, or once more, like the others.
    assert found["is"].value == pytest.approx(1, abs=0.02)
    assert found["time_above_250lx"].value == 199
    assert found["is"].n_days == 5


def test_a_hole_in_the_profile_is_no_value_and_a_flat_one_says_why():
    days = [MONDAY, MONDAY + timedelta(days=1)]
    activity = np.random.default_rng(3).gamma(2, 10, 2880)
    activity[np.arange(2880) % 1440 < 180] = np.nan
    found = metrics(grid_of(activity), days, [], AMSTERDAM)
    for name in ("is", "l5", "m10_onset", "ra"):
        assert found[name].value is None
        assert found[name].reason == "parts of the 24 hours were never measured"
    flat = metrics(grid_of(np.full(2880, 4.0)), days, [], AMSTERDAM)
    for name in ("is", "iv", "cosinor_acrophase"):
        assert (flat[name].value, flat[name].reason) == (None, "the movement never changed")
    assert flat["cosinor_mesor"].value == pytest.approx(4)
