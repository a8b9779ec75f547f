"""Runs under MicroPython: microseconds for one turn of a task, where a hundred tasks take turns.

What P. Hinch's rate.py counts (github.com/peterhinch/micropython-async), for which people have told
what their boards do: so this computer can be set beside a chip.
"""

import asyncio
import sys
import time

TASKS = 100
SECONDS = 2
turns = 0


async def take_turns():
    global turns  # noqa: PLW0603 - as there: a list would cost more
    while True:
        await asyncio.sleep_ms(0)
        turns += 1


async def main():
    tasks = [asyncio.create_task(take_turns()) for _ in range(TASKS)]
    began = time.ticks_us()
    await asyncio.sleep(SECONDS)
    us = time.ticks_diff(time.ticks_us(), began)
    for task in tasks:
        task.cancel()
    sys.stdout.write("%f\n" % (us / turns))


asyncio.run(main())
