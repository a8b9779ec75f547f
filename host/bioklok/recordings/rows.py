"""The rows of a table of epochs, below its header."""

import csv
from collections.abc import Mapping, Sequence

from bioklok.recordings.plain_rows import plain_rows
from bioklok.recordings.table import Column, Table
from bioklok.recordings.text import Text


def read_rows(text: Text, first: int, apart: str, wanted: Mapping[int, str]) -> Table:
    """Split the lines from number `first` (from 1) into cells; empty ones are left out.

    wanted: the places of the columns that will be asked for, and what each holds. The names stand
    on the line before the first. Raises BioklokFailure with the line that does not reach so far,
    or has more than the names say: its cells stand under the wrong ones.
    """
    n_names = _n_names(text, first - 1, apart)
    plain = plain_rows(text.data, first, apart, list(wanted), n_names)
    return any_rows(text, first, apart, wanted, n_names) if plain is None else plain


def _n_names(text: Text, header: int, apart: str) -> int:
    """Return how many columns have a name: exports may end each line with what sets cells apart."""
    try:
        names = next(csv.reader([text.line(header)], delimiter=apart))
    except csv.Error as error:
        raise text.failure(header, f"not readable ({error})") from error
    while names and not names[-1].strip():
        names.pop()
    return len(names)


def any_rows(text: Text, first: int, apart: str, wanted: Mapping[int, str], n_names: int) -> Table:
    """Do so row by row, of whatever a CSV file may hold."""
    reader = csv.reader(text.lines[first - 1 :], delimiter=apart)
    places, furthest = tuple(wanted), max(wanted)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if not any(row):
                continue
            line = first - 1 + reader.line_num
            if len(row) <= furthest:
                what = next(what for at, what in wanted.items() if at >= len(row))
                raise text.failure(line, f"there is no {what}: is the file cut off?")
            if len(row) > n_names and any(cell.strip().isdecimal() for cell in row[n_names:]):
                raise text.failure(line, _too_many(row, n_names, apart))
            rows.append(tuple([row[at] for at in places]))
            lines.append(line)
    except csv.Error as error:
        raise text.failure(first - 1 + reader.line_num, f"not readable ({error})") from error
    columns = {at: Column.of([row[n] for row in rows]) for n, at in enumerate(places)}
    return Table(lines, columns)


def _too_many(row: Sequence[str], n_names: int, apart: str) -> str:
    what = f"{len(row)} cells under {n_names} names"
    if apart != ",":
        return what
    return (
        f"{what}: where numbers have decimal commas, save it with ; between cells or with decimal "
        "points"
    )
