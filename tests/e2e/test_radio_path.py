"""From the device's journal to the host's commit: real firmware adapter and service on MicroPython,
real bumble air, real bleak, and faults in the air between them."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from biocore import gatt, page
from biocore.transport import Transport
from bioklok import session as sessions
from bioklok.device_facts import DeviceInfo
from bioklok.radio.link import BleakLink, connect, scan
from bioklok.radio.port import LinkLost
from bioklok.radio.virtual import virtual_adapter
from bioklok.simulator.air import VirtualAir
from bioklok.sync import SyncResult, sync
from bumble.link import LocalLink

FIRMWARE = Path(__file__).parents[2] / "firmware"
PROGRAM = Path(__file__).with_name("radio_device.py")
MICROPYTHON = os.environ.get("BIOKLOK_MICROPYTHON") or shutil.which(
    "micropython", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
)
TEST_S = 30
KEY = bytes(range(32))
pytestmark = pytest.mark.skipif(MICROPYTHON is None, reason="no micropython on this machine")

Disturb = Callable[[int], None]


class ListStore:
    """A store in memory: what `bioklok.sync` asks of one, and pages to look at."""

    def __init__(self, on_commit: Disturb | None = None) -> None:
        self.pages: list[bytes] = []
        self.n_commits = 0
        self._on_commit = on_commit

    def open_journal(self, info: DeviceInfo) -> int:
        return max(self.sequences, default=-1) + 1

    def utc_offset_min(self, info: DeviceInfo) -> int | None:
        return None

    def commit_pages(
        self, info: DeviceInfo, pages: Sequence[bytes], received_at_utc_s: int
    ) -> list[bytes]:
        new = [p for p in pages if p not in self.pages]
        self.pages += new
        self.n_commits += 1
        if self._on_commit is not None:
            self._on_commit(self.n_commits)
        return new

    @property
    def sequences(self) -> list[int]:
        return [page.header(p)[page.H_SEQUENCE] for p in self.pages]


class DirtyLink(LocalLink):
    """An air in which every n-th packet of the devices arrives with one bit turned.

    Only the payload of notifications is hit: what stands before it is bumble's business.
    """

    def __init__(self, every: int) -> None:
        super().__init__()
        self._every = every
        self._n_notifications = 0
        self.n_damaged = 0

    def send_acl_data(self, sender_controller, destination_address, transport, data):
        if data[2:5] == b"\x04\x00\x1b":  # L2CAP to ATT, Handle Value Notification
            self._n_notifications += 1
            if self._n_notifications % self._every == 0:
                self.n_damaged += 1
                data = data[:-1] + bytes([data[-1] ^ 0x10])
        super().send_acl_data(sender_controller, destination_address, transport, data)


def in_air(test: Callable[[VirtualAir], Coroutine[Any, Any, None]], link=None) -> None:
    async def run() -> None:
        async with asyncio.timeout(TEST_S), VirtualAir(link) as air:
            await test(air)

    asyncio.run(run())


class Device:
    """The running firmware process; `finish` ends it and returns its line of figures."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def finish(self) -> dict[str, int]:
        output, _ = await self.process.communicate(b"")
        assert self.process.returncode == 0
        return {k: int(v) for k, v in (pair.split("=") for pair in output.decode().split())}


