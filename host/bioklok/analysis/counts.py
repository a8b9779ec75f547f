"""Nights from activity counts a minute, by the wrist's own finder: for imported recordings.

Scoring: Oakley NR 1997 (Actiware's scoring at 60 s): the minute's counts and those of two minutes
on both sides, weighted 1/25 1/5 1 1/5 1/25; the minute is still below a threshold. Counts of
different makes have different units, so without a known threshold it is a part of the person's own
mean activity, of the past only. The minutes then go through biocore.night like the wrist's own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from biocore.night import BRIDGE_MIN, Night
from biocore.sleep import MOTIONLESS, MOVING, STILL, UNKNOWN
from numpy.typing import NDArray

from bioklok.analysis.grid import BoolArray, FloatArray

WEIGHTS = (1 / 25, 1 / 5, 1.0, 1 / 5, 1 / 25)
LOOK_AHEAD_MIN = 2
# Actiware's "low" threshold, in Actiwatch counts.
ACTIWATCH_COUNTS = 20.0
# Ours: the same 20 counts lie near a sixteenth of the mean of an Actiwatch's minutes with counts;
# between a twentieth and a twelfth nothing much changes.
OWN_SHARE = 1 / 16
OWN_PAST_MIN = 7 * 1440
OWN_FIRST_MIN = 60  # so many minutes with counts before there is a mean to speak of
_OWN_EVERY_MIN = 60
# Two hours without a single count are of a table: of the nights of 24 sleepers 95 in 100 have no
# such stretch above 80 min, and the few above two hours lie beside hours on a table.
LIFELESS_MIN = 120

_PAST_BRIDGE_MIN = int(BRIDGE_MIN) + 1

CodeArray = NDArray[np.int8]


@dataclass(frozen=True)
class FoundNight:
    """A night in minutes from the first count: [onset, wake), told when minute `told` begins.

    A night that is told with the same `number` as the one before takes its place.
    `onset_known`, `wake_known`: as in biocore.night.Night.
    """

    number: int
    onset: int
    wake: int
    told: int
    onset_known: bool
    wake_known: bool


def own_threshold(counts: FloatArray) -> FloatArray:
    """Return each minute's threshold (n), from the person's counts (n) up to the hour before it.

    NaN, for minutes without a past of an hour with counts.
    """
    out = np.full(len(counts), np.nan)
    active = np.isfinite(counts) & (counts > 0)
    total = np.concatenate(([0.0], np.cumsum(np.where(active, counts, 0.0))))
    number = np.concatenate(([0], np.cumsum(active)))
    for at in range(0, len(counts), _OWN_EVERY_MIN):
        first = max(0, at - OWN_PAST_MIN)
        n = number[at] - number[first]
        if n >= OWN_FIRST_MIN:
            out[at : at + _OWN_EVERY_MIN] = OWN_SHARE * (total[at] - total[first]) / n
    return out


def stillness(counts: FloatArray, threshold: float | None = None) -> CodeArray:
    """Score counts (n, NaN: not measured) minute by minute, in the codes of biocore.sleep.

    threshold: in the counts' unit; None: the person's own, see `own_threshold`. Looks two minutes
    ahead. Raises ValueError for a threshold that is not above 0.
    """
    if threshold is not None and not threshold > 0:
        raise ValueError(f"a threshold of {threshold} counts")
    if not len(counts):
        return np.zeros(0, np.int8)
    known = np.isfinite(counts)
    padded = np.pad(np.where(known, np.maximum(counts, 0.0), 0.0), LOOK_AHEAD_MIN)
    score = np.convolve(padded, WEIGHTS, mode="valid")
    limit = own_threshold(counts) if threshold is None else np.full(len(counts), threshold)
    codes = np.where(score < limit, STILL, MOVING)
    codes[(score < limit) & (counts == 0)] = MOTIONLESS
    codes[~known | np.isnan(limit)] = UNKNOWN
    out: CodeArray = codes.astype(np.int8)
    return out


def lifeless(counts: FloatArray) -> BoolArray:
    """Return for each minute (n) whether two hours and more up to it had no single count."""
    minute = np.arange(len(counts))
    last_count = np.maximum.accumulate(np.where(counts == 0, -1, minute))
    out: BoolArray = minute - last_count >= LIFELESS_MIN
    return out


def _spread(codes: CodeArray, minutes: int) -> CodeArray:
    """Let each moving minute speak for so many beside it, too."""
    moving = (codes == MOVING).astype(np.int64)
    near = np.convolve(np.pad(moving, minutes), np.ones(2 * minutes + 1, np.int64), mode="valid")
    out: CodeArray = np.where((near > 0) & (codes != UNKNOWN), MOVING, codes).astype(np.int8)
    return out


def finder_of_sleeps() -> Night:
    """Return the wrist's finder, telling each long sleep of a day: who works at night has two.

    The wrist wants one night a day and tells the longest; a recording is read as a whole.
    """
    night = Night()
    night.same_day_min = 0
    return night


def found_nights(
    codes: CodeArray,
    off_wrist: BoolArray,
    spread_min: int = 0,
    finder: Callable[[], Night] = Night,
) -> list[FoundNight]:
    """Run the wrist's finder over minutes (n) and return what it told, in that order.

    Nothing is told with more than the past; `told` says when. spread_min: for a sensor where the
    waking body moves less often than a wrist (on glasses, about 10), how far a moving minute speaks
    for its neighbours; so far ahead it looks, then. Raises ValueError where the lengths differ.
    """
    if len(codes) != len(off_wrist):
        raise ValueError(f"{len(codes)} minutes of stillness, {len(off_wrist)} of off-wrist")
    if spread_min:
        codes = _spread(codes, spread_min)
    night = finder()
    out = []
    minutes = zip(codes.tolist(), off_wrist.tolist(), strict=True)
    for minute, (code, is_off) in enumerate(minutes):
        if night.step(code, is_off):
            out.append(_found(night, minute + 1, spread_min))
    # The recording's end is a hole like any other: a night that is over is told.
    if night.skip(_PAST_BRIDGE_MIN):
        out.append(_found(night, len(codes) + _PAST_BRIDGE_MIN, spread_min))
    return out


def _found(night: Night, now: int, spread_min: int) -> FoundNight:
    return FoundNight(
        night.nights,
        now - night.onset_min() - spread_min,
        now - night.wake_min() + spread_min,
        now + spread_min,
        night.onset_known,
        night.wake_known,
    )


def last_told(found: Iterable[FoundNight]) -> list[FoundNight]:
    """Return each night once, as it was told last."""
    return list({night.number: night for night in found}.values())
