"""Cost of a frame of 200 bytes: cut and summed alone, and sealed. Under MicroPython."""

import gc
import json
import time

from biocore import crypto, message
from biocore.channel import Channel
from biocore.frame import WINDOW
from biocore.page import PAGE_BYTES

N_MESSAGES = 200
PAGES = message.encode_pages(bytes(message.PAGES_PER_MESSAGE * PAGE_BYTES))


def measure(channel):
    frames = 0
    allocated = 0
    took_us = 0
    for _ in range(N_MESSAGES):
        gc.collect()
        before = gc.mem_alloc()
        start = time.ticks_us()
        channel.write(PAGES)
        while channel.transport.next_frame(0, 200) is not None:
            frames += 1
        took_us += time.ticks_diff(time.ticks_us(), start)
        allocated += gc.mem_alloc() - before
        channel.transport.outgoing.under_way = []
    return took_us / frames, allocated / frames


plain = Channel(0)
sealed = Channel(0)
sealed.secure(bytes(32), crypto.DEVICE_TO_HOST, crypto.HOST_TO_DEVICE)
for channel in (plain, sealed):
    channel.transport.outgoing.window = WINDOW  # nobody acknowledges here
    channel.write(PAGES)
    while channel.transport.next_frame(0, 200) is not None:
        pass
    channel.transport.outgoing.under_way = []
gc.disable()
a = measure(plain)
b = measure(sealed)
print(json.dumps({"plain_us": a[0], "plain_b": a[1], "sealed_us": b[0], "sealed_b": b[1]}))
