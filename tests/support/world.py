"""A whole device within reach: the unmodified firmware on its flash, on an air with faults.

async with device_in_air(tmp_path, n_pages=20, to_host=Faults(loss=0.5)) as world:
    with world.store("a") as store:
        result = await world.sync(store)
    assert world.stored("a") == world.on_flash()
"""

import asyncio
import shutil
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from biocore import gatt
from bioklok.radio.link import BleakLink, connect, scan
from bioklok.radio.virtual import virtual_adapter
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.faults import NONE, Faults, FaultyLink, Pacing
from bioklok.simulator.image import read_identity
from bioklok.simulator.peripheral import NIMBLE, Personality
from bioklok.simulator.run import run_world
from bioklok.simulator.virtual_device import power_on
from bioklok.simulator.world import SECOND
from bioklok.simulator.world import World as Life
from bioklok.store import Store, open_store
from bioklok.sync import SyncResult, sync
from support.flash import pages_of

START_UTC_S = 1_790_000_040
PAGE_S = 1800
FIND_S = 10.0


@cache
def image(n_pages: int) -> bytes:
    """The flash of a device that has lain still for `n_pages` pages."""
    hour = np.zeros(PAGE_S, SECOND)
    hour["mg"] = [0, 0, 1000]
    with tempfile.TemporaryDirectory() as folder:
        flash = Path(folder) / "flash"
        chunks = iter([hour] * n_pages)
        run_world(Life(START_UTC_S, f"{n_pages} pages", n_pages * PAGE_S, [], chunks), flash)
        assert len(pages_of(flash)) == n_pages
        return flash.read_bytes()


class World:
    """One air, one device, and as many stores as a test likes."""

    def __init__(self, air: VirtualAir, link: FaultyLink, folder: Path, mtu: int) -> None:
        self.air = air
        self.link = link
        self.flash = folder / "flash"
        self.key = read_identity(self.flash).key
        self.adapter = virtual_adapter(air.central, mtu)
        self.process: asyncio.subprocess.Process | None = None
        self._folder = folder
        self._power = AsyncExitStack()
        self._began_s = time.monotonic()
        self._last_utc_s = START_UTC_S + PAGE_S * len(self.on_flash())

    def utc_s(self) -> float:
        """The host's clock: a day after the last page that was there at first."""
        return self._last_utc_s + 86400 + time.monotonic() - self._began_s

    async def switch_on(self, **variables: str) -> None:
        """Start the device on its flash; `variables` are those of boards/sim."""
        self.process = await self._power.enter_async_context(
            power_on(self.air, self.flash, **variables)
        )

    async def take_battery_out(self) -> None:
        """The device is dead at once."""
        await self._power.aclose()

    async def switch_off(self) -> int:
        """Let the device save what it holds; its exit code. It must end by itself."""
        assert self.process is not None and self.process.stdin is not None
        self.process.stdin.close()
        await asyncio.wait_for(self.process.communicate(), FIND_S)
        code = self.process.returncode
        await self._power.aclose()
        assert code is not None
        return code

    @asynccontextmanager
    async def connected(self, find_s: float = FIND_S) -> AsyncIterator[BleakLink]:
        """Find the device and connect."""
        (sighting,) = await scan(self.adapter, timeout_s=find_s, enough=1)
        async with connect(sighting.device, self.adapter, timeout_s=FIND_S) as link:
            yield link

    async def sync(self, store: Store, find_s: float = FIND_S, **options: object) -> SyncResult:
        """One session, as `bioklok sync` has it."""
        async with self.connected(find_s) as link:
            return await sync(link, store, utc_s=self.utc_s, key=self.key, **options)

    @contextmanager
    def store(self, name: str) -> Iterator[Store]:
        """A store of its own file."""
        with open_store(f"sqlite:///{self._folder / name}.sqlite") as store:
            yield store

    def stored(self, name: str) -> list[bytes]:
        """Every page in that store as it stands there, in order."""
        with sqlite3.connect(self._folder / f"{name}.sqlite") as database:
            rows = database.execute("SELECT data FROM page ORDER BY journal, sequence")
            return [row[0] for row in rows]

    def on_flash(self) -> list[bytes]:
        """Every page on the device, in order."""
        return pages_of(self.flash)


@asynccontextmanager
async def device_in_air(
    folder: Path,
    *,
    n_pages: int = 10,
    mtu: int = gatt.WANTED_MTU,
    to_host: Faults = NONE,
    to_device: Faults = NONE,
    pacing: Pacing | None = None,
    personality: Personality = NIMBLE,
    seed: int = 1,
    is_on: bool = True,
) -> AsyncIterator[World]:
    """Give a world with a device that has `n_pages` pages; `folder` holds its flash and stores."""
    (folder / "flash").write_bytes(image(n_pages))
    link = FaultyLink(seed, to_host, to_device, pacing)
    async with VirtualAir(link, personality) as air:
        world = World(air, link, folder, mtu)
        try:
            if is_on:
                await world.switch_on()
            yield world
        finally:
            await world.take_battery_out()


def forget(folder: Path) -> None:
    """Delete what is in a folder: the next case starts afresh."""
    shutil.rmtree(folder)
    folder.mkdir()


class HostDied(Exception):
    """The host's process ended here."""


class DyingStore:
    """A store whose process dies once `n_commits` windows are committed, before the ACK."""

    def __init__(self, store: Store, n_commits: int) -> None:
        self._store = store
        self._n_commits = n_commits
        self.open_journal: Callable[..., int] = store.open_journal
        self.utc_offset_min: Callable[..., int | None] = store.utc_offset_min

    def commit_pages(self, *arguments: object) -> list[bytes]:
        new = self._store.commit_pages(*arguments)  # type: ignore[arg-type]
        self._n_commits -= 1
        if self._n_commits == 0:
            raise HostDied
        return new
