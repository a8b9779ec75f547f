"""Microseconds and bytes for a burst of 25 samples in both kernels. Under MicroPython."""

import gc
import json
import time
from array import array

from biocore import _compat, _kernels_layout, _kernels_plain


def measure(add_samples, repeats):
    state = array("i", [0] * _kernels_layout.LENGTH)
    samples = bytearray([17 * i & 255 for i in range(150)])
    add_samples(state, samples, 25, 3)
    gc.collect()
    before = gc.mem_alloc()
    start = time.ticks_us()
    for _ in range(repeats):
        add_samples(state, samples, 25, 3)
        state[0] = state[3] = state[4] = state[5] = state[7] = 0
    took = time.ticks_diff(time.ticks_us(), start)
    return took / repeats, (gc.mem_alloc() - before) / repeats


fast = measure(_compat.add_samples, 4000)
slow = measure(_kernels_plain.add_samples, 400)
print(json.dumps({"fast_us": fast[0], "fast_b": fast[1], "plain_us": slow[0], "plain_b": slow[1]}))
