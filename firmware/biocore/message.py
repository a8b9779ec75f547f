"""Messages of a sync session: one opcode byte, then the fields of its table. Sans I/O.

A session, host on the left:

    HELLO  ->            version and ways of authentication the host has
           <-  HELLO     the device's; a stranger gets no more than this
    (the mutual proof of the next protocol version goes here)
    INFO   ->
           <-  INFO      identity and extent of the journal
    FETCH  ->            from a page number, at most so many pages
           <-  PAGE ...  in rising order of sequence
           <-  SENT      what the window held and whether there is more
    ACK    ->            the host has committed up to and including this page
           <-  ACK       the device has moved its cursor there
    BYE    ->
"""

import struct

from biocore.errors import DamagedData
from biocore.page import PAGE_BYTES

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


HELLO = const(1)
INFO = const(2)
FETCH = const(3)
PAGE = const(4)
SENT = const(5)
ACK = const(6)
BYE = const(7)
ERROR = const(15)

AUTH_NONE = const(0)

E_VERSION = const(1)  # speaks another protocol version
E_ORDER = const(2)  # this message does not belong here
E_DAMAGED = const(3)  # the message could not be read
E_STORAGE = const(4)  # the journal could not be read or written

# opcode -> ((name, struct code, meaning), ...); PAGE carries the page's 512 bytes instead
FIELDS = {
    HELLO: (
        ("version", "B", "protocol version, biocore.frame.PROTOCOL_VERSION"),
        ("auth", "B", "bit set of ways of authentication; 0 none"),
    ),
    INFO: (
        ("device_id", "8s", "from the chip; all zero in the host's question"),
        ("journal_id", "I", "which journal: another after a wipe"),
        ("boot_id", "I", "which start of the device"),
        ("oldest", "I", "sequence of the oldest page that is still there"),
        ("next", "I", "sequence that the next page will get"),
        ("acknowledged", "I", "all pages before this one were acknowledged"),
        ("n_pages", "I", "pages in the journal"),
        ("n_epochs", "I", "epochs in those pages"),
    ),
    FETCH: (
        ("start", "I", "first sequence wanted; missing ones are skipped"),
        ("window", "H", "at most so many pages before the SENT"),
    ),
    SENT: (
        ("n_pages", "H", "pages sent in this window"),
        ("next", "I", "sequence to fetch from next"),
        ("more", "B", "1: pages remain at or after `next`"),
    ),
    ACK: (("next", "I", "all pages before this sequence are safe on the host"),),
    BYE: (),
    ERROR: (("code", "B", "see the E_ constants"),),
}

_FORMATS = {op: "<" + "".join([field[1] for field in rows]) for op, rows in FIELDS.items()}


def encode(opcode, *fields):
    """Return the bytes of a message; `fields` in the order of `FIELDS[opcode]`."""
    return bytes([opcode]) + struct.pack(_FORMATS[opcode], *fields)


def encode_page(page):
    """Return the PAGE message that carries these 512 bytes."""
    return bytes([PAGE]) + page


def decode(message):
    """Return (opcode, fields): a tuple in the order of `FIELDS`, for PAGE the page's bytes.

    Bytes behind the known fields are skipped: a newer peer may add some. Raises DamagedData for
    an unknown opcode or a message that is too short.
    """
    opcode = message[0]
    if opcode == PAGE:
        if len(message) != PAGE_BYTES + 1:
            raise DamagedData("page message of %d bytes" % len(message))
        return opcode, message[1:]
    if opcode not in _FORMATS:
        raise DamagedData("unknown opcode %d" % opcode)
    if len(message) - 1 < struct.calcsize(_FORMATS[opcode]):
        raise DamagedData("message %d is too short" % opcode)
    return opcode, struct.unpack_from(_FORMATS[opcode], message, 1)
