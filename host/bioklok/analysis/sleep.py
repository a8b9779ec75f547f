"""Nights from the minutes: the sleep period window, and the still stretches inside it.

Window: HDCZA, van Hees VT et al. 2018, Scientific Reports 8:12975, on the device's per-minute
median of the 5-s steps of angle-z. Sleep inside it: sustained inactivity, van Hees VT et al.
2015, PLoS ONE 10:e0142533. Timing and duration only: a wrist cannot tell more.

A device that lies on a table is not asleep: minutes off the wrist are never part of a window's
still blocks, never counted as sleep, and an edge that touches them is unknown. A sleeper can lie so
still that the still-hour rule trips; `night_grid` takes that back where sleep stands on both sides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from biocore.record import EPOCH_S

from bioklok.analysis.clock import local_time, local_utc_s
from bioklok.analysis.epochs import Epochs
from bioklok.analysis.grid import BoolArray, FloatArray, Grid, make_grid
from bioklok.analysis.wear import runs

ROLLING_MIN = 5
PERCENTILE = 10
FACTOR = 15
THRESHOLD_DEG = (0.13, 0.50)
SHORTEST_BLOCK_MIN = 30  # a block has to be longer
LONGEST_GAP_MIN = 60  # a gap has to be shorter
INACTIVE_STEP_DEG = 5.0
INACTIVE_MIN = 5

# Ours: a window shorter than this is a lesson or a film, not a night.
SHORTEST_NIGHT_MIN = 180
# One or two still hours that the device tells a quarter of an hour apart: deep sleep can be that.
LONGEST_BRIDGE_MIN = 75
# The threshold is made from the quietest tenth of the minutes; those of sleep only where the night
# was measured. So much of the small hours (local) has to be there, or evenings pass for nights.
SMALL_HOURS_END = 6
SMALL_HOURS_MIN = 180
# A night counts as worn with so much of noon to noon on the wrist, as a day does.
WORN_MIN = 16 * 60
NOON = 12


@dataclass(frozen=True)
class Night:
    """One noon to the next. What is not known is None.

    `date` is the local date of the evening. `onset` and `offset` are local times with their
    offset; `duration_min` is the still minutes on the wrist between them.
    """

    date: date
    onset: datetime | None
    offset: datetime | None
    duration_min: int | None
    worn: bool

    def to_dict(self) -> dict[str, str | int | None]:
        """Return it in plain types for JSON; `worn` is a truth value."""
        return {
            "date": self.date.isoformat(),
            "onset": self.onset.isoformat() if self.onset else None,
            "offset": self.offset.isoformat() if self.offset else None,
            "duration_min": self.duration_min,
            "worn": self.worn,
        }


def noon_bounds_utc_s(evening: date, zone: ZoneInfo) -> tuple[int, int]:
    """Return the Unix seconds of noon on this local day and of noon on the next."""
    tomorrow = evening + timedelta(days=1)
    return local_utc_s(evening, NOON, zone), local_utc_s(tomorrow, NOON, zone)


def rolling_median(values: FloatArray, width: int) -> FloatArray:
    """Median over `width` (odd) minutes around each; NaN where more than half are missing."""
    half = width // 2
    padded = np.concatenate((np.full(half, np.nan), values, np.full(half, np.nan)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    # Sorted, what is missing comes last: quicker than numpy's nanmedian by ten times.
    ordered = np.sort(windows, axis=1)
    known = np.count_nonzero(~np.isnan(windows), axis=1)
    rows = np.arange(len(values))
    middle = ordered[rows, np.maximum(known - 1, 0) // 2] + ordered[rows, known // 2 % width]
    return np.where(known > half, middle / 2, np.nan)


def _still_blocks(grid: Grid) -> list[tuple[int, int]]:
    """Return (first, end) of the stretches of more than 30 min on the wrist without turns."""
    smooth = rolling_median(grid.step_median_deg, ROLLING_MIN)
    known = smooth[grid.worn & ~np.isnan(smooth)]
    if not len(known):
        return []
    low, high = THRESHOLD_DEG
    threshold_deg = min(max(float(np.percentile(known, PERCENTILE)) * FACTOR, low), high)
    still = grid.worn & (np.nan_to_num(smooth, nan=np.inf) < threshold_deg)
    return [
        (start, end)
        for start, end, value in runs(still)
        if value and end - start > SHORTEST_BLOCK_MIN
    ]


def sleep_window(grid: Grid) -> tuple[int, int] | None:
    """Return (first, end) minute of the longest period of rest in `grid`; None: there is none."""
    joined: list[tuple[int, int]] = []
    for start, end in _still_blocks(grid):
        if joined and start - joined[-1][1] < LONGEST_GAP_MIN:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    if not joined:
        return None
    first, end = max(joined, key=lambda block: block[1] - block[0])
    return (first, end) if end - first >= SHORTEST_NIGHT_MIN else None


def night_grid(
    epochs: Epochs, start_utc_s: int, end_utc_s: int, evenings: Iterable[date], zone: ZoneInfo
) -> Grid:
    """Lay epochs on the minutes of [start, end) as `make_grid` does, still hours of sleep as worn.

    Those are at most 75 min off the wrist in the night of one of `evenings`, all of them measured,
    between two still blocks that touch them and are a night's length together.
    """
    grid = make_grid(epochs, start_utc_s, end_utc_s)
    bridged = np.zeros(len(grid), bool)
    for evening in evenings:
        noon_utc_s, next_noon_utc_s = noon_bounds_utc_s(evening, zone)
        part = grid.part(noon_utc_s, next_noon_utc_s)
        at = (noon_utc_s - grid.start_utc_s) // EPOCH_S
        for first, end in _bridges(part):
            bridged[at + first : at + end] = True
    return make_grid(epochs, start_utc_s, end_utc_s, bridged) if bridged.any() else grid


def _bridges(grid: Grid) -> list[tuple[int, int]]:
    if not (grid.present & ~grid.worn).any():
        return []
    blocks = _still_blocks(grid)
    return [
        (end, start)
        for (first, end), (start, last) in pairwise(blocks)
        if start - end <= LONGEST_BRIDGE_MIN
        and bool((grid.present & ~grid.worn)[end:start].all())
        and end - first + last - start >= SHORTEST_NIGHT_MIN
    ]


def night_window(grid: Grid, evening: date, zone: ZoneInfo) -> tuple[int, int] | None:
    """Return the sleep window of a night's `grid` from noon to noon.

    None where there is none, or too little of the small hours was measured to tell.
    """
    tomorrow = evening + timedelta(days=1)
    small_hours = grid.part(
        local_utc_s(tomorrow, 0, zone), local_utc_s(tomorrow, SMALL_HOURS_END, zone)
    )
    if np.count_nonzero(small_hours.worn) < SMALL_HOURS_MIN:
        return None
    return sleep_window(grid)


def sustained_inactivity(grid: Grid) -> BoolArray:
    """Return for each minute whether it lies in >= 5 min on the wrist without a step > 5 deg."""
    calm = grid.worn & (np.nan_to_num(grid.step_max_deg, nan=np.inf) <= INACTIVE_STEP_DEG)
    out = np.zeros(len(grid), bool)
    for start, end, value in runs(calm):
        if value and end - start >= INACTIVE_MIN:
            out[start:end] = True
    return out


def asleep(grid: Grid, evening: date, zone: ZoneInfo) -> BoolArray:
    """Return for each minute from noon to noon whether it counts as sleep; for drawing."""
    return night_and_minutes(grid, evening, zone)[1]


def night(grid: Grid, evening: date, zone: ZoneInfo) -> Night:
    """Find the night that begins on a local day; `grid` covers noon to noon."""
    return night_and_minutes(grid, evening, zone)[0]


def night_and_minutes(grid: Grid, evening: date, zone: ZoneInfo) -> tuple[Night, BoolArray]:
    """Return both `night` and `asleep`, for the search of one."""
    start_utc_s, end_utc_s = noon_bounds_utc_s(evening, zone)
    part = grid.part(start_utc_s, end_utc_s)
    is_worn = int(np.count_nonzero(part.worn)) >= WORN_MIN
    minutes = np.zeros(len(part), bool)
    window = night_window(part, evening, zone)
    if window is None:
        return Night(evening, None, None, None, is_worn), minutes
    first, end = window
    minutes[first:end] = sustained_inactivity(part)[first:end]
    # Beside minutes that were not measured, the true edge may lie in them: never guess.
    onset_known = first >= ROLLING_MIN and bool(part.worn[first - ROLLING_MIN : first].all())
    offset_known = end + ROLLING_MIN <= len(part) and bool(part.worn[end : end + ROLLING_MIN].all())
    found = Night(
        evening,
        local_time(start_utc_s + EPOCH_S * first, zone) if onset_known else None,
        local_time(start_utc_s + EPOCH_S * end, zone) if offset_known else None,
        int(np.count_nonzero(minutes)) if onset_known and offset_known else None,
        is_worn,
    )
    return found, minutes
