"""Reliable, ordered messages over a radio that loses, repeats and damages frames. Sans I/O.

Selective repeat with selective acknowledgements, the same at both ends and in both directions. A
message is cut into frames of at most MTU - 3 bytes, numbered through; the receiver says which it
has; what is missing is sent again, at once where later frames have overtaken it, else after a
time-out that follows the measured round trip (RFC 6298 in integers).

    data  | 0: version (4 bits), flags (1 first, 2 last, 4 sealed) | 1-2: number | piece | CRC32 |
    ack   | 0: version, 8 | 1-2: next number expected | 3-6: bit i: next+1+i is here | CRC32 |

All numbers little-endian. The CRC finds accidents; what an enemy sends is found by the seal above.
"""

import struct
from binascii import crc32

from biocore.errors import DamagedData, PeerRefused
from biocore.units import ticks_add, ticks_diff

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


PROTOCOL_VERSION = const(2)

FIRST = const(1)
LAST = const(2)
SEALED = const(4)
ACK = const(8)

HEADER_BYTES = const(3)
CRC_BYTES = const(4)
ACK_BYTES = const(11)
MAX_MESSAGE_BYTES = const(560)  # a page, its opcode and its seal take 544

WINDOW = const(16)  # frames under way: 4 kB at the largest MTU that we ask for
_ACK_EVERY = const(8)  # frames in order before one acknowledgement
_ACK_DELAY_MS = const(30)
_OVERTAKEN = const(3)  # a frame is lost when one sent this many later is there
_FIRST_RTO_MS = const(400)
_MIN_RTO_MS = const(80)
_MAX_RTO_MS = const(2000)  # a window at 2 kB/s, the slowest radio that is planned for

_MASK = const(0xFFFF)


def _after(one, other):
    """How far number `one` lies behind `other` (mod 65536), -32768 to 32767."""
    return ((one - other + 0x8000) & _MASK) - 0x8000


class _Sent:
    """A frame under way."""

    def __init__(self, number, frame):
        self.number = number
        self.frame = frame
        self.sent_ms = 0
        self.count = 0  # frames_sent when it was first sent
        self.order = -1  # -1: to be sent (again)
        self.tries = 0


