"""Brings what devices have measured into the store: finds them, runs the sessions, notes them."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bioklok.errors import BioklokFailure, NotFound
from bioklok.radio.link import SYSTEM, connect, scan
from bioklok.radio.port import Link
from bioklok.radio.virtual import virtual_adapter
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.virtual_device import device_on_air
from bioklok.store import SYNC_DONE, Store
from bioklok.sync import DeviceInfo, SyncResult, sync

Progress = Callable[[int, int], None]


async def sync_in_range(
    store: Store, device_id: str | None, progress: Progress
) -> list[SyncResult]:
    """Sync every device in range, one after the other, or only the one named.

    A device says who it is only once connected, so a named one may cost a look at each. Raises
    BioklokFailure where none could be synced.
    """
    results: list[SyncResult] = []
    failures: list[BioklokFailure] = []
    for sighting in await scan(SYSTEM):
        try:
            async with connect(sighting.device, SYSTEM) as link:
                results.append(await _session(link, store, progress, device_id))
        except _AnotherDevice:
            continue
        except BioklokFailure as failure:
            failures.append(failure)
    if not results:
        raise failures[0] if failures else NotFound(f"device {device_id} is not in range")
    return results


async def sync_virtual(
    store: Store, flash: Path, progress: Progress, micropython: Path | None = None
) -> SyncResult:
    """Sync the simulated device of a flash image, over virtual Bluetooth LE."""
    async with VirtualAir() as air, device_on_air(air, flash, micropython):
        adapter = virtual_adapter(air.central)
        sightings = await scan(adapter, enough=1)
        async with connect(sightings[0].device, adapter) as link:
            return await _session(link, store, progress)


async def _session(
    link: Link, store: Store, progress: Progress, device_id: str | None = None
) -> SyncResult:
    """Run one session; however it ends, the store keeps a note of it."""
    started_utc_s = int(time.time())
    noted = _NotedStore(store, device_id)
    outcome = "stopped"
    result = None
    try:
        result = await sync(link, noted, progress)
        outcome = SYNC_DONE
        return result
    except BioklokFailure as failure:
        outcome = str(failure)
        raise
    finally:
        if noted.info is not None:
            store.log_session(
                noted.info,
                started_utc_s=started_utc_s,
                ended_utc_s=int(time.time()),
                frames=result.frames if result else 0,
                bytes=result.bytes if result else 0,
                pages_new=noted.pages_new,
                epochs_new=noted.epochs_new,
                result=outcome,
            )


class _AnotherDevice(Exception):
    """Connected to a device that was not asked for: leave it alone."""


class _NotedStore:
    """The store of one session: opens only the journal that is wanted, and counts what is new."""

    def __init__(self, store: Store, device_id: str | None) -> None:
        self._store = store
        self._device_id = device_id
        self.info: DeviceInfo | None = None
        self.pages_new = 0
        self.epochs_new = 0

    def open_journal(self, info: DeviceInfo) -> int:
        if self._device_id not in (None, info.device_id):
            raise _AnotherDevice
        self.info = info
        return self._store.open_journal(info)

    def commit_pages(self, info: DeviceInfo, pages: Sequence[bytes], received_at_utc_s: int) -> int:
        before = self._store.n_epochs(info.device_id, info.journal_id)
        n_new = self._store.commit_pages(info, pages, received_at_utc_s)
        self.pages_new += n_new
        self.epochs_new += self._store.n_epochs(info.device_id, info.journal_id) - before
        return n_new