@asynccontextmanager
async def device(air: VirtualAir, n_pages: int, clock: str = "real") -> AsyncIterator[Device]:
    assert MICROPYTHON is not None
    environment = os.environ | {
        "BIOKLOK_SIM_AIR": air.socket_path,
        "MICROPYPATH": f"{FIRMWARE}:{FIRMWARE / 'sim' / 'modules'}:.frozen",
    }
    process = await asyncio.create_subprocess_exec(
        *(MICROPYTHON, "-X", "heapsize=400k", PROGRAM, str(n_pages), clock),
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Device(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def linked(air: VirtualAir, mtu: int = gatt.WANTED_MTU) -> AsyncIterator[BleakLink]:
    adapter = virtual_adapter(air.central, mtu)
    (sighting,) = await scan(adapter, timeout_s=10, enough=1)
    async with connect(sighting.device, adapter, timeout_s=10) as link:
        yield link


async def sync_once(air: VirtualAir, store: ListStore, mtu: int = gatt.WANTED_MTU) -> SyncResult:
    async with linked(air, mtu) as link:
        return await sync(link, store, key=KEY)


def expected_sequences(n_pages: int) -> list[int]:
    return [i + i // 9 for i in range(n_pages)]


@pytest.mark.parametrize(("mtu", "clock"), [(247, "real"), (247, "virtual"), (23, "real")])
def test_every_page_arrives_once_and_is_acknowledged(mtu: int, clock: str) -> None:
    async def test(air: VirtualAir) -> None:
        store = ListStore()
        async with device(air, 40, clock) as firmware:
            first = await sync_once(air, store, mtu)
            again = await sync_once(air, store, mtu)
            figures = await firmware.finish()
        assert store.sequences == expected_sequences(40)
        assert all(page.check(p) == page.VALID for p in store.pages)
        assert (first.pages_new, first.epochs, first.frames_dropped) == (40, 1200, 0)
        assert (again.pages_new, again.epochs) == (0, 0)
        assert again.info.acknowledged == again.info.next == 44
        assert first.info.device_id == b"bioklok1".hex()
        assert first.frames * (mtu - 3) >= first.bytes > 40 * page.PAGE_BYTES
        assert figures["pages_sent"] == 40
        assert figures["acknowledged"] == 44
        assert figures["sessions"] == figures["flushes"] == 2
        assert figures["overflows"] == figures["stack_errors"] == 0

    in_air(test)


def test_a_journal_without_pages_is_no_failure() -> None:
    async def test(air: VirtualAir) -> None:
        async with device(air, 0):
            result = await sync_once(air, ListStore())
        assert (result.pages_new, result.info.next) == (0, 0)

    in_air(test)


def test_a_link_lost_between_batches_loses_and_doubles_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "BATCH_PAGES", 16)

    async def test(air: VirtualAir) -> None:
        def cut(n_commits: int) -> None:
            if n_commits == 1:  # after the commit, before its ACK can go out
                (connection,) = air.central.connections.values()
                cuts.append(asyncio.ensure_future(connection.disconnect()))

        cuts: list[asyncio.Future[None]] = []
        store = ListStore(cut)
        async with device(air, 60) as firmware:
            with pytest.raises(LinkLost):
                await sync_once(air, store)
            assert 0 < len(store.pages) < 60
            result = await sync_once(air, store)
            figures = await firmware.finish()
        await asyncio.gather(*cuts)
        assert store.sequences == expected_sequences(60)
        assert result.pages_new < 60
        assert figures["sessions"] == 2
        assert figures["acknowledged"] == 66

    in_air(test)


@pytest.mark.parametrize("every", [20, 50])
def test_damaged_frames_are_fetched_again(every: int) -> None:
    link = DirtyLink(every)

    async def test(air: VirtualAir) -> None:
        store = ListStore()
        async with device(air, 60):
            result = await sync_once(air, store)
        assert link.n_damaged > 0
        assert result.frames_dropped >= link.n_damaged
        assert store.sequences == expected_sequences(60)

    in_air(test, link)


def test_a_device_that_dies_ends_the_session_at_once() -> None:
    async def test(air: VirtualAir) -> None:
        store = ListStore(lambda _: firmware.process.kill())
        async with device(air, 336) as firmware:
            with pytest.raises(LinkLost):
                await sync_once(air, store)
        assert store.sequences == expected_sequences(336)[: len(store.pages)]

    in_air(test)


def test_firmware_outlives_the_air() -> None:
    async def run() -> None:
        async with asyncio.timeout(TEST_S):
            async with VirtualAir() as air:
                context = device(air, 5)
                firmware = await context.__aenter__()
                await scan(virtual_adapter(air.central), timeout_s=10, enough=1)
            figures = await firmware.finish()
            await context.__aexit__(None, None, None)
        assert figures["stack_errors"] == 0

    asyncio.run(run())


def test_garbage_is_left_alone_and_survived() -> None:
    """Damaged frames get no answer; a whole frame of nonsense ends the connection."""

    async def test(air: VirtualAir) -> None:
        async with device(air, 3):
            async with linked(air) as link:
                for garbage in (b"\0", b"\xff" * 20, b"\x2f" * 244, b"\x20\0\0\0\0\0\0\0\0"):
                    await link.send(garbage)
                nonsense = Transport(0)
                nonsense.write(b"\x77junk")
                piece = nonsense.next_frame(0, link.frame_bytes)
                await link.send(bytes(piece))
                answers = [await link.receive(5), await link.receive(5)]
                assert all(len(answer) < 20 for answer in answers)
            assert (await sync_once(air, ListStore())).pages_new == 3

    in_air(test)


def test_two_devices_in_range_are_two_sightings() -> None:
    async def test(air: VirtualAir) -> None:
        adapter = virtual_adapter(air.central)
        async with device(air, 3), device(air, 5):
            sightings = await scan(adapter, timeout_s=10, enough=2)
            counts = []
            for sighting in sightings:
                async with connect(sighting.device, adapter, timeout_s=10) as link:
                    counts.append((await sync(link, ListStore(), key=KEY)).pages_new)
        assert sorted(counts) == [3, 5]
        assert {sighting.tag for sighting in sightings} == {b"tag-01"}

    in_air(test)
