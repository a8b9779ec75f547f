"""The firmware's main.py, unchanged, and beside it a look at the heap at each midnight.

Writes {"day": bytes in use after a collection, ...} to the file in BIOKLOK_TEST_HEAP.
"""

import asyncio
import gc
import json
import os

gc.threshold(8192)  # as firmware/main.py does, before anything is imported

from app import device  # noqa: E402

DAY_MS = 86_400_000
run = device.Device.run


async def look():
    used = []
    while True:
        gc.collect()
        used.append(gc.mem_alloc())
        with open(os.getenv("BIOKLOK_TEST_HEAP"), "w") as file:
            json.dump(used, file)
        await asyncio.sleep_ms(DAY_MS)


async def run_and_look(self):
    task = asyncio.create_task(look())
    await run(self)
    task.cancel()


device.Device.run = run_and_look
import main  # noqa: E402, F401
