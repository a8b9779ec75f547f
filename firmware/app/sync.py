"""The device's side of a sync session. The order of messages stands in `biocore.message`."""

import asyncio

from app.courier import Courier
from biocore import crypto, message
from biocore.channel import Channel
from biocore.errors import DamagedData, PeerRefused
from biocore.frame import PROTOCOL_VERSION, WINDOW
from biocore.units import ticks_diff

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


LIMIT_FRAMES = 2 * WINDOW  # in the radio at once
# A peer that has had nothing new for so long is gone, whatever the radio says of it.
_SILENT_MS = const(30_000)
# A host asks all the time: one that has said nothing for so long is a phone that fell asleep.
_IDLE_MS = const(60_000)
# A stranger may stay connected for so long before it has proved itself.
_PROOF_MS = const(15_000)
_FRAMES_IN_TURN = const(4)  # taken before the sampler, the button and the lamp get their turn

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
    `status()`, `settings(fields)`, `balance(fields)`, `report(fields)`, `guard` (see app.guard) and
    `settle()`, which may write flash; `update` (app.update.Update); see app.desk.
    `sessions` counts connections, `pages_sent` pages, `broken` connections that an error of ours
    ended (a port that failed), `out_of_memory` those that ended because memory had run out.
    """

    def __init__(self, radio, device):
        self._radio = radio
        # BTstack queues on the heap without limit: no more than what may be under way, what is
        # sent again, and acknowledgements, of which nobody says when they have left.
        radio.limit_frames = LIMIT_FRAMES
        self._device = device
        self._courier = Courier(device.journal)
        self._channel = None
        self._stage = _STRANGER
        self._nonce = b""
        self._session_key = b""
        self._flushed = False
        self._is_wiping = False
        self._heard_ms = 0
        self.sessions = 0
        self.broken = 0
        self.out_of_memory = 0

    @property
    def pages_sent(self):
        return self._courier.pages_sent

    async def run(self):
        """Wait for a connection, serve it to its end, and again; does not return."""
        while True:
            await self._radio.wait_connected()
            self.sessions += 1
            self._begin()
            try:
                await self._serve()
            except PeerRefused:
                pass  # a newer program: no word more, and no attempt at our key either
            except DamagedData:
                # A peer that seals wrongly gets no word more.
                if not self._channel.is_secure and self._stage != _ENDED:
                    self._device.guard.failed()
            except MemoryError:
                self.out_of_memory += 1  # the host will come again; sampling goes on
            except OSError:
                self.broken += 1
            await self._radio.drain()
            self._radio.disconnect()
            self._channel = None
            self._device.journal.is_held = False
            self._device.settle()
            self._device.update.start_anew()

    def _begin(self):
        self._channel = Channel(self._device.ticks_ms())
        self._stage = _STRANGER
        self._courier.stop()
        self._flushed = False
        self._is_wiping = False
        self._heard_ms = self._device.ticks_ms()
        self._nonce = self._device.entropy(crypto.NONCE_BYTES)

    async def _serve(self):
        """Until the connection, the host's wish or its patience ends."""
        radio = self._radio
        channel = self._channel
        transport = channel.transport
        ticks_ms = self._device.ticks_ms
        began_ms = ticks_ms()
        taken = 0
        while radio.is_connected():
            now_ms = ticks_ms()
            left_ms = self._patience_ms(now_ms, began_ms)
            if left_ms <= 0:
                if transport.silent_ms(now_ms):  # it asks, and hears nothing of our answers
                    radio.restart()
                return
            piece = radio.take() if taken < _FRAMES_IN_TURN else None
            if piece is not None:
                taken += 1
                self._hear(channel.feed(piece, now_ms), now_ms)
                radio.confirm(transport.frames_confirmed)
                continue
            if taken:
                taken = 0
                await asyncio.sleep(0)
            if self._is_wiping:
                await self._wipe()
            self._pass_on()
            frame = transport.next_frame(now_ms, radio.frame_bytes)
            if frame is not None:
                await radio.send(frame)
                continue
            wait_ms = transport.wait_ms(now_ms)
            if self._stage == _ENDED and wait_ms < 0:
                return  # all is said, and the host has been told that it was heard
            await radio.wait(left_ms if wait_ms < 0 else min(wait_ms, left_ms))

    def _patience_ms(self, now_ms, began_ms):
        """How long this connection may go on as it is; 0 or less: it is over."""
        left_ms = _IDLE_MS - ticks_diff(now_ms, self._heard_ms)
        left_ms = min(left_ms, _SILENT_MS - self._channel.transport.silent_ms(now_ms))
        if _ENDED < self._stage < _PROVED:
            left_ms = min(left_ms, _PROOF_MS - ticks_diff(now_ms, began_ms))
        return left_ms

    def _hear(self, text, now_ms):
        """Answer the messages that a frame made whole."""
        while text is not None:
            self._heard_ms = now_ms
            self._answer(text)
            text = self._channel.more()

    async def _wipe(self):
        """Erase the journal, a sector a turn: all of them take seconds."""
        self._is_wiping = False
        try:
            for _ in self._device.journal.wiping():
                await asyncio.sleep(0)
        except OSError:
            self._error(message.E_STORAGE)
        else:
            self._say(message.WIPE)

    def _pass_on(self):
        """Write the next pages of a fetch, or flash where that is due and nothing is under way."""
        transport = self._channel.transport
        journal = self._device.journal
        courier = self._courier
        if transport.is_idle() and (not courier.is_busy or journal.is_due()):
            self._device.settle()
        # A page that is due lets the burst run out, so that it need not wait long.
        if courier.is_busy and transport.has_room() and not journal.is_due():
            try:
                courier.send(self._channel)
            except OSError:
                courier.stop()
                self._error(message.E_STORAGE)
        journal.is_held = courier.is_busy or not transport.is_idle()

    def _say(self, opcode, *fields):
        self._channel.write(message.encode(opcode, *fields))

    def _error(self, code):
        """Say what is wrong. A stranger hears it once: it could make us fill the heap with it."""
        if self._stage < _PROVED:
            self._refuse(code)
        else:
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
        if self._stage != _ENDED:
            self._stage = _ENDED
            self._say(message.ERROR, code)

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
        elif opcode == message.REPORT:
            self._say(message.REPORT, *device.report(fields))
        elif opcode in message.OF_UPDATE:
            self._say(opcode, *device.update.answer(opcode, fields))
        elif opcode == message.WIPE:
            self._stage = _PROVED
            self._courier.stop()
            self._is_wiping = True
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
            self._courier.begin(fields[0], fields[1])
        elif opcode == message.ACK:
            journal = self._device.journal
            journal.acknowledge(min(fields[0], journal.next_sequence))
            self._say(message.ACK, journal.acknowledged)
        else:
            return False
        return True
