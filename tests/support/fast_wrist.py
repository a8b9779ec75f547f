"""What a device would log of a virtual student's life, in numpy: a week in seconds, not half a
minute. No tests here; `test_demo_kinds` holds it against the firmware.

Left out: what the estimator adds (asleep, lamp, reason), and the light sensor's own steps.
"""

import numpy as np
from biocore.activity import WINDOW_S, WINDOWS_PER_EPOCH
from biocore.button import GAP_MS
from biocore.page import MAX_EPOCHS, PageBuilder
from biocore.record import FLAG_STILL_HOUR, MARK_SHARP, MARK_STRIP, MARK_TIRED
from biocore.wear import BLOCK_EPOCHS, BLOCKS
from bioklok.simulator.world import World
from numpy.typing import NDArray

MINUTE_S = 60
_STILL_SD_MG, _STILL_RANGE_MG = 13, 50
_LONG_MS = 1200
JOURNAL_ID = 5

EVERY = 5  # one sample in so many: means and angles of seconds hardly change, and it is quicker
_Ints = NDArray[np.int64]


def pages_of(world: World, journal_id: int = JOURNAL_ID) -> list[bytes]:
    """Return the pages of all whole minutes; the life begins on a whole minute."""
    enmo, angles, light_mlx, blocks = _reduced(world)
    median, largest = _angle_steps(angles)
    n = len(enmo)
    columns = (
        enmo,
        median,
        largest,
        light_mlx,
        np.minimum(np.sqrt(18.0847 * light_mlx), 65534).astype(np.int64),
        np.where(_still_hours(blocks, n), FLAG_STILL_HOUR, 0),
        marks_of(world, n),
        np.full(n, MINUTE_S),
    )
    records = np.stack(columns, axis=1).tolist()
    pages, builder = [], PageBuilder()
    for first in range(0, n, MAX_EPOCHS):
        builder.begin(journal_id, 1, world.start_utc_s + MINUTE_S * first, MINUTE_S * first)
        for record in records[first : first + MAX_EPOCHS]:
            builder.append(*record)
        pages.append(bytes(builder.close(len(pages))))
    return pages


def marks_of(world: World, n_minutes: int) -> _Ints:
    """Return the marks of each minute: what was pressed counts once the finger is up for good."""
    found = np.zeros(n_minutes, np.int64)
    downs = [
        (at, up - at)
        for (at, _), (up, _) in zip(world.button[::2], world.button[1::2], strict=True)
    ]
    while downs:
        gesture = [downs.pop(0)]
        while downs and downs[0][0] - gesture[-1][0] < 1000:
            gesture.append(downs.pop(0))
        single = MARK_STRIP if gesture[0][1] > _LONG_MS else 0
        mark = {2: MARK_SHARP, 3: MARK_TIRED}.get(len(gesture), single)
        at, held = gesture[-1]
        minute = (at + held + (GAP_MS if len(gesture) > 1 else 0)) // 60_000
        if minute < n_minutes:
            found[minute] |= mark
    return found


def _reduced(world: World) -> tuple[_Ints, NDArray[np.float64], _Ints, NDArray[np.float64]]:
    """Per minute ENMO (0.1 mg), per 5 s angle-z (0.01 deg), per minute light; and per block of 15
    minutes and axis lowest, highest, mean and mean square in mg. The life's chunks are hours."""
    enmo, angles, light, blocks = [], [], [], []
    for chunk in world.chunks:
        mg = (chunk["mg"][:, ::EVERY] & ~1).astype(np.float32)  # at +-4 g its steps are 2 mg
        norm = np.sqrt(np.einsum("stx,stx->st", mg, mg))
        over = np.maximum(norm - 1000, 0).reshape(-1, MINUTE_S * mg.shape[1])
        enmo.append((10 * over.mean(axis=1)).astype(np.int64))
        x, y, z = mg.reshape(-1, WINDOW_S * mg.shape[1], 3).mean(axis=1).T
        angles.append(100 * np.degrees(np.arctan2(z, np.hypot(x, y))))
        read = chunk["light_mlx"][WINDOW_S - 1 :: WINDOW_S].astype(np.float64)
        light.append(read.reshape(-1, WINDOWS_PER_EPOCH).mean(axis=1).astype(np.int64))
        part = mg.reshape(-1, BLOCK_EPOCHS * MINUTE_S * mg.shape[1], 3)
        square = np.square(part, dtype=np.float64).mean(axis=1)
        blocks.append(np.stack((part.min(axis=1), part.max(axis=1), part.mean(axis=1), square)))
    return (
        np.concatenate(enmo),
        np.concatenate(angles),
        np.concatenate(light),
        np.concatenate(blocks, axis=1),
    )


def _angle_steps(angles: NDArray[np.float64]) -> tuple[_Ints, _Ints]:
    """Median and largest of each minute's steps; the first window of all has none."""
    steps = np.abs(np.diff(angles, prepend=angles[0])).reshape(-1, WINDOWS_PER_EPOCH)
    return np.median(steps, axis=1).astype(np.int64), steps.max(axis=1).astype(np.int64)


def _still_hours(blocks: NDArray[np.float64], n_minutes: int) -> NDArray[np.bool_]:
    """The non-wear rule at the end of each block, over the four up to it (biocore.wear)."""
    found = np.zeros(n_minutes, bool)
    low, high, mean, square = blocks
    for last in range(BLOCKS - 1, low.shape[0]):
        hour = slice(last - BLOCKS + 1, last + 1)
        variance = square[hour].mean(axis=0) - mean[hour].mean(axis=0) ** 2
        narrow = high[hour].max(axis=0) - low[hour].min(axis=0) < _STILL_RANGE_MG
        found[BLOCK_EPOCHS * (last + 1) - 1] = (
            np.count_nonzero(narrow & (variance < _STILL_SD_MG**2)) >= 2
        )
    return found
