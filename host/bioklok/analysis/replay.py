"""The wrist's estimator over stored pages: the same functions, minute by minute.

For the report, for what a change of parameters would have shown, and as a check of the device. It
comes to the states that the device logged where no page is missing since the journal began: the
device goes through its own pages in the same way after a restart. Exactly so between interpreters
whose floats have 64 bits; a board whose floats have 32 rounds within a step too, and may turn the
lamp a quarter of an hour sooner or later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from biocore.estimator import Estimator
from biocore.page import (
    CLOCK_SET,
    H_CLOCK,
    H_JOURNAL_ID,
    H_SEQUENCE,
    H_START_UTC_S,
    header,
    records,
)
from biocore.record import EPOCH_FLAGS, EPOCH_S
from biocore.replay import Elapsed, step_page
from numpy.typing import NDArray

_BITS = {name: (low, n) for name, low, n, _text in EPOCH_FLAGS}
_REPLAYED = ("still_hour", "asleep", "lamp", "reason")
_MASK = sum(((1 << n) - 1) << low for low, n in (_BITS[name] for name in _REPLAYED))
_FLAGS_AT = 5  # place in biocore.record.EPOCH_FIELDS


@dataclass(frozen=True)
class Replay:
    """Every epoch of one journal in the order it was logged; arrays of shape (n).

    utc_s: int64, start of the epoch, 0 where the device did not know. lamp: a state of
    biocore.lamp. reason: a code of biocore.decision.REASONS. is_asleep: asleep now. is_as_logged:
    whether the device logged the same three. estimator: as it stands after the last epoch.
    """

    utc_s: NDArray[np.int64]
    lamp: NDArray[np.uint8]
    reason: NDArray[np.uint8]
    is_asleep: NDArray[np.bool_]
    is_as_logged: NDArray[np.bool_]
    estimator: Any

    def __len__(self) -> int:
        return len(self.utc_s)


def replay(pages: Iterable[bytes]) -> Replay:
    """Take the pages of one journal, in any order and any number of times.

    Raises DamagedData for a page that does not pass its checksum, ValueError where two journals
    are mixed: another journal is another student's, or begins afresh.
    """
    known: dict[int, bytes] = {}
    journals: set[int] = set()
    for page in map(bytes, pages):
        head = header(page)
        journals.add(head[H_JOURNAL_ID])
        known[head[H_SEQUENCE]] = page
    if len(journals) > 1:
        raise ValueError(f"pages of {len(journals)} journals: replay each by itself")
    estimator = Estimator()
    elapsed = Elapsed()
    starts: list[NDArray[np.int64]] = []
    logged: list[int] = []
    flags: list[int] = []
    for _sequence, page in sorted(known.items()):
        head = header(page)
        is_set = head[H_CLOCK] == CLOCK_SET
        of_page = list(step_page(estimator, page, elapsed))
        minutes = np.arange(len(of_page), dtype=np.int64)
        starts.append(head[H_START_UTC_S] + EPOCH_S * minutes if is_set else 0 * minutes)
        logged += [record[_FLAGS_AT] for _start, record in records(page)]
        flags += of_page
    found = np.array(flags, np.int64)
    return Replay(
        np.concatenate(starts) if starts else np.zeros(0, np.int64),
        _read(found, "lamp").astype(np.uint8),
        _read(found, "reason").astype(np.uint8),
        _read(found, "asleep") == 1,
        (found ^ np.array(logged, np.int64)) & _MASK == 0,
        estimator,
    )


def _read(flags: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    low, n = _BITS[name]
    found: NDArray[np.int64] = flags >> low & ((1 << n) - 1)
    return found
