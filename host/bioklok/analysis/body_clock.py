"""When the body's own night is deepest: the wrist's light clock over the minutes of a report.

biocore.phase, the estimator's own part, begun from the sleep of these days, moved by their light
and corrected by each night, as on the wrist. It knows that time to an hour at best
(docs/estimator.md). Only this part of the estimator is run: the rest has no say in the clock.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from biocore.phase import QUARTER_MIN, Phase
from biocore.record import EPOCH_S

from bioklok.analysis.clock import MINUTES_A_DAY
from bioklok.analysis.grid import FloatArray

# As the wrist has it: less sure, even noon and afternoon cannot be told apart.
UNSURE_MIN = 120
SHORTEST_MIN, LONGEST_MIN = 180, 960  # a main sleep, for biocore.phase
# alpha * 2^18 for millilux, biocore.units.alpha_q18: Forger, Jewett & Kronauer 1999
_ALPHA2_PER_MLX = 18 + 1 / 12
_ALPHA_MAX_Q18 = 65534
_ALPHA_Q18 = 1 << 18
_BETA = 1966 / _ALPHA_Q18  # as biocore._oscillator rounds 0.0075 a minute
_MIDDLE = np.arange(QUARTER_MIN) - 7  # minutes from the middle of a quarter


def alpha_of(light_lx: FloatArray) -> FloatArray:
    """Return Forger's alpha per minute for light in lux (n), NaN where that is NaN."""
    alpha = np.sqrt(_ALPHA2_PER_MLX * 1000 * np.maximum(light_lx, 0))
    return np.asarray(np.minimum(alpha, _ALPHA_MAX_Q18) / _ALPHA_Q18)


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
    wakes = {(wake - start_utc_s) // EPOCH_S: (wake - onset) // EPOCH_S for onset, wake in sleeps}
    quarters = _Quarters(light_lx, phase.oscillator.light[0] / (1 << 28))
    for minute, slept_min in sorted(wakes.items()):
        if 0 <= minute < len(light_lx):
            quarters.go_on(phase, minute)
            phase.observe_sleep(slept_min, 0)
    quarters.go_on(phase, len(light_lx))
    if phase.cbtmin_sd_min() > UNSURE_MIN:
        return None
    now_utc_s = start_utc_s + EPOCH_S * len(light_lx)
    return int(now_utc_s - EPOCH_S * phase.minutes_since_cbtmin())


class _Quarters:
    """What each quarter's light does to the clock, worked out for all minutes at once.

    `Oscillator.minute` in floats, by the same trapezoidal rule: n is linear in what it was a
    minute ago. Only the 96 quarters a day are steps of the clock itself.
    """

    def __init__(self, light_lx: FloatArray, n_before: float) -> None:
        alpha = alpha_of(light_lx)
        lit = ~np.isnan(alpha)
        alpha = np.where(lit, alpha, 0.0)
        rate = np.where(lit, alpha + _BETA, 0.0)
        kept, gained = (1 - rate / 2) / (1 + rate / 2), alpha / (1 + rate / 2)
        n_then = n_before
        steps = zip(kept.tolist(), gained.tolist(), strict=True)
        n = np.array([n_before, *(n_then := n_then * keep + gain for keep, gain in steps)])
        drive = alpha * (1 - (n[:-1] + n[1:]) / 2) * (1 << 21)
        whole = len(alpha) // QUARTER_MIN * QUARTER_MIN
        by_quarter = drive[:whole].reshape(-1, QUARTER_MIN)
        self._drive = by_quarter.sum(axis=1).astype(int).tolist()
        self._moment = (by_quarter @ _MIDDLE).astype(int).tolist()
        self._lit = lit[:whole].reshape(-1, QUARTER_MIN).sum(axis=1).tolist()
        self._done = 0

    def go_on(self, phase: Phase, minute: int) -> None:
        """Take the clock up to a minute; what is over a whole quarter only passes."""
        tell = phase.oscillator.tell
        for done in range(self._done, minute // QUARTER_MIN):
            tell(self._drive[done], self._moment[done], QUARTER_MIN, self._lit[done])
            phase.end_quarter()
        self._done = minute // QUARTER_MIN
        tell(0, 0, minute % QUARTER_MIN, 0)  # n and the rest of it belong to the quarter's end
