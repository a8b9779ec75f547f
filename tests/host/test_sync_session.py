"""One session of `bioklok.sync`: order, resume, faults, and when it gives up."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from biocore import frame, message
from bioklok import sync as sync_module
from bioklok.errors import BioklokFailure
from bioklok.radio.port import LinkLost
from bioklok.sync import DeviceInfo, SyncResult, sync
from support.scripted_device import JOURNAL, ListStore, ScriptedDevice, make_page


def run(device: ScriptedDevice, store: ListStore, **options: object) -> SyncResult:
    return asyncio.run(sync(device, store, utc_s=lambda: 1_790_123_456.7, **options))  # type: ignore[arg-type]


def damaged(piece: bytes) -> bytes:
    return piece[:6] + bytes([piece[6] ^ 1]) + piece[7:]


def test_each_window_is_committed_before_it_is_acknowledged() -> None:
    device = ScriptedDevice(range(20))
    store = ListStore(device)
    result = run(device, store)
    told = [entry for entry in device.log if entry[0] not in (message.HELLO, message.INFO)]
    assert told == [
        (message.FETCH, 0, 16),
        ("commit", 15, 1_790_123_456),
        (message.ACK, 16),
        (message.FETCH, 16, 16),
        ("commit", 19, 1_790_123_456),
        (message.ACK, 20),
        (message.BYE,),
    ]
    assert (result.pages_new, result.epochs, result.frames_dropped) == (20, 40, 0)
    assert result.info.device_id == "0102030405060708"


def test_a_session_resumes_behind_what_is_stored() -> None:
    device = ScriptedDevice(range(20))
    device.acknowledged = 12
    store = ListStore(device, stored=range(12))
    assert run(device, store).pages_new == 8
    assert store.sequences == list(range(20))
    assert (message.FETCH, 12, 16) in device.log


def test_an_acknowledgement_that_got_lost_last_time_is_made_up_for() -> None:
    device = ScriptedDevice(range(5))
    store = ListStore(device, stored=range(5))
    assert run(device, store).pages_new == 0
    assert device.acknowledged == 5
    assert not any(entry[0] == message.FETCH for entry in device.log)


def test_missing_sequences_are_skipped_and_the_cursor_reaches_the_end() -> None:
    device = ScriptedDevice([3, 4, 9, 30])
    device.next = 33
    store = ListStore(device)
    run(device, store)
    assert store.sequences == [3, 4, 9, 30]
    assert device.acknowledged == 33


def test_progress_ends_at_the_total() -> None:
    seen: list[tuple[int, int]] = []
    device = ScriptedDevice(range(40))
    run(device, ListStore(device), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(16, 40), (32, 40), (40, 40)]


def hit(opcode: int, numbers: set[int], how: Callable[[list[bytes]], list[bytes]]):
    def disturb(op: int, count: int, frames: list[bytes]) -> list[bytes]:
        return how(frames) if op == opcode and count in numbers else frames

    return disturb


@pytest.mark.parametrize(
    "disturb",
    [
        pytest.param(hit(message.PAGE, {3}, lambda f: [f[0], damaged(f[1]), f[2]]), id="damaged"),
        pytest.param(hit(message.PAGE, {3, 9, 11}, lambda f: f[:-1]), id="last frame lost"),
        pytest.param(hit(message.PAGE, {1, 5}, lambda f: []), id="whole page lost"),
        pytest.param(hit(message.PAGE, {16}, lambda f: []), id="last page of window lost"),
        pytest.param(hit(message.PAGE, {2}, lambda f: f + f), id="page twice"),
        pytest.param(hit(message.SENT, {1, 2, 3}, lambda f: []), id="SENT lost, thrice"),
        pytest.param(hit(message.SENT, {1}, lambda f: [damaged(f[0])]), id="SENT damaged"),
        pytest.param(hit(message.ACK, {1}, lambda f: []), id="ACK lost"),
        pytest.param(hit(message.INFO, {1, 2}, lambda f: [damaged(f[0])]), id="INFO damaged"),
        pytest.param(hit(message.HELLO, {1}, lambda f: [b"", b"\xff" * 244]), id="HELLO garbage"),
    ],
)
def test_nothing_is_lost_or_doubled_by(disturb) -> None:
    device = ScriptedDevice(range(40), disturb)
    store = ListStore(device)
    run(device, store)
    assert store.sequences == list(range(40))
    assert device.acknowledged == 40


@pytest.mark.parametrize("n_whole", [0, 10])
def test_pages_before_the_damage_are_not_fetched_again(n_whole: int) -> None:
    nth = {n_whole + 1}
    device = ScriptedDevice(range(16), hit(message.PAGE, nth, lambda f: [damaged(f[0]), *f[1:]]))
    run(device, ListStore(device))
    fetches = [entry[1:] for entry in device.log if entry[0] == message.FETCH]
    assert fetches[:3] == [(0, 16), (n_whole, 0), (n_whole, 8)]
    assert len(fetches) == (3 if n_whole else 4)


class Miscounter(ScriptedDevice):
    """Once, page 3 is left out or said twice, without a gap in the message numbers."""

    times = 0

    def answer(self, opcode: int, fields: tuple[int, ...]) -> None:
        if opcode != message.FETCH or fields != (0, 16):
            super().answer(opcode, fields)
            return
        for sequence in range(16):
            for _ in range(self.times if sequence == 3 else 1):
                self.say(message.encode_page(self.pages[sequence]))
        self.say(message.encode(message.SENT, 16, 16, 1))


@pytest.mark.parametrize("times", [0, 2])
def test_a_window_that_does_not_add_up_is_fetched_again(times: int) -> None:
    device = Miscounter(range(20))
    device.times = times
    store = ListStore(device)
    run(device, store)
    assert store.sequences == list(range(20))


def test_a_page_that_never_arrives_ends_in_one_clear_line() -> None:
    fifth = make_page(5)

    def disturb(op: int, count: int, frames: list[bytes]) -> list[bytes]:
        return frames[1:] if op == message.PAGE and fifth[4:20] in frames[0] else frames

    device = ScriptedDevice(range(8), disturb)
    store = ListStore(device)
    with pytest.raises(BioklokFailure, match="page 5 failed to arrive 5 times"):
        run(device, store)
    assert store.sequences == [0, 1, 2, 3, 4]
    assert device.acknowledged == 5


def test_a_page_of_another_journal_is_not_stored() -> None:
    device = ScriptedDevice(range(3))
    device.pages[1] = make_page(1, journal_id=JOURNAL + 1)
    store = ListStore(device)
    with pytest.raises(BioklokFailure, match="page 1 failed"):
        run(device, store)
    assert store.sequences == [0]


def test_a_page_that_is_damaged_in_flash_is_not_stored() -> None:
    device = ScriptedDevice(range(3))
    device.pages[2] = device.pages[2][:100] + b"\0" + device.pages[2][101:]
    store = ListStore(device)
    with pytest.raises(BioklokFailure, match="page 2 failed"):
        run(device, store)
    assert store.sequences == [0, 1]


def test_a_device_that_falls_silent_is_left_after_a_while() -> None:
    device = ScriptedDevice(range(3), lambda op, count, frames: [])
    with pytest.raises(BioklokFailure, match="stopped answering"):
        run(device, ListStore(device))
    assert len(device.log) == sync_module.ATTEMPTS


def test_a_device_that_never_stops_talking_is_left_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Babbler(ScriptedDevice):
        async def receive(self, timeout_s: float) -> bytes:
            return b"\x11" * 20

    monkeypatch.setattr(sync_module, "FLOOD_S", 0.05)
    device = Babbler(range(3))
    with pytest.raises(BioklokFailure, match="stopped answering"):
        run(device, ListStore(device))


def test_a_device_that_promises_more_and_sends_none_is_left() -> None:
    class Promiser(ScriptedDevice):
        def answer(self, opcode: int, fields: tuple[int, ...]) -> None:
            if opcode == message.FETCH:
                self.say(message.encode(message.SENT, 0, fields[0], 1))
            else:
                super().answer(opcode, fields)

    device = Promiser(range(3))
    with pytest.raises(BioklokFailure, match="page 0 failed to arrive"):
        run(device, ListStore(device))


def test_a_device_behind_its_own_journal_is_refused() -> None:
    device = ScriptedDevice(range(3))
    with pytest.raises(BioklokFailure, match="stands at page 3, but page 9"):
        run(device, ListStore(device, stored=range(10)))


@pytest.mark.parametrize("spoken", ["message", "frame"])
def test_another_protocol_version_is_named(spoken: str) -> None:
    def disturb(op: int, count: int, frames: list[bytes]) -> list[bytes]:
        (piece,) = frames
        newer = bytes([piece[0] + 0x10]) + piece[1:-4]
        return [newer + frame.crc32(newer).to_bytes(4, "little")]

    device = ScriptedDevice(range(3), disturb if spoken == "frame" else None)
    device.version = 2
    with pytest.raises(BioklokFailure, match="protocol"):
        run(device, ListStore(device))


@pytest.mark.parametrize(
    ("code", "line"), [(message.E_ORDER, "did not expect"), (message.E_STORAGE, "journal")]
)
def test_a_refusal_is_said_in_one_line(code: int, line: str) -> None:
    class Refuser(ScriptedDevice):
        def answer(self, opcode: int, fields: tuple[int, ...]) -> None:
            if opcode == message.FETCH:
                self.say(message.encode(message.ERROR, code))
            else:
                super().answer(opcode, fields)

    device = Refuser(range(3))
    with pytest.raises(BioklokFailure, match=line):
        run(device, ListStore(device))


def test_a_store_that_cannot_commit_is_not_acknowledged() -> None:
    class FullStore(ListStore):
        def commit_pages(
            self, info: DeviceInfo, pages: Sequence[bytes], received_at_utc_s: int
        ) -> int:
            raise BioklokFailure("The disk is full.")

    device = ScriptedDevice(range(3))
    with pytest.raises(BioklokFailure, match="disk is full"):
        run(device, FullStore(device))
    assert device.acknowledged == 0


def test_a_lost_link_is_its_own_failure_and_keeps_what_was_committed() -> None:
    class Leaver(ScriptedDevice):
        async def receive(self, timeout_s: float) -> bytes:
            if self.acknowledged:
                raise LinkLost("The connection to the device was lost.")
            return await super().receive(timeout_s)

    device = Leaver(range(40))
    store = ListStore(device)
    with pytest.raises(LinkLost):
        run(device, store)
    assert store.sequences == list(range(16))
