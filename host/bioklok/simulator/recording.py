"""Makes a world of a recording that somebody's wrist made: GENEActiv .bin or CSV."""

import csv
import gzip
import hashlib
import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import numpy as np

from bioklok.errors import BioklokFailure
from bioklok.simulator import geneactiv
from bioklok.simulator.resample import Chunk, to_seconds
from bioklok.simulator.world import World

CSV_COLUMNS = ("time", "x_mg", "y_mg", "z_mg", "lux")
_ROWS_AT_ONCE = 60_000
_LONGEST_GAP_S = 2.0
_REAL_UTC_S = 31_536_000  # 1971: times below count from the start of something


def open_recording(path: Path, rate_hz: float | None, zone: ZoneInfo) -> World:
    """Return the recording as a world.

    rate_hz: samples a second, for a CSV whose times do not tell (default: found from them).
    zone: for CSV times without one. Raises BioklokFailure for what is no recording.
    """
    if path.is_dir():
        raise BioklokFailure(f"{path} is a folder: name a recording in it")
    if not path.exists():
        raise BioklokFailure(f"there is no file {path}")
    if not path.is_file():
        raise BioklokFailure(f"{path} can be read once alone: save it as a file first")
    try:
        if geneactiv.looks_like(path):
            return _geneactiv(path)
        if _is_csv(path):
            return _csv(path, rate_hz, zone)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BioklokFailure(f"{path.name}: the compression is damaged ({error})") from error
    except csv.Error as error:
        raise BioklokFailure(f"{path.name} cannot be read as CSV ({error})") from error
    except OSError as error:
        raise BioklokFailure(f"cannot read {path}: {error.strerror}") from error
    raise BioklokFailure(
        f"{path.name} is no recording this can replay: a GENEActiv .bin, or a CSV with the columns "
        f"{','.join(CSV_COLUMNS)}[,button]"
    )


def _seed(path: Path, start: float, rate_hz: float) -> str:
    """Two recordings are one only if every byte is the same, whatever their names."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"recording {digest} from {start} at {rate_hz} Hz"


def _geneactiv(path: Path) -> World:
    header = geneactiv.read_header(path)
    n_samples = header.n_pages * geneactiv.PAGE_SAMPLES
    button: list[tuple[int, int]] = []

    def chunks() -> Iterator[Chunk]:
        for samples in geneactiv.read_samples(path, header):
            yield samples.g, samples.lux

    # The presses have to be known before the run: they are few, the pass over the file is quick.
    at = 0
    down = False
    for samples in geneactiv.read_samples(path, header):
        changes = np.flatnonzero(np.diff(samples.pressed, prepend=down))
        for i in changes:
            button.append(
                (round((at + int(i)) * 1000 / header.rate_hz), 0 if samples.pressed[i] else 1)
            )
        down = bool(samples.pressed[-1])
        at += len(samples.pressed)
    return World(
        start_utc_s=int(header.start_utc_s),
        seed=_seed(path, header.start_utc_s, header.rate_hz),
        n_seconds=int(n_samples / header.rate_hz),
        button=button,
        chunks=to_seconds(chunks(), header.rate_hz),
    )


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open("r", encoding="utf-8-sig", errors="replace", newline="")


def _is_csv(path: Path) -> bool:
    with _open(path) as file:
        first = file.readline(200).strip().lower().split(",")
    return tuple(first[:5]) == CSV_COLUMNS


@dataclass(frozen=True)
class _Rows:
    times: list[float]
    g: np.ndarray
    lux: np.ndarray
    pressed: list[bool]


def _csv(path: Path, rate_hz: float | None, zone: ZoneInfo) -> World:
    """Two passes: times and presses first, so that a bad file is refused before anything runs."""
    n = 0
    start = previous = None
    button: list[tuple[int, int]] = []
    down = False
    for rows in _rows(path, zone):
        for time_s, pressed in zip(rows.times, rows.pressed, strict=True):
            if start is None or previous is None:
                start = time_s
                if start < _REAL_UTC_S:
                    raise BioklokFailure(
                        f"{path.name}: the first row's time is {start:g}, which is no date: write "
                        "times as 2026-11-16T08:00:00 or in Unix seconds"
                    )
            elif not 0 < time_s - previous <= _LONGEST_GAP_S:
                raise BioklokFailure(
                    f"{path.name}: row {n + 2} comes {time_s - previous:+.1f} s after the one "
                    "before it; times must run forward without a gap"
                )
            previous = time_s
            if pressed != down:
                button.append((round((time_s - start) * 1000), 0 if pressed else 1))
                down = pressed
            n += 1
    if start is None or previous is None or n < 2:
        raise BioklokFailure(f"{path.name} has no samples")
    rate = rate_hz or (n - 1) / (previous - start)
    if not 1 <= rate <= 1000:
        raise BioklokFailure(f"{path.name}: {rate:g} samples a second; 1 to 1000 can be replayed")

    def chunks() -> Iterator[Chunk]:
        for rows in _rows(path, zone):
            yield rows.g, rows.lux

    return World(
        start_utc_s=int(start),
        seed=_seed(path, start, rate),
        n_seconds=round(n / rate * 1e6) // 1_000_000,
        button=button,
        chunks=to_seconds(chunks(), rate),
    )


def _rows(path: Path, zone: ZoneInfo) -> Iterator[_Rows]:
    with _open(path) as file:
        reader = csv.reader(file)
        header = [name.strip().lower() for name in next(reader)]
        has_button = "button" in header[5:6]
        line = 1
        while block := list(islice(reader, _ROWS_AT_ONCE)):
            try:
                rows = _parsed(block, has_button, zone)
            except (ValueError, IndexError) as whole:
                at, error = _first_bad(block, has_button, zone) or (0, whole)
                raise BioklokFailure(
                    f"{path.name}: row {line + 1 + at} cannot be read ({error})"
                ) from error
            yield rows
            line += len(block)


def _parsed(block: Sequence[Sequence[str]], has_button: bool, zone: ZoneInfo) -> _Rows:
    """Raises ValueError or IndexError where a cell is missing or no finite number."""
    rows = _Rows(
        times=[_time(row[0], zone) for row in block],
        g=np.array([[float(row[i]) for i in (1, 2, 3)] for row in block]) / 1000,
        lux=np.array([float(row[4]) for row in block]),
        pressed=[has_button and row[5].strip() not in ("", "0") for row in block],
    )
    if not (np.isfinite(rows.g).all() and np.isfinite(rows.lux).all()):
        raise ValueError("a value is not a finite number")
    return rows


def _first_bad(
    block: Sequence[Sequence[str]], has_button: bool, zone: ZoneInfo
) -> tuple[int, Exception] | None:
    for at, row in enumerate(block):
        try:
            _parsed([row], has_button, zone)
        except IndexError:
            return at, IndexError(f"it has {len(row)} cells")
        except ValueError as error:
            return at, error
    return None


def _time(text: str, zone: ZoneInfo) -> float:
    """ISO 8601, or Unix seconds."""
    try:
        time_s = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
    else:
        if not math.isfinite(time_s):
            raise ValueError(f"time {text.strip()!r}")
        return time_s
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