class Transport:
    """One end of one connection.

    `write` a message, take frames from `next_frame` and send them, give what comes in to `feed`,
    which returns the messages that are whole. `wait_ms` says when `next_frame` is worth asking
    again. All times are ticks in milliseconds that may wrap (biocore.units).

    frames_confirmed: of frames_sent so many have left our radio, for all that we know.
    frames_sent, frames_repeated, frames_received, frames_damaged, frames_doubled, bytes_sent and
    bytes_received count. `silent_ms` is the time since the peer last acknowledged something new
    while something was under way.
    """

    def __init__(self, now_ms):
        self._queue = []  # (flags, message) not yet cut
        self._cut_at = 0
        self._sent = []  # under way, in order
        self._next = 0  # number of the next new frame
        self._order = 0
        # Looking through all that is under way costs a small chip a millisecond: with a reason only
        self._is_lost = False
        self._look_ms = 0
        self._expected = 0
        self._early = {}  # number -> frame, ahead of the expected one
        self._message = bytearray(MAX_MESSAGE_BYTES)
        self._size = -1  # -1: no message begun
        self._unacknowledged = 0
        self._ack_due = -1  # ticks; -1 none
        self._ack_now = False
        self._srtt_ms = 0
        self._rttvar_ms = 0
        self._rto_ms = _FIRST_RTO_MS
        self._progress_ms = now_ms
        self.frames_sent = 0
        self.frames_confirmed = 0
        self.frames_repeated = 0
        self.frames_received = 0
        self.frames_damaged = 0
        self.frames_doubled = 0
        self.bytes_sent = 0
        self.bytes_received = 0

    # -- sending -------------------------------------------------------------------------------

    def write(self, message, flags=0):
        """Queue a message (at most MAX_MESSAGE_BYTES). `flags`: 0 or SEALED."""
        if not 1 <= len(message) <= MAX_MESSAGE_BYTES:
            raise ValueError("message of %d bytes does not fit" % len(message))
        self._queue.append((flags, message))

    def has_room(self):
        """Whether another message may be written without piling them up."""
        return len(self._queue) < 2

    def is_idle(self):
        """Whether all that was written has been acknowledged."""
        return not self._queue and not self._sent

    def silent_ms(self, now_ms):
        """Milliseconds since the peer last got anything new, 0 while nothing is under way."""
        return ticks_diff(now_ms, self._progress_ms) if self._sent else 0

    def next_frame(self, now_ms, frame_bytes):
        """Return the frame to send now, or None. `frame_bytes`: MTU - 3 at this moment."""
        if self._ack_now or (self._ack_due >= 0 and ticks_diff(now_ms, self._ack_due) >= 0):
            return self._counted(self._acknowledgement())
        if self._sent and (self._is_lost or ticks_diff(now_ms, self._look_ms) >= 0):
            for entry in self._sent:
                if entry.order < 0 or self._timed_out(entry, now_ms):
                    return self._dispatch(entry, now_ms)
            self._is_lost = False
            oldest_ms = max([ticks_diff(now_ms, entry.sent_ms) for entry in self._sent])
            self._look_ms = ticks_add(now_ms, max(self._rto_ms - oldest_ms, 1))
        if self._queue and len(self._sent) < WINDOW:
            if not self._sent:
                self._progress_ms = now_ms
                self._look_ms = ticks_add(now_ms, self._rto_ms)
            entry = _Sent(self._next, self._cut(frame_bytes))
            self._next = (self._next + 1) & _MASK
            self._sent.append(entry)
            return self._dispatch(entry, now_ms)
        return None

    def _timed_out(self, entry, now_ms):
        if ticks_diff(now_ms, entry.sent_ms) < self._rto_ms:
            return False
        if entry is self._sent[0]:  # once for each round, not for each frame of it
            self._rto_ms = min(self._rto_ms * 3 // 2, _MAX_RTO_MS)
        return True

    def _dispatch(self, entry, now_ms):
        entry.sent_ms = now_ms
        entry.order = self._order
        self._order += 1
        entry.tries += 1
        if entry.tries > 1:
            self.frames_repeated += 1
        if entry.tries == 1:  # a copy may still wait in the radio when its first is acknowledged
            entry.count = self.frames_sent + 1
        return self._counted(entry.frame)

    def _counted(self, frame):
        self.frames_sent += 1
        self.bytes_sent += len(frame)
        return frame

    def _cut(self, frame_bytes):
        """Cut the next piece off the first message in the queue."""
        flags, message = self._queue[0]
        room = frame_bytes - HEADER_BYTES - CRC_BYTES
        start = self._cut_at
        end = min(start + room, len(message))
        flags |= FIRST if start == 0 else 0
        if end == len(message):
            flags |= LAST
            self._queue.pop(0)
            self._cut_at = 0
        else:
            self._cut_at = end
        frame = bytearray(HEADER_BYTES + (end - start) + CRC_BYTES)
        struct.pack_into("<BH", frame, 0, PROTOCOL_VERSION << 4 | flags, self._next)
        frame[HEADER_BYTES : HEADER_BYTES + end - start] = memoryview(message)[start:end]
        _sign(frame)
        return frame

    def _acknowledgement(self):
        bitmap = 0
        for number in self._early:
            ahead = _after(number, self._expected) - 1
            if 0 <= ahead < 32:
                bitmap |= 1 << ahead
        frame = bytearray(ACK_BYTES)
        struct.pack_into("<BHI", frame, 0, PROTOCOL_VERSION << 4 | ACK, self._expected, bitmap)
        _sign(frame)
        self._ack_now = False
        self._ack_due = -1
        self._unacknowledged = 0
        return frame

    def wait_ms(self, now_ms):
        """Milliseconds until `next_frame` may have something; -1: not before something comes in."""
        wait = -1
        if self._ack_now or (self._queue and len(self._sent) < WINDOW):
            return 0
        if self._ack_due >= 0:
            wait = max(ticks_diff(self._ack_due, now_ms), 0)
        if self._sent:
            # The same moment at which `next_frame` looks: a 0 here that found nothing there would
            # keep both ends awake for nothing.
            due = 0 if self._is_lost else max(ticks_diff(self._look_ms, now_ms), 0)
            wait = due if wait < 0 else min(wait, due)
        return wait

    # -- receiving -----------------------------------------------------------------------------

    def feed(self, frame, now_ms):
        """Take a frame; return the messages that became whole, as (flags, bytes), in order.

        A damaged or doubled frame is counted and left. Raises PeerRefused for another protocol
        version, DamagedData where whole frames do not make messages (the peer is broken: give up).
        """
        size = len(frame)
        self.frames_received += 1
        self.bytes_received += size
        if size < HEADER_BYTES + CRC_BYTES + 1 or _is_damaged(frame):
            self.frames_damaged += 1
            return ()
        head, number = struct.unpack_from("<BH", frame, 0)
        if head >> 4 != PROTOCOL_VERSION:
            raise PeerRefused(
                "the other end speaks protocol %d, this one %d" % (head >> 4, PROTOCOL_VERSION)
            )
        if head & ACK:
            if size == ACK_BYTES:
                self._on_ack(number, struct.unpack_from("<I", frame, 3)[0], now_ms)
            else:
                self.frames_damaged += 1
            return ()
        return self._on_data(number, frame, now_ms)

    def _on_data(self, number, frame, now_ms):
        ahead = _after(number, self._expected)
        if ahead < 0 or ahead >= WINDOW or number in self._early:
            self.frames_doubled += 1
            self._ack_now = True  # the peer has not heard that it is here
            return ()
        if ahead > 0:
            self._early[number] = bytes(frame)
            self._ack_now = True
            return ()
        whole = []
        while frame is not None:
            self._append(frame, whole)
            self._expected = (self._expected + 1) & _MASK
            self._unacknowledged += 1
            frame = self._early.pop(self._expected, None) if self._early else None
        if self._unacknowledged >= _ACK_EVERY:
            self._ack_now = True
        elif self._ack_due < 0:
            self._ack_due = ticks_add(now_ms, _ACK_DELAY_MS)
        return whole

    def _append(self, frame, whole):
        flags = frame[0] & 0xF
        if flags & FIRST:
            if self._size >= 0:
                raise DamagedData("a message begins within another")
            self._size = 0
        elif self._size < 0:
            raise DamagedData("a message goes on that never began")
        end = self._size + len(frame) - HEADER_BYTES - CRC_BYTES
        if end > MAX_MESSAGE_BYTES:
            raise DamagedData("message is too long")
        self._message[self._size : end] = memoryview(frame)[HEADER_BYTES : len(frame) - CRC_BYTES]
        self._size = end
        if flags & LAST:
            whole.append((flags & SEALED, bytes(memoryview(self._message)[:end])))
            self._size = -1

    def _on_ack(self, expected, bitmap, now_ms):
        newest = -1
        kept = []
        for entry in self._sent:
            ahead = _after(entry.number, expected)
            if ahead < 0 or (0 < ahead <= 32 and bitmap >> (ahead - 1) & 1):
                self._progress_ms = now_ms
                if entry.order > newest:
                    newest = entry.order
                if entry.count > self.frames_confirmed:
                    self.frames_confirmed = entry.count
                if entry.tries == 1:  # Karn: a repeated frame says nothing of the round trip
                    self._measured(ticks_diff(now_ms, entry.sent_ms))
            else:
                kept.append(entry)
        self._sent = kept
        for entry in kept:
            if 0 <= entry.order <= newest - _OVERTAKEN:
                entry.order = -1  # overtaken: send it again at once
                self._is_lost = True

    def _measured(self, rtt_ms):
        if self._srtt_ms == 0:
            self._srtt_ms = rtt_ms
            self._rttvar_ms = rtt_ms // 2
        else:
            difference = rtt_ms - self._srtt_ms
            self._srtt_ms += difference // 8
            self._rttvar_ms += (abs(difference) - self._rttvar_ms) // 4
        rto = self._srtt_ms + 4 * self._rttvar_ms + _ACK_DELAY_MS
        self._rto_ms = min(max(rto, _MIN_RTO_MS), _MAX_RTO_MS)


def _sign(frame):
    end = len(frame) - CRC_BYTES
    struct.pack_into("<I", frame, end, crc32(memoryview(frame)[:end]))


def _is_damaged(frame):
    end = len(frame) - CRC_BYTES
    return struct.unpack_from("<I", frame, end)[0] != crc32(memoryview(frame)[:end])
