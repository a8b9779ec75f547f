"""Local time of every hour around the changes of clocks, and the cosine of the day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from bioklok.analysis import cosinor
from bioklok.analysis.clock import local_time, utc_offsets_s

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_a_cosine_is_found_again_with_its_second_harmonic():
    clock = np.arange(3 * 1440) % 1440
    angle = 2 * np.pi * clock / 1440
    values = 40 + 12 * np.cos(angle - 2 * np.pi * 870 / 1440)
    values += 5 * np.cos(2 * angle - 2 * np.pi * 300 / 720)
    values[500:900] = np.nan
    found = cosinor.fit(values, clock, harmonics=2)
    assert found.mesor == pytest.approx(40)
    assert found.amplitude == pytest.approx((12, 5))
    assert found.acrophase_min == pytest.approx((870, 300))


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 16)])
@pytest.mark.parametrize("hour", range(24))
def test_offsets_of_every_hour(day, hour):
    start = int(datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM).timestamp()) + 3600 * hour
    found = utc_offsets_s(start, 1440, AMSTERDAM)
    expected = [
        local_time(start + 60 * i, AMSTERDAM).utcoffset().total_seconds() for i in range(1440)
    ]
    assert found.tolist() == expected
