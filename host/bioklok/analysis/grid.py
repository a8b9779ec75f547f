"""A stretch of time with one place for each minute: what was measured, and what was not."""

from dataclasses import dataclass

import numpy as np
from biocore.record import EPOCH_S, FLAG_STILL_HOUR, NO_LIGHT_MLX
from numpy.typing import NDArray

from bioklok.analysis import wear
from bioklok.analysis.epochs import Epochs

# An epoch with fewer seconds of samples says too little about its minute.
MIN_VALID_S = 30

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Minutes from `start_utc_s` (a whole minute) on; every array has one entry a minute, (n).

    Floats are NaN where nothing was measured or the device was off the wrist.
    """

    start_utc_s: int
    present: BoolArray  # an epoch was recorded
    worn: BoolArray  # ... and the device was on the wrist
    activity_mg: FloatArray
    light_lx: FloatArray
    step_median_deg: FloatArray
    step_max_deg: FloatArray
    marks: NDArray[np.uint8]  # bits of biocore.record.EPOCH_MARKS, off the wrist too

    def __len__(self) -> int:
        return int(self.present.size)

    @property
    def end_utc_s(self) -> int:
        """The second after the last minute."""
        return self.start_utc_s + int(EPOCH_S) * len(self)

    def part(self, start_utc_s: int, end_utc_s: int) -> "Grid":
        """Return the minutes of [start, end), which lies within this grid."""
        if not self.start_utc_s <= start_utc_s <= end_utc_s <= self.end_utc_s:
            raise ValueError("asked for minutes outside the grid")
        cut = slice(
            (start_utc_s - self.start_utc_s) // EPOCH_S, (end_utc_s - self.start_utc_s) // EPOCH_S
        )
        return Grid(
            start_utc_s,
            self.present[cut],
            self.worn[cut],
            self.activity_mg[cut],
            self.light_lx[cut],
            self.step_median_deg[cut],
            self.step_max_deg[cut],
            self.marks[cut],
        )


def make_grid(
    epochs: Epochs, start_utc_s: int, end_utc_s: int, known_worn: BoolArray | None = None
) -> Grid:
    """Lay epochs on the minutes of [start, end). Off-wrist is found from all `epochs` first.

    `known_worn`: minutes (n) that were on the wrist whatever the still hours say.

    Give at least an hour more of epochs on either side than will be looked at: the device tells
    that it lay still only when the hour is over.
    """
    first = start_utc_s // EPOCH_S
    n = end_utc_s // EPOCH_S - first
    # The wrist question is asked over everything given, not only the stretch wanted.
    minute = epochs.utc_s // EPOCH_S
    low = min(first, int(minute[0])) if len(epochs) else first
    high = max(first + n, int(minute[-1]) + 1) if len(epochs) else first + n
    all_present = np.zeros(high - low, bool)
    all_present[minute - low] = epochs.record["valid_s"] >= MIN_VALID_S
    still = np.zeros(high - low, bool)
    still[minute - low] = (epochs.record["flags"] & FLAG_STILL_HOUR) != 0
    all_worn = wear.worn(all_present, still)

    inside = (minute >= first) & (minute < first + n)
    at = minute[inside] - first
    record = epochs.record[inside]
    present = all_present[first - low : first - low + n]
    worn = all_worn[first - low : first - low + n]
    if known_worn is not None:
        worn = worn | (known_worn & present)
    marks = np.zeros(n, np.uint8)
    marks[at] = record["marks"]
    light_mlx = record["light_mlx"]
    light_lx = np.where(light_mlx == NO_LIGHT_MLX, np.nan, light_mlx / 1000.0)

    def lay(values: FloatArray) -> FloatArray:
        out = np.full(n, np.nan)
        out[at] = values
        out[~worn] = np.nan
        return out

    return Grid(
        first * EPOCH_S,
        present,
        worn,
        lay(record["enmo_dmg"] / 10.0),
        lay(light_lx),
        lay(record["angle_step_median_cdeg"] / 100.0),
        lay(record["angle_step_max_cdeg"] / 100.0),
        marks,
    )
