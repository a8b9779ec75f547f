"""What happens to the wrist, second by second: the stream that the simulated board reads."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bioklok.errors import BioklokFailure

SAMPLE_HZ = 25
# One second: light in millilux, 25 samples of x, y, z in mg (firmware/sim/world.py reads this).
SECOND = np.dtype([("light_mlx", "<u4"), ("mg", "<i2", (SAMPLE_HZ, 3))])

# Unix seconds in 32 bits, with room for a time zone at either end; 0 is a clock that is not set.
FIRST_YEAR, LAST_YEAR = 1971, 2105

CODE = ("life.py", "student.py", "geneactiv.py", "recording.py", "resample.py", "world.py")

PRESS_MS = 120
PAUSE_MS = 200


@dataclass(frozen=True)
class World:
    """A stretch of one wrist's life.

    start_utc_s: Unix time of the first second. seed: text that differs where the world does; the
    device's identity follows from it. n_seconds: how many seconds `chunks` yields, in arrays of
    dtype SECOND. button: (milliseconds since start, level), 0 while pressed, rising. Raises
    BioklokFailure for a time that the device cannot count.
    """

    start_utc_s: int
    seed: str
    n_seconds: int
    button: list[tuple[int, int]]
    chunks: Iterator[NDArray[np.void]]

    def __post_init__(self) -> None:
        first = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()
        end = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()
        if not first <= self.start_utc_s <= end - self.n_seconds:
            raise BioklokFailure(
                f"the device counts time from {FIRST_YEAR} to {LAST_YEAR}: begin within those years"
            )

    def header(self) -> bytes:
        """The first line of the stream."""
        return (
            json.dumps({"start_utc_s": self.start_utc_s, "button": self.button}) + "\n"
        ).encode()


def code_digest(folder: Path) -> str:
    """Return a short digest of the code in `folder` that makes worlds, and of numpy's version.

    The same seed makes the same world only as long as these stay as they are.
    """
    digest = hashlib.sha256(np.__version__.encode())
    for name in CODE:
        digest.update(name.encode() + (folder / name).read_bytes())
    return digest.hexdigest()[:16]


def presses(at_ms: int, count: int = 1, held_ms: int = PRESS_MS) -> list[tuple[int, int]]:
    """Moments of a finger that presses `count` times from `at_ms` on."""
    moments = []
    for _ in range(count):
        moments += [(at_ms, 0), (at_ms + held_ms, 1)]
        at_ms += held_ms + PAUSE_MS
    return moments


def to_mg(g: NDArray[np.floating]) -> NDArray[np.int16]:
    """Acceleration in g to whole mg, held to what an int16 carries."""
    mg: NDArray[np.int16] = np.clip(np.rint(g * 1000), -32768, 32767).astype("<i2")
    return mg


def to_mlx(lux: NDArray[np.floating]) -> NDArray[np.uint32]:
    """Lux to whole millilux, held to the range of the light sensor (0 to 120,000 lx)."""
    mlx: NDArray[np.uint32] = np.rint(np.clip(lux, 0, 120_000) * 1000).astype("<u4")
    return mlx
