"""The receiving half of a transport: frames put in order, messages made whole. Sans I/O."""

from biocore.errors import DamagedData
from biocore.frame import (
    ACK_DELAY_MS,
    CRC_BYTES,
    FIRST,
    HEADER_BYTES,
    LAST,
    NUMBERS,
    SEALED,
    WINDOW,
    ack_frame,
    after,
)
from biocore.units import ticks_add, ticks_diff

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


MAX_MESSAGE_BYTES = const(2592)  # five pages and an opcode, padded and sealed
# Frames in order before one acknowledgement: at first (and for a moment each time the numbers
# wrap) not more than the other end's first window.
_ACK_EVERY_FIRST = const(8)
_ACK_EVERY = const(16)
_FIRST_FRAMES = const(64)


class Incoming:
    """`take` data frames; `acknowledgement` is the frame to send back once `ack_wait_ms` is 0.

    `frames_doubled` counts those that were here already or are too far ahead.
    """

    def __init__(self):
        self._expected = 0
        self.early = {}  # number -> frame, ahead of the expected one
        self._message = bytearray(MAX_MESSAGE_BYTES)
        self._size = -1  # -1: no message begun
        self._unacknowledged = 0
        self._ack_due = -1  # ticks; -1 none
        self._ack_now = False
        self.frames_doubled = 0

    def take(self, number, frame, now_ms):
        """Return the messages that become whole with this frame: a list of (flags, bytes)."""
        ahead = after(number, self._expected)
        if ahead < 0 or ahead >= WINDOW or number in self.early:
            self.frames_doubled += 1
            self._ack_now = True  # the peer has not heard that it is here
            return ()
        if ahead > 0:
            self.early[number] = bytes(frame)
            self._ack_now = True
            return ()
        whole = []
        while frame is not None:
            self._append(frame, whole)
            self._expected = (self._expected + 1) & NUMBERS
            self._unacknowledged += 1
            frame = self.early.pop(self._expected, None) if self.early else None
        every = _ACK_EVERY if self._expected >= _FIRST_FRAMES else _ACK_EVERY_FIRST
        if self._unacknowledged >= every:
            self._ack_now = True
        elif self._ack_due < 0:
            self._ack_due = ticks_add(now_ms, ACK_DELAY_MS)
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

    def hurry(self):
        """Do not keep an acknowledgement back: nothing more will come that it could wait for."""
        self._ack_now = self._ack_now or self._ack_due >= 0

    def ack_wait_ms(self, now_ms):
        """Milliseconds until an acknowledgement is due, -1: none is."""
        if self._ack_now:
            return 0
        return max(ticks_diff(self._ack_due, now_ms), 0) if self._ack_due >= 0 else -1

    def acknowledgement(self):
        """Return the frame that says what is here."""
        bitmap = 0
        for number in self.early:
            ahead = after(number, self._expected) - 1
            if 0 <= ahead < 32:
                bitmap |= 1 << ahead
        self._ack_now = False
        self._ack_due = -1
        self._unacknowledged = 0
        return ack_frame(self._expected, bitmap)
