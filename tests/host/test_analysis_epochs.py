"""Pages to arrays, arrays to a grid of minutes, and the local clock."""

import random
from datetime import date

import numpy as np
import pytest
from biocore.errors import DamagedData
from biocore.page import records
from biocore.record import EPOCH_FIELDS
from bioklok.analysis.clock import day_bounds_utc_s, minutes_of_day
from bioklok.analysis.epochs import EPOCH_DTYPE, PAGE_DTYPE, decode
from bioklok.analysis.grid import make_grid
from hypothesis import given, settings
from hypothesis import strategies as st
from support.synthetic import AMSTERDAM, Minute, pages, utc_s

START = utc_s("2026-11-16T08:00")


def test_numpy_reads_what_biocore_reads():
    minutes = [Minute(), Minute("asleep", marks=4), Minute("table", still_hour=True, light=False)]
    given_pages = pages(START, minutes * 25)
    epochs = decode(given_pages)
    plain = [row for page in given_pages for row in records(page)]
    assert epochs.utc_s.tolist() == [second for second, _record in plain]
    assert epochs.record.tolist() == [record for _second, record in plain]
    assert EPOCH_DTYPE.names == tuple(row[0] for row in EPOCH_FIELDS)
    assert (EPOCH_DTYPE.itemsize, PAGE_DTYPE.itemsize) == (16, 512)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 70)), max_size=8),
    st.randoms(use_true_random=False),
)
def test_any_order_and_repetition_of_pages_gives_the_same(stretches, order: random.Random):
    all_pages = []
    for number, (start_min, n_minutes) in enumerate(stretches):
        minutes = [Minute(marks=number % 8)] * n_minutes
        all_pages += pages(START + 60 * start_min, minutes, sequence=10 * number)
    epochs = decode(all_pages)
    expected = {start + i for start, n in stretches for i in range(n)}
    assert epochs.utc_s.tolist() == [START + 60 * minute for minute in sorted(expected)]
    shuffled = [*all_pages, *all_pages[::2]]
    order.shuffle(shuffled)
    again = decode(shuffled)
    assert np.array_equal(again.utc_s, epochs.utc_s)
    assert np.array_equal(again.record, epochs.record)


def test_pages_with_an_unset_clock_are_left_out_and_counted():
    unset = pages(START, [Minute()] * 60, clock_set=False)
    epochs = decode(unset + pages(START, [Minute()], sequence=2))
    assert (len(epochs), epochs.n_pages_unset_clock) == (1, 2)
    assert len(decode([])) == 0


def test_a_damaged_page_is_refused():
    page = bytearray(pages(START, [Minute()])[0])
    page[40] ^= 1
    with pytest.raises(DamagedData):
        decode([bytes(page)])


def test_gaps_stay_gaps_and_units_are_right():
    epochs = decode(
        pages(START, [Minute(), Minute(light=False)])
        + pages(START + 240, [Minute("asleep", marks=2)], sequence=1)
    )
    grid = make_grid(epochs, START - 60, START + 360)
    assert grid.present.tolist() == [False, True, True, False, False, True, False]
    assert grid.activity_mg[[1, 5]].tolist() == [40.0, 2.0]
    assert grid.light_lx[1] == 150.0
    assert np.isnan(grid.light_lx[2])
    assert np.isnan(grid.activity_mg[[0, 3, 4, 6]]).all()
    assert (grid.step_median_deg[1], grid.step_max_deg[5]) == (3.0, 0.4)
    assert grid.marks.tolist() == [0, 0, 0, 0, 0, 2, 0]
    part = grid.part(START, START + 120)
    assert part.present.tolist() == [True, True]
    with pytest.raises(ValueError, match="outside"):
        grid.part(START - 120, START)


@pytest.mark.parametrize(
    ("day", "hours", "first_after"),
    [
        (date(2026, 3, 29), 23, 180),  # 02:00 becomes 03:00
        (date(2026, 6, 1), 24, 120),
        (date(2026, 10, 25), 25, 120),  # 03:00 becomes 02:00: 02:00 comes twice
    ],
)
def test_days_of_23_24_and_25_hours(day, hours, first_after):
    start_utc_s, end_utc_s = day_bounds_utc_s(day, AMSTERDAM)
    assert end_utc_s - start_utc_s == hours * 3600
    clock = minutes_of_day(start_utc_s, hours * 60, AMSTERDAM)
    assert clock[0] == 0
    assert clock[-1] == 1439
    assert clock[120] == first_after
    assert np.count_nonzero(clock == 150) == hours - 23
    assert set(np.diff(clock).tolist()) - {1} == {23: {61}, 24: set(), 25: {-59}}[hours]


@given(st.integers(0, 2_000_000_000 // 60))
def test_the_local_clock_is_the_one_of_the_zone(minute):
    from bioklok.analysis.clock import local_time

    moment = local_time(60 * minute, AMSTERDAM)
    clock = minutes_of_day(60 * minute, 1, AMSTERDAM)
    assert clock.tolist() == [moment.hour * 60 + moment.minute]
