"""Mid-sleep on free days and social jetlag, and the light clock, against what is known of them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from biocore.phase import NO_LIGHT, Phase
from biocore.units import alpha_q18 as alpha_of_mlx
from bioklok.analysis import body_clock, freedays
from bioklok.analysis.freedays import WEEKENDS, FreeDays
from bioklok.analysis.grid import Grid
from bioklok.analysis.metrics import ALARM, NO_BOTH_KINDS, Knowledge, metrics
from bioklok.analysis.sleep import Night
from hypothesis import given, settings
from hypothesis import strategies as st

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = date(2026, 11, 16)


def clock(text):
    hours, minutes, seconds = map(int, text.split(":"))
    return hours * 60 + minutes + seconds / 60


@pytest.mark.parametrize(
    ("mid", "school_h", "free_h", "week_h", "expected"),
    [
        ("04:00:00", 6, 7, 6.29, "03:38:42"),
        ("06:30:00", 7.5, 7.5, 7.5, "06:30:00"),
        ("01:00:00", 5.5, 9, 6.75, "23:52:30"),
    ],
)
def test_the_published_cases_of_msf_sc(mid, school_h, free_h, week_h, expected):
    found = freedays.msf_sc(clock(mid), 60 * free_h, 60 * school_h, 60 * week_h)
    assert found == pytest.approx(clock(expected), abs=1e-9)
    assert freedays.msf_sc(clock(mid), 60 * free_h, 60 * school_h, 60 * week_h, alarm=True) is None


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1440), st.floats(0, 1440))
def test_social_jetlag_is_the_shorter_way_round(a, b):
    found = freedays.social_jetlag(a, b)
    assert 0 <= found <= 720
    assert found == pytest.approx(min(abs(a - b), 1440 - abs(a - b)), abs=1e-9)


def night(day, onset, offset, length=400):
    begin = datetime.combine(day, datetime.min.time(), AMSTERDAM)

    def at(minutes):
        return (begin.replace(tzinfo=None) + timedelta(minutes=minutes)).replace(tzinfo=AMSTERDAM)

    return Night(day, at(onset), at(offset), length, True)


def week_of_nights(school=(1380, 1860), free=(1440, 2040)):
    """Nights of a week, in minutes after the evening's midnight; free: Friday's and Saturday's."""
    return [night(MONDAY + timedelta(days=i), *(free if i in (4, 5) else school)) for i in range(7)]


def figures(nights, known=Knowledge()):  # noqa: B008
    n = 7 * 1440
    nothing = np.full(n, np.nan)
    start = int(datetime(2026, 11, 16, tzinfo=AMSTERDAM).timestamp())
    flags = np.ones(n, bool)
    grid = Grid(start, flags, flags, nothing, nothing, nothing, nothing, np.zeros(n, np.uint8))
    return metrics(grid, [MONDAY + timedelta(days=i) for i in range(7)], nights, AMSTERDAM, known)


def test_a_week_by_hand():
    found = figures(week_of_nights())
    # School: 23:00-07:00, mid-sleep 03:00, 8 h. Free: 00:00-10:00, 05:00, 10 h.
    assert found["social_jetlag"].value == 120
    week_min = (5 * 480 + 2 * 600) / 7
    assert found["msf_sc"].value == pytest.approx(300 - (600 - week_min) / 2)
    assert found["msf_sc"].n_days == 7


def test_free_days_are_the_school_calendars():
    friday, saturday = MONDAY + timedelta(days=4), MONDAY + timedelta(days=5)
    assert not WEEKENDS.is_free(friday) and WEEKENDS.is_free(saturday)
    calendar = FreeDays(frozenset({friday}), frozenset({saturday}))
    assert calendar.is_free(friday) and not calendar.is_free(saturday)
    # With Tuesday free too, its short night is one of the free ones.
    known = Knowledge(free_days=FreeDays(frozenset({MONDAY + timedelta(days=1)})))
    found = figures(week_of_nights(), known)
    assert found["social_jetlag"].value == pytest.approx((120 + 120 + 0) / 3)


