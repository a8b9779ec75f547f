"""A radio on the stand-in `bluetooth` with nobody in range; tests play the events of the air."""

import asyncio
import struct

import bluetooth
import simair
from hw.radio import Radio

TAG = b"abcdef"
PEER = b"\0\x01\x02\x03\x04\x05\x06"  # address type and address


class Air:
    """Tells the one BLE of this process what happened on the air."""

    def __init__(self, ble, rx):
        self._ble = ble
        self._rx = rx

    async def happens(self, op, payload):
        self._ble._events.append((op, payload))
        await self._ble._deliver()

    async def connects(self, number=1):
        await self.happens(simair.OP_CONNECTED, struct.pack("<H", number) + PEER)

    async def leaves(self, number=1):
        await self.happens(simair.OP_DISCONNECTED, struct.pack("<H", number) + PEER)

    async def writes(self, data, number=1):
        await self.happens(simair.OP_WRITTEN, struct.pack("<HH", number, self._rx) + data)

    async def agrees_mtu(self, mtu):
        await self.happens(simair.OP_MTU, struct.pack("<HH", 1, mtu))

    async def has_sent(self, n):
        await self.happens(simair.OP_SENT, struct.pack("<HH", 1, n))


def with_radio(test):
    """Run `test(radio, air)` with a radio that is switched on."""

    async def run():
        radio = Radio()
        radio.start(TAG)
        try:
            await asyncio.wait_for(test(radio, Air(bluetooth.BLE(), radio._rx)), 5)
        finally:
            radio.stop()

    asyncio.run(run())
