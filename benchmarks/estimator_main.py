"""What the estimator costs: an epoch, a quarter hour's end, RAM, snapshot.

Under MicroPython. Prints JSON.
"""

import gc
import json
import time

from biocore.estimator import SNAPSHOT_BYTES, Estimator

MONDAY = 29812320  # minutes since 1970
DAY_MIN = 1440
NIGHT_MIN = 540
DAYS = 6
QUARTER_MIN = 15
ASLEEP = (10, 5, 50, 0)
ABOUT = (600, 300, 3000, 1600)


def live(one, begin, n):
    """Minutes of a student who sleeps for nine hours."""
    for minute in range(begin, begin + n):
        epoch = ASLEEP if minute % DAY_MIN < NIGHT_MIN else ABOUT
        mark = 1 if minute % DAY_MIN in (700, 1000) else 0
        one.step(MONDAY + minute, epoch[0], epoch[1], epoch[2], epoch[3], False, mark)


def measure(one, begin, n):
    """(us, bytes) of a minute and of a minute that ends a quarter, each the mean of n minutes."""
    spent = [[0, 0, 0], [0, 0, 0]]
    for minute in range(begin, begin + n):
        gc.collect()
        utc_min = MONDAY + minute
        is_end = one.phase.minute_of_quarter() == QUARTER_MIN - 1
        before = gc.mem_alloc()
        start = time.ticks_us()
        one.step(utc_min, ABOUT[0], ABOUT[1], ABOUT[2], ABOUT[3], False, 0)
        took = time.ticks_diff(time.ticks_us(), start)
        allocated = gc.mem_alloc() - before
        kind = spent[1 if is_end else 0]
        kind[0] += took
        kind[1] += allocated
        kind[2] += 1
    return [(us / n, b / n) for us, b, n in spent]


gc.collect()
before = gc.mem_alloc()
estimator = Estimator()
gc.collect()
state_b = gc.mem_alloc() - before
live(estimator, 720, DAYS * DAY_MIN)
(epoch_us, epoch_b), (quarter_us, quarter_b) = measure(estimator, 720 + DAYS * DAY_MIN, 450)
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
            "state_b": state_b,
        }
    )
)
