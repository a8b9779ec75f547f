"""The rows of a plain table, found in its bytes all at once: what nearly every export is.

Plain: each row has as many cells as the others, those beyond the names are empty, none runs over
lines, quotes stand around whole cells, and the cells asked for are ASCII and short. `rows.any_rows`
reads all else, and the same of these in three times the time.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bioklok.recordings.table import Column, Table

_NEWLINE, _RETURN, _QUOTE = b'\n\r"'
_BLOCK_BYTES = 1 << 16  # what is worked out at once: fresh memory costs more than the work
_LONGEST = 40  # characters of a cell: a date with a time and a zone has 25
_KEYS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}  # by bytes

Bytes = NDArray[np.uint8]
Places = NDArray[np.signedinteger]


def plain_rows(
    data: bytes, first: int, apart: str, wanted: Sequence[int], n_names: int
) -> Table | None:
    """Split the lines from number `first` (from 1) into cells; None: this is no plain table.

    data: in an encoding in which ASCII is itself. wanted: the places of the columns to return, the
    first of which has no empty cell. n_names: of columns with a name; cells beyond are empty.
    """
    whole = np.frombuffer(data, np.uint8)
    returns = np.flatnonzero(whole == _RETURN)
    if len(returns) and (returns[-1] == len(whole) - 1 or (whole[returns + 1] != _NEWLINE).any()):
        return None  # it ends lines by itself
    start = 0
    for _ in range(first - 1):
        start = data.find(_NEWLINE, start) + 1
        if not start:
            return None
    while data[start : start + 1] in (b"\r", b"\n"):
        first += data[start] == _NEWLINE
        start += 1
    end = len(data)
    while end > start and data[end - 1] in (_NEWLINE, _RETURN):
        end -= 1
    edges = _edges_of_rows(data, whole, start, end, ord(apart))
    if edges is None or max(wanted) >= edges.shape[1] - 1:
        return None
    n_beyond = edges.shape[1] - 1 - n_names
    if n_beyond > 0 and (edges[:, -1] - edges[:, n_names] != n_beyond).any():
        return None
    columns: dict[int, Column] = {}
    for at in wanted:
        column = _column(whole, edges[:, at] + 1, edges[:, at + 1])
        if column is None or (not columns and "" in column.distinct):
            return None
        columns[at] = column
    return Table(range(first, first + len(edges)), columns)


def _edges_of_rows(data: bytes, whole: Bytes, start: int, end: int, apart: int) -> Places | None:
    """Return for each row (n) what is before its first cell and behind each; None: not plain."""
    found: list[Places] = []
    while start < end:
        cut = data.find(_NEWLINE, start + _BLOCK_BYTES, end)
        cut = end if cut < 0 else cut
        ends = _ends_of_cells(whole[start:cut], apart)
        if ends is None or (found and found[0].shape[1] != ends.shape[1] + 1):
            return None
        ends += start
        begins = np.append(start - 1, ends[:-1, -1])
        ends[:, -1] -= whole[ends[:, -1] - 1] == _RETURN
        found.append(np.column_stack((begins, ends)).astype(np.int32))
        start = cut + 1
    return np.concatenate(found) if found else None


def _ends_of_cells(chars: Bytes, apart: int) -> Places | None:
    """Return behind which character each cell of each row ends (rows x cells); None: not plain."""
    marks = np.flatnonzero((chars == apart) | (chars == _NEWLINE) | (chars == _QUOTE))
    kinds = chars[marks]
    is_quote = kinds == _QUOTE
    if is_quote.any():
        if not _are_around(chars, np.flatnonzero(chars == _QUOTE), apart):
            return None
        is_within = np.cumsum(is_quote, dtype=np.uint8) & 1 == 1
        if (is_within & (kinds == _NEWLINE)).any():
            return None
        is_end = ~(is_within | is_quote)
        marks, kinds = marks[is_end], kinds[is_end]
    is_last = np.append(kinds == _NEWLINE, True)
    n_cells = int(is_last.argmax()) + 1
    if len(is_last) % n_cells:
        return None
    of_row = is_last.reshape(-1, n_cells)
    if not of_row[:, -1].all() or of_row[:, :-1].any():
        return None
    return np.append(marks, len(chars)).reshape(-1, n_cells)


def _are_around(chars: Bytes, quotes: Places, apart: int) -> bool:
    """Say whether quotes come in pairs, with nothing between them and the ends of their cell."""
    if len(quotes) % 2:
        return False
    before = chars[quotes[::2][quotes[::2] > 0] - 1]
    after = chars[quotes[1::2][quotes[1::2] + 1 < len(chars)] + 1]
    is_before = (before == apart) | (before == _NEWLINE)
    is_after = (after == apart) | (after == _NEWLINE) | (after == _RETURN)
    return bool(is_before.all() and is_after.all())


def _column(whole: Bytes, begin: Places, end: Places) -> Column | None:
    """Return the cells (n) between these places; None where one is too long, or not ASCII."""
    last = len(whole) - 1
    is_quoted = whole[np.minimum(begin, last)] == _QUOTE
    begin, width = begin + is_quoted, end - begin - 2 * is_quoted
    longest = int(width.max())
    if longest > _LONGEST:
        return None
    size = next((size for size in _KEYS if size >= longest), -(-longest // 8) * 8)
    cells = np.zeros((len(begin), size), np.uint8)
    for at in range(longest):
        cells[:, at] = whole[np.minimum(begin + at, last)] * (width > at)
    if cells.max() > 127:
        return None
    if size in _KEYS:
        keys, which = np.unique(cells.view(_KEYS[size]).ravel(), return_inverse=True)
        return Column(_words(keys, size), which)
    keys = cells.view(np.uint64)  # some in a row: a date is the same all day
    is_new = np.append(True, (keys[1:] != keys[:-1]).any(axis=1))
    changes = Column.of(_words(keys[is_new], size))
    return Column(changes.distinct, changes.which[np.cumsum(is_new) - 1])


def _words(keys: NDArray[np.unsignedinteger], size: int) -> list[str]:
    """Return the cells of so many bytes that were made keys of."""
    words: list[str] = keys.view(f"S{size}").ravel().astype(str).tolist()
    return words
