"""Brings what devices have measured into the store: runs the sessions and notes how they went."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from biocore.errors import BioklokError
from biocore.page import H_N_EPOCHS, header
from biocore.transport import Transport

from bioklok.device_facts import DeviceInfo
from bioklok.errors import BioklokFailure, NotFound
from bioklok.hub import CONNECTIONS, Connection, Hub, Recogniser
from bioklok.keyring import Keyring
from bioklok.office.intake import Intake, NotWelcome
from bioklok.radio.link import SCAN_S, SYSTEM, Adapter, Sighting, connect, scan
from bioklok.radio.port import Link
from bioklok.radio.virtual import virtual_adapter
from bioklok.schedule import Outcome, Rules
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.virtual_device import device_on_air
from bioklok.stopping import stop_on_signals
from bioklok.store import SYNC_DONE, SYNC_STOPPED, Store
from bioklok.sync import SyncResult, sync

STALL_S = 60.0  # a session in which nothing was committed for so long is ended
ONCE = Rules(every_s=1e9)  # nobody twice; who fails is left to the next sync

log = logging.getLogger("bioklok.sync")

Progress = Callable[[int, int], None]
# Shows one session, by a name for the device, within a `with` block; see `console.bars`.
Bars = Callable[[str], AbstractContextManager[Progress]]
# Is told how each session ended: device id, and its result or what went wrong.
OnEnd = Callable[[str, SyncResult | Exception], None]


async def sync_in_range(
    store: Store,
    keyring: Keyring,
    device_id: str | None,
    bars: Bars,
    on_end: OnEnd,
    *,
    adapter: Adapter = SYSTEM,
    listen_s: float = SCAN_S,
    force_clock: bool = False,
) -> list[SyncResult]:
    """Sync every device in range of which the keyring has the key, or only the one named.

    force_clock: they have to believe this computer's clock. Ends early at SIGINT and SIGTERM.
    Raises BioklokFailure where none could be synced.
    """
    if not keyring.all():
        raise NotFound("This computer has no device's key: provision a device over USB first.")
    ended: list[SyncResult | Exception] = []
    with stop_on_signals() as stop:

        def note(ended_id: str, end: SyncResult | Exception) -> None:
            ended.append(end)
            on_end(ended_id, end)
            if device_id is not None and isinstance(end, SyncResult):
                stop.set()

        collector = _Collector(store, keyring, device_id, bars, note, force_clock)
        hub = Hub(adapter, collector.identify, collector.visit, rules=ONCE)
        await hub.run(stop, listen_s)
        is_stopped = stop.is_set()
    results = [end for end in ended if isinstance(end, SyncResult)]
    if results:
        return results
    if ended:
        raise BioklokFailure("No device was synced to its end: what was fetched is kept.")
    if is_stopped:
        raise BioklokFailure("Stopped: what was fetched is kept.")
    if device_id is not None:
        raise NotFound(f"Device {device_id} is not in range, or this computer has no key of it.")
    raise NotFound("No Bioklok in range: press its button once and keep it within two metres.")


async def watch(
    store: Store,
    keyring: Keyring,
    device_id: str | None,
    bars: Bars,
    on_end: OnEnd,
    *,
    adapter: Adapter = SYSTEM,
    connections: int = CONNECTIONS,
    rules: Rules | None = None,
) -> None:
    """Sync devices as they come into range, again and again, until SIGINT or SIGTERM.

    Then the sessions that run are ended; what they had committed stays. Raises BioklokFailure
    where this computer has no Bluetooth.
    """
    collector = _Collector(store, keyring, device_id, bars, on_end)
    with stop_on_signals() as stop:
        hub = Hub(
            adapter, collector.identify, collector.visit, connections=connections, rules=rules
        )
        await hub.run(stop)


async def sync_virtual(
    store: Store,
    flash: Path,
    progress: Progress,
    micropython: Path | None = None,
    *,
    force_clock: bool = False,
) -> SyncResult:
    """Sync the simulated device of a flash image, over virtual Bluetooth LE."""
    async with VirtualAir() as air, device_on_air(air, flash, micropython) as identity:
        adapter = virtual_adapter(air.central)
        sightings = await scan(adapter, enough=1)
        noted = _NotedStore(store, identity.device_id)
        visit = _Visit(noted, progress, identity.key, force_clock)
        return await visit.session(connect(sightings[0].device, adapter))


class _Collector:
    """The hub's business: whom to visit, and what a visit is."""

    def __init__(  # noqa: PLR0917
        self,
        store: Store,
        keyring: Keyring,
        device_id: str | None,
        bars: Bars,
        on_end: OnEnd,
        force_clock: bool = False,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._only = device_id
        self._bars = bars
        self._on_end = on_end
        self._force_clock = force_clock
        self._recognise = Recogniser(keyring.all)

    def identify(self, sighting: Sighting) -> str | None:
        """The device id behind a sighting; None: a stranger, or not the one that is wanted."""
        device_id = self._recognise(sighting)
        return device_id if self._only in (None, device_id) else None

    async def visit(self, device_id: str, connection: Connection) -> Outcome:
        """Run one session."""
        noted = _NotedStore(self._store, device_id)
        try:
            key = self._keyring.key_of(device_id)
            if key is None:
                raise NotFound(f"The key of device {device_id} was taken away meanwhile.")
            with self._bars(device_id) as progress:
                visit = _Visit(noted, progress, key, self._force_clock)
                result = await visit.session(connection)
        except (BioklokFailure, BioklokError) as failure:
            self._on_end(device_id, failure)
            return Outcome.PARTLY if noted.pages_new else Outcome.FAILED
        self._on_end(device_id, result)
        return Outcome.DONE


@dataclass
class _Visit:
    """One session with one device, of which the store keeps a note however it ends."""

    noted: "_NotedStore"
    progress: Progress
    key: bytes = field(repr=False)
    force_clock: bool = False
    stall_s: float = STALL_S
    transport: Transport | None = None  # its counters tell of a session that fails, too

    async def session(self, connection: Connection) -> SyncResult:
        """Connect, sync, note it."""
        started_utc_s = int(time.time())
        outcome = None
        result = None
        try:
            async with connection as link:
                outcome = SYNC_STOPPED
                result = await self._sync_or_stall(link)
            outcome = SYNC_DONE
            _log_status(result)
            # What came in is not all new: a hole is filled by fetching from it on.
            return replace(result, epochs=self.noted.epochs_new)
        except (BioklokFailure, BioklokError) as failure:
            outcome = str(failure)
            raise
        finally:
            if outcome is not None:  # else it was called off before there was a connection
                self._note(started_utc_s, result, outcome)

    def _note(self, started_utc_s: int, result: SyncResult | None, outcome: str) -> None:
        noted, transport = self.noted, self.transport
        with suppress(NotWelcome):  # of somebody without consent not even this is kept
            noted.intake.note_session(
                noted,
                started_utc_s=started_utc_s,
                ended_utc_s=int(time.time()),
                frames=transport.frames_received if transport else 0,
                retries=transport.frames_repeated + transport.frames_doubled if transport else 0,
                clock_offset_ms=result.clock.offset_ms if result else None,
                bytes=transport.bytes_received if transport else 0,
                pages_new=noted.pages_new,
                epochs_new=noted.epochs_new,
                result=outcome,
            )

    async def _sync_or_stall(self, link: Link) -> SyncResult:
        """Sync; BioklokFailure when `stall_s` pass in which no page was committed."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.stall_s) as limit:
                most = 0

                def on_progress(done: int, total: int) -> None:
                    nonlocal most
                    if done > most:
                        most = done
                        limit.reschedule(loop.time() + self.stall_s)
                    self.progress(done, total)

                return await sync(
                    link,
                    self.noted,
                    on_progress,
                    key=self.key,
                    watch=self._watch,
                    force_clock=self.force_clock,
                    clerk=self.noted.intake,
                )
        except TimeoutError as error:
            raise BioklokFailure(
                f"The device got no further for {self.stall_s:g} s. Bring it closer and sync again."
            ) from error

    def _watch(self, transport: Transport) -> None:
        self.transport = transport


def _log_status(result: SyncResult) -> None:
    """What a device did and what went wrong with it, for who asks for details (-v)."""
    if duty := result.status.duty_line:
        log.info("%s %s", result.info.device_id, duty)
    if faults := result.status.faults_line:
        log.warning("%s counted faults: %s", result.info.device_id, faults)


@dataclass
class _NotedStore:
    """The store of one device's session, which counts what is new."""

    store: Store
    device_id: str
    journal_id: int | None = None  # None: the device has not said it yet
    pages_new: int = 0
    epochs_new: int = 0
    intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self.intake = Intake(self.store)

    def open_journal(self, info: DeviceInfo) -> int:
        if info.device_id != self.device_id:
            raise BioklokFailure(
                f"The device with the key of {self.device_id} says it is {info.device_id}: "
                "provision it again over USB."
            )
        self.journal_id = info.journal_id
        return self.intake.open_journal(info)

    def utc_offset_min(self, info: DeviceInfo) -> int | None:
        return self.intake.utc_offset_min(info)

    def commit_pages(
        self, info: DeviceInfo, pages: Sequence[bytes], received_at_utc_s: int
    ) -> list[bytes]:
        new = self.intake.commit_pages(info, pages, received_at_utc_s)
        self.pages_new += len(new)
        self.epochs_new += sum(header(page)[H_N_EPOCHS] for page in new)
        return new
