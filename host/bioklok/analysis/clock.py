"""Local time. Data are in UTC; days and nights are the student's, of 23, 24 or 25 hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

MINUTES_A_DAY = 1440
_BLOCK_S = 900  # clocks change on a quarter of an hour everywhere since 1972


def local_utc_s(day: date, hour: int, zone: ZoneInfo) -> int:
    """Return the Unix second at which `hour` o'clock comes on a local day."""
    return int(datetime.combine(day, time(hour), zone).timestamp())


def day_bounds_utc_s(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the Unix seconds of the local day's start and end (23, 24 or 25 h apart)."""
    return local_utc_s(day, 0, zone), local_utc_s(day + timedelta(days=1), 0, zone)


def local_time(utc_s: int, zone: ZoneInfo) -> datetime:
    """Return the local time, aware of its offset."""
    return datetime.fromtimestamp(utc_s, UTC).astimezone(zone)


def minutes_of_day(start_utc_s: int, n_minutes: int, zone: ZoneInfo) -> NDArray[np.int64]:
    """Return for each minute from `start_utc_s` on what the local clock shows: 0..1439, (n)."""
    blocks = np.arange(start_utc_s // _BLOCK_S, (start_utc_s + 60 * n_minutes) // _BLOCK_S + 1)
    offsets = []
    for block in blocks:
        offset = local_time(int(block) * _BLOCK_S, zone).utcoffset()
        assert offset is not None  # ZoneInfo always knows one for an absolute time
        offsets.append(int(offset.total_seconds()))
    utc_s = start_utc_s + 60 * np.arange(n_minutes, dtype=np.int64)
    offset_s = np.array(offsets, np.int64)[utc_s // _BLOCK_S - blocks[0]]
    clock: NDArray[np.int64] = (utc_s + offset_s) // 60 % MINUTES_A_DAY
    return clock
