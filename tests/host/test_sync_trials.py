"""What a reader of the sync thought would break it: strangers that flood, hosts that stall,
ticks that wrap. Both ends are the real ones; the wire and the flash are not."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from app.guard import FAILURES, Guard
from app.journal import Journal
from biocore import crypto, message
from biocore import frame as framing
from biocore.channel import Channel
from biocore.crypto import advertising_tag
from biocore.frame import PROTOCOL_VERSION
from biocore.transport import Transport
from bioklok.collect import _NotedStore, _Visit
from bioklok.errors import BioklokFailure
from bioklok.hub import Recogniser
from bioklok.radio.link import Sighting
from bioklok.store import open_store
from bleak.backends.device import BLEDevice
from support.loop import run
from support.pair import IDENTITY, KEY, Device, Flash
from support.wire import Faults, Wire

DAY_MS = 86_400_000
NONCE = bytes(16)


class Peer:
    def __init__(self, device):
        self.wire = Wire(247, Faults())
        self.link = device.connect(self.wire)
        self.channel = Channel(0)

    def now_ms(self):
        return int(asyncio.get_running_loop().time() * 1000)

    async def say(self, text, for_s=0.5):
        self.channel.write(text)
        loop = asyncio.get_running_loop()
        until_s = loop.time() + for_s
        answers = []
        while loop.time() < until_s and self.wire.up:
            while (frame := self.channel.transport.next_frame(self.now_ms(), 244)) is not None:
                await self.link.send(bytes(frame))
            with suppress(TimeoutError):
                text = self.channel.feed(await self.link.receive(0.05), self.now_ms())
                while text is not None:
                    answers.append(message.decode(text))
                    text = self.channel.more()
        return answers

    async def prove(self):
        ((_, (_, nonce)),) = await self.say(message.encode(message.HELLO, PROTOCOL_VERSION, NONCE))
        key = crypto.session_key(KEY, NONCE, nonce)
        await self.say(message.encode(message.PROOF, crypto.host_proof(key)))
        self.channel.secure(key, crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST)


def test_guard_is_open_again_a_week_later():
    now = [0]
    guard = Guard(lambda: now[0] % (1 << 30))
    for _ in range(FAILURES):
        guard.failed()
    now[0] = 120_000
    assert not guard.is_closed()
    for day in range(1, 30):
        now[0] = day * DAY_MS
        assert not guard.is_closed(), f"closed on day {day}, a minute was said"


def test_a_proved_host_that_stalls_does_not_hold_the_device_for_a_day():
    async def main():
        device = Device(Flash())
        device.log(90)
        peer = Peer(device)
        await peer.prove()
        await peer.say(message.ask(message.INFO))
        await asyncio.sleep(86400)
        assert not peer.wire.up, "still connected, and unreachable for anybody else"

    run(main())


def test_a_stranger_cannot_fill_the_heap_with_answers_it_never_takes():
    async def main():
        device = Device(Flash())
        peer = Peer(device)
        most = 0
        for n in range(2000):  # in 14 s, before it is cut off
            if not peer.wire.up:
                break
            await peer.link.send(bytes(framing.data_frame(n & 0xFFFF, 3, b"\xff", 0, 1)))
            await asyncio.sleep(0.007)
            if device.service._channel is not None:
                most = max(most, len(device.service._channel.transport.outgoing._queue))
        assert most <= 64, f"{most} answers wait on the device's heap"

    run(main())


def test_a_stranger_cannot_keep_the_device_from_its_other_work():
    """Writes that come as fast as they are read: the loop of `_serve` gives nobody a turn."""
    turns = [0]

    class Flood:
        frame_bytes = 244
        limit_frames = 0
        n = 0

        async def wait_connected(self):
            return

        def is_connected(self):
            return True

        def take(self):
            self.n += 1
            if self.n > 20_000:
                raise KeyboardInterrupt
            return b"junk that does not pass its checksum"

        def confirm(self, n):
            pass

        async def wait(self, timeout_ms):
            await asyncio.sleep(0)

        async def drain(self):
            pass

        def disconnect(self):
            raise KeyboardInterrupt

        def restart(self):
            pass

    async def main():
        device = Device(Flash())
        radio = Flood()
        device.service._radio = radio

        async def sampler():
            while True:
                turns[0] += 1
                await asyncio.sleep(0)

        task = asyncio.ensure_future(sampler())
        await asyncio.sleep(0)
        turns[0] = 0
        with suppress(KeyboardInterrupt):
            await device.service.run()
        task.cancel()
        assert turns[0] > 0, "20,000 writes were read, and the sampler had no turn"

    run(main())


def test_an_acknowledgement_of_what_was_never_sent_is_left():
    """From the connection before, or from somebody else: HELLO counts as heard and is not."""
    end = Transport(0)
    end.write(b"hello")
    end.next_frame(0, 20)  # lost
    end.feed(framing.ack_frame(40, 0), 5)
    assert not end.is_idle(), "never to be sent again"


def test_no_flash_write_for_settings_while_pages_are_under_way():
    async def main():
        device = Device(Flash())
        device.log(30 * 200)
        peer = Peer(device)
        await peer.prove()
        await peer.say(message.ask(message.INFO))
        transport = device.service._channel.transport
        busy = []
        program = device.flash.program

        def watched(address, data):
            busy.append(not transport.is_idle())
            program(address, data)

        device.flash.program = watched
        await peer.say(message.encode(message.FETCH, 0, 200), 0.2)
        await peer.say(message.encode(message.BALANCE, 7), 3)
        assert busy and not any(busy), "the flash was written in the middle of a burst"

    run(main())


def test_a_wipe_that_fails_half_way_keeps_ram_and_flash_of_one_mind():
    async def main():
        flash = Flash()
        device = Device(flash)
        device.log(90)

        def broken(address):
            raise OSError(5)

        erase, flash.erase = flash.erase, broken
        with suppress(OSError):
            device.journal.wipe()
        flash.erase = erase
        device.log(60, first=200)
        logged = device.journal.n_epochs
        again = Journal(flash, lambda n: bytes([9]) * n)
        assert again.journal_id == device.journal.journal_id and again.n_epochs == logged

    run(main())


def test_a_tag_of_yesterday_is_not_taken_for_the_device():
    now = [0.0]
    recognise = Recogniser(lambda: {"01": KEY}, clock=lambda: now[0])
    tag = advertising_tag(KEY, b"abc")
    assert recognise(Sighting(BLEDevice("AA:BB", None, None), tag, -40)) == "01"
    now[0] += 86400.0
    assert recognise(Sighting(BLEDevice("66:66", None, None), tag, -40)) is None


def test_a_device_with_the_key_of_another_is_not_taken_for_it(tmp_path):
    """Two devices were swapped, or one has the other's key: nothing is mixed up."""

    async def main():
        device = Device(Flash())
        device.log(90)
        wire = Wire(247, Faults())
        link = device.connect(wire)

        @asynccontextmanager
        async def connection():
            yield link

        with open_store(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
            visit = _Visit(_NotedStore(store, "ff" * 8), lambda done, total: None, KEY)
            with pytest.raises(BioklokFailure, match="says it is 0102030405060708"):
                await visit.session(connection())
            assert store.n_epochs(IDENTITY.hex()) == store.n_epochs("ff" * 8) == 0
            (noted,) = store.sessions(5)
            assert "says it is" in noted.result and noted.pages_new == 0
        wire.cut()
        await device.off()

    run(main())