def test_without_both_kinds_or_with_an_alarm_there_is_no_value():
    found = figures([one for one in week_of_nights() if one.date.isoweekday() < 5])
    for name in ("msf_sc", "social_jetlag"):
        assert (found[name].value, found[name].reason) == (None, NO_BOTH_KINDS)
    woken = figures(week_of_nights(), Knowledge(alarm_on_free_days=True))
    assert (woken["msf_sc"].value, woken["msf_sc"].reason) == (None, ALARM)
    assert woken["social_jetlag"].value == 120


def test_the_night_of_the_change_of_clocks_has_its_real_length():
    one = night(date(2026, 10, 24), 1380, 1860)  # 23:00 to 07:00, with 02:00 twice
    found = freedays.sleeps([(one.onset, one.offset)])
    assert found.length_min == 9 * 60
    assert found.mid_min == 150  # 02:30 by the morning's clock


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 200_000_000))
def test_alpha_is_the_devices(light_mlx):
    (found,) = body_clock.alpha_of(np.array([light_mlx / 1000]))
    assert abs(found * 2**18 - alpha_of_mlx(light_mlx)) < 2  # whole, and rounded twice


@pytest.mark.parametrize("seed", range(4))
def test_the_light_clock_is_the_wrists_minute_by_minute(seed):
    """Six days of uneven light with holes, nights at odd minutes: the steps of biocore.phase."""
    rng = np.random.default_rng(seed)
    start, n = 1_795_000_020, 6 * 1440 + 7
    light = np.repeat(10 ** rng.uniform(-2, 4.5, n // 7 + 1), 7)[:n]
    light[rng.integers(0, n, n // 9)] = np.nan
    light[2000 + seed : 2700] = np.nan
    nights = [(1440 * day + int(rng.integers(0, 200)), 430 + 1440 * day) for day in range(6)]
    spans = [
        tuple(datetime.fromtimestamp(start + 60 * edge, AMSTERDAM) for edge in one)
        for one in nights
    ]
    phase = Phase()
    bed_min, wake_min = ((start // 60 + edge) % 1440 for edge in nights[0])
    phase.start(bed_min, wake_min, start // 60 % 1440)
    wakes = {wake: wake - bed for bed, wake in nights}
    for minute in range(n):
        if minute in wakes:
            phase.observe_sleep(wakes[minute], 0)
        lux = light[minute]
        phase.step(NO_LIGHT if np.isnan(lux) else alpha_of_mlx(round(lux * 1000)))
    expected = start + 60 * (n - phase.minutes_since_cbtmin())
    found = body_clock.last_cbtmin_utc_s(light, start, spans)
    assert abs(found - expected) <= 60


@pytest.mark.parametrize("shift_h", [0, 3, -2])
def test_the_light_clock_follows_who_lives_by_it(shift_h):
    """Two weeks of 8 h dark and 16 h of 500 lx, 23:00 to 07:00 and shifted: CBTmin a while before
    waking, and shifted as much."""
    start = int(datetime(2026, 11, 2, tzinfo=AMSTERDAM).timestamp())
    n = 14 * 1440
    minute = (np.arange(n) - 60 * shift_h) % 1440
    dark = (minute < 420) | (minute >= 1380)
    spans = [
        tuple(
            datetime.fromtimestamp(start + 60 * (1440 * day + edge + 60 * shift_h), AMSTERDAM)
            for edge in (1380, 1860)
        )
        for day in range(13)
    ]
    found = body_clock.last_cbtmin_utc_s(np.where(dark, 0.0, 500.0), start, spans)
    at = ((found - start) // 60 - 60 * shift_h) % 1440
    assert 3 * 60 <= at <= 6 * 60 + 30


def test_the_light_clock_says_nothing_without_sleep_or_light():
    start = int(datetime(2026, 11, 2, tzinfo=AMSTERDAM).timestamp())
    assert body_clock.last_cbtmin_utc_s(np.full(1440, 100.0), start, []) is None
    span = (
        datetime.fromtimestamp(start, AMSTERDAM),
        datetime.fromtimestamp(start + 8 * 3600, AMSTERDAM),
    )
    dark = np.full(40 * 1440, np.nan)
    assert body_clock.last_cbtmin_utc_s(dark, start, [span]) is None
