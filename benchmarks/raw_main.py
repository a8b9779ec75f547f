"""A device that notifies as fast as its radio takes it, without our protocol. Under MicroPython.

`raw_main.py N`: after the first write of a host, N notifications of MTU - 3 bytes.
"""

import asyncio
import sys

from hw.radio import Radio


async def main(n):
    radio = Radio()
    radio.start(b"bench-")
    await radio.wait_connected()
    await radio.receive()
    frame = bytes(radio.frame_bytes)
    for _ in range(n):
        await radio.send(frame)
    await radio.receive()  # until the host has gone


asyncio.run(main(int(sys.argv[1])))
