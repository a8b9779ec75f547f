"""A table of epochs: of each column the cells that differ, and which of them a row has.

Dates, times, counts and lux repeat, so each is read once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bioklok.errors import BioklokFailure
from bioklok.recordings.text import Text

FloatArray = NDArray[np.float64]

_NO_NUMBER = {"", "nan", "kz", "na", "n/a", "--", "null", "none"}  # kZ: German Actiware
_SHOWN = 30
# Far above what a recorder counts in an epoch or a sensor reads in the sun; its squares add up.
_MOST = 1e12
BEYOND = "is beyond what a recorder counts"


@dataclass(frozen=True)
class Column:
    """distinct: the cells that differ. which: the place in it of each row's cell (n)."""

    distinct: Sequence[str]
    which: NDArray[np.intp]

    @classmethod
    def of(cls, cells: Sequence[str]) -> Self:
        """Return the column of these cells (n)."""
        places = {cell: place for place, cell in enumerate(dict.fromkeys(cells))}
        return cls(list(places), np.fromiter(map(places.__getitem__, cells), np.intp, len(cells)))

    def at(self, row: int) -> str:
        """Return the cell of a row, from 0."""
        return self.distinct[int(self.which[row])]

    def first_of(self, places: Collection[int]) -> int:
        """Return the first row that has one of these cells."""
        return int(np.isin(self.which, list(places)).argmax())


@dataclass(frozen=True)
class Table:
    """The line that each row ends on (n), counted from 1, and some columns by their place."""

    lines: Sequence[int]
    columns: Mapping[int, Column]

    def __len__(self) -> int:
        return len(self.lines)

    def numbers(self, text: Text, at: int, what: str) -> FloatArray:
        """Return a column of numbers (n), none below 0 or absurdly high; NaN: there is none.

        Raises BioklokFailure with the first line that has something else.
        """
        column = self.columns[at]
        try:
            values = np.array([number(cell) for cell in column.distinct], float)
        except ValueError:
            raise self._no_number(text, column, what) from None
        if (values < 0).any() or (values > _MOST).any():
            raise self._no_number(text, column, what)
        return values[column.which]

    def _no_number(self, text: Text, column: Column, what: str) -> BioklokFailure:
        """Return the error about the first cell that is none, below 0 or too high."""
        wrong: dict[int, str] = {}
        for place, cell in enumerate(column.distinct):
            try:
                value = number(cell)
                if value < 0:
                    wrong[place] = "is below 0"
                elif is_beyond(value):
                    wrong[place] = BEYOND
            except ValueError:
                wrong[place] = "is no number"
        row = column.first_of(wrong)
        shown = short(column.at(row))
        return text.failure(self.lines[row], f"{what} {shown} {wrong[int(column.which[row])]}")


def is_beyond(value: float) -> bool:
    """Say whether this is more than any recorder writes."""
    return value > _MOST


def short(cell: str) -> str:
    """Return a cell as a message shows it."""
    return repr(cell if len(cell) <= _SHOWN else cell[:_SHOWN] + "...")


def number(cell: str) -> float:
    """Read a number with a point or a decimal comma; NaN for none.

    Raises ValueError for what is no number or not finite.
    """
    try:
        value = float(cell.replace(",", "."))
    except ValueError:
        if cell.strip().lower() in _NO_NUMBER:
            return float("nan")
        raise
    if value - value != 0 and cell.strip().lower() not in _NO_NUMBER:  # infinite
        raise ValueError(cell)
    return value
