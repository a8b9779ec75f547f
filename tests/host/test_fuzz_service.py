"""The device's service against peers that say anything in any order, with the key and without."""

import asyncio
from contextlib import suppress

from biocore import crypto, message
from biocore.channel import Channel
from biocore.errors import DamagedData, PeerRefused
from biocore.frame import PROTOCOL_VERSION
from bioklok.radio.port import LinkLost
from hypothesis import given
from hypothesis import strategies as st
from support.fuzz import profiles
from support.loop import run
from support.pair import KEY, Device, Flash, MemoryStore, session
from support.wire import Faults, Wire

NONCE = bytes(16)
NUMBERS = st.sampled_from([0, 1, 2, 3, 4, 255, 256, 65535, 2**32 - 1])


def question(opcode):
    """A message with any fields that fit."""
    rows = message.FIELDS[opcode]
    return st.tuples(*[_value(code) for _, code, _ in rows]).map(
        lambda values: message.encode(opcode, *values)
    )


def _value(code):
    if code.endswith("s"):
        return st.binary(min_size=int(code[:-1]), max_size=int(code[:-1]))
    top = {"B": 255, "H": 65535, "h": 32767, "I": 2**32 - 1}[code]
    return NUMBERS.filter(lambda n: n <= top)


ANYTHING = st.one_of(
    st.sampled_from([op for op in message.FIELDS if op != message.WIPE]).flatmap(question),
    st.binary(min_size=1, max_size=40).filter(lambda text: text[0] != message.WIPE),
)
TALK = st.lists(ANYTHING, min_size=1, max_size=8)


class Peer:
    """Somebody who writes messages to a device and reads what it answers."""

    def __init__(self, device):
        self.wire = Wire(247, Faults())
        self.link = device.connect(self.wire)
        self.channel = Channel(0)

    async def say(self, text, for_s=0.5):
        """Say one thing; return all that is answered within the time."""
        self.channel.write(text)
        loop = asyncio.get_running_loop()
        until_s = loop.time() + for_s
        answers = []
        while loop.time() < until_s and self.wire.up:
            now_ms = int(loop.time() * 1000)
            while (frame := self.channel.transport.next_frame(now_ms, 244)) is not None:
                await self.link.send(bytes(frame))
            with suppress(TimeoutError, LinkLost):
                text = self.channel.feed(await self.link.receive(0.05), int(loop.time() * 1000))
                while text is not None:
                    answers.append(message.decode(text))
                    text = self.channel.more()
        return answers

    async def prove(self):
        ((_, (_, nonce)),) = await self.say(message.encode(message.HELLO, PROTOCOL_VERSION, NONCE))
        key = crypto.session_key(KEY, NONCE, nonce)
        ((opcode, _),) = await self.say(message.encode(message.PROOF, crypto.host_proof(key)))
        assert opcode == message.PROOF
        self.channel.secure(key, crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST)


async def logged():
    device = Device(Flash(10))
    device.log(70)
    return device, device.flash.bytes[:], device.journal.next_sequence


async def goes_on(device):
    """The device serves an honest host as if nothing had been."""
    assert device.task is not None and not device.task.done()
    store = MemoryStore()
    await session(device, store)
    (pages,) = store.journals.values()
    assert sorted(pages) == list(range(device.journal.oldest, device.journal.next_sequence))
    assert device.journal.acknowledged == device.journal.next_sequence
    await device.off()


@profiles(quick=40, long=5_000)
def test_a_stranger_gets_version_and_nonce_whatever_it_says(profile):
    @profile
    @given(TALK)
    def check(talk):
        async def main():
            device, flash, _ = await logged()
            peer = Peer(device)
            answers = []
            with suppress(DamagedData, PeerRefused):
                for text in talk:
                    answers += await peer.say(text)
            greetings = [fields for opcode, fields in answers if opcode != message.ERROR]
            assert len(greetings) <= 1
            assert all(version == PROTOCOL_VERSION for version, _ in greetings)
            assert {opcode for opcode, _ in answers} <= {message.HELLO, message.ERROR}
            assert device.flash.bytes == flash and device.time.times_set == 0
            peer.wire.cut()
            await asyncio.sleep(1)
            await goes_on(device)

        run(main())

    check()


@profiles(quick=25, long=3_000)
def test_a_host_with_the_key_may_say_anything_in_any_order(profile):
    @profile
    @given(TALK)
    def check(talk):
        async def main():
            device, _, following = await logged()
            peer = Peer(device)
            await peer.prove()
            for text in talk:
                for opcode, fields in await peer.say(text):
                    if opcode == message.SENT:
                        assert fields[1] >= device.journal.oldest
            assert device.journal.acknowledged <= device.journal.next_sequence
            assert device.journal.next_sequence in (following, following + 1)
            peer.wire.cut()
            await asyncio.sleep(1)
            device.clock._utc_s = 0.0  # it may have been told of the year 2106
            await goes_on(device)

        run(main())

    check()
