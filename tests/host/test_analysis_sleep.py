"""Wear and nights. A device on a table is not asleep, and nobody guesses what was not measured."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from bioklok.analysis import sleep, wear
from bioklok.analysis.epochs import decode
from bioklok.analysis.grid import make_grid
from bioklok.analysis.sleep import rolling_median
from hypothesis import given, settings
from hypothesis import strategies as st
from support.synthetic import AMSTERDAM, Minute, local_minutes, pages, utc_s

EVENING = date(2026, 11, 16)
NOON, NEXT_NOON = utc_s("2026-11-16T12:00"), utc_s("2026-11-17T12:00")


def at(text):
    """The minute since noon of a local time; those before noon are the next day's."""
    day = "2026-11-17" if text < "12:00" else "2026-11-16"
    return (utc_s(f"{day}T{text}") - NOON) // 60


def night(**stretches):
    """Awake from noon to noon, but for the stretches given as pattern="from-to from-to"."""
    minutes = [Minute()] * at("11:59") + [Minute()]
    for pattern, times in stretches.items():
        for span in times.split():
            first, end = map(at, span.split("-"))
            for i in range(first, end):
                # As the device does it: the flag stands once an hour has been still.
                still = pattern == "table" and i - first >= 59
                minutes[i] = Minute(pattern, still_hour=still)
    return minutes


def find(minutes, start=NOON):
    grid = make_grid(decode(pages(start, minutes)), NOON, NEXT_NOON)
    return sleep.night(grid, EVENING, AMSTERDAM), grid


def clock(moment):
    return None if moment is None else f"{moment:%H:%M}"


def edges(found):
    return clock(found.onset), clock(found.offset), found.duration_min


def test_a_plain_night():
    found, _grid = find(night(asleep="22:30-07:15"))
    assert edges(found) == ("22:30", "07:15", 525)
    assert found.worn
    assert found.onset.isoformat() == "2026-11-16T22:30:00+01:00"


def test_getting_up_for_a_while_is_not_sleep_but_part_of_the_night():
    # 40 minutes awake < 60: one night; the rolling median does not move a clean edge.
    found, _grid = find(night(asleep="22:30-02:00 02:40-07:00"))
    assert edges(found) == ("22:30", "07:00", 210 + 260)


def test_an_hour_awake_parts_the_night_and_the_longest_part_stays():
    found, _grid = find(night(asleep="20:00-22:00 23:00-07:00"))
    assert edges(found) == ("23:00", "07:00", 480)


def test_half_an_hour_still_is_dropped_31_minutes_are_a_block():
    found, _grid = find(night(asleep="21:00-21:30 22:00-06:00"))
    assert clock(found.onset) == "22:00"
    found, _grid = find(night(asleep="21:00-21:31 22:00-06:00"))
    assert clock(found.onset) == "21:00"


def test_a_lesson_or_a_film_is_not_a_night():
    assert edges(find(night(asleep="20:00-22:59"))[0]) == (None, None, None)
    assert edges(find(night(asleep="20:00-23:00"))[0]) == ("20:00", "23:00", 180)


def test_off_the_wrist_half_an_hour_in_the_evening_is_not_sleep_nor_after_it():
    """Scored as sleep, and still asleep when worn again: a bug that shipped elsewhere."""
    found, grid = find(night(table="20:00-20:30", asleep="23:00-07:00"))
    assert edges(found) == ("23:00", "07:00", 480)
    asleep = sleep.asleep(grid, EVENING, AMSTERDAM)
    assert not asleep[: at("23:00")].any()


def test_off_the_wrist_at_night_is_never_sleep():
    found, grid = find(night(asleep="22:00-02:00 04:00-07:00", table="02:00-04:00"))
    asleep = sleep.asleep(grid, EVENING, AMSTERDAM)
    assert not grid.worn[at("02:00") : at("04:00")].any()
    assert not asleep[at("02:00") : at("04:00")].any()
    # The night falls apart at the two hours nobody saw: the longest part, its end unknown.
    assert edges(found) == ("22:00", None, None)


def test_a_table_all_night_is_no_night():
    found, grid = find(night(table="18:00-08:00"))
    assert edges(found) == (None, None, None)
    assert not found.worn
    assert not grid.worn[at("18:00") : at("08:00")].any()


def test_taken_off_before_bed_leaves_the_onset_unknown():
    found, _grid = find(night(table="21:00-23:30", asleep="23:30-07:00"))
    assert edges(found) == (None, "07:00", None)
    assert found.worn


