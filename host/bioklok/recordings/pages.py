"""A recording as pages of the store: the same bytes for the same file, whoever imports it.

What is lost: these are no pages of our device. Movement is in the recorder's counts a minute, each
written as 0.1 mg: the onsets and ratios of a week (IS, IV, RA) mean what they say, its L5, M10 and
mesor are counts and no mg. Where a minute has more than a field holds, all of them are divided by
the same number, so that this stays so. There are no angles: the fields of the angle's steps say
only what the night finder made of the minute (0: still in the night; large: not), so that the week
shows the nights that `bioklok analyse` tells. A marker of another maker's button is neither "sharp"
nor "tired" and is left out. Epochs shorter than a minute become minutes. Minutes off the wrist are
not written.
"""

import math
from dataclasses import dataclass

import numpy as np
from biocore.page import MAX_EPOCHS, PageBuilder
from biocore.record import FLAG_ASLEEP, NO_LIGHT_ALPHA, NO_LIGHT_MLX

from bioklok.analysis.clock import local_time, utc_offsets_s
from bioklok.analysis.wear import runs
from bioklok.errors import BioklokFailure
from bioklok.recordings.analysed import Analysis
from bioklok.recordings.recording import MINUTE_S, IntArray
from bioklok.settings import IMPORTED

_MOST_COUNTS = 65535
_LEAST_MEDIAN = 10  # of the minutes with movement, once divided: rounding is 5 % of such a minute
_MOST_MLX = NO_LIGHT_MLX - 1
_MOST_UTC_S = 2**32 - 1
_MOST_ALPHA = NO_LIGHT_ALPHA - 1
_QUARTER_S = 900
# Steps of angle-z that stand for "not still" (van Hees' bounds are 0.5 and 5 degrees).
_AWAKE_MEDIAN_CDEG, _AWAKE_MAX_CDEG = 500, 3000


@dataclass(frozen=True)
class ImportedJournal:
    """What the store asks of a journal. The ids come from the file's bytes: the same recording is
    the same journal, however often it is imported."""

    device_id: str
    journal_id: int
    n_pages: int
    boot_id: int = 0
    started_utc_s: int = 0
    oldest: int = 0

    @property
    def next(self) -> int:
        """The sequence behind the last page."""
        return self.n_pages


def journal_of(digest: bytes, n_pages: int) -> ImportedJournal:
    """Return the journal of a file with this SHA-256."""
    return ImportedJournal(
        f"{IMPORTED}{digest.hex()[:16]}", int.from_bytes(digest[8:12], "big"), n_pages
    )


def divisor_of(analysis: Analysis) -> int:
    """Return what the counts of each minute are divided by, so that the highest fits: mostly 1.

    Raises BioklokFailure where that would leave nothing of the others.
    """
    counts = np.nan_to_num(analysis.minutes.counts)
    divisor = max(1, math.ceil(float(counts.max()) / _MOST_COUNTS))
    if divisor > 1 and np.median(counts[counts > 0]) < _LEAST_MEDIAN * divisor:
        at_utc_s = analysis.minutes.start_utc_s + MINUTE_S * int(counts.argmax())
        raise BioklokFailure(
            f"{counts.max():.0f} counts in the minute of {local_time(at_utc_s, analysis.zone)} are "
            "so many more than in the others that no page holds both: empty that cell"
        )
    return divisor


def pages_of(analysis: Analysis, journal_id: int) -> list[bytes]:
    """Return the pages, oldest first.

    Raises BioklokFailure where a device knows no such time, and as `divisor_of`.
    """
    minutes = analysis.minutes
    end_utc_s = minutes.start_utc_s + MINUTE_S * len(minutes)
    if not 0 < minutes.start_utc_s <= end_utc_s <= _MOST_UTC_S:
        raise BioklokFailure("only recordings from 1970 to 2106 can be stored: mend its dates")
    fields = _fields(analysis)
    offset_s = utc_offsets_s(minutes.start_utc_s, len(minutes), analysis.zone)
    builder = PageBuilder()
    pages: list[bytes] = []
    for start, end, valid in runs(minutes.valid):
        for first in range(start, end if valid else start, MAX_EPOCHS):
            quarters = int(offset_s[first]) // _QUARTER_S
            start_utc_s = minutes.start_utc_s + MINUTE_S * first
            builder.begin(journal_id, 0, start_utc_s, MINUTE_S * first, quarters)
            for record in fields[first : min(first + MAX_EPOCHS, end)].tolist():
                builder.append(*record)
            pages.append(bytes(builder.close(len(pages))))
    return pages


def _fields(analysis: Analysis) -> IntArray:
    """The fields of biocore.record.EPOCH_FIELDS, (n, 8)."""
    minutes, sleep = analysis.minutes, analysis.sleep
    counts = np.rint(np.nan_to_num(minutes.counts) / divisor_of(analysis))
    in_night = np.zeros(len(minutes), bool)
    for span in sleep.spans:
        in_night[span.onset : span.wake] = True
    still = in_night & sleep.still
    mlx = np.minimum(np.rint(minutes.light_lx * 1000), _MOST_MLX)
    dark = np.isnan(mlx)
    light_mlx = np.where(dark, NO_LIGHT_MLX, np.nan_to_num(mlx)).astype(np.int64)
    alpha = np.where(dark, NO_LIGHT_ALPHA, _alpha_q18(light_mlx))
    columns = (
        counts,
        np.where(in_night, 0, _AWAKE_MEDIAN_CDEG),
        np.where(still, 0, _AWAKE_MAX_CDEG),
        light_mlx,
        alpha,
        FLAG_ASLEEP * still,
        np.zeros(len(minutes)),
        np.full(len(minutes), MINUTE_S),
    )
    return np.stack([np.asarray(column).astype(np.int64) for column in columns], axis=1)


def _alpha_q18(light_mlx: IntArray) -> IntArray:
    """biocore.units.alpha_q18 of each minute's mean light (its mean alpha is not known)."""
    root = np.floor(np.sqrt(light_mlx * 18.0 + light_mlx // 12))  # in floats: to one unit
    alpha: IntArray = np.minimum(root, _MOST_ALPHA).astype(np.int64)
    return alpha
