"""The hub on real bleak, a scripted air and a loop whose time jumps."""

import asyncio
import tracemalloc
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from biocore.crypto import advertising_tag
from bioklok.errors import BioklokFailure, NotFound
from bioklok.hub import KEYS_S, MAX_TAGS, RESCAN_S, Connection, Hub, Recogniser, Session, recognise
from bioklok.radio.link import Sighting
from bioklok.schedule import Outcome, Rules
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError
from support.loop import run as virtually
from support.scripted_radio import ScriptedAir, out_of_reach

KEYS = {f"{n:016x}": bytes([n]) * 32 for n in range(40)}
SALT = b"\x01\x02\x03"
TAGS = {device: advertising_tag(key, SALT) for device, key in KEYS.items()}


def sighting(tag: bytes) -> Sighting:
    return Sighting(BLEDevice("aa", None, {}), tag, -50)


class Room:
    """A hub with its air; `visits` holds (device, second) of each session that began."""

    def __init__(
        self,
        n_devices: int,
        session_s: float = 5.0,
        session: Session | None = None,
        **options: object,
    ) -> None:
        self.air = ScriptedAir()
        self.tags = dict(list(TAGS.items())[:n_devices])
        self.session_s = session_s
        self.visits: list[tuple[str, float]] = []
        self.failures: list[BioklokFailure] = []
        self.ended: list[str] = []
        self.stop = asyncio.Event()
        self.clock = asyncio.get_running_loop().time
        self.start_s = self.clock()
        self.hub = Hub(
            self.air.adapter,
            Recogniser(lambda: {device: KEYS[device] for device in self.tags}, self.clock),
            session or self.visit,
            clock=self.clock,
            **options,  # type: ignore[arg-type]
        )

    def order(self) -> list[str]:
        return [device for device, _ in self.visits]

    async def visit(self, device: str, connection: Connection) -> Outcome:
        self.visits.append((device, self.clock() - self.start_s))
        try:
            async with connection:
                await asyncio.sleep(self.session_s)
        except BioklokFailure as failure:
            self.failures.append(failure)
            return Outcome.FAILED
        finally:
            self.ended.append(device)
        return Outcome.DONE

    @asynccontextmanager
    async def advertising(self):
        task = asyncio.ensure_future(self.air.advertise_always(self.tags))
        try:
            yield
        finally:
            task.cancel()

    async def run_for(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self.stop.set)
        async with self.advertising():
            await self.hub.run(self.stop)


def test_a_device_is_recognised_by_its_key_under_any_salt() -> None:
    for salt in (SALT, bytes(3), b"\xff" * 3):
        for device, key in KEYS.items():
            assert recognise(advertising_tag(key, salt), KEYS) == device
    tag = TAGS["000000000000000a"]
    for stranger in (b"", tag[:5], tag + b"\0", tag[:5] + bytes([tag[5] ^ 1]), bytes(6)):
        assert recognise(stranger, KEYS) is None
    assert recognise(tag, {}) is None


def test_a_recogniser_hides_keys_and_learns_of_new_ones() -> None:
    now_s = 0.0
    keys: dict[str, bytes] = {}
    known = Recogniser(lambda: dict(keys), lambda: now_s)
    (device, tag), *_ = TAGS.items()
    assert known(sighting(tag)) is None
    keys[device] = KEYS[device]
    now_s = KEYS_S - 1
    assert known(sighting(tag)) is None
    now_s = KEYS_S
    assert known(sighting(tag)) == device
    assert repr(known) == "<Recogniser of 1 devices>"


@pytest.fixture
def one_tag_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The room's devices keep their tags, which real ones change with every window."""
    monkeypatch.setattr("bioklok.hub.TAG_S", 1e9)


def test_everybody_in_range_is_synced_and_left_alone_until_due(one_tag_for_ever: None) -> None:
    async def work() -> None:
        room = Room(40, connections=3, rules=Rules(every_s=600))
        await room.run_for(1700)
        assert sorted(room.order()[:40]) == sorted(room.tags)
        assert room.order()[:40] == room.order()[40:80]
        first = dict(reversed(room.visits[:40]))
        for device, at_s in room.visits[40:80]:
            assert at_s - first[device] >= 600
        assert room.air.most_connected == 3
        assert room.air.most_connecting == 1
        assert room.air.n_connected == 0
        assert not room.air.is_scanning

    virtually(work())


def test_sessions_run_side_by_side() -> None:
    async def work() -> None:
        room = Room(40, session_s=30, connections=5)
        await room.run_for(300)
        assert len(set(room.order())) == 40
        assert room.visits[39][1] < 40 * 30 / 5 + 5

    virtually(work())


