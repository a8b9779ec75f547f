"""The sync service on the device's own interpreter and heap; what it must hold in every fault is in
tests/host/test_sync_session.py, where the same code meets the real host."""

import asyncio
import gc

from app.guard import FAILURES, Guard
from app.sync import SyncService
from biocore import crypto, message
from biocore.channel import Channel
from biocore.page import PAGE_BYTES, PageBuilder
from biocore.transport import PROTOCOL_VERSION

KEY = bytes(range(32))
NONCE = bytes(16)


class Journal:
    journal_id = 7
    boot_id = 8
    oldest = 0
    capacity = 100

    def __init__(self, n_pages):
        self.n_pages = self.next_sequence = n_pages
        self.n_epochs = n_pages
        self.acknowledged = 0
        self._builder = PageBuilder()

    def flush(self):
        pass

    def wipe(self):
        self.n_pages = self.next_sequence = 0

    def read_into(self, sequence, buffer):
        if sequence >= self.n_pages:
            return -1
        self._builder.begin(7, 8, 1763000040, 0)
        self._builder.append(1, 2, 3, 4, 5, 6, 7, 60)
        buffer[:] = self._builder.close(sequence)
        return sequence

    def acknowledge(self, next_sequence):
        self.acknowledged = next_sequence


class Desk:
    identity = b"12345678"
    key = KEY

    def __init__(self, journal):
        self.journal = journal
        self.now = 0
        self.guard = Guard(self.ticks_ms)

    def ticks_ms(self):
        self.now += 1
        return self.now

    def entropy(self, n):
        return bytes([9]) * n

    def time(self, fields):
        return 1, 2, 3, 4, 1

    def status(self):
        return 3900, 0, 0, self.guard.refused, 1

    def settings(self, fields):
        return 60, 1260, 420

    def balance(self, fields):
        return (5,)


class Radio:
    """The radio port with the host inside: `host` is asked for frames and given frames."""

    frame_bytes = 244

    def __init__(self, host):
        self.host = host
        self.up = True
        self.given = asyncio.Event()

    async def wait_connected(self):
        if not self.up:
            await asyncio.Event().wait()

    def is_connected(self):
        return self.up

    def take(self):
        return self.host.channel.transport.next_frame(self.host.tick(), 244)

    async def wait(self, timeout_ms):
        self.host.clock += max(timeout_ms, 1)
        await asyncio.sleep(0)

    async def send(self, frame):
        self.host.hear(bytes(frame))
        await asyncio.sleep(0)
        return self.up

    def disconnect(self):
        self.up = False
        self.given.set()

    def restart(self):
        pass

    def confirm(self, n_sent):
        self.n_confirmed = n_sent


class Host:
    """Proves itself with a key, then sends `requests` one after the other, each on an answer."""

    def __init__(self, requests, key=KEY):
        self.channel = Channel(0)
        self.clock = 0
        self.answers = []
        self.pages = 0
        self._key = key
        self._requests = list(requests)
        self.channel.write(message.encode(message.HELLO, PROTOCOL_VERSION, NONCE))

    def tick(self):
        self.clock += 1
        return self.clock

    def hear(self, frame):
        text = self.channel.feed(frame, self.tick())
        while text is not None:
            opcode, fields = message.decode(text)
            if opcode == message.PAGE:
                self.pages += 1
            else:
                self.answers.append((opcode, fields))
                self.answer(opcode, fields)
            text = self.channel.more()

    def answer(self, opcode, fields):
        if opcode == message.HELLO:
            self.session_key = crypto.session_key(self._key, NONCE, fields[1])
            self.channel.write(message.encode(message.PROOF, crypto.host_proof(self.session_key)))
            return
        if opcode == message.PROOF:
            assert fields[0] == crypto.device_proof(self.session_key)
            self.channel.secure(self.session_key, crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST)
        if self._requests:
            self.channel.write(self._requests.pop(0))


def serve(host, n_pages=40):
    desk = Desk(Journal(n_pages))
    radio = Radio(host)
    service = SyncService(radio, desk)

    async def main():
        task = asyncio.create_task(service.run())
        await asyncio.wait_for(radio.given.wait(), 20)
        task.cancel()

    asyncio.run(main())
    return desk, service


def test_a_whole_session():
    host = Host(
        [
            message.ask(message.INFO),
            message.ask(message.TIME),
            message.ask(message.STATUS),
            message.ask(message.SETTINGS),
            message.encode(message.BALANCE, 255),
            message.encode(message.FETCH, 0, 16),
            message.encode(message.ACK, 16),
            message.encode(message.FETCH, 16, 99),
            message.encode(message.ACK, 40),
            message.encode(message.BYE),
        ]
    )
    desk, service = serve(host)
    assert host.pages == 40 and service.pages_sent == 40
    assert desk.journal.acknowledged == 40
    told = dict(host.answers)
    assert told[message.INFO] == (b"12345678", 7, 8, 0, 40, 0, 40, 40, 100)
    assert told[message.STATUS][0] == 3900 and told[message.BALANCE] == (5,)
    assert told[message.SENT] == (24, 40, 0)
    assert desk.guard.refused == 0


def test_a_wipe_needs_a_new_info():
    fetch = message.encode(message.FETCH, 0, 4)
    host = Host(
        [message.ask(message.INFO), message.ask(message.WIPE), fetch, message.ask(message.BYE)]
    )
    desk, _ = serve(host)
    assert desk.journal.n_pages == 0
    assert host.pages == 0
    assert (message.ERROR, (message.E_ORDER,)) in host.answers


def test_a_wrong_key_gets_an_error_and_the_door():
    host = Host([message.ask(message.INFO)], key=bytes(32))
    desk, _ = serve(host)
    assert [opcode for opcode, _ in host.answers] == [message.HELLO, message.ERROR]
    assert host.answers[1][1] == (message.E_PROOF,)  # and the INFO behind it stays unanswered
    assert desk.guard.refused == 1


def test_the_guard_closes_for_longer_each_time_and_opens_for_the_right_one():
    class Time:
        ms = 0

        def __call__(self):
            return self.ms

    time = Time()
    guard = Guard(time)
    closed = []
    for _ in range(9):
        for _ in range(FAILURES):
            assert not guard.is_closed()
            guard.failed()
        began = time.ms
        while guard.is_closed():
            time.ms += 1000
        closed.append(time.ms - began)
    assert closed[0] == 60_000 and closed[1] == 120_000 and closed[-1] == 3_600_000
    guard.passed()
    for _ in range(FAILURES):
        guard.failed()
    began = time.ms
    while guard.is_closed():
        time.ms += 1000
    assert time.ms - began == 60_000


def test_garbage_for_one_frame_of_200_bytes_stays_below_2500_bytes():
    """Issue's bound, for sealing, cutting and checking sums of a page, per 200 bytes on the air."""
    session_key = crypto.session_key(KEY, NONCE, NONCE)
    channel = Channel(0)
    channel.secure(session_key, crypto.DEVICE_TO_HOST, crypto.HOST_TO_DEVICE)
    page = message.encode_page(bytes(PAGE_BYTES))
    channel.write(page)
    while channel.transport.next_frame(0, 200) is not None:
        pass
    channel.transport._sent = []
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    n_frames = 0
    channel.write(page)
    while channel.transport.next_frame(0, 200) is not None:
        n_frames += 1
    used = gc.mem_alloc() - before
    gc.enable()
    assert n_frames == 3
    assert used / n_frames <= 2500, used / n_frames
