"""Whatever is killed wherever, the store ends as if nothing had happened, byte for byte.

The unmodified firmware on its flash, the real radio adapter, bumble's air, bleak, SQLite.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from app.sync import LIMIT_FRAMES
from biocore.frame import WINDOW
from bioklok import session as sessions
from bioklok.errors import BioklokFailure
from bioklok.radio.port import LinkLost
from bioklok.simulator.faults import PHONE, Faults
from bioklok.simulator.peripheral import BTSTACK, NIMBLE, Personality
from support.world import DyingStore, HostDied, World, device_in_air, forget

TEST_S = 100
N_PAGES = 6  # some 25 frames to the host at the MTU we ask for


def run(main: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(TEST_S):
            await main

    asyncio.run(limited())


async def undisturbed(world: World, name: str) -> int:
    """Sync until there is nothing left, without faults; the store has what the flash has.

    Returns how many frames were sent again: a computer that is busy elsewhere answers late.
    """
    world.link.meet()
    with world.store(name) as store:
        result = await world.sync(store)
        assert result.info.n_pages == len(world.on_flash())
        again = await world.sync(store)
    assert again.pages_new == 0
    assert again.info.acknowledged == again.info.next
    assert world.stored(name) == world.on_flash() != []
    return result.frames_repeated + again.frames_repeated


# In one process and every frame: tests/host/test_sync_session.py. This is the same over the radio.
@pytest.mark.soak
@pytest.mark.parametrize("to_host", [True, False], ids=["to host", "to device"])
@pytest.mark.parametrize("after", [True, False], ids=["after", "before"])
def test_the_link_killed_at_every_frame(tmp_path: Path, to_host: bool, after: bool) -> None:
    async def test() -> None:
        n = 0
        is_cut = True
        async with device_in_air(tmp_path, n_pages=N_PAGES) as world:
            while is_cut:
                n += 1
                name = f"store {n}"
                faults = Faults(cut_after=n) if after else Faults(cut_before=n)
                world.link.meet(**{"to_host" if to_host else "to_device": faults})
                with world.store(name) as store:
                    # Behind the last page the session may be done before it hears of the cut.
                    with suppress(LinkLost):
                        await world.sync(store)
                    counts = world.link.to_host if to_host else world.link.to_device
                    is_cut = counts.cuts == 1
                await undisturbed(world, name)
            assert await world.switch_off() == 0
        assert n > (3 * N_PAGES if to_host else 5)

    run(test())


@pytest.mark.soak
def test_the_device_killed_at_every_flash_write(tmp_path: Path) -> None:
    async def killed_at(folder: Path, n: int) -> bool:
        async with device_in_air(folder, n_pages=40, is_on=False) as world:
            await world.switch_on(BIOKLOK_SIM_POWER_CUT=str(n))
            with world.store("store") as store, suppress(BioklokFailure):
                await world.sync(store)
            is_dead = await world.switch_off() != 0
            await world.switch_on()
            await undisturbed(world, "store")
            return is_dead

    async def test() -> None:
        folder = tmp_path / "case"
        folder.mkdir()
        n = 1
        while await killed_at(folder, n):
            forget(folder)
            n += 1
        assert n > 1  # the cursor; what else is written: tests/host/test_sync_session.py

    run(test())


@pytest.mark.parametrize("n_commits", [1, 2])
def test_the_host_killed_between_commit_and_acknowledgement(
    tmp_path: Path, n_commits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "BATCH_PAGES", 30)
    monkeypatch.setattr(sessions, "BATCH_S", 100.0)

    async def test() -> None:
        async with device_in_air(tmp_path, n_pages=96) as world:
            with world.store("store") as store, pytest.raises(HostDied):
                await world.sync(DyingStore(store, n_commits))  # type: ignore[arg-type]
            assert len(world.stored("store")) == 30 * n_commits
            await undisturbed(world, "store")

    run(test())


def test_a_store_that_was_deleted_gets_everything_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with device_in_air(tmp_path, n_pages=40) as world:
            await undisturbed(world, "first")
            await undisturbed(world, "second")
            assert world.stored("first") == world.stored("second")

    run(test())


@pytest.mark.parametrize("personality", [NIMBLE, BTSTACK], ids=["NimBLE", "BTstack"])
def test_either_stack_carries_a_session_on_a_slow_link(
    tmp_path: Path, personality: Personality
) -> None:
    async def test() -> None:
        async with device_in_air(
            tmp_path, n_pages=40, personality=personality, pacing=PHONE
        ) as world:
            n_repeated = await undisturbed(world, "store")
            n_queued_max = world.air.n_queued_max
        # A slow link makes the window small: neither stack has many frames piled up in it. One that
        # queues without end has those sent again beside those that they repeat.
        most = 12 if personality is NIMBLE else min(WINDOW + n_repeated, LIMIT_FRAMES)
        assert 4 <= n_queued_max <= most

    run(test())
