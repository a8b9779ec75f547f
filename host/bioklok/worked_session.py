"""A whole session with fixed key, nonces and page, for the docs: every frame in hexadecimal.

`docs/protocol.md` carries what this writes (make gen); a test reads it there and replays it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from biocore import crypto, message
from biocore.channel import Channel
from biocore.frame import PROTOCOL_VERSION
from biocore.page import PageBuilder

KEY = bytes(range(32))
NONCE_HOST = bytes(range(0x40, 0x50))
NONCE_DEVICE = bytes(range(0x80, 0x90))
DEVICE_ID = b"BIOKLOK1"
FRAME_BYTES = 244
# All other numbers in the module have more than one word in their name.
OPCODE_NAMES: dict[int, str] = {
    value: name
    for name, value in vars(message).items()
    if isinstance(value, int) and name.isupper() and "_" not in name
}
# After so much quiet an acknowledgement goes out that no data frame took along.
_QUIET_MS = 100


@dataclass(frozen=True)
class Line:
    """One frame: who sent it, what it is, its bytes."""

    sender: str
    what: str
    frame: bytes


def example_page() -> bytes:
    """A page with two epochs."""
    builder = PageBuilder()
    builder.begin(0x11223344, 0x55667788, 1795447080, 600)
    builder.append(123, 45, 678, 250_000, 690, 0x1A2, 1, 60)
    builder.append(7, 3, 12, 0, 0, 0, 0, 60)
    return bytes(builder.close(9))


def worked_session() -> Iterator[Line]:
    """Yield the frames of a session that fetches one page, in the order of the air."""
    host, device = Channel(0), Channel(0)
    key = crypto.session_key(KEY, NONCE_HOST, NONCE_DEVICE)
    now_ms = 0

    def carry(sender: str, what: str) -> Iterator[Line]:
        source, sink = (host, device) if sender == "host" else (device, host)
        while (frame := source.transport.next_frame(now_ms, FRAME_BYTES)) is not None:
            sink.feed(frame, now_ms)
            while sink.more() is not None:
                pass
            yield Line(sender, what, bytes(frame))

    def exchange(steps: list[tuple[str, bytes]]) -> Iterator[Line]:
        nonlocal now_ms
        for sender, text in steps:
            (host if sender == "host" else device).write(text)
            yield from carry(sender, OPCODE_NAMES[text[0]])
            now_ms += _QUIET_MS
            yield from carry("device" if sender == "host" else "host", "ack")

    yield from exchange(
        [
            ("host", message.encode(message.HELLO, PROTOCOL_VERSION, NONCE_HOST)),
            ("device", message.encode(message.HELLO, PROTOCOL_VERSION, NONCE_DEVICE)),
            ("host", message.encode(message.PROOF, crypto.host_proof(key))),
            ("device", message.encode(message.PROOF, crypto.device_proof(key))),
        ]
    )
    host.secure(key, crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST)
    device.secure(key, crypto.DEVICE_TO_HOST, crypto.HOST_TO_DEVICE)
    info = (DEVICE_ID, 0x11223344, 0x55667788, 0, 10, 9, 10, 272, 2032)
    yield from exchange(
        [
            ("host", message.ask(message.INFO)),
            ("device", message.encode(message.INFO, *info)),
            ("host", message.encode(message.TIME, 1795447200, 500, 0, 0, 0)),
            ("device", message.encode(message.TIME, 1795447198, 250, 720_250, 720, 1)),
            ("host", message.encode(message.SETTINGS, 60, 1260, 420, 1305, 420, 0, 1)),
            ("device", message.encode(message.SETTINGS, 60, 1260, 420, 1305, 420, 0, 1)),
            ("host", message.encode(message.REPORT, 1994940, 4, 0)),
            ("device", message.encode(message.REPORT, 1994940, 4, message.REPORT_TAKEN)),
            ("host", message.encode(message.FETCH, 9, 16)),
            ("device", message.encode_pages(example_page())),
            ("device", message.encode(message.SENT, 1, 10, 0)),
            ("host", message.encode(message.ACK, 10)),
            ("device", message.encode(message.ACK, 10)),
            ("host", message.encode(message.BYE)),
        ]
    )
