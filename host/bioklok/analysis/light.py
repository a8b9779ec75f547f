"""Light at the wrist: an index of the light at the eye, never melanopic EDI."""

import numpy as np

from bioklok.analysis.grid import Grid

BRIGHT_LX = 250.0  # Brown TM et al. 2022, PLoS Biology 20:e3001571, used here as a light index


def minutes_above(grid: Grid, limit_lx: float = BRIGHT_LX) -> int:
    """Return how many minutes on the wrist had more light than `limit_lx`."""
    return int(np.count_nonzero(np.nan_to_num(grid.light_lx, nan=-1.0) > limit_lx))


def minutes_with_light(grid: Grid) -> int:
    """Return how many minutes on the wrist have a light reading at all."""
    return int(np.count_nonzero(~np.isnan(grid.light_lx)))
