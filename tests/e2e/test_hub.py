"""Several devices, one hub: real firmware on MicroPython, bumble's air, bleak, the store."""

import asyncio
import os
import resource
import signal
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import date
from pathlib import Path

import pytest
from bioklok.collect import sync_in_range, watch
from bioklok.errors import BioklokFailure, NotFound
from bioklok.keyring import Keyring
from bioklok.radio.virtual import virtual_adapter
from bioklok.schedule import Rules
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.image import MAGIC, SIZE_BYTES, device_id_of, key_of
from bioklok.simulator.interpreter import find_micropython
from bioklok.simulator.life import live
from bioklok.simulator.run import run_world
from bioklok.simulator.student import Student
from bioklok.simulator.virtual_device import device_on_air
from bioklok.store import Store, open_store
from bioklok.sync import SyncResult
from support.flash import pages_of

TEST_S = 60
START = date(2026, 11, 16)
MASTER = bytes(range(32))

try:
    find_micropython()
except NotFound as failure:
    pytestmark = pytest.mark.skip(reason=str(failure))


@pytest.fixture(scope="module")
def lived(tmp_path_factory) -> bytes:
    """The flash of a device that was worn for a day."""
    flash = tmp_path_factory.mktemp("lived") / "day.flash"
    run_world(live(Student(), START, 1, 1), flash)
    return flash.read_bytes()


class Classroom:
    """Devices with the same day but each its own id and key, and a store with a keyring."""

    def __init__(self, folder: Path, lived: bytes, n_devices: int) -> None:
        self.database = folder / "store.sqlite"
        self.flashes: dict[str, Path] = {}
        self.keys: dict[str, bytes] = {}
        for n in range(n_devices):
            seed = f"classroom {n}"
            flash = folder / f"{n}.flash"
            flash.write_bytes(lived[:SIZE_BYTES] + MAGIC + device_id_of(seed) + key_of(seed))
            self.flashes[device_id_of(seed).hex()] = flash
            self.keys[device_id_of(seed).hex()] = key_of(seed)
        self.ends: list[tuple[str, SyncResult | Exception]] = []
        self.running: set[str] = set()
        self.most_running = 0

    @asynccontextmanager
    async def air(self):
        async with VirtualAir() as air, AsyncExitStack() as devices:
            for flash in self.flashes.values():
                await devices.enter_async_context(device_on_air(air, flash))
            yield virtual_adapter(air.central)
            async with asyncio.timeout(5):
                while (
                    air.central.connections
                ):  # each end takes a turn of the loop or two to be heard
                    await asyncio.sleep(0)

    @contextmanager
    def store(self, keys: Mapping[str, bytes] | None = None) -> Iterator[tuple[Store, Keyring]]:
        with open_store(f"sqlite:///{self.database}") as store:
            keyring = Keyring(store, MASTER)
            for device_id, key in (self.keys if keys is None else keys).items():
                keyring.add(device_id, key)
            yield store, keyring

    @contextmanager
    def bars(self, device_id: str) -> Iterator:
        assert device_id not in self.running
        self.running.add(device_id)
        self.most_running = max(self.most_running, len(self.running))
        try:
            yield lambda done, total: self.on_progress(device_id, done, total)
        finally:
            self.running.remove(device_id)

    def on_progress(self, device_id: str, done: int, total: int) -> None:
        assert 0 < done <= total

    def on_end(self, device_id: str, end: SyncResult | Exception) -> None:
        self.ends.append((device_id, end))

    def ask(self, question: str) -> list[tuple]:
        database = sqlite3.connect(self.database)
        try:
            return database.execute(question).fetchall()
        finally:
            database.close()

    def stored(self) -> dict[str, list[bytes]]:
        pages: dict[str, list[bytes]] = {device_id: [] for device_id in self.flashes}
        for device_id, data in self.ask(
            "SELECT device_id, data FROM page JOIN journal ON journal.id = journal "
            "ORDER BY device_id, sequence"
        ):
            pages[device_id].append(data)
        return pages

    def on_flash(self) -> dict[str, list[bytes]]:
        return {device_id: pages_of(flash) for device_id, flash in self.flashes.items()}


def run(work) -> None:
    async def limited() -> None:
        async with asyncio.timeout(TEST_S):
            await work

    asyncio.run(limited())


async def sync_once(room: Classroom, adapter, store, keyring, device_id=None):
    return await sync_in_range(
        store, keyring, device_id, room.bars, room.on_end, adapter=adapter, listen_s=1.5
    )


def test_all_that_are_in_range_are_synced_side_by_side(tmp_path, lived) -> None:
    room = Classroom(tmp_path, lived, 3)

    async def work() -> None:
        async with room.air() as adapter:
            with room.store() as (store, keyring):
                first = await sync_once(room, adapter, store, keyring)
                again = await sync_once(room, adapter, store, keyring)
                sessions = store.sessions(10)
        assert {result.info.device_id for result in first} == set(room.keys)
        assert len(first) == len(again) == 3
        assert [result.epochs for result in first] == [1440] * 3
        assert [result.epochs for result in again] == [0] * 3
        assert [session.result for session in sessions] == ["done"] * 6
        assert sorted(session.epochs_new for session in sessions) == [0] * 3 + [1440] * 3
        assert all(session.frames > 0 and session.bytes > 0 for session in sessions)

    run(work())
    assert room.most_running > 1
    assert room.stored() == room.on_flash()


