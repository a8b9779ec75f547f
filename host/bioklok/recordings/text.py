"""The text of a file, gzipped or not, whatever computer wrote it; and its rows and numbers."""

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from bioklok.errors import BioklokFailure, NotFound

MOST_BYTES = 256 << 20  # of text: a year at 30 s has 60 MB
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = ",;\t"
_NO_NUMBER = {"", "nan", "kz", "na", "n/a", "--", "null", "none"}  # kZ: German Actiware


@dataclass(frozen=True)
class Text:
    """Lines of a file without their ends. name: of the file, for messages."""

    name: str
    lines: list[str]

    def failure(self, line: int, what: str) -> BioklokFailure:
        """Return the one-line error about a line, counted from 1."""
        return BioklokFailure(f"{self.name}, line {line}: {what}")


@dataclass(frozen=True)
class Table:
    """Rows of cells (n), and the line each ends on (n), counted from 1.

    kept: which cells of the file's rows these are; None: all.
    """

    lines: Sequence[int]
    cells: Sequence[Sequence[str]]
    kept: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.cells)


def read_text(path: Path) -> Text:
    """Read a file. Raises BioklokFailure for one that cannot be read or is no text."""
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except OSError as error:
        raise BioklokFailure(f"cannot read {path}: {error.strerror}") from error
    if data[:2] == _GZIP:
        try:
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise BioklokFailure(f"{path.name} is a damaged gzip file: fetch it again") from error
    if len(data) > MOST_BYTES:
        raise BioklokFailure(f"{path.name} holds more than {MOST_BYTES >> 20} MB: cut it")
    text = _decoded(path, data)
    if "\0" in text:
        raise BioklokFailure(f"{path.name} is no text: export the recording as CSV, TXT or AWD")
    # Not splitlines(): only these end a line in such files.
    return Text(path.name, text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _decoded(path: Path, data: bytes) -> str:
    try:
        if data[:2] in _UTF16:
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data[:2] in _UTF16:
            raise BioklokFailure(f"{path.name} is damaged UTF-16: export it again") from error
        return data.decode("cp1252", errors="replace")


def separator(line: str) -> str:
    """Return what separates the cells of a header."""
    return max(_SEPARATORS, key=line.count)


def rows(text: Text, first: int, apart: str, wanted: tuple[int, ...]) -> Table:
    """Split the lines from number `first` (from 1) into cells; empty ones are left out.

    wanted: the columns that will be asked for, two at least.
    """
    last = len(text.lines)
    while first <= last and not text.lines[first - 1]:
        first += 1
    while last >= first and not text.lines[last - 1]:
        last -= 1
    reader = csv.reader(text.lines[first - 1 : last], delimiter=apart)
    try:
        plain = list(map(itemgetter(*wanted), reader))
        if reader.line_num == len(plain) and all(row[0] for row in plain):
            return Table(range(first, first + len(plain)), plain, wanted)
    except IndexError:
        pass  # a row is too short: below, its line is known
    except csv.Error as error:
        raise _unreadable(text, first, reader.line_num, error) from error
    return _rows_with_lines(text, first, apart)


def _rows_with_lines(text: Text, first: int, apart: str) -> Table:
    """The same where some are empty, or a quoted cell runs over lines: one by one."""
    reader = csv.reader(text.lines[first - 1 :], delimiter=apart)
    cells: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if row and (row[0] or any(row)):
                cells.append(row)
                lines.append(first - 1 + reader.line_num)
    except csv.Error as error:
        raise _unreadable(text, first, reader.line_num, error) from error
    return Table(lines, cells)


def _unreadable(text: Text, first: int, line: int, error: csv.Error) -> BioklokFailure:
    return text.failure(first - 1 + line, f"not readable ({error})")


def number(cell: str) -> float:
    """Read a number with a point or a decimal comma; NaN for none.

    Raises ValueError for what is no number or not finite.
    """
    cell = cell.strip()
    try:
        value = float(cell.replace(",", ".") if "," in cell else cell)
    except ValueError:
        if cell.lower() in _NO_NUMBER:
            return float("nan")
        raise
    if value - value != 0 and cell.lower() not in _NO_NUMBER:  # infinite
        raise ValueError(cell)
    return value


def cells_of(text: Text, table: Table, at: int, what: str) -> list[str]:
    """Return a column (n). Raises BioklokFailure with the line that does not reach so far."""
    if table.kept is not None:
        return list(map(itemgetter(table.kept.index(at)), table.cells))
    try:
        return [row[at] for row in table.cells]
    except IndexError:
        short = next(n for n, row in enumerate(table.cells) if len(row) <= at)
        why = f"there is no {what}: is the file cut off?"
        raise text.failure(table.lines[short], why) from None


def column(text: Text, table: Table, at: int, what: str) -> list[float]:
    """Read a column of numbers, not below 0. Raises BioklokFailure with the line."""
    cells = cells_of(text, table, at, what)
    known: dict[str, float] = {}
    for cell in dict.fromkeys(cells):  # counts and lux repeat
        try:
            known[cell] = number(cell)
        except ValueError:
            line = table.lines[cells.index(cell)]
            raise text.failure(line, f"{what} {_short(cell)} is no number") from None
        if known[cell] < 0:
            line = table.lines[cells.index(cell)]
            raise text.failure(line, f"{what} {_short(cell)} is below 0")
    return [known[cell] for cell in cells]


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= 30 else cell[:30] + "...")
