"""When the body's own night is deepest: the wrist's light clock over the minutes of a report.

biocore.phase, the estimator's own part, begun from the sleep of these days, moved by their light
and corrected by each night, as on the wrist. It knows that time to an hour at best
(docs/estimator.md). Only this part of the estimator is run: the rest has no say in the clock.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from biocore.phase import NO_LIGHT, Phase
from biocore.record import EPOCH_S

from bioklok.analysis.clock import MINUTES_A_DAY
from bioklok.analysis.grid import FloatArray

# As the wrist has it: less sure, even noon and afternoon cannot be told apart.
UNSURE_MIN = 120
SHORTEST_MIN, LONGEST_MIN = 180, 960  # a main sleep, for biocore.phase
# alpha * 2^18 for millilux, biocore.units.alpha_q18: Forger, Jewett & Kronauer 1999
_ALPHA2_PER_MLX = 18 + 1 / 12
_ALPHA_MAX = 65534


def alpha_q18(light_lx: FloatArray) -> list[int]:
    """Return Forger's alpha in 2^-18 for light in lux (n), NO_LIGHT where it is NaN."""
    alpha = np.minimum(np.sqrt(_ALPHA2_PER_MLX * 1000 * np.maximum(light_lx, 0)), _ALPHA_MAX)
    whole: list[int] = np.where(np.isnan(alpha), NO_LIGHT, alpha).astype(np.int64).tolist()
    return whole


def last_cbtmin_utc_s(
    light_lx: FloatArray, start_utc_s: int, spans: Sequence[tuple[datetime, datetime]]
) -> int | None:
    """Return the last time of CBTmin (Unix seconds) that lies before the end of these minutes.

    light_lx: (n) from `start_utc_s` on, NaN where there is none. spans: main sleeps (onset,
    offset), oldest first. None where there is no sleep of 3 to 16 hours to begin from, or where
    the clock knows the time no better than to two hours.
    """
    sleeps = [(round(a.timestamp()), round(b.timestamp())) for a, b in spans]
    sleeps = [(a, b) for a, b in sleeps if SHORTEST_MIN * EPOCH_S <= b - a <= LONGEST_MIN * EPOCH_S]
    if not sleeps or not len(light_lx):
        return None
    phase = Phase()
    first, end = sleeps[0]
    bed_min, wake_min, now_min = (
        utc_s // EPOCH_S % MINUTES_A_DAY for utc_s in (first, end, start_utc_s)
    )
    phase.start(bed_min, wake_min, now_min)
    wakes = {(wake - start_utc_s) // EPOCH_S: onset for onset, wake in sleeps}
    step = phase.step
    for minute, alpha in enumerate(alpha_q18(light_lx)):
        onset = wakes.get(minute)
        if onset is not None:
            phase.observe_sleep(minute - (onset - start_utc_s) // EPOCH_S, 0)
        step(alpha)
    if phase.cbtmin_sd_min() > UNSURE_MIN:
        return None
    now_utc_s = start_utc_s + EPOCH_S * len(light_lx)
    return int(now_utc_s - EPOCH_S * phase.minutes_since_cbtmin())