def test_a_device_without_a_key_here_is_left_alone(tmp_path, lived) -> None:
    room = Classroom(tmp_path, lived, 2)
    (known, key), (stranger, _) = room.keys.items()

    async def work() -> None:
        async with room.air() as adapter:
            with room.store({known: key}) as (store, keyring):
                with pytest.raises(NotFound, match="no key of it"):
                    await sync_once(room, adapter, store, keyring, stranger)
                (result,) = await sync_once(room, adapter, store, keyring, known)
        assert result.info.device_id == known

    run(work())
    assert [len(room.stored()[device_id]) for device_id in (known, stranger)] == [48, 0]


def test_a_computer_without_any_key_says_so(tmp_path, lived) -> None:
    room = Classroom(tmp_path, lived, 1)

    async def work() -> None:
        async with room.air() as adapter:
            with room.store({}) as opened, pytest.raises(NotFound, match="provision"):
                await sync_once(room, adapter, *opened)

    run(work())


def test_a_wrong_key_ends_in_a_row_and_one_line(tmp_path, lived) -> None:
    """The right tag, but the device does not take the proof: somebody copied another's key row."""
    room = Classroom(tmp_path, lived, 1)
    (key,) = room.keys.values()

    async def work() -> None:
        async with room.air() as adapter:
            with room.store({"ff" * 8: key}) as (store, keyring):
                with pytest.raises(BioklokFailure, match="No device was synced"):
                    await sync_once(room, adapter, store, keyring)
                (session,) = store.sessions(10)
        ((device_id, end),) = room.ends
        assert device_id == session.device_id == "ff" * 8
        assert str(end) == session.result
        assert "provision it again" in session.result
        assert (session.pages_new, session.journal) == (0, None)
        assert session.frames > 0

    run(work())
    assert room.ask("SELECT count(*) FROM page") == [(0,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_hub_that_is_stopped_keeps_what_was_committed(
    tmp_path, lived, number, monkeypatch
) -> None:
    monkeypatch.setattr("bioklok.session.BATCH_PAGES", 16)
    room = Classroom(tmp_path, lived, 3)
    interrupted: list[tuple[int, int]] = []

    def interrupt(device_id: str, done: int, total: int) -> None:
        if not interrupted and done < total:
            interrupted.append((done, total))
            os.kill(os.getpid(), number)

    room.on_progress = interrupt  # type: ignore[method-assign]
    handler = signal.getsignal(number)

    async def work() -> None:
        async with room.air() as adapter:
            with room.store() as (store, keyring):
                await watch(store, keyring, None, room.bars, room.on_end, adapter=adapter)
                assert not room.running
                sessions = store.sessions(10)
                stopped = [session for session in sessions if session.result == "stopped"]
                assert stopped
                kept = sum(session.pages_new for session in sessions)
                assert 0 < kept == sum(len(pages) for pages in room.stored().values()) < 3 * 48
                await sync_once(room, adapter, store, keyring)

    run(work())
    assert interrupted
    assert signal.getsignal(number) is not None
    assert handler in (signal.getsignal(number), signal.default_int_handler, signal.SIG_DFL)
    assert room.stored() == room.on_flash()


@pytest.mark.soak
def test_forty_devices_and_one_hub(tmp_path, lived) -> None:
    """All are synced, go off, come back and are synced again; nobody is served twice while others
    wait for their first time."""
    room = Classroom(tmp_path, lived, 40)
    rounds = 2
    turns: list[str] = []
    peaks_kb: list[int] = []
    served = {device_id: asyncio.Event() for device_id in room.keys}

    def on_end(device_id: str, end: SyncResult | Exception) -> None:
        if isinstance(end, SyncResult):
            turns.append(device_id)
            served[device_id].set()
            if len(turns) in {40, 80}:
                peaks_kb.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    async def wear(air: VirtualAir, device_id: str) -> None:
        done = 0
        while done < rounds:
            served[device_id].clear()
            async with device_on_air(air, room.flashes[device_id]):
                # After a minute nobody can find it any more: like a child, press it once again.
                with suppress(TimeoutError):
                    await asyncio.wait_for(served[device_id].wait(), 70)
                    done += 1

    async def work() -> None:
        # As the firmware asks. At the simulator's 20 ms, forty devices and one computer would
        # hear of each other 80,000 times a second.
        async with VirtualAir(advertising_ms=250) as air:
            wrists = asyncio.gather(*(wear(air, device_id) for device_id in room.flashes))
            wrists.add_done_callback(lambda _: os.kill(os.getpid(), signal.SIGTERM))
            with room.store() as (store, keyring):
                await watch(
                    *(store, keyring, None, room.bars, on_end),
                    adapter=virtual_adapter(air.central),
                    rules=Rules(every_s=20),  # longer than a device that went off is called
                )
            await wrists

    asyncio.run(work())
    assert 1 < room.most_running <= 3
    # What the first forty sessions left behind is the forty radios of the air, not the sessions.
    assert peaks_kb[1] - peaks_kb[0] < 8_000, peaks_kb
    assert set(turns[:60]) == set(room.keys)
    assert min(turns.count(device_id) for device_id in room.keys) == rounds
    assert room.stored() == room.on_flash()
    assert all(len(pages) == 48 for pages in room.stored().values())
