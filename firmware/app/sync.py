"""The device's side of a sync session. The order of messages stands in `biocore.message`."""

import asyncio

from biocore import frame, message
from biocore.errors import DamagedData, PeerRefused
from biocore.page import PAGE_BYTES

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Pages between two SENT at most: BTstack queues notifications on the heap, without limit.
MAX_WINDOW_PAGES = const(32)

# How far a connection has come
_STRANGER = const(0)  # knows nothing but the protocol version
_GREETED = const(1)
_OPEN = const(2)  # has the extent of the journal, may fetch and acknowledge


class SyncService:
    """Serves one host after the other.

    `radio` is the port of `hw.radio.Radio`; `journal` that of `app.journal`; `identity` the 8-byte
    device id. `sessions` counts connections, `pages_sent` pages.
    """

    def __init__(self, radio, journal, identity):
        self._radio = radio
        self._journal = journal
        self._identity = identity
        self._page = bytearray(PAGE_BYTES)
        self._stage = _STRANGER
        self._flushed = False
        self._number = 0
        self.sessions = 0
        self.pages_sent = 0

    async def run(self):
        """Wait for a connection, serve it to its end, and again; does not return."""
        while True:
            await self._radio.wait_connected()
            self.sessions += 1
            await self._serve()

    async def _serve(self):
        incoming = frame.Reassembler()
        self._stage = _STRANGER
        self._flushed = False
        self._number = 0
        while True:
            piece = await self._radio.receive()
            if piece is None:
                return
            try:
                whole = incoming.feed(piece)
                if whole is not None:
                    await self._answer(whole[1])
            except DamagedData:
                await self._error(message.E_DAMAGED)
            except PeerRefused:
                await self._error(message.E_VERSION)
            except OSError:
                await self._error(message.E_STORAGE)

    async def _answer(self, request):
        opcode, fields = message.decode(request)
        if opcode == message.HELLO:
            await self._hello(fields[0])
        elif opcode == message.INFO and self._stage != _STRANGER:
            await self._info()
        elif opcode == message.FETCH and self._stage == _OPEN:
            await self._fetch(fields[0], fields[1])
        elif opcode == message.ACK and self._stage == _OPEN:
            self._journal.acknowledge(min(fields[0], self._journal.next_sequence))
            await self._send(message.encode(message.ACK, self._journal.acknowledged))
        elif opcode == message.BYE:
            self._stage = _STRANGER
        else:
            await self._error(message.E_ORDER)

    async def _hello(self, version):
        if version != frame.PROTOCOL_VERSION:
            self._stage = _STRANGER
            await self._error(message.E_VERSION)
            return
        if self._stage == _STRANGER:
            self._stage = _GREETED
        await self._send(message.encode(message.HELLO, frame.PROTOCOL_VERSION, message.AUTH_NONE))

    async def _info(self):
        journal = self._journal
        # Once a connection: a host that asks again must not cut the journal into small pages.
        if not self._flushed:
            journal.flush()
            self._flushed = True
        self._stage = _OPEN
        await self._send(
            message.encode(
                message.INFO,
                self._identity,
                journal.journal_id,
                journal.boot_id,
                journal.oldest,
                journal.next_sequence,
                journal.acknowledged,
                journal.n_pages,
                journal.n_epochs,
            )
        )

    async def _fetch(self, start, window):
        """Send up to `window` pages, then SENT; with 0 the host only asks where we are."""
        following = start
        n_sent = 0
        window = min(window, MAX_WINDOW_PAGES)
        sequence = self._journal.read_into(following, self._page)
        while sequence >= 0 and n_sent < window:
            if not await self._send(message.encode_page(self._page)):
                return
            n_sent += 1
            self.pages_sent += 1
            following = sequence + 1
            # Where the stack takes all we give, the sampler needs its turn between two pages.
            await asyncio.sleep(0)
            sequence = self._journal.read_into(following, self._page)
        if sequence < 0:  # nothing is left: gaps at the end are not worth asking for again
            following = max(start, self._journal.next_sequence)
        await self._send(message.encode(message.SENT, n_sent, following, int(sequence >= 0)))

    async def _error(self, code):
        return await self._send(message.encode(message.ERROR, code))

    async def _send(self, text):
        """Send one message in as many frames as it takes; False once the host has gone."""
        number = self._number
        self._number = (number + 1) & 0xFFFF
        for piece in frame.frames(text, number, self._radio.frame_bytes):
            if not await self._radio.send(piece):
                return False
        return True
