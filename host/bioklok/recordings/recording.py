"""A recording as its file has it, and the same laid on whole minutes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bioklok.errors import BioklokFailure

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

MINUTE_S = 60
# Half a minute of it, as for the device's own epochs (bioklok.analysis.grid.MIN_VALID_S).
MIN_VALID_S = 30
LONGEST_EPOCH_S = 900
# Longer files are something else: three years of minutes, and some.
MOST_MINUTES = 4 * 366 * 1440


@dataclass(frozen=True)
class Recording:
    """Epochs of one length in rising order; arrays of shape (n).

    kind: of the file. utc_s: int64, start of the epoch. activity: as recorded, NaN where there is
    none. light_lx: NaN where there is none. off_wrist: the file says so. marker: the button was
    pressed. asleep: 1, 0, or NaN where the file does not say. says_nights: whether `asleep` is a
    statement about the night and not a scoring of each still minute, day and night.
    still_below: counts a minute below which this make's own scoring calls a minute still; None:
    not known.
    """

    kind: str
    epoch_s: int
    utc_s: IntArray
    activity: FloatArray
    light_lx: FloatArray
    off_wrist: BoolArray
    marker: BoolArray
    asleep: FloatArray
    says_nights: bool = False
    still_below: float | None = None

    def __len__(self) -> int:
        return len(self.utc_s)


@dataclass(frozen=True)
class Minutes:
    """The same, one place a minute from `start_utc_s` (a whole minute) on; arrays of shape (n).

    activity: mean of the minute's epochs, in their unit. counts: the minute's sum. Both are NaN
    where less than half of the minute was recorded on the wrist; so are light_lx and asleep where
    not known. present: an epoch is in the file. off_wrist: the file says so of an epoch in it.
    marker: pressed, off the wrist too.
    """

    start_utc_s: int
    activity: FloatArray
    counts: FloatArray
    light_lx: FloatArray
    asleep: FloatArray
    present: BoolArray
    off_wrist: BoolArray
    marker: BoolArray

    def __len__(self) -> int:
        return len(self.activity)

    @property
    def valid(self) -> BoolArray:
        """Minutes that count."""
        return ~np.isnan(self.activity)


def minutes(recording: Recording) -> Minutes:
    """Lay a recording on minutes. An epoch of several minutes speaks for each of them.

    Raises BioklokFailure for a recording longer than four years.
    """
    repeat = max(1, recording.epoch_s // MINUTE_S)
    minute = recording.utc_s // MINUTE_S
    if repeat > 1:
        minute = (minute[:, None] + np.arange(repeat)).ravel()
    first, n = int(minute[0]), int(minute[-1] - minute[0]) + 1
    if n > MOST_MINUTES:
        raise BioklokFailure(
            f"the recording spans {n // 1440} days: cut it to at most four years, or mend its dates"
        )
    at = minute - first
    each_s = min(recording.epoch_s, MINUTE_S)
    here = np.repeat(~np.isnan(recording.activity) & ~recording.off_wrist, repeat)
    valid = np.bincount(at[here], minlength=n) * each_s >= MIN_VALID_S

    def mean(values: FloatArray) -> FloatArray:
        values = np.repeat(values, repeat)
        known = here & ~np.isnan(values)
        count = np.bincount(at[known], minlength=n)
        out: FloatArray = np.full(n, np.nan)
        total = np.bincount(at[known], values[known], n)
        np.divide(total, count, out=out, where=(count > 0) & valid)
        return out

    activity = mean(recording.activity)
    asleep = mean(recording.asleep)
    pressed = np.zeros(n, bool)
    pressed[at[::repeat][recording.marker]] = True
    present = np.zeros(n, bool)
    present[at] = True
    off_wrist = np.zeros(n, bool)
    off_wrist[at[np.repeat(recording.off_wrist, repeat)]] = True
    return Minutes(
        first * MINUTE_S,
        activity,
        activity * MINUTE_S / recording.epoch_s,
        mean(recording.light_lx),
        np.where(np.isnan(asleep), np.nan, asleep >= 0.5),
        present,
        off_wrist,
        pressed,
    )
