"""Reads the vendor's CSV export of an Actiwatch (Actiware), with the nights it scored.

Exports differ by the computer they were made on: encoding, separator, order of day and month,
24 hours or am and pm, decimal comma. What cannot be told for sure is refused.
"""

import csv
import gzip
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MINUTE_S = 60
_ORDERS = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([AaPp])?")

Row = list[str]


@dataclass(frozen=True)
class Recording:
    """Minutes from `start` (local time) on; arrays have one entry a minute (n).

    counts: NaN where there is none. nights: (onset, end) of the vendor's sleep intervals, in
    minutes from the start.
    """

    name: str
    start: datetime
    counts: NDArray[np.float64]
    off_wrist: NDArray[np.bool_]
    marker: NDArray[np.bool_]
    nights: list[tuple[int, int]]


def read(path: Path) -> Recording:
    """Read an export, gzipped or not. Raises ValueError for what is none, or is ambiguous."""
    rows = _rows(path)
    header_at = next((i for i, row in enumerate(rows) if _is_header(row)), None)
    if header_at is None:
        raise ValueError(f"{path.name}: no table of epochs")
    header = [cell.lower() for cell in rows[header_at]]
    column = {name: header.index(name) for name in ("date", "time", "off-wrist status", "activity")}
    marker_at = header.index("marker") if "marker" in header else None
    epochs = [row for row in rows[header_at + 1 :] if len(row) > column["activity"]]
    if not epochs:
        raise ValueError(f"{path.name}: the table of epochs is empty")
    moment = _clock(path, [(row[column["date"]], row[column["time"]]) for row in epochs])
    start = moment(epochs[0][column["date"]], epochs[0][column["time"]])

    def minute(date: str, time: str) -> int:
        return round((moment(date, time) - start).total_seconds() / MINUTE_S)

    at = np.array([minute(row[column["date"]], row[column["time"]]) for row in epochs])
    if len(at) > 1 and np.median(np.diff(at)) != 1:
        raise ValueError(f"{path.name}: epochs of other than a minute")
    counts = np.full(int(at.max()) + 1, np.nan)
    off_wrist = np.ones(len(counts), bool)  # a minute that is not in the file was not on a wrist
    marker = np.zeros(len(counts), bool)
    counts[at] = [_number(row[column["activity"]]) for row in epochs]
    off_wrist[at] = [_number(row[column["off-wrist status"]]) != 0 for row in epochs]
    if marker_at is not None:
        marker[at] = [_number(row[marker_at]) == 1 for row in epochs]
    nights = [
        (minute(row[2], row[3]), minute(row[4], row[5]))
        for row in rows[:header_at]
        if row[0].upper() == "SLEEP" and len(row) > 5 and row[2][:1].isdigit()
    ]
    return Recording(path.name, start, counts, off_wrist, marker, sorted(nights))


def _rows(path: Path) -> list[Row]:
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    text = _text(data)
    head = text[:20_000]
    separator = max(",;\t", key=lambda c: head.count(f'"{c}"') or head.count(c) / 1000)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return [[cell.strip() for cell in row] for row in rows if row]


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _is_header(row: Row) -> bool:
    names = {cell.lower() for cell in row}
    return {"line", "date", "time", "activity", "off-wrist status"} <= names


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return float("nan")


def _clock(path: Path, epochs: list[tuple[str, str]]) -> Callable[[str, str], datetime]:
    """Find the order of day, month and year: the one in which every epoch follows on the last."""
    possible = []
    changes = [epochs[0]] + [b for a, b in pairwise(epochs) if a[0] != b[0]] + [epochs[-1]]
    for order in _ORDERS.values():
        try:
            moments = [_moment(date, time, order) for date, time in changes]
        except (ValueError, IndexError):
            continue
        steps = [(b - a).total_seconds() for a, b in pairwise(moments)]
        if all(0 <= step <= 2 * 86400 for step in steps):
            possible.append(order)
    if len(possible) != 1:
        raise ValueError(f"{path.name}: the dates can be read in {len(possible)} ways")
    return lambda date, time: _moment(date, time, possible[0])


def _moment(date: str, time: str, order: tuple[int, int, int]) -> datetime:
    parts = [int(part) for part in re.split(r"[/.\-]", date)]
    year, month, day = (parts[i] for i in order)
    found = _CLOCK.match(time)
    if found is None:
        raise ValueError(f"time {time!r}")
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    year += 2000 if year < 100 else 0
    return datetime(year, month, day, hour, int(found[2]), int(found[3] or 0))
