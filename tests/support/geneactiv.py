"""Writes a GENEActiv .bin of any content: the same text format, small enough for a test."""

from datetime import datetime, timedelta
from pathlib import Path

PAGE_SAMPLES = 300
RATE_HZ = 100
GAIN, OFFSET, VOLTS, LUX = 25000, 100, 50, 1000
START = datetime(2019, 3, 21, 14, 58)

_HEADER = f"""Device Identity
Device Unique Serial Code:000000
Device Type:GENEActiv

Configuration Info
Measurement Frequency:{RATE_HZ} Hz
Start Time:2019-03-21 14:58:00:000
Time Zone:GMT -04:00

Calibration Data
x gain:{GAIN}
x offset:{OFFSET}
y gain:{GAIN}
y offset:{OFFSET}
z gain:{GAIN}
z offset:{OFFSET}
Volts:{VOLTS}
Lux:{LUX}

Memory Status
Number of Pages:@

Recorded Data
"""


def _raw(g: float) -> int:
    """g to the 12 bits of the file: the inverse of (100 raw - offset) / gain."""
    return round((g * GAIN + OFFSET) / 100) & 0xFFF


def sample(x: float, y: float, z: float, lux: float = 0, pressed: bool = False) -> str:
    """Twelve hexadecimal digits."""
    light = round(lux * VOLTS / LUX) & 0x3FF
    value = _raw(x) << 36 | _raw(y) << 24 | _raw(z) << 12 | light << 2 | int(pressed) << 1
    return f"{value:012X}"


def page(number: int, digits: str, late_s: float = 0.0) -> str:
    time = START + timedelta(seconds=number * PAGE_SAMPLES / RATE_HZ + late_s)
    stamp = time.strftime("%Y-%m-%d %H:%M:%S:") + f"{time.microsecond // 1000:03d}"
    return (
        "Recorded Data\nDevice Unique Serial Code:000000\n"
        f"Sequence Number:{number}\nPage Time:{stamp}\nUnassigned:\nTemperature:25.0\n"
        f"Battery voltage:4.0\nDevice Status:Recording\nMeasurement Frequency:{RATE_HZ}\n{digits}\n"
    )


def write(path: Path, pages: list[str], says: int | None = None) -> Path:
    """Write pages (each the digits of 300 samples); the header may say another number."""
    text = _HEADER.replace("@", str(len(pages) if says is None else says))
    text += "".join(page(i, digits) for i, digits in enumerate(pages))
    path.write_text(text, encoding="latin1", newline="\r\n")
    return path


def still(n_pages: int, z: float = 1.0, lux: float = 100) -> list[str]:
    return [sample(0, 0, z, lux) * PAGE_SAMPLES] * n_pages
