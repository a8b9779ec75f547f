"""Local time. Data are in UTC; days and nights are the student's, of 23, 24 or 25 hours."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

MINUTES_A_DAY = 1440


def local_utc_s(day: date, hour: int, zone: ZoneInfo, minute: int = 0) -> int:
    """Return the Unix second at which the clock shows `hour`:`minute` on a local day.

    Of an hour that comes twice the first; an hour that the clock jumps over counts from before the
    jump (PEP 495, fold 0).
    """
    return int(datetime.combine(day, time(hour, minute), zone).timestamp())


def day_bounds_utc_s(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the Unix seconds of the local day's start and end (23, 24 or 25 h apart)."""
    return local_utc_s(day, 0, zone), local_utc_s(day + timedelta(days=1), 0, zone)


def local_time(utc_s: int, zone: ZoneInfo) -> datetime:
    """Return the local time, aware of its offset."""
    return datetime.fromtimestamp(utc_s, UTC).astimezone(zone)


def utc_offsets_s(start_utc_s: int, n_minutes: int, zone: ZoneInfo) -> NDArray[np.int64]:
    """Return for each minute from `start_utc_s` on local time less UTC in seconds, (n)."""
    out = np.empty(n_minutes, np.int64)
    for first in range(0, n_minutes, MINUTES_A_DAY):
        end = min(first + MINUTES_A_DAY, n_minutes)
        before = _offset_s(start_utc_s + 60 * first, zone)
        out[first:end] = before
        if _offset_s(start_utc_s + 60 * (end - 1), zone) != before:  # clocks change on this day
            for minute in range(first, end):
                out[minute] = _offset_s(start_utc_s + 60 * minute, zone)
    return out


def minutes_of_day(start_utc_s: int, n_minutes: int, zone: ZoneInfo) -> NDArray[np.int64]:
    """Return for each minute from `start_utc_s` on what the local clock shows: 0..1439, (n)."""
    utc_s = start_utc_s + 60 * np.arange(n_minutes, dtype=np.int64)
    offsets = utc_offsets_s(start_utc_s, n_minutes, zone)
    clock: NDArray[np.int64] = (utc_s + offsets) // 60 % MINUTES_A_DAY
    return clock


@lru_cache(maxsize=1 << 15)  # a week's page asks for the same moments many times
def _offset_s(utc_s: int, zone: ZoneInfo) -> int:
    offset = local_time(utc_s, zone).utcoffset()
    assert offset is not None  # ZoneInfo always knows one for an absolute time
    return int(offset.total_seconds())
