"""Canaries for the internals of asyncio.core that virtual time stands on."""

import asyncio
import time
from asyncio import core

from sim.virtual_time import VirtualTime

TIME = VirtualTime(free=True)
TIME.install()


def test_a_week_of_seconds_takes_no_week():
    async def tick():
        for _ in range(7 * 24 * 60):
            await asyncio.sleep_ms(60_000)

    began_ms = TIME.now_ms()
    real = time.ticks_ms()
    asyncio.run(tick())
    assert TIME.now_ms() - began_ms == 7 * 24 * 3600 * 1000
    assert time.ticks_diff(time.ticks_ms(), real) < 60_000


def test_time_moves_only_to_what_is_due_next():
    seen = []

    async def at(ms):
        await asyncio.sleep_ms(ms)
        seen.append((ms, TIME.now_ms() - began_ms))

    async def all_of_them():
        await asyncio.gather(at(500), at(20), at(70_000), at(0))

    began_ms = TIME.now_ms()
    asyncio.run(all_of_them())
    assert sorted(seen) == [(0, 0), (20, 20), (500, 500), (70_000, 70_000)]


def test_a_flag_goes_before_the_next_sleep_ends():
    order = []

    async def wait(flag):
        await flag.wait()
        order.append("flag")

    async def main():
        flag = asyncio.ThreadSafeFlag()
        waiting = asyncio.create_task(wait(flag))
        await asyncio.sleep_ms(100)
        flag.set()
        await asyncio.sleep_ms(1)
        order.append("sleep")
        await waiting

    asyncio.run(main())
    assert order == ["flag", "sleep"]


def test_a_time_out_is_virtual_too():
    async def main():
        flag = asyncio.ThreadSafeFlag()
        try:
            await asyncio.wait_for_ms(flag.wait(), 3_600_000)
        except asyncio.TimeoutError:
            return True
        return False

    assert asyncio.run(main())


def test_ticks_wrap_as_on_a_chip():
    assert 0 <= TIME.ticks_ms() < 1 << 30


def test_asyncio_still_has_what_virtual_time_replaces():
    assert core.ticks == TIME._ticks
    assert core._io_queue is TIME
    assert hasattr(TIME._io, "map") and hasattr(TIME._io, "wait_io_event")
