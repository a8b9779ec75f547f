"""Messages of a sync session: one opcode byte, then the fields of its table. Sans I/O.

A session, host on the left; from INFO on all of it is sealed (biocore.channel):

    HELLO  ->            version, nonce
           <-  HELLO     version, nonce: a stranger gets no more than this
    PROOF  ->            what only a host with this device's key can say
           <-  PROOF     what only this device can say
    INFO   ->
           <-  INFO      identity and extent of the journal
    TIME   ->            the host's clock
           <-  TIME      the device's clock before, its uptime, and whether it took the time over
    STATUS ->
           <-  STATUS    battery, version, what it has done since its start, what went wrong
    SETTINGS, BALANCE -> where there is something to say
           <-  the same, as they stand now
    REPORT ->            how sharp somebody said on a page that they were, one a message
           <-  REPORT    whether it will be learnt
    FETCH  ->            from a page number, at most so many pages
           <-  PAGES ... in rising order of sequence, up to PAGES_PER_MESSAGE in each
           <-  SENT      what the window held and whether there is more
    ACK    ->            the host has committed all pages before this one
           <-  ACK       the device has moved its cursor there
    WIPE   ->            erase the journal
           <-  WIPE      done
    OFFER  ->            another application: the seal of its manifest
           <-  OFFER     what is wanted first, or why it is not taken
    PIECE  ->            a piece of the manifest, or of one of its files
           <-  PIECE     what is wanted next
    SWITCH ->            all is there: run it
           <-  SWITCH    the device starts anew when the session has ended
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
PAGES = const(4)
SENT = const(5)
ACK = const(6)
BYE = const(7)
PROOF = const(8)
TIME = const(9)
STATUS = const(10)
SETTINGS = const(11)
BALANCE = const(12)
WIPE = const(13)
REPORT = const(14)
ERROR = const(15)
OFFER = const(16)
PIECE = const(17)
SWITCH = const(18)
OF_UPDATE = (OFFER, PIECE, SWITCH)

E_VERSION = const(1)  # speaks another protocol version
E_ORDER = const(2)  # this message does not belong here
E_DAMAGED = const(3)  # the message could not be read
E_STORAGE = const(4)  # the journal could not be read or written
E_PROOF = const(5)  # the host does not have this device's key
E_NO_KEY = const(6)  # the device was never provisioned

# In SETTINGS and BALANCE: leave it as it is, and tell it. (A question of zeros would set zeros.)
KEEP_OFFSET = const(-32768)
KEEP_MINUTE = const(65535)
KEEP_TIME = const(0xFFFFFFFF)
KEEP_FLAG = const(255)
UNKNOWN_STRIPS = const(255)

# What started the device, in STATUS
RESTART_UNKNOWN = const(0)
RESTART_POWER = const(1)
RESTART_RESET = const(2)
RESTART_WATCHDOG = const(3)
RESTART_SLEEP = const(4)

TIME_QUESTION = const(0)
TIME_TAKEN = const(1)  # the device's clock stands at the host's time now
TIME_REFUSED = const(2)  # the host's time cannot be right
TIME_FORCED = const(3)  # the host's: take it over, a person says that it is right

REPORT_KNOWN = const(0)  # it was learnt already, or waits for its minute
REPORT_TAKEN = const(1)
REPORT_REFUSED = const(2)  # too old, no room, no clock, or no such grade

# What came of an offer, a piece or a switch
UPDATE_TAKEN = const(0)
UPDATE_OLDER = const(1)  # than the application that runs
UPDATE_NOT_OURS = const(2)  # the HMAC is not by this device's key
UPDATE_DAMAGED = const(3)  # what was written is not what the manifest says
UPDATE_NO_ROOM = const(4)  # or the flash does not take it
UPDATE_UNREADABLE = const(5)  # a manifest that is none
UPDATE_NO_SLOTS = const(6)  # this device has no place for another application
UPDATE_NOT_OFFERED = const(7)
UPDATE_OTHER_BOARD = const(8)
# In the place of a file's number
FILE_MANIFEST = const(65535)
FILE_NONE = const(65534)  # all is there
PIECE_BYTES = const(2048)  # at most in one message
MANIFEST_BYTES = const(16384)  # at most

# Messages that share frames: one page alone would leave the third of its frames nearly empty.
PAGES_PER_MESSAGE = const(5)

# opcode -> ((name, struct code, meaning), ...); PAGES carries pages of 512 bytes instead
FIELDS = {
    HELLO: (
        ("version", "B", "protocol version, biocore.frame.PROTOCOL_VERSION"),
        ("nonce", "16s", "random, new for each session"),
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
        ("capacity", "I", "pages that the journal can hold"),
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
    PROOF: (("proof", "16s", "biocore.crypto.host_proof, device_proof"),),
    TIME: (
        ("utc_s", "I", "the sender's Unix time (s); 0 not set. The device's: before it was set"),
        ("utc_ms", "H", "its milliseconds"),
        ("uptime_ms", "I", "the device's ticks (ms, wrap at 2^30); the host's: utc is of then"),
        ("uptime_s", "I", "the same in seconds"),
        (
            "code",
            "B",
            "0 question, 1 taken, 2 refused: it cannot be right; 3 from the host: it is right",
        ),
    ),
    STATUS: (
        ("battery_mv", "H", "battery in millivolt; 0 not known"),
        ("faults", "I", "reads that a sensor, writes that the flash did not take, since start-up"),
        ("pages_lost", "I", "pages that were dropped before a host had them, since start-up"),
        ("refused", "I", "connections that were refused since start-up"),
        ("firmware", "H", "firmware version: major in the high byte, minor in the low"),
        (
            "uptime_s",
            "I",
            "seconds since start-up, over which all of this was counted; 0: not told",
        ),
        ("awake_s", "I", "seconds in which the program ran; 0 where that is not measured"),
        ("bursts", "I", "times the accelerometer was read"),
        ("light_reads", "I", "times the light sensor was read"),
        ("epochs", "I", "minutes that went through the estimator"),
        ("radio_s", "I", "seconds in which a host could find the device"),
        ("connected_s", "I", "seconds in which a host was connected"),
        ("lamp_ms", "I", "milliseconds in which the lamp was lit"),
        ("red_ms", "I", "time of red, each ms times its level of 255"),
        ("green_ms", "I", "the same of green"),
        ("blue_ms", "I", "the same of blue"),
        ("red_square_ms", "I", "time of red, each ms times its level's square, as PWM drives it"),
        ("green_square_ms", "I", "the same of green"),
        ("blue_square_ms", "I", "the same of blue"),
        ("flash_pages", "I", "pages of 256 bytes that were programmed"),
        ("flash_sectors", "I", "sectors that were erased"),
        ("accelerometer_faults", "I", "starts and reads that the accelerometer did not answer"),
        ("light_faults", "I", "the same of the light sensor"),
        ("flash_faults", "I", "writes that the flash did not take"),
        ("radio_faults", "I", "connections ended by an error of the stack, and its restarts"),
        ("memory_faults", "I", "connections ended because memory had run out"),
        ("program_faults", "I", "times the estimator failed and began anew"),
        ("watchdog_restarts", "I", "starts by the watchdog, over the device's life"),
        ("restart", "B", "what started it: 0 not known, 1 power, 2 reset, 3 watchdog, 4 sleep"),
    ),
    SETTINGS: (
        ("utc_offset_min", "h", "local time ahead of UTC, in minutes; -32768: as it is"),
        (
            "dark_from_min",
            "H",
            "the lamp is dark from this local minute on; 65535: as it is",
        ),
        ("dark_until_min", "H", "until this one; 65535: as it is"),
        ("bed_min", "H", "usual bed time, a local minute of the day; 65535: as it is"),
        ("wake_min", "H", "usual waking time; 65535: as it is"),
        (
            "paused_until_utc_s",
            "I",
            "nothing is recorded or shown until then; 0: no pause; 4294967295: as it is",
        ),
        ("glow", "B", "1: the lamp glows by itself; 0: only when asked; 255: as it is"),
    ),
    BALANCE: (("strips", "B", "strips left; 255 not known"),),
    WIPE: (),
    REPORT: (
        ("quarter", "I", "the quarter of an hour that is meant: Unix time / 900"),
        ("grade", "B", "1 very tired to 5 very sharp"),
        ("code", "B", "the device's: 0 known already, 1 taken, 2 refused"),
    ),
    ERROR: (("code", "B", "see the E_ constants"),),
    OFFER: (
        ("size", "I", "bytes of the manifest"),
        ("seal", "32s", "HMAC-SHA256 over them, by the device's key"),
        ("number", "H", "the device's: the file wanted next; 65535 the manifest, 65534 none"),
        ("offset", "I", "the device's: from where on"),
        ("code", "B", "the device's: 0 taken, or why not"),
    ),
    PIECE: (
        ("number", "H", "which file of the manifest; 65535 itself. The device's: wanted next"),
        ("offset", "I", "where the bytes behind these fields belong"),
        ("code", "B", "the device's: 0 taken, or why not"),
    ),
    SWITCH: (("code", "B", "the device's: 0 it starts anew, or why not"),),
}

# What came to a message later: (bytes before it, what it says where it is left out). A peer of
# before leaves it out, and skips it where it is there.
_LATER = {
    SETTINGS: (
        6,
        struct.pack("<HHIB", KEEP_MINUTE, KEEP_MINUTE, KEEP_TIME, KEEP_FLAG),
    ),
    STATUS: (14, bytes(4 * 23 + 1)),  # an uptime of 0: it counts nothing
}

_FORMATS = {op: "<" + "".join([field[1] for field in rows]) for op, rows in FIELDS.items()}


def encode(opcode, *fields):
    """Return the bytes of a message; `fields` in the order of `FIELDS[opcode]`."""
    return bytes([opcode]) + struct.pack(_FORMATS[opcode], *fields)


def ask(opcode):
    """Return the message with all fields zero: the question for what it carries.

    Not of SETTINGS and BALANCE, which take over what is not KEEP_... or UNKNOWN_STRIPS.
    """
    return bytes([opcode]) + bytes(struct.calcsize(_FORMATS[opcode]))


def encode_pages(pages):
    """Return the PAGES message that carries these bytes: one page or up to PAGES_PER_MESSAGE."""
    return bytes([PAGES]) + pages


def piece(number, offset, data):
    """Return the PIECE with these bytes (at most PIECE_BYTES) of a file."""
    return encode(PIECE, number, offset, 0) + data


def decode(message):
    """Return (opcode, fields): a tuple in the order of `FIELDS`, for PAGES the pages' bytes; PIECE
    has the bytes behind its fields as one field more.

    Bytes behind the known fields are skipped: a newer peer may add some. Fields that an older one
    does not know say "as it is". Raises DamagedData for an unknown opcode or a message that is too
    short.
    """
    if not message:
        raise DamagedData("empty message")
    opcode = message[0]
    if opcode == PAGES:
        n, rest = divmod(len(message) - 1, PAGE_BYTES)
        if rest or not 1 <= n <= PAGES_PER_MESSAGE:
            raise DamagedData("message of pages with %d bytes" % len(message))
        return opcode, message[1:]
    if opcode not in _FORMATS:
        raise DamagedData("unknown opcode %d" % opcode)
    if opcode in _LATER and len(message) - 1 == _LATER[opcode][0]:
        message = bytes(message) + _LATER[opcode][1]
    if len(message) - 1 < struct.calcsize(_FORMATS[opcode]):
        raise DamagedData("message %d is too short" % opcode)
    fields = struct.unpack_from(_FORMATS[opcode], message, 1)
    if opcode == PIECE:
        fields += (message[1 + struct.calcsize(_FORMATS[PIECE]) :],)
    return opcode, fields
