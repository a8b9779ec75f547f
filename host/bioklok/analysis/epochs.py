"""Pages to numpy arrays, by the same field tables that the device writes them with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from biocore.page import CLOCK_UNSET, CRC_OFFSET, HEADER_FIELDS, MAX_EPOCHS, PAGE_BYTES, header
from biocore.record import EPOCH_FIELDS, EPOCH_S
from numpy.typing import NDArray

_NUMPY_CODES = {"B": "u1", "b": "i1", "H": "<u2", "I": "<u4"}

EPOCH_DTYPE = np.dtype([(name, _NUMPY_CODES[code]) for name, code, _unit, _text in EPOCH_FIELDS])
HEADER_DTYPE = np.dtype([(name, _NUMPY_CODES[code]) for name, code, _unit, _text in HEADER_FIELDS])
_RECORDS_END = HEADER_DTYPE.itemsize + MAX_EPOCHS * EPOCH_DTYPE.itemsize
PAGE_DTYPE = np.dtype(
    [
        ("header", HEADER_DTYPE),
        ("records", EPOCH_DTYPE, (MAX_EPOCHS,)),
        ("filler", "u1", (CRC_OFFSET - _RECORDS_END,)),
        ("crc", "<u4"),
    ]
)
assert PAGE_DTYPE.itemsize == PAGE_BYTES


@dataclass(frozen=True)
class Epochs:
    """Minutes in rising order, each at most once; what was not measured is not there.

    `utc_s`: int64 (n), start of the epoch in Unix seconds. `record`: (n) of EPOCH_DTYPE, raw
    integers in the units of `biocore.record.EPOCH_FIELDS`. `n_pages_unset_clock`: pages left out
    because the device did not know the time.
    """

    utc_s: NDArray[np.int64]
    record: NDArray[Any]
    n_pages_unset_clock: int = 0

    def __len__(self) -> int:
        return len(self.utc_s)


def decode(pages: Iterable[bytes]) -> Epochs:
    """Decode pages, given in any order and any number of times.

    Where two epochs claim one minute (the clock was set back), the one with more seconds of
    samples stays, then the one of the later page. Raises DamagedData for a page that does not
    pass its checksum.
    """
    whole = list(dict.fromkeys(bytes(page) for page in pages))
    for page in whole:
        header(page)
    table = np.frombuffer(b"".join(whole), PAGE_DTYPE)
    is_set = (table["header"]["clock"] != CLOCK_UNSET) & (table["header"]["start_utc_s"] > 0)
    known = table[is_set]
    head = known["header"]
    place = np.arange(MAX_EPOCHS)
    used = place[None, :] < head["n_epochs"][:, None]
    utc_s = (head["start_utc_s"].astype(np.int64)[:, None] + EPOCH_S * place[None, :])[used]
    record = known["records"][used]
    sequence = np.broadcast_to(head["sequence"][:, None], used.shape)[used]
    journal = np.broadcast_to(head["journal_id"][:, None], used.shape)[used]
    minute = utc_s // EPOCH_S
    order = np.lexsort((journal, sequence, record["valid_s"], minute))
    last_of_minute = np.ones(len(order), bool)
    last_of_minute[:-1] = np.diff(minute[order]) > 0
    keep = order[last_of_minute]
    return Epochs(utc_s[keep], record[keep], int(np.count_nonzero(~is_set)))
