"""The daily course as a sum of cosines, by least squares.

Nelson W et al. 1979, Chronobiologia 6:305: y = M + sum_k A_k cos(2 pi k (t - acrophase_k) / 24 h).
"""

from dataclasses import dataclass

import numpy as np

from bioklok.analysis.clock import MINUTES_A_DAY
from bioklok.analysis.grid import FloatArray, IntArray


@dataclass(frozen=True)
class Cosinor:
    """mesor in the unit of the data; for each harmonic (24 h, 12 h, ...) its amplitude in that
    unit and its first peak in minutes after local midnight."""

    mesor: float
    amplitude: tuple[float, ...]
    acrophase_min: tuple[float, ...]


def fit(values: FloatArray, clock: IntArray, harmonics: int = 1) -> Cosinor | None:
    """Fit values (n, NaN: not valid) at local minutes of the day (n).

    harmonics: 1 for 24 h, 2 for 24 + 12 h. Every valid minute weighs the same. None where too few
    minutes of the clock are there to tell.
    """
    known = ~np.isnan(values)
    # Summing by the clock first changes nothing and leaves at most 1440 rows.
    count = np.bincount(clock[known], minlength=MINUTES_A_DAY).astype(float)
    total = np.bincount(clock[known], values[known], MINUTES_A_DAY)
    angle = 2 * np.pi * np.arange(MINUTES_A_DAY) / MINUTES_A_DAY
    columns = [np.ones(MINUTES_A_DAY)]
    for k in range(1, harmonics + 1):
        columns += [np.cos(k * angle), np.sin(k * angle)]
    design = np.array(columns)
    normal = (design * count) @ design.T
    if np.linalg.matrix_rank(normal) < len(design):
        return None
    found = np.linalg.solve(normal, design @ total)
    cosine, sine = found[1::2], found[2::2]
    turn = np.arctan2(sine, cosine) % (2 * np.pi)
    period = MINUTES_A_DAY / np.arange(1, harmonics + 1)
    return Cosinor(
        float(found[0]),
        tuple(np.hypot(cosine, sine).tolist()),
        tuple((turn / (2 * np.pi) * period % period).tolist()),
    )
