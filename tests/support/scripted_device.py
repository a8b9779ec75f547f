"""A device at the far end of a Link whose every frame is scripted, and a store that watches it."""

from collections.abc import Callable, Sequence

from biocore import frame, message, page
from bioklok.sync import DeviceInfo

DEVICE = b"\x01\x02\x03\x04\x05\x06\x07\x08"
JOURNAL = 77


def make_page(sequence: int, journal_id: int = JOURNAL, n_epochs: int = 2) -> bytes:
    builder = page.PageBuilder()
    builder.begin(journal_id, 1, 1_790_000_000 + sequence * 1800, 0)
    for _ in range(n_epochs):
        builder.append(1, 2, 3, 4, 5, 0, 0, 60)
    return bytes(builder.close(sequence))


class ScriptedDevice:
    """The far end of a Link: answers requests from `pages`, and lets `disturb` have its messages.

    `disturb(opcode, number, frames)` gets every outgoing message with the count of its opcode so
    far and returns the frames that really arrive. `log` holds what the host asked and the store
    did, in order. A silent link raises TimeoutError at once: time does not pass here.
    """

    frame_bytes = 244

    def __init__(
        self,
        sequences: Sequence[int],
        disturb: Callable[[int, int, list[bytes]], list[bytes]] | None = None,
    ) -> None:
        self.pages = {sequence: make_page(sequence) for sequence in sequences}
        self.next = max(sequences, default=-1) + 1
        self.oldest = min(sequences, default=0)
        self.acknowledged = 0
        self.log: list[tuple[object, ...]] = []
        self.version = frame.PROTOCOL_VERSION
        self._disturb = disturb
        self._incoming = frame.Reassembler()
        self._outgoing: list[bytes] = []
        self._number = 0
        self._counts: dict[int, int] = {}

    async def send(self, piece: bytes) -> None:
        whole = self._incoming.feed(piece)
        assert whole is not None
        opcode, fields = message.decode(whole[1])
        self.log.append((opcode, *fields))
        self.answer(opcode, fields)

    async def receive(self, timeout_s: float) -> bytes:
        if not self._outgoing:
            raise TimeoutError
        return self._outgoing.pop(0)

    def answer(self, opcode: int, fields: tuple[int, ...]) -> None:
        if opcode == message.HELLO:
            self.say(message.encode(message.HELLO, self.version, message.AUTH_NONE))
        elif opcode == message.INFO:
            extent = (self.oldest, self.next, self.acknowledged, len(self.pages), 0)
            self.say(message.encode(message.INFO, DEVICE, JOURNAL, 5, *extent))
        elif opcode == message.FETCH:
            start, window = fields
            found = [sequence for sequence in sorted(self.pages) if sequence >= start]
            for sequence in found[:window]:
                self.say(message.encode_page(self.pages[sequence]))
            more = len(found) > window
            following = (found[window - 1] + 1 if window else start) if more else self.next
            sent = min(window, len(found))
            self.say(message.encode(message.SENT, sent, following, int(more)))
        elif opcode == message.ACK:
            self.acknowledged = max(self.acknowledged, fields[0])
            self.say(message.encode(message.ACK, self.acknowledged))

    def say(self, text: bytes) -> None:
        frames = [bytes(piece) for piece in frame.frames(text, self._number, self.frame_bytes)]
        self._number += 1
        opcode = text[0]
        count = self._counts[opcode] = self._counts.get(opcode, 0) + 1
        self._outgoing += self._disturb(opcode, count, frames) if self._disturb else frames


class ListStore:
    """Pages in memory, and the device's log told of every commit."""

    def __init__(self, device: ScriptedDevice, stored: Sequence[int] = ()) -> None:
        self._device = device
        self.sequences = list(stored)

    def open_journal(self, info: DeviceInfo) -> int:
        return max(self.sequences, default=-1) + 1

    def commit_pages(self, info: DeviceInfo, pages: Sequence[bytes], received_at_utc_s: int) -> int:
        new = [page.header(p)[page.H_SEQUENCE] for p in pages]
        assert not set(new) & set(self.sequences)
        self.sequences += new
        self._device.log.append(("commit", new[-1], received_at_utc_s))
        return len(new)