def test_a_recording_that_ends_asleep_has_no_offset():
    found, _grid = find(night(asleep="22:00-07:00")[: at("05:00")])
    assert edges(found) == ("22:00", None, None)


def test_a_gap_is_not_sleep():
    minutes = night(asleep="22:00-07:00")
    epochs = pages(NOON, minutes[: at("01:00")])
    epochs += pages(utc_s("2026-11-17T01:50"), minutes[at("01:50") :], sequence=100)
    grid = make_grid(decode(epochs), NOON, NEXT_NOON)
    assert edges(sleep.night(grid, EVENING, AMSTERDAM)) == ("22:00", "07:00", 540 - 50)


@pytest.mark.parametrize(
    ("evening", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-11-16", 8)]
)
def test_the_night_the_clock_changes_has_its_real_length(evening, hours):
    day = date.fromisoformat(evening)
    first, end = sleep.noon_bounds_utc_s(day, AMSTERDAM)

    def rule(moment):
        return Minute("asleep" if moment.hour >= 23 or moment.hour < 7 else "awake")

    made = pages(first, local_minutes(first, end, rule))
    found = sleep.night(make_grid(decode(made), first, end), day, AMSTERDAM)
    assert edges(found) == ("23:00", "07:00", hours * 60)
    assert (found.offset.timestamp() - found.onset.timestamp()) == hours * 3600


def states(text):
    """Runs such as "off120 on60": a present array, and flags that lead to those states."""
    present, still = [], []
    for part in text.split():
        kind, length = part.rstrip("0123456789"), int(part.lstrip("onfmis"))
        present += [kind != "mis"] * length
        still += [kind == "off" and i >= 59 for i in range(length)]
    return np.array(present), np.array(still)


@pytest.mark.parametrize(
    ("text", "n_worn"),
    [
        ("on90 off60 on90", 180),  # the hour before the flag is off the wrist too
        ("on600 off200 on300 off200 on600", 1500),  # 300 >= 30 % of 400
        ("off700 on359 off600", 0),  # < 6 h and < 30 % of 1300 = 390
        ("off700 on360 off700", 360),  # 6 h stay
        ("off100 on159 off100", 0),  # < 3 h and < 80 % of 200 = 160
        ("off100 on160 off100", 160),
        ("on60 off600 on600", 660),  # no non-wear before it
        ("mis600 on60 off600", 60),  # a gap is no non-wear
        # The first spell goes (10 < 96) and makes the non-wear long enough for the second.
        ("off60 on10 off60 on130 off60", 0),
        ("off60 on10 off60", 0),
        ("on30", 30),
        ("mis5", 0),
    ],
)
def test_short_spells_between_non_wear(text, n_worn):
    present, still = states(text)
    assert np.count_nonzero(wear.worn(present, still)) == n_worn


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=400))
def test_worn_needs_a_measurement_and_no_flag_within_the_hour_to_come(minutes):
    present = np.array([minute[0] for minute in minutes], bool)
    still = np.array([minute[1] for minute in minutes], bool)
    worn = wear.worn(present, still)
    assert not (worn & ~present).any()
    for i in np.flatnonzero(worn):
        assert not still[i : i + 60].any()


def test_rolling_median_by_hand():
    nan = np.nan
    values = np.array([1.0, 5.0, 2.0, 9.0, 3.0, nan, nan, nan, 4.0])
    result = rolling_median(values, 5)
    expected = [2.0, 3.5, 3.0, 4.0, 3.0, nan, nan, nan, nan]
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize(
    ("night_deg", "threshold_deg"),
    [(0.0, 0.13), (0.005, 0.13), (0.02, 0.30), (0.1, 0.50)],
)
def test_the_threshold_is_15_times_the_tenth_percentile_within_its_bounds(night_deg, threshold_deg):
    _found, grid = find(night())
    first, end = at("23:00"), at("07:00")
    for value, is_night in ((threshold_deg - 0.01, True), (threshold_deg + 0.01, False)):
        steps = np.full(1440, 3.0)
        steps[first:end] = value
        steps[first : first + 200] = night_deg  # 200 of 1440: more than a tenth
        window = sleep.sleep_window(replace(grid, step_median_deg=steps))
        assert window == ((first, end) if is_night else (first, first + 200))


