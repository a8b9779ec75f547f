"""Through the worst of air: heavy loss in both directions, a phone's pace, a stack that stalls.

The unmodified firmware on its flash, the real radio adapter, bumble's air, bleak, SQLite.
"""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from biocore.page import H_START_UTC_S, PAGE_BYTES, header
from biocore.record import EPOCH_S, FLAG_OVERRUN
from bioklok.analysis.epochs import decode
from bioklok.errors import BioklokFailure
from bioklok.simulator.faults import PHONE, Faults, Pacing
from bioklok.simulator.peripheral import BTSTACK_12801
from support.world import PAGE_S, START_UTC_S, device_in_air, image

TEST_S = 110
WEEK_PAGES = 336
DAY_LATER = START_UTC_S + WEEK_PAGES * PAGE_S  # where the host's clock stands
HEAVY = Faults(loss=0.5, duplication=0.2, reordering=0.2)
DIRTY = Faults(loss=0.1, duplication=0.1, reordering=0.1, damage=0.1, truncation=0.1, delay_ms=20.0)


def run(main: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(TEST_S):
            await main

    asyncio.run(limited())


pytestmark = pytest.mark.soak


@pytest.mark.parametrize("mtu", [23, 131, 247, 517])
@pytest.mark.parametrize("faults", [HEAVY, DIRTY], ids=["half lost", "all kinds"])
def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path, mtu: int, faults: Faults) -> None:
    n_pages = 1 if mtu == 23 else 10

    async def test() -> None:
        async with device_in_air(
            tmp_path, n_pages=n_pages, mtu=mtu, to_host=faults, to_device=faults
        ) as world:
            with world.store("store") as store:
                result = await world.sync(store)
            assert result.pages_new == n_pages
            assert world.stored("store") == world.on_flash()
            for counts in (world.link.to_host, world.link.to_device):
                assert min(counts.lost, counts.duplicated, counts.reordered) > 0
            assert await world.switch_off() == 0

    run(test())


def test_a_week_at_a_phones_pace(tmp_path: Path) -> None:
    """30 ms, four packets of 131 bytes: 17.5 kB/s at best. The order asks for 90 s."""

    async def test() -> None:
        async with device_in_air(tmp_path, n_pages=WEEK_PAGES, mtu=131, pacing=PHONE) as world:
            with world.store("store") as store:
                result = await world.sync(store)
            assert world.stored("store") == world.on_flash()
            # never above what such a link can carry, or it was not paced
            best_s = WEEK_PAGES * PAGE_BYTES / (4 * 128 / 0.030)
            assert best_s < result.seconds <= 90
            # NimBLE's buffers were full at times, and nothing was lost by it
            assert world.air.n_queued_max == 12
            assert result.frames_repeated < 0.05 * result.frames

    image(WEEK_PAGES)  # made once, and not in the session's time
    run(test())


def test_no_sample_is_lost_while_syncing(tmp_path: Path) -> None:
    """A week over a link so slow that the device logs minutes of its own meanwhile: in none of them
    did the accelerometer's FIFO run over."""
    slow = Pacing(interval_ms=200.0, packets=4, packet_bytes=131)

    async def test() -> None:
        async with device_in_air(tmp_path, n_pages=WEEK_PAGES, mtu=131, pacing=slow) as world:
            with world.store("store") as store:
                result = await world.sync(store)
            assert result.pages_new == WEEK_PAGES and result.seconds > EPOCH_S
            assert await world.switch_off() == 0
            own = [page for page in world.on_flash() if header(page)[H_START_UTC_S] > DAY_LATER]
        epochs = decode(own)
        assert len(epochs) >= 1
        assert not (epochs.record["flags"] & FLAG_OVERRUN).any()
        assert (epochs.record["valid_s"] == EPOCH_S).all()

    image(WEEK_PAGES)
    asyncio.run(asyncio.wait_for(test(), 2 * TEST_S))


def test_a_stack_that_stops_notifying_after_a_reconnect(tmp_path: Path) -> None:
    """micropython#12801: the second session hears nothing; once the stack is restarted, all."""

    async def test() -> None:
        async with device_in_air(tmp_path, personality=BTSTACK_12801) as world:
            with world.store("store") as store:
                assert (await world.sync(store)).pages_new == 10
                with pytest.raises(BioklokFailure):
                    await world.sync(store, stall_s=30)
                assert (await world.sync(store)).pages_new == 0  # the device has restarted it
            assert world.air.n_queued_max <= 64

    run(test())
