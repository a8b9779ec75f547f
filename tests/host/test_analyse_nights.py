"""The nights that `analyse` finds on real recordings, against those of the vendor."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from bioklok.recordings.analysed import analyse
from bioklok.recordings.nights import evening_of, sleep_of
from bioklok.recordings.opening import open_recording
from bioklok.recordings.recording import minutes
from support import actiware, scored_sleep

MELBOURNE = ZoneInfo("Australia/Melbourne")
DETROIT = ZoneInfo("America/Detroit")
MOST_MIN = 15
MOST_MISSED = 0.05


def share(a, b):
    return (min(a[1], b[1]) - max(a[0], b[0])) / max(a[1] - a[0], b[1] - b[0])


def compared(found, scored):
    """Differences in minutes at both ends (n, 2) of what matches, and how many do not."""
    off, missed = [], 0
    for one in scored:
        best = max(found, key=lambda night: share(night, one), default=None)
        if best is None or share(best, one) < 0.5:
            missed += 1
        else:
            off.append((best[0] - one[0], best[1] - one[1]))
    return off, missed


@pytest.fixture(scope="module")
def couples(data_dir):
    paths = sorted(data_dir.glob("insomnia_couples/*/*.csv.gz"))
    if not paths:
        pytest.skip(f"no insomnia_couples in {data_dir}")
    off, missed, of_column = [], 0, []
    for path in paths:
        vendor = actiware.read(path)
        recording = open_recording(path, MELBOURNE)
        nights = analyse(recording, MELBOURNE).sleep.nights
        found = [
            tuple(
                (end.replace(tzinfo=None) - vendor.start) / timedelta(minutes=1)
                for end in (night.onset, night.offset)
            )
            for night in nights
            if night.onset and night.offset
        ]
        here, none = compared(found, vendor.nights)
        off, missed = off + here, missed + none
        column = scored_sleep.sleeps(minutes(recording).asleep)
        of_column += compared(column, vendor.nights)[0]
    return off, missed, of_column


def test_the_nights_of_the_couples(couples):
    """The estimator's bar: 15 min of median difference, one night in twenty missed."""
    off, missed, _ = couples
    assert len(off) + missed >= 200
    assert missed <= MOST_MISSED * (len(off) + missed)
    assert np.median(np.abs(off), axis=0).max() <= MOST_MIN


def test_a_column_of_sleep_gives_the_vendors_nights(couples):
    """So that it may stand for them where an export has no intervals."""
    off = np.abs(couples[2])
    assert len(off) >= 190
    assert np.median(off, axis=0).max() <= 3


def test_the_nights_of_somebody_who_works_at_night(couples, data_dir):
    """Three weeks, with sleeps by day, two sleeps a day, and the clocks changed in between.

    The export has no intervals: its column of sleep stands for them. One of the 18 is not matched
    (two sleeps that the column joins); the bar is for all recordings together.
    """
    path = data_dir / "arcascope_actiwatch" / "sample_actiwatch.csv"
    if not path.exists():
        pytest.skip(f"no {path}")
    recording = open_recording(path, DETROIT)
    laid = minutes(recording)
    longest = {}
    for one in scored_sleep.sleeps(laid.asleep):
        evening = evening_of(laid, one[0], DETROIT)
        longest[evening] = max(one, longest.get(evening, one), key=lambda s: s[1] - s[0])
    found = [(span.onset, span.wake) for span in sleep_of(recording, laid, DETROIT).spans]
    off, missed = compared(found, longest.values())
    assert len(off) + missed >= 18
    assert np.median(np.abs(off), axis=0).max() <= MOST_MIN
    assert missed <= 1
    n = len(couples[0]) + couples[1] + len(off) + missed
    assert couples[1] + missed <= MOST_MISSED * n