def test_one_that_cannot_be_reached_holds_up_nobody_and_is_left_alone_for_longer_each_time(
    one_tag_for_ever: None,
) -> None:
    async def work() -> None:
        room = Room(5, connections=1, rules=Rules(every_s=1e6))
        lost = next(iter(room.tags))
        room.air.fault = out_of_reach(lost)
        await room.run_for(1000)
        assert sorted(set(room.order())) == sorted(room.tags)
        at = [round(at_s, 1) for device, at_s in room.visits if device == lost]
        gaps = [after - before for before, after in pairwise(at)]
        assert len(gaps) == 5
        for gap, pause in zip(gaps[1:], (60, 120, 240, 480), strict=True):
            assert pause <= gap <= pause + 1
        assert all(isinstance(failure, NotFound) for failure in room.failures)
        assert len(room.air.attempts) == len(room.visits)  # "not found" is not tried again at once

    virtually(work())


def test_a_stack_that_stumbles_is_tried_again_at_once() -> None:
    async def work() -> None:
        room = Room(1)

        def stumble(_: str) -> None:
            if len(room.air.attempts) < 3:
                raise BleakError("le-connection-abort-by-local")

        room.air.fault = stumble
        await room.run_for(60)
        assert len(room.air.attempts) == 3
        assert len(room.visits) == 1
        assert room.failures == []

    virtually(work())


def test_a_stack_that_only_stumbles_is_one_short_line() -> None:
    async def work() -> None:
        room = Room(1)

        def fail(_: str) -> None:
            raise BleakError("no such luck")

        room.air.fault = fail
        await room.run_for(20)
        (failure,) = room.failures
        assert str(failure) == "The device could not be reached (no such luck)."
        assert len(room.air.attempts) == 3

    virtually(work())


def test_strangers_are_not_connected_to_and_leave_nothing_behind() -> None:
    async def work() -> None:
        room = Room(1)
        running = asyncio.ensure_future(room.hub.run(room.stop))
        await asyncio.sleep(1)

        async def crowd(first: int) -> None:
            for n in range(first, first + MAX_TAGS):
                room.air.advertise(f"{n:012x}", n.to_bytes(6, "big"))
                if n % 100 == 0:
                    await asyncio.sleep(0.1)

        await crowd(1 << 40)
        tracemalloc.start()
        await crowd(2 << 40)
        before, _ = tracemalloc.get_traced_memory()
        for n in range(3, 6):
            await crowd(n << 40)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert after - before < 200_000
        room.air.advertise("aa", next(iter(TAGS.values())))
        await asyncio.sleep(10)
        assert len(room.visits) == len(room.air.attempts) == 1
        room.stop.set()
        await running

    virtually(work())


def test_stop_ends_sessions_and_closes_their_links() -> None:
    async def work() -> None:
        room = Room(5, session_s=1e6, connections=3)
        await room.run_for(60)
        assert len(room.visits) == 3
        assert sorted(room.ended) == sorted(room.order())
        assert room.air.n_connected == 0
        assert room.air.most_connected == 3
        assert len(asyncio.all_tasks()) == 1 + 1  # this one, and the advertisers' last breath
        assert room.clock() - room.start_s < 61

    virtually(work())


def test_a_session_that_lost_its_cancellation_is_told_again() -> None:
    async def work() -> None:
        told = 0

        async def deaf(device: str, connection: Connection) -> Outcome:
            nonlocal told
            async with connection:
                while told < 3:
                    try:
                        await asyncio.sleep(1e6)
                    except asyncio.CancelledError:
                        told += 1
                return Outcome.DONE

        room = Room(1, session=deaf)
        await room.run_for(60)
        assert told == 3
        assert room.air.n_connected == 0

    virtually(work())


def test_an_error_that_a_session_lets_out_ends_the_hub_and_all_others() -> None:
    async def work() -> None:
        async def broken(device: str, connection: Connection) -> Outcome:
            if len(room.visits) == 2:
                raise ZeroDivisionError("a mistake of ours")
            return await room.visit(device, connection)

        room = Room(3, session_s=100, session=broken, connections=3)
        with pytest.raises(ZeroDivisionError):
            await room.run_for(1000)
        assert len(room.ended) == 2
        assert room.air.n_connected == 0
        assert not room.air.is_scanning

    virtually(work())


def test_the_scanner_starts_afresh_now_and_then_and_sessions_do_not_notice() -> None:
    async def work() -> None:
        room = Room(1, session_s=RESCAN_S * 2.5)
        await room.run_for(RESCAN_S * 3.1)
        assert room.air.n_scans == 4
        assert len(room.visits) == 1
        assert room.failures == []

    virtually(work())


def test_one_round_ends_when_all_that_were_heard_had_their_turn() -> None:
    async def work() -> None:
        room = Room(10, session_s=20, connections=2, rules=Rules(every_s=1e9))
        async with room.advertising():
            await room.hub.run(room.stop, listen_s=10)
        assert sorted(room.order()) == sorted(room.tags)
        assert 100 <= room.clock() - room.start_s < 110
        empty = Room(0)
        await empty.hub.run(empty.stop, listen_s=10)
        assert empty.clock() - empty.start_s == pytest.approx(10)

    virtually(work())
