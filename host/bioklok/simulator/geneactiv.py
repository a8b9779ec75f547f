"""Reads a raw GENEActiv recording (.bin): acceleration, light and button, page by page.

Format: GENEActiv Instruction Manual, "bin file format": text headers, then pages of 300 samples in
hexadecimal, 12 digits a sample: x, y, z as 12-bit two's complement, 10 bits of light, the button.
Values in physical units: g = (100 raw - offset) / gain, lux = raw * Lux / Volts.
"""

import gzip
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from bioklok.errors import BioklokFailure

PAGE_SAMPLES = 300
_PAGE_DIGITS = PAGE_SAMPLES * 12
_CALIBRATION = ("x gain", "x offset", "y gain", "y offset", "z gain", "z offset", "Volts", "Lux")
_MAX_PAGE_SHIFT_S = 0.5


@dataclass(frozen=True)
class Header:
    """start_utc_s: Unix time of the first sample, with its fraction. n_pages as the file says."""

    start_utc_s: float
    rate_hz: float
    n_pages: int
    calibration: dict[str, float]


@dataclass(frozen=True)
class Samples:
    """Of a run of pages: g (n, 3), lux (n), pressed (n)."""

    g: NDArray[np.float64]
    lux: NDArray[np.floating]
    pressed: NDArray[np.bool_]


def looks_like(path: Path) -> bool:
    """Whether the file begins as a GENEActiv recording does."""
    with _open(path) as file:
        return file.readline(80).startswith("Device Identity")


def _open(path: Path) -> IO[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    return opener(path, "rt", encoding="latin1", newline=None)


def read_header(path: Path) -> Header:
    """Read what stands before the first page, and the first page's time.

    Raises BioklokFailure where something that is needed is missing or unreadable.
    """
    fields: dict[str, str] = {}
    with _open(path) as file:
        for line in file:
            if len(line) > 1000 or ("Sequence Number" in fields and "Page Time" in fields):
                break
            name, colon, value = line.partition(":")
            if colon:
                fields.setdefault(name.strip(), value.strip())
    try:
        calibration = {name: float(fields[name]) for name in _CALIBRATION}
        rate_hz = float(fields["Measurement Frequency"].split()[0])
        n_pages = int(fields["Number of Pages"])
        zone = _zone(fields["Time Zone"])
        start = datetime.strptime(fields["Page Time"], "%Y-%m-%d %H:%M:%S:%f")
        for name, number in calibration.items():
            if not math.isfinite(number) or (number == 0 and "offset" not in name):
                raise ValueError(f"'{name}' is {number:g}")
        if n_pages <= 0:
            raise ValueError(f"{n_pages} pages")
    except (KeyError, ValueError, IndexError) as error:
        raise BioklokFailure(f"{path.name}: the header is damaged ({error})") from error
    if not 10 <= rate_hz <= 100:
        raise BioklokFailure(f"{path.name}: a rate of {rate_hz:g} Hz is not of a GENEActiv")
    return Header(start.replace(tzinfo=zone).timestamp(), rate_hz, n_pages, calibration)


def _zone(text: str) -> timezone:
    match = re.fullmatch(r"GMT ?([+-]?\d{2}):(\d{2})", text)
    if match is None:
        raise ValueError(f"time zone '{text}'")
    hours, minutes = int(match[1]), int(match[2])
    return timezone(timedelta(hours=hours, minutes=minutes if hours >= 0 else -minutes))


def read_samples(path: Path, header: Header, pages_at_once: int = 200) -> Iterator[Samples]:
    """Yield all samples in order, some pages at a time.

    Raises BioklokFailure, with the page's number, for a page that is not hexadecimal, of another
    length, or that does not follow in time on the one before; and where the file ends early.
    """
    block: list[str] = []
    n_pages = 0
    page_time = None
    expected = None
    with _open(path) as file:
        for raw_line in file:
            line = raw_line.rstrip("\r\n")
            if line.startswith("Page Time:"):
                page_time = _page_time(path, line, n_pages)
            elif len(line) > 1000:
                n_pages += 1
                if len(line) < _PAGE_DIGITS:
                    raise BioklokFailure(
                        f"{path.name}: page {n_pages} is cut off; is the copy whole?"
                    )
                if page_time is not None and expected is not None:
                    late_s = (page_time - expected).total_seconds()
                    if abs(late_s) > _MAX_PAGE_SHIFT_S:
                        raise BioklokFailure(
                            f"{path.name}: page {n_pages} begins {late_s:+.1f} s from where page "
                            f"{n_pages - 1} ends; a recording must have no gap"
                        )
                if page_time is not None:
                    expected = page_time + timedelta(seconds=PAGE_SAMPLES / header.rate_hz)
                block.append(line[:_PAGE_DIGITS])
                if len(block) == pages_at_once:
                    yield _decode(path, block, n_pages, header)
                    block = []
    if block:
        yield _decode(path, block, n_pages, header)
    if n_pages < header.n_pages:
        raise BioklokFailure(
            f"{path.name} ends after {n_pages} of {header.n_pages} pages; is the copy whole?"
        )


def _page_time(path: Path, line: str, n_pages: int) -> datetime:
    try:
        text = line.partition(":")[2].strip()
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S:%f").replace(tzinfo=UTC)
    except ValueError as error:
        raise BioklokFailure(f"{path.name}: page {n_pages + 1} has no readable time") from error


def _decode(path: Path, block: list[str], last_page: int, header: Header) -> Samples:
    try:
        raw = np.frombuffer(bytes.fromhex("".join(block)), dtype=np.uint8)
    except ValueError as error:
        first = last_page - len(block) + 1
        raise BioklokFailure(
            f"{path.name}: pages {first} to {last_page} hold something that is not hexadecimal; "
            "the file is damaged"
        ) from error
    b = raw.reshape(-1, 6).astype(np.int32)
    counts = np.stack(
        [b[:, 0] << 4 | b[:, 1] >> 4, (b[:, 1] & 15) << 8 | b[:, 2], b[:, 3] << 4 | b[:, 4] >> 4],
        axis=1,
    )
    counts[counts >= 2048] -= 4096
    low = (b[:, 4] & 15) << 8 | b[:, 5]
    c = header.calibration
    offset = np.array([c["x offset"], c["y offset"], c["z offset"]])
    gain = np.array([c["x gain"], c["y gain"], c["z gain"]])
    return Samples(
        g=(counts * 100.0 - offset) / gain,
        lux=(low >> 2) * c["Lux"] / c["Volts"],
        pressed=(low >> 1 & 1).astype(bool),
    )
