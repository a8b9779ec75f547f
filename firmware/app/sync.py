"""The device's side of a sync session. The order of messages stands in `biocore.message`."""

from biocore import crypto, message
from biocore.channel import Channel
from biocore.errors import DamagedData, PeerRefused
from biocore.frame import PROTOCOL_VERSION, WINDOW
from biocore.page import PAGE_BYTES

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


LIMIT_FRAMES = 2 * WINDOW  # in the radio at once
# Pages between two SENT at most.
MAX_WINDOW_PAGES = const(256)
# A peer that has had nothing new for so long is gone, whatever the radio says of it.
_SILENT_MS = const(30_000)
# A stranger may stay connected for so long before it has proved itself.
_PROOF_MS = const(15_000)

# How far a connection has come
_STRANGER = const(0)  # knows nothing but the protocol version
_GREETED = const(1)  # nonces are exchanged
_PROVED = const(2)  # has the key; all is sealed
_OPEN = const(3)  # has the extent of the journal, may fetch and acknowledge
_ENDED = const(-1)  # refused, or said goodbye: below all others, so that nothing more is served


class SyncService:
    """Serves one host after the other, and nobody without the device's key.

    `radio` is the port of `hw.radio.Radio`; `device` answers for what is not sync: `journal`,
    `identity` (8 bytes), `key` (32 bytes or None), `entropy(n)`, `ticks_ms()`, `time(fields)`,
    `status()`, `settings(fields)`, `balance(fields)`, `guard` (see app.guard) and `settle()`, which
    may write flash; see app.desk.
    `sessions` counts connections, `pages_sent` pages.
    """

    def __init__(self, radio, device):
        self._radio = radio
        # BTstack queues on the heap without limit: no more than what may be under way, what is
        # sent again, and acknowledgements, of which nobody says when they have left.
        radio.limit_frames = LIMIT_FRAMES
        self._device = device
        self._pages = bytearray(message.PAGES_PER_MESSAGE * PAGE_BYTES)
        self._channel = None
        self._stage = _STRANGER
        self._nonce = b""
        self._session_key = b""
        self._fetch_from = 0
        self._fetch_left = -1  # pages that may still go into this window; -1: none was asked for
        self._fetch_sent = 0
        self._flushed = False
        self.sessions = 0
        self.pages_sent = 0

    async def run(self):
        """Wait for a connection, serve it to its end, and again; does not return."""
        while True:
            await self._radio.wait_connected()
            self.sessions += 1
            self._begin()
            try:
                await self._serve()
            except (DamagedData, PeerRefused):
                # A peer that seals wrongly or speaks otherwise gets no word more.
                if not self._channel.is_secure and self._stage != _ENDED:
                    self._device.guard.failed()
            await self._radio.drain()
            self._radio.disconnect()
            self._channel = None
            self._device.journal.is_held = False
            self._device.settle()

    def _begin(self):
        self._channel = Channel(self._device.ticks_ms())
        self._stage = _STRANGER
        self._fetch_left = -1
        self._flushed = False
        self._nonce = self._device.entropy(crypto.NONCE_BYTES)

    async def _serve(self):
        """Until the connection, the host's wish or its patience ends."""
        radio = self._radio
        channel = self._channel
        transport = channel.transport
        ticks_ms = self._device.ticks_ms
        began_ms = ticks_ms()
        while radio.is_connected():
            piece = radio.take()
            if piece is not None:
                text = channel.feed(piece, ticks_ms())
                radio.confirm(transport.frames_confirmed)
                while text is not None:
                    self._answer(text)
                    text = channel.more()
                continue
            self._pass_on()
            now_ms = ticks_ms()
            if transport.silent_ms(now_ms) > _SILENT_MS:
                radio.restart()
                return
            frame = transport.next_frame(now_ms, radio.frame_bytes)
            if frame is not None:
                await radio.send(frame)
                continue
            wait_ms = transport.wait_ms(now_ms)
            if self._stage == _ENDED and wait_ms < 0:
                return  # all is said, and the host has been told that it was heard
            if _ENDED < self._stage < _PROVED:
                left_ms = _PROOF_MS - ((now_ms - began_ms) & 0x3FFFFFFF)
                if left_ms <= 0:
                    if transport.silent_ms(now_ms):  # it asks, and hears nothing of our answers
                        radio.restart()
                    return
                wait_ms = left_ms if wait_ms < 0 else min(wait_ms, left_ms)
            await radio.wait(wait_ms)

    def _pass_on(self):
        """Write the next pages of a fetch, or flash where that is due and nothing is under way."""
        transport = self._channel.transport
        journal = self._device.journal
        if transport.is_idle() and (self._fetch_left < 0 or journal.is_due()):
            self._device.settle()
        # A page that is due lets the burst run out, so that it need not wait long.
        if self._fetch_left >= 0 and transport.has_room() and not journal.is_due():
            self._send_pages()
        journal.is_held = self._fetch_left >= 0 or not transport.is_idle()

    def _say(self, opcode, *fields):
        self._channel.write(message.encode(opcode, *fields))

    def _error(self, code):
        self._say(message.ERROR, code)

    def _answer(self, text):
        try:
            opcode, fields = message.decode(text)
        except DamagedData:
            self._error(message.E_DAMAGED)
            return
        try:
            if self._stage == _ENDED:
                return
            if opcode == message.BYE:
                self._stage = _ENDED
                self._channel.transport.incoming.hurry()
            elif opcode == message.HELLO and self._stage == _STRANGER:
                self._hello(fields[0], fields[1])
            elif opcode == message.PROOF and self._stage == _GREETED:
                self._prove(fields[0])
            elif self._stage >= _PROVED and self._serve_proved(opcode, fields):
                return
            elif self._stage == _OPEN and self._serve_open(opcode, fields):
                return
            else:
                self._error(message.E_ORDER)
        except OSError:
            self._error(message.E_STORAGE)

    def _hello(self, version, nonce):
        device = self._device
        if version != PROTOCOL_VERSION:
            self._refuse(message.E_VERSION)
        elif device.key is None:
            self._refuse(message.E_NO_KEY)
        else:
            self._session_key = crypto.session_key(device.key, nonce, self._nonce)
            self._stage = _GREETED
            self._say(message.HELLO, PROTOCOL_VERSION, self._nonce)

    def _refuse(self, code):
        self._error(code)
        self._stage = _ENDED

    def _prove(self, proof):
        if not crypto.equal(proof, crypto.host_proof(self._session_key)):
            self._device.guard.failed()
            self._refuse(message.E_PROOF)
            return
        self._device.guard.passed()
        self._say(message.PROOF, crypto.device_proof(self._session_key))
        self._channel.secure(self._session_key, crypto.DEVICE_TO_HOST, crypto.HOST_TO_DEVICE)
        self._stage = _PROVED

    def _serve_proved(self, opcode, fields):
        """What a host with the key may ask at any time; True when it was one of these."""
        device = self._device
        if opcode == message.INFO:
            self._info()
        elif opcode == message.TIME:
            self._say(message.TIME, *device.time(fields))
        elif opcode == message.STATUS:
            self._say(message.STATUS, *device.status())
        elif opcode == message.SETTINGS:
            self._say(message.SETTINGS, *device.settings(fields))
        elif opcode == message.BALANCE:
            self._say(message.BALANCE, *device.balance(fields))
        elif opcode == message.WIPE:
            device.journal.wipe()
            self._stage = _PROVED
            self._fetch_left = -1
            self._say(message.WIPE)
        else:
            return False
        return True

    def _info(self):
        journal = self._device.journal
        # Once a connection: a host that asks again must not cut the journal into small pages.
        if not self._flushed:
            journal.flush()
            self._flushed = True
        self._stage = _OPEN
        self._say(
            message.INFO,
            self._device.identity,
            journal.journal_id,
            journal.boot_id,
            journal.oldest,
            journal.next_sequence,
            journal.acknowledged,
            journal.n_pages,
            journal.n_epochs,
            journal.capacity,
        )

    def _serve_open(self, opcode, fields):
        """What needs the extent of the journal first; True when it was one of these."""
        if opcode == message.FETCH:
            self._fetch_from = fields[0]
            self._fetch_left = min(fields[1], MAX_WINDOW_PAGES)
            self._fetch_sent = 0
        elif opcode == message.ACK:
            journal = self._device.journal
            journal.acknowledge(min(fields[0], journal.next_sequence))
            self._say(message.ACK, journal.acknowledged)
        else:
            return False
        return True

    def _send_pages(self):
        """Write the next pages of the window that was asked for, and the SENT that ends it."""
        journal = self._device.journal
        pages = memoryview(self._pages)
        size = 0
        sequence = 0
        while self._fetch_left and size < len(pages):
            try:
                sequence = journal.read_into(self._fetch_from, pages[size : size + PAGE_BYTES])
            except OSError:
                self._fetch_left = -1
                self._error(message.E_STORAGE)
                return
            if sequence < 0:
                break
            size += PAGE_BYTES
            self._fetch_from = sequence + 1
            self._fetch_left -= 1
            self._fetch_sent += 1
            self.pages_sent += 1
        if size:
            self._channel.write(message.encode_pages(pages[:size]))
        if sequence >= 0 and self._fetch_left:
            return
        has_more = sequence >= 0 and journal.has_from(self._fetch_from)
        if not has_more:  # gaps at the end are not worth asking for again
            self._fetch_from = max(self._fetch_from, journal.next_sequence)
        self._fetch_left = -1
        self._say(message.SENT, self._fetch_sent, self._fetch_from, int(has_more))
