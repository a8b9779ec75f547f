"""What happens to the wrist, second by second: the stream that the simulated board reads."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_HZ = 25
# One second: light in millilux, 25 samples of x, y, z in mg (firmware/sim/world.py reads this).
SECOND = np.dtype([("light_mlx", "<u4"), ("mg", "<i2", (SAMPLE_HZ, 3))])

PRESS_MS = 120
PAUSE_MS = 200


@dataclass(frozen=True)
class World:
    """A stretch of one wrist's life.

    start_utc_s: Unix time of the first second. seed: text that differs where the world does; the
    device's identity follows from it. n_seconds: how many seconds `chunks` yields, in arrays of
    dtype SECOND. button: (milliseconds since start, level), 0 while pressed, rising.
    """

    start_utc_s: int
    seed: str
    n_seconds: int
    button: list[tuple[int, int]]
    chunks: Iterator[NDArray[np.void]]

    def header(self) -> bytes:
        """The first line of the stream."""
        return (
            json.dumps({"start_utc_s": self.start_utc_s, "button": self.button}) + "\n"
        ).encode()


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
