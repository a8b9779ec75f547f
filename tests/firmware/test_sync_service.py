"""The sync service on the device's own interpreter and heap; what it must hold in every fault is in
tests/host/test_sync_session.py, where the same code meets the real host."""

import asyncio

from app.desk import Desk
from app.guard import Guard
from app.journal import Journal
from app.settings import Settings
from app.sync import SyncService
from app.timekeeper import Timekeeper
from biocore import crypto, message
from biocore.channel import Channel
from biocore.frame import PROTOCOL_VERSION
from biocore.page import PAGE_BYTES
from nor_flash import SECTOR, Flash

KEY = bytes(range(32))
NONCE = bytes(16)
SECTORS = 14
CELLS = bytearray(SECTORS * SECTOR)  # once: the heap is as small as a chip's, and gets holes


class Clock:
    def __init__(self):
        self.now_ms = 0

    def ticks_ms(self):
        self.now_ms += 1
        return self.now_ms

    def utc(self):
        return 1795447122, 0

    def set_utc(self, utc_s, utc_ms):
        pass


class Board:
    device_id = b"12345678"

    def __init__(self):
        self.flash = Flash(SECTORS, CELLS)
        self.clock = Clock()
        self._n = 0

    def key(self):
        return KEY

    def entropy(self, n):
        self._n += 1
        return bytes([self._n]) * n

    def battery_mv(self):
        return 3900


class Fields:
    enmo_dmg = 1
    angle_step_median_cdeg = 2
    angle_step_max_cdeg = 3
    light_mlx = 4
    light_alpha_q18 = 5
    valid_s = 60


def log(journal, n_epochs, first=0):
    for i in range(first, first + n_epochs):
        journal.append(1795000020 + 60 * i, 60 * i, Fields, 0, 0)


def no_report(quarter, grade, utc_s):
    return message.REPORT_REFUSED  # nothing is estimated here


def desk_with(n_pages):
    """The app's own rooms on a board without silicon."""
    board = Board()
    journal = Journal(board.flash, board.entropy)
    log(journal, 30 * n_pages)
    settings = Settings("", journal.bookmarks)
    time = Timekeeper(board.clock, settings)
    return Desk(board, journal, time, settings, lambda: 0, Guard(time.ticks_ms), no_report)


class Radio:
    """The radio port with the host inside: `host` is asked for frames and given frames."""

    frame_bytes = 244

    def __init__(self, host):
        self.host = host
        self.up = True
        self.given = asyncio.Event()
        self.n_sent = 0
        self.on_sent = lambda: None

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
        self.n_sent += 1
        self.on_sent()
        self.host.hear(bytes(frame))
        await asyncio.sleep(0)
        return self.up

    async def drain(self):
        return True

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
            if opcode == message.PAGES:
                self.pages += len(fields) // PAGE_BYTES
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
    desk = desk_with(n_pages)
    radio = Radio(host)
    service = SyncService(radio, desk)
    run(service, radio)
    return desk, service


def run(service, radio):
    async def main():
        task = asyncio.create_task(service.run())
        await asyncio.wait_for(radio.given.wait(), 20)
        task.cancel()

    asyncio.run(main())


def test_a_whole_session():
    host = Host(
        [
            message.ask(message.INFO),
            message.ask(message.TIME),
            message.ask(message.STATUS),
            message.ask(message.SETTINGS)[:7],
            message.encode(message.BALANCE, 255),
            message.encode(message.REPORT, 1994999, 4, 0),
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
    journal = desk.journal
    assert told[message.INFO] == (
        b"12345678",
        journal.journal_id,
        journal.boot_id,
        0,
        40,
        0,
        40,
        1200,
        journal.capacity,
    )
    assert told[message.STATUS][0] == 3900 and told[message.BALANCE] == (255,)
    assert told[message.REPORT] == (1994999, 4, message.REPORT_REFUSED)
    # The question of zeros is of an older host: it sets the three that it knows.
    assert told[message.SETTINGS] == (0, 0, 0, 1290, 420, 0, 0)
    assert told[message.SENT] == (24, 40, 0)
    assert desk.guard.refused == 0


def test_no_flash_is_written_while_frames_are_under_way():
    """RP2040 stops its interrupts for a flash write: the burst has to run out first."""
    host = Host(
        [
            message.ask(message.INFO),
            message.encode(message.FETCH, 0, 40),
            message.encode(message.ACK, 40),
            message.encode(message.FETCH, 40, 40),
            message.encode(message.BYE),
        ]
    )
    desk = desk_with(40)
    radio = Radio(host)
    service = SyncService(radio, desk)
    written = []

    def watched():
        if service._channel is not None:
            written.append((service.pages_sent, service._channel.transport.is_idle()))

    def on_sent():
        if radio.n_sent == 30:  # in the middle of the burst, half an hour is full
            desk.journal._flash.on_write = watched
            log(desk.journal, 30, first=1200)
            assert desk.journal.n_pages == 40 and desk.journal.is_due()

    radio.on_sent = on_sent
    run(service, radio)
    assert host.pages == 41 and desk.journal.n_epochs == 1230
    during = [is_idle for pages_sent, is_idle in written if pages_sent < 40]
    assert during and all(during), written


def test_the_sampler_gets_its_turn_after_a_message_or_two():
    """The accelerometer's FIFO has 0.28 s to spare: no long work between two awaits."""
    host = Host(
        [
            message.ask(message.INFO),
            message.encode(message.FETCH, 0, 200),
            message.encode(message.BYE),
        ]
    )
    desk = desk_with(60)
    radio = Radio(host)
    service = SyncService(radio, desk)
    journal = desk.journal
    pages_in_turn = [0]
    read_into = journal.read_into

    def counted(sequence, buffer):
        pages_in_turn[-1] += 1
        return read_into(sequence, buffer)

    def on_sent():
        pages_in_turn.append(0)

    journal.read_into = counted
    radio.on_sent = on_sent
    run(service, radio)
    assert host.pages == 60
    assert 0 < max(pages_in_turn) <= 2 * message.PAGES_PER_MESSAGE


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
