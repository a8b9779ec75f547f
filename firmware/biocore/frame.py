"""One frame on the air, as bytes: what `biocore.transport` sends and reads. Sans I/O.

    data  | 0: version (4 bits), flags (1 first, 2 last, 4 sealed) | 1-2: number | piece | CRC32 |
    ack   | 0: version, 8 | 1-2: next number expected | 3-6: bit i: next+1+i is here | CRC32 |

All numbers little-endian. The CRC finds accidents; what an enemy sends is found by the seal above.
"""

import struct
from binascii import crc32

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


PROTOCOL_VERSION = const(3)

FIRST = const(1)
LAST = const(2)
SEALED = const(4)
ACK = const(8)

HEADER_BYTES = const(3)
CRC_BYTES = const(4)
ACK_BYTES = const(11)

WINDOW = const(32)  # frames under way at most: 8 kB at the largest MTU that we ask for
ACK_DELAY_MS = const(30)  # the receiver may keep an acknowledgement back for so long

NUMBERS = const(0xFFFF)  # frame numbers count modulo this plus one


def after(one, other):
    """How far number `one` lies behind `other` (mod 65536), -32768 to 32767."""
    return ((one - other + 0x8000) & NUMBERS) - 0x8000


def data_frame(number, flags, message, start, end):
    """Return the frame that carries message[start:end]."""
    frame = bytearray(HEADER_BYTES + (end - start) + CRC_BYTES)
    struct.pack_into("<BH", frame, 0, PROTOCOL_VERSION << 4 | flags, number)
    frame[HEADER_BYTES : HEADER_BYTES + end - start] = memoryview(message)[start:end]
    sign(frame)
    return frame


def ack_frame(expected, bitmap):
    """Return the acknowledgement of all before `expected` and of those in the bitmap behind it."""
    frame = bytearray(ACK_BYTES)
    struct.pack_into("<BHI", frame, 0, PROTOCOL_VERSION << 4 | ACK, expected, bitmap)
    sign(frame)
    return frame


def sign(frame):
    """Write the checksum into the last four bytes."""
    end = len(frame) - CRC_BYTES
    struct.pack_into("<I", frame, end, crc32(memoryview(frame)[:end]))


def is_damaged(frame):
    """Whether this is too short for a frame or does not pass its checksum."""
    end = len(frame) - CRC_BYTES
    if end <= HEADER_BYTES:
        return True
    return struct.unpack_from("<I", frame, end)[0] != crc32(memoryview(frame)[:end])
