"""The device's main.py with a stopwatch around its sampling. Runs under MicroPython.

Prints JSON: microseconds in all, in reading the (fake) accelerometer, in the activity kernels, in
the end of an epoch (estimator and journal), and how many there were of each.
"""

import asyncio
import json
import time

from app.device import Device
from board import Board

spent = {"read": [0, 0], "activity": [0, 0], "epoch": [0, 0]}


def timed(name, function):
    entry = spent[name]

    def wrapped(*arguments):
        start = time.ticks_us()
        result = function(*arguments)
        entry[0] += time.ticks_diff(time.ticks_us(), start)
        entry[1] += 1
        return result

    return wrapped


device = Device(Board())
sampler = device.sampler
sampler._accelerometer.read = timed("read", sampler._accelerometer.read)
sampler._activity.add = timed("activity", sampler._activity.add)
sampler._on_epoch = timed("epoch", sampler._on_epoch)
begun = time.ticks_us()
asyncio.run(device.run())
spent["all"] = [time.ticks_diff(time.ticks_us(), begun), 1]
print(json.dumps(spent))