def test_a_window_stops_at_the_minute_the_device_came_off():
    _found, grid = find(night(asleep="22:00-03:00", table="03:00-05:00"))
    assert sleep.sleep_window(grid) == (at("22:00"), at("03:00"))


def test_a_minute_that_is_missing_parts_a_block():
    """20 and 15 still minutes are no block of 36, though the median reaches over the hole."""
    minutes = night(asleep="21:00-21:36 22:00-06:00")
    hole = at("21:20")
    made = pages(NOON, minutes[:hole])
    made += pages(NOON + 60 * (hole + 1), minutes[hole + 1 :], sequence=100)
    grid = make_grid(decode(made), NOON, NEXT_NOON)
    assert sleep.sleep_window(grid) == (at("22:00"), at("06:00"))


@pytest.mark.parametrize(
    ("end", "known"), [("23:45", False), ("02:30", False), ("03:30", True), ("07:00", True)]
)
def test_data_that_stop_in_the_evening_make_no_night(end, known):
    """A calm evening from 18:47 passes for sleep where the threshold is made of waking minutes."""
    _found, grid = find(night())
    steps = np.full(1440, 3.0)
    steps[at("18:47") : at("22:38")] = 0.4
    steps[at("22:38") : at("07:00")] = 0.02
    measured = np.arange(1440) < at(end)
    steps[~measured] = np.nan
    largest = np.where(steps < 1, 1.0, 25.0)
    cut = replace(
        grid, step_median_deg=steps, step_max_deg=largest, worn=measured, present=measured
    )
    if end == "23:45":
        assert sleep.sleep_window(cut) == (at("18:47"), at("23:45"))
    found = sleep.night(cut, EVENING, AMSTERDAM)
    assert edges(found) == (("22:38" if known else None), None, None)
    assert sleep.asleep(cut, EVENING, AMSTERDAM).any() == known


def test_a_night_on_the_charger_makes_no_night_of_the_evening():
    """16 hours are there, none of them at night."""
    minutes = night(table="23:00-07:00")
    _found, grid = find(minutes)
    steps = np.where(grid.worn, 3.0, np.nan)
    steps[at("18:47") : at("22:30")] = 0.4
    calm = replace(grid, step_median_deg=steps)
    assert sleep.sleep_window(calm) == (at("18:47"), at("22:30"))
    assert edges(sleep.night(calm, EVENING, AMSTERDAM)) == (None, None, None)


def still_hours(minutes, *flags, pattern="asleep"):
    """The flags of still hours that end at these times, the hour before each as `pattern`."""
    for flag in map(at, flags):
        for i in range(flag - 59, flag + 1):
            minutes[i] = Minute(pattern)
    for flag in map(at, flags):
        minutes[flag] = replace(minutes[flag], still_hour=True)
    return minutes


def bridged(minutes):
    grid = sleep.night_grid(decode(pages(NOON, minutes)), NOON, NEXT_NOON, [EVENING], AMSTERDAM)
    return edges(sleep.night(grid, EVENING, AMSTERDAM)), grid


@pytest.mark.parametrize("flags", [["02:59"], ["02:59", "03:14"]])
def test_deep_sleep_that_trips_the_still_hour_is_sleep(flags):
    minutes = still_hours(night(asleep="22:30-07:00"), *flags)
    found, grid = bridged(minutes)
    assert found == ("22:30", "07:00", 510)
    assert grid.worn.all()
    assert edges(find(minutes)[0])[2] is None  # as it was without


@pytest.mark.parametrize(
    ("minutes", "why"),
    [
        (still_hours(night(asleep="22:30-07:00"), "02:59", "03:15"), "76 minutes"),
        (still_hours(night(asleep="23:30-07:00"), "23:29", pattern="table"), "at bedtime"),
        (still_hours(night(asleep="22:30-06:00"), "06:59", pattern="table"), "in the morning"),
        (still_hours(night(asleep="19:00-19:40 20:40-21:30"), "20:39"), "no night beside it"),
        (still_hours(night(asleep="22:30-02:00 03:05-07:00"), "02:59"), "got up after it"),
        (night(table="22:00-07:00"), "all night"),
    ],
)
def test_nothing_but_sleep_on_both_sides_makes_a_still_hour_sleep(minutes, why):
    found, grid = bridged(minutes)
    plain, unbridged = find(minutes)
    assert found == edges(plain), why
    assert (grid.worn == unbridged.worn).all()
