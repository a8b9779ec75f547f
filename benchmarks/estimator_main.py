"""What the estimator costs: an epoch, a quarter hour's end, RAM, snapshot.

Under MicroPython. Prints JSON. It waits for each collection, as a build for WebAssembly collects
only when nothing of the program runs.
"""

import asyncio
import gc
import json
import sys
import time

from app.snapshots import SLOT_BYTES, STATE_BYTES
from biocore.estimator import SNAPSHOT_BYTES, Estimator
from heap_layout import heap_bytes

MONDAY = 29812320  # minutes since 1970
DAY_MIN = 1440
NIGHT_MIN = 540
DAYS = 6
QUARTER_MIN = 15
REST_MS = 20  # nothing of the program runs: shorter waits can be over before they begin
ASLEEP = (10, 5, 50, 0)
ABOUT = (600, 300, 3000, 1600)


def live(one, begin, n):
    """Minutes of a student who sleeps for nine hours."""
    for minute in range(begin, begin + n):
        epoch = ASLEEP if minute % DAY_MIN < NIGHT_MIN else ABOUT
        mark = 1 if minute % DAY_MIN in (700, 1000) else 0
        one.step(MONDAY + minute, epoch[0], epoch[1], epoch[2], epoch[3], False, mark)


def measure(one, begin, n):
    """(us, bytes) of a minute and of a minute that ends a quarter, over n minutes.

    Time is the median, as others use the processor too; bytes are the most.
    """
    took_us = [[], []]
    most_b = [0, 0]
    for minute in range(begin, begin + n):
        gc.collect()
        utc_min = MONDAY + minute
        kind = 1 if one.phase.minute_of_quarter() == QUARTER_MIN - 1 else 0
        before = gc.mem_alloc()
        start = time.ticks_us()
        one.step(utc_min, ABOUT[0], ABOUT[1], ABOUT[2], ABOUT[3], False, 0)
        took = time.ticks_diff(time.ticks_us(), start)
        allocated = gc.mem_alloc() - before
        took_us[kind].append(took)
        most_b[kind] = max(most_b[kind], allocated)
    return [(sorted(took_us[kind])[len(took_us[kind]) // 2], most_b[kind]) for kind in (0, 1)]


async def allocated():
    """Bytes of the heap in use, all garbage collected."""
    gc.collect()
    await asyncio.sleep_ms(REST_MS)
    return gc.mem_alloc()


async def state_bytes(n):
    """RAM of one estimator, the mean of n: what the collector finds by chance counts less."""
    kept = [None] * n
    before = await allocated()
    for i in range(n):
        kept[i] = Estimator()
        kept[i].energy.refresh(60, 600)  # its level is a constant of the module until then
    return (await allocated() - before) / n


async def main():
    """All figures."""
    state_b = await state_bytes(20)
    estimator = Estimator()
    live(estimator, 720, DAYS * DAY_MIN)
    (epoch_us, epoch_b), (quarter_us, quarter_b) = measure(estimator, 720 + DAYS * DAY_MIN, 450)
    word_bytes = 8 if sys.maxsize > 1 << 31 else 4
    buffer = bytearray(SNAPSHOT_BYTES)
    start = time.ticks_us()
    for _ in range(100):
        estimator.snapshot_into(buffer, 0)
    snapshot_us = time.ticks_diff(time.ticks_us(), start) / 100
    print(
        json.dumps(
            {
                "epoch_us": epoch_us,
                "epoch_b": epoch_b,
                "quarter_us": quarter_us,
                "quarter_b": quarter_b,
                "snapshot_us": snapshot_us,
                "snapshot_b": SNAPSHOT_BYTES,
                "slot_b": SNAPSHOT_BYTES + SLOT_BYTES - STATE_BYTES,
                "state_b": state_b,
                "layout_b": heap_bytes(Estimator(), word_bytes),
                "layout_32_b": heap_bytes(Estimator(), 4),
                "word_bits": 8 * word_bytes,
            }
        )
    )


asyncio.run(main())
