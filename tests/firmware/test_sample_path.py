"""A second of the whole way from the bus to the activity, as a board has it, allocates nothing."""

import asyncio
import gc

from worn_board import Board  # first: it keeps room for a flash

# isort: split
from app.device import Device
from drivers.i2c_bus import I2cBus
from drivers.lis3dh import Lis3dh
from drivers.veml7700 import Veml7700
from sim.virtual_time import VirtualTime

TIME = VirtualTime(free=True)
TIME.install()
NOON = 1763031600
SECONDS = 50  # within a minute: its end makes an epoch, which may allocate


class I2c:
    """A machine.I2C whose chips are well, in as many bytes as it was built with: none."""

    def __init__(self):
        self.n = 0

    def readfrom_mem_into(self, address, register, buffer):
        self.n += 1
        for i in range(len(buffer)):
            buffer[i] = 0x10
        if address == 0x18 and register == 0x0F:
            buffer[0] = 0x33
        elif register == 0x2F:  # FIFO_SRC
            buffer[0] = 25
        elif address == 0x10 and register == 0x07:
            buffer[0] = 0x81

    def writeto_mem(self, address, register, data):
        pass


class Pin:
    def value(self, level=1):
        return 1


def used(seconds, task):
    """Bytes that were taken in so many seconds while `task` runs."""
    found = []

    async def main():
        running = asyncio.create_task(task)
        await asyncio.sleep_ms(3500)
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        await asyncio.sleep_ms(seconds * 1000)
        found.append(gc.mem_alloc() - before)
        gc.enable()
        running.cancel()

    asyncio.run(main())
    return found[0]


async def nothing():
    """What asyncio and the virtual time take by themselves."""
    while True:
        await asyncio.sleep_ms(1000)


def sampler(spill=0):
    board = Board(TIME, NOON)
    i2c = I2c()
    bus = I2cBus(lambda: i2c, lambda: (Pin(), Pin()), lambda us: None)
    board.accelerometer, board.light = Lis3dh(bus), Veml7700(bus)
    device = Device(board)
    if spill:
        read = board.accelerometer.read

        def spilling():
            bytearray(spill)
            return read()

        board.accelerometer.read = spilling
    return device, i2c


def test_a_second_of_the_sampler_takes_nothing():
    base = used(SECONDS, nothing())
    device, i2c = sampler()
    began = (NOON * 1000 + TIME.now_ms()) % 60_000
    taken = used(SECONDS, device.sampler.run())
    assert i2c.n > 2 * SECONDS and device.sampler.bursts >= SECONDS and device.sampler.faults == 0
    assert device.sampler.epochs == 0, began
    assert taken <= base, (taken, base)


def test_one_that_takes_a_little_is_seen():
    base = used(SECONDS, nothing())
    device, _ = sampler(spill=16)
    assert used(SECONDS, device.sampler.run()) >= base + 16 * SECONDS
