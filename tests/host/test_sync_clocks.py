"""Clocks that are wrong, on the device or on a host: what of the time is believed, and by whom.
Both ends are the real ones; the wire and the flash are not."""

import asyncio
from contextlib import suppress

import pytest
from bioklok.errors import BioklokFailure
from bioklok.sync import sync
from support.loop import run
from support.pair import KEY, NOW, Device, Flash, MemoryStore, session
from support.wire import Faults, Wire


def test_first_host_a_year_ahead_does_not_lock_the_others_out():
    async def main():
        flash = Flash()
        device, store = Device(flash), MemoryStore()
        await session(device, store, now=NOW + 365 * 86400)  # accepted: the device has no time
        device.log(60, start_utc_s=NOW + 365 * 86400 + 60)
        await device.off()
        device = Device(flash, seed=2)
        with pytest.raises(BioklokFailure, match=r"All pages are stored.*--trust-clock"):
            await session(device, store, now=NOW + 7200)
        assert sum(map(len, store.journals.values())) == 2
        await session(device, store, now=NOW + 7200, force_clock=True)  # a person has looked
        assert abs(device.clock.utc()[0] - NOW - 7200) <= 1
        device.log(60, start_utc_s=NOW + 7200 + 60)
        await device.off()
        device = Device(flash, seed=3)  # what the wrong clock has logged is believed no more
        await session(device, store, now=NOW + 3 * 3600)
        await device.off()

    run(main())


def test_a_device_that_runs_three_minutes_fast_can_still_be_synced():
    """50 ppm over five weeks of holidays, or a host before that was 3 minutes ahead."""

    async def main():
        device = Device(Flash(), utc_s=NOW + 180)
        device.log(60, start_utc_s=NOW + 180 - 3600)
        await session(device, MemoryStore(), now=NOW)  # an hour's step would be allowed
        await device.off()

    run(main())


def test_the_device_gets_the_right_time_over_a_bad_link():
    worst = []

    async def main(seed):
        device = Device(Flash())
        loop = asyncio.get_running_loop()
        began = loop.time()
        wire = Wire(23, Faults(lose=0.5, seed=seed))
        link = device.connect(wire)
        with suppress(BioklokFailure):
            await sync(
                link, MemoryStore(), key=KEY, utc_s=lambda: NOW + loop.time() - began, stall_s=600
            )
        s, ms = device.clock.utc()
        worst.append(abs(s + ms / 1000 - (NOW + loop.time() - began)))
        await device.off()

    for seed in range(12):
        run(main(seed))
    assert max(worst) < 2.0, f"off by {max(worst):.1f} s after a sync; all: {worst}"


def test_pages_come_even_where_the_clock_is_in_doubt():
    async def main():
        device, store = Device(Flash(), utc_s=NOW + 2 * 3600), MemoryStore()
        device.log(60)
        with pytest.raises(BioklokFailure, match="All pages are stored"):
            await session(device, store)
        assert store.journals and len(next(iter(store.journals.values()))) == 2
        await device.off()

    run(main())


def test_a_device_from_a_drawer_takes_the_time_of_today():
    async def main():
        device, store = Device(Flash()), MemoryStore()
        device.log(60, start_utc_s=NOW - 7 * 365 * 86400)
        await session(device, store)
        assert abs(device.clock.utc()[0] - NOW) <= 1
        await device.off()

    run(main())
