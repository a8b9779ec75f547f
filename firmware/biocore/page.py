"""The page: 512 bytes, written once to flash, sent, acknowledged and stored as the same bytes.

Header, up to 30 epoch records of consecutive minutes, CRC32. A page that was cut off while it was
written (torn) does not pass its CRC and is recognised as such.
"""

import struct
from binascii import crc32

from biocore.errors import DamagedData
from biocore.record import EPOCH_BYTES, EPOCH_FORMAT, EPOCH_S

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


PAGE_BYTES = const(512)
PAGE_MAGIC = const(0xB10C)
PAGE_FORMAT = const(1)

# (name, struct code, unit, meaning)
HEADER_FIELDS = (
    ("magic", "H", "", "0xB10C"),
    ("format", "B", "", "layout of header and records; this is 1"),
    ("n_epochs", "B", "", "records in this page, 1 to 30"),
    ("sequence", "I", "", "page number, rises by at least one from page to page"),
    ("journal_id", "I", "", "random, made when the journal was formatted; another after a wipe"),
    ("boot_id", "I", "", "random, made at each start"),
    ("start_utc_s", "I", "s", "Unix time of the first epoch's start; 0: the clock was not set"),
    ("uptime_s", "I", "s", "seconds from start-up to the first epoch's start"),
    ("clock", "B", "", "0 not set, 1 set; 2 placed afterwards, in a copy that a host made"),
    ("utc_offset_quarters", "b", "15 min", "local time less UTC, as the estimator had it"),
    (
        "usual_sleep",
        "H",
        "",
        "1 + 96 bed + wake, each in quarters of the local day; 0: the device was not told",
    ),
)
HEADER_FORMAT = "<" + "".join([field[1] for field in HEADER_FIELDS])
HEADER_BYTES = struct.calcsize(HEADER_FORMAT)
CRC_OFFSET = const(508)
MAX_EPOCHS = (CRC_OFFSET - HEADER_BYTES) // EPOCH_BYTES

CLOCK_UNSET = const(0)
CLOCK_SET = const(1)
CLOCK_PLACED = const(2)

BLANK = const(0)
TORN = const(1)
VALID = const(2)

# Headers travel as plain tuples in the order of HEADER_FIELDS; these are their places.
H_N_EPOCHS = const(2)
H_SEQUENCE = const(3)
H_JOURNAL_ID = const(4)
H_BOOT_ID = const(5)
H_START_UTC_S = const(6)
H_UPTIME_S = const(7)
H_CLOCK = const(8)
H_UTC_OFFSET = const(9)
H_USUAL_SLEEP = const(10)

_BLANK_PAGE = b"\xff" * PAGE_BYTES


def check(page):
    """Say whether 512 bytes are BLANK (erased flash), TORN (damaged or cut off) or VALID."""
    if page == _BLANK_PAGE:
        return BLANK
    if len(page) != PAGE_BYTES:
        return TORN
    head = struct.unpack_from(HEADER_FORMAT, page, 0)
    if head[0] != PAGE_MAGIC or not 1 <= head[H_N_EPOCHS] <= MAX_EPOCHS:
        return TORN
    if struct.unpack_from("<I", page, CRC_OFFSET)[0] != crc32(memoryview(page)[:CRC_OFFSET]):
        return TORN
    return VALID


def header(page):
    """Return the header of a valid page as a tuple in the order of `HEADER_FIELDS`.

    Raises DamagedData where the page is blank, torn or of a layout this version does not know.
    """
    if check(page) != VALID:
        raise DamagedData("page does not pass its checksum")
    head = struct.unpack_from(HEADER_FORMAT, page, 0)
    if head[1] != PAGE_FORMAT:
        raise DamagedData("page has format %d, this version reads %d" % (head[1], PAGE_FORMAT))
    return head


def records(page):
    """Yield (start_utc_s, record tuple in the order of `EPOCH_FIELDS`) of each epoch in a page.

    `start_utc_s` is 0 for every epoch of a page whose clock was not set.
    """
    head = header(page)
    start_utc_s = head[H_START_UTC_S]
    for i in range(head[H_N_EPOCHS]):
        record = struct.unpack_from(EPOCH_FORMAT, page, HEADER_BYTES + i * EPOCH_BYTES)
        yield (start_utc_s + i * EPOCH_S if start_utc_s else 0), record


def placed(page, start_utc_s):
    """Return a copy of a page whose first epoch starts then: the device had no clock, its host
    knows when it was started. The page itself is kept as it came."""
    head = list(header(page))
    head[H_START_UTC_S] = start_utc_s
    head[H_CLOCK] = CLOCK_PLACED
    copy = bytearray(page)
    struct.pack_into(HEADER_FORMAT, copy, 0, *head)
    struct.pack_into("<I", copy, CRC_OFFSET, crc32(memoryview(copy)[:CRC_OFFSET]))
    return bytes(copy)


class PageBuilder:
    """Collects the epochs of one page in one preallocated buffer.

    `n_epochs` is how many records it holds; `buffer` is only whole after `close`.
    """

    def __init__(self):
        self.buffer = bytearray(PAGE_BYTES)
        self.n_epochs = 0

    def begin(
        self, journal_id, boot_id, start_utc_s, uptime_s, utc_offset_quarters=0, usual_sleep=0
    ):
        """Start an empty page whose first epoch starts at these times (0: clock not set)."""
        buffer = self.buffer
        for i in range(PAGE_BYTES):
            buffer[i] = 0xFF
        clock = CLOCK_SET if start_utc_s else CLOCK_UNSET
        struct.pack_into(
            HEADER_FORMAT,
            buffer,
            0,
            PAGE_MAGIC,
            PAGE_FORMAT,
            0,
            0,
            journal_id,
            boot_id,
            start_utc_s,
            uptime_s,
            clock,
            utc_offset_quarters,
            usual_sleep,
        )
        self.n_epochs = 0

    def append(self, enmo, angle_median, angle_max, light, alpha, flags, marks, valid_s):
        """Add one record, fields in the order of `EPOCH_FIELDS`; the page must not be full."""
        if self.n_epochs >= MAX_EPOCHS:
            raise ValueError("page is full")
        struct.pack_into(
            EPOCH_FORMAT,
            self.buffer,
            HEADER_BYTES + self.n_epochs * EPOCH_BYTES,
            enmo,
            angle_median,
            angle_max,
            light,
            alpha,
            flags,
            marks,
            valid_s,
        )
        self.n_epochs += 1

    def is_full(self):
        """True when no further record fits."""
        return self.n_epochs == MAX_EPOCHS

    def close(self, sequence):
        """Give the page its sequence number and checksum; returns the 512-byte buffer."""
        struct.pack_into("<BI", self.buffer, 3, self.n_epochs, sequence)
        crc = crc32(memoryview(self.buffer)[:CRC_OFFSET])
        struct.pack_into("<I", self.buffer, CRC_OFFSET, crc)
        return self.buffer
