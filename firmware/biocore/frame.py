"""Frames: a message cut into pieces of at most MTU - 3 bytes, each with its own checksum. Sans I/O.

    | byte | what                                                                     |
    | 0    | protocol version (high 4 bits), flags (low 4 bits: 1 first, 2 last,        |
    |      | 4 sealed: kept for authenticated encryption, refused by this version)     |
    | 1    | number of this piece within its message                                   |
    | 2-3  | message number, rises by one, wraps at 65536 (little-endian)              |
    | ...  | piece of the message                                                      |
    | -4.. | CRC32 of all before it (little-endian)                                    |

The CRC finds accidents. It stops nobody: authentication belongs to the sealed form.
"""

import struct
from binascii import crc32

from biocore.errors import DamagedData, PeerRefused

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


PROTOCOL_VERSION = const(1)

FIRST = const(1)
LAST = const(2)
SEALED = const(4)

HEADER_BYTES = const(4)
CRC_BYTES = const(4)
MIN_FRAME_BYTES = const(9)  # header, one byte, CRC
MAX_MESSAGE_BYTES = const(544)  # a page, its opcode, and room for a seal


def frames(message, number, frame_bytes):
    """Yield the frames of one message, each at most `frame_bytes` long.

    `number` is the message number (0..65535). Raises ValueError where the message is empty, too
    long, or would need more than 256 pieces.
    """
    room = frame_bytes - HEADER_BYTES - CRC_BYTES
    size = len(message)
    if room < 1:
        raise ValueError("frames of %d bytes carry nothing" % frame_bytes)
    if not 1 <= size <= MAX_MESSAGE_BYTES or size > 256 * room:
        raise ValueError("message of %d bytes does not fit" % size)
    view = memoryview(message)
    at = 0
    piece = 0
    while at < size:
        end = min(at + room, size)
        flags = (FIRST if at == 0 else 0) | (LAST if end == size else 0)
        out = bytearray(HEADER_BYTES + (end - at) + CRC_BYTES)
        struct.pack_into("<BBH", out, 0, PROTOCOL_VERSION << 4 | flags, piece, number & 0xFFFF)
        out[HEADER_BYTES : HEADER_BYTES + end - at] = view[at:end]
        struct.pack_into("<I", out, len(out) - CRC_BYTES, crc32(memoryview(out)[:-CRC_BYTES]))
        yield out
        at = end
        piece += 1


class Reassembler:
    """Puts messages together again from frames as they come in; holds at most one message.

    `dropped` counts frames that were refused. A damaged or unexpected frame throws away the
    message it stands in; the next FIRST frame starts afresh.
    """

    def __init__(self):
        self._buffer = bytearray(MAX_MESSAGE_BYTES)
        self._size = 0
        self._piece = -1  # the piece expected next; -1: waiting for a FIRST frame
        self._number = 0
        self.dropped = 0

    def _drop(self, why):
        self._piece = -1
        self.dropped += 1
        raise DamagedData(why)

    def feed(self, frame):
        """Take one frame; return (message number, message) when it completes one, else None.

        Raises DamagedData for a frame that is cut, changed or out of order, and PeerRefused for a
        protocol version or a seal that this side does not speak.
        """
        size = len(frame)
        if size < MIN_FRAME_BYTES:
            self._drop("frame of %d bytes is too short" % size)
        view = memoryview(frame)
        if struct.unpack_from("<I", frame, size - CRC_BYTES)[0] != crc32(view[: size - CRC_BYTES]):
            self._drop("frame does not pass its checksum")
        head, piece, number = struct.unpack_from("<BBH", frame, 0)
        version = head >> 4
        if version != PROTOCOL_VERSION:
            raise PeerRefused(
                "the other end speaks protocol %d, this one %d" % (version, PROTOCOL_VERSION)
            )
        if head & SEALED:
            raise PeerRefused("the other end wants encryption, which this version has not")
        if head & FIRST:
            self._size = 0
            self._piece = 0
            self._number = number
        if piece != self._piece or number != self._number:
            self._drop("frame is not the one expected")
        end = self._size + size - HEADER_BYTES - CRC_BYTES
        if end > MAX_MESSAGE_BYTES:
            self._drop("message is too long")
        self._buffer[self._size : end] = view[HEADER_BYTES : size - CRC_BYTES]
        self._size = end
        self._piece += 1
        if not head & LAST:
            return None
        self._piece = -1
        return number, bytes(memoryview(self._buffer)[:end])
