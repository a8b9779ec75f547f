"""The sending half of a transport: messages cut into frames, and what is under way. Sans I/O.

Selective repeat: what is missing is sent again, at once where later frames have overtaken it, else
after a time-out that follows the measured round trip (RFC 6298 in integers).

How many frames may be under way follows from the delay, as in LEDBAT (RFC 6817): while frames are
answered about as fast as the fastest was, the window grows; once they queue up on the way, it
shrinks. Losses say nothing of a queue on a radio, so they do not shrink it. A fast link thus never
waits, and a slow one has no more than it carries in a tenth of a second piled up in its stack.
"""

from biocore.frame import (
    ACK_DELAY_MS,
    CRC_BYTES,
    FIRST,
    HEADER_BYTES,
    LAST,
    NUMBERS,
    WINDOW,
    after,
    data_frame,
)
from biocore.units import ticks_add, ticks_diff

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_FIRST_WINDOW = const(8)
_LEAST_WINDOW = const(4)
_QUEUE_MS = const(60)  # so much above twice the fastest answer is still no queue
_OVERTAKEN = const(3)  # a frame is lost when one sent this many later is there
_FIRST_RTO_MS = const(400)
_MIN_RTO_MS = const(80)
_MAX_RTO_MS = const(2000)  # a window at 4 kB/s, about the slowest radio that is planned for


class _Sent:
    """A frame under way."""

    def __init__(self, number, frame):
        self.number = number
        self.frame = frame
        self.sent_ms = 0
        self.count = 0  # frames_sent when it was first sent
        self.order = -1  # -1: to be sent (again)
        self.tries = 0


class Outgoing:
    """`write` messages, take frames from `next_frame`, report acknowledgements to `on_ack`.

    window: frames that may be under way now. frames_repeated: sent again so far. confirmed: the
    highest `count` given to `next_frame` whose frame the other end has.
    """

    def __init__(self, now_ms):
        self._queue = []  # (flags, message) not yet cut
        self._cut_at = 0
        self.under_way = []  # in order
        self._next = 0  # number of the next new frame
        self._order = 0
        # Looking through all that is under way costs a small chip a millisecond: with a reason only
        self._is_lost = False
        self._look_ms = 0
        self._srtt_ms = 0
        self._rttvar_ms = 0
        self._rto_ms = _FIRST_RTO_MS
        self._fastest_ms = _FIRST_RTO_MS
        self.window = _FIRST_WINDOW
        self._is_searching = True  # slow start: until the first queue is met
        self._answered = 0  # frames since the window last moved
        self._progress_ms = now_ms
        self.frames_repeated = 0
        self.confirmed = 0

    def write(self, message, flags):
        """Queue a message."""
        self._queue.append((flags, message))

    def has_room(self):
        """Whether another message may be written without piling them up."""
        return len(self._queue) < 2

    def is_idle(self):
        """Whether all that was written has been acknowledged."""
        return not self._queue and not self.under_way

    def silent_ms(self, now_ms):
        """Milliseconds since the peer last got anything new, 0 while nothing is under way."""
        return ticks_diff(now_ms, self._progress_ms) if self.under_way else 0

    def _may_cut(self):
        return self._queue and len(self.under_way) < self.window

    def next_frame(self, now_ms, frame_bytes, count):
        """Return the frame to send now, or None. `count`: how many frames this end has sent."""
        if self.under_way and (self._is_lost or ticks_diff(now_ms, self._look_ms) >= 0):
            for entry in self.under_way:
                if entry.order < 0 or self._timed_out(entry, now_ms):
                    return self._dispatch(entry, now_ms, count)
            self._is_lost = False
            oldest_ms = max([ticks_diff(now_ms, entry.sent_ms) for entry in self.under_way])
            self._look_ms = ticks_add(now_ms, max(self._rto_ms - oldest_ms, 1))
        if self._may_cut():
            if not self.under_way:
                self._progress_ms = now_ms
                self._look_ms = ticks_add(now_ms, self._rto_ms)
            entry = _Sent(self._next, self._cut(frame_bytes))
            self._next = (self._next + 1) & NUMBERS
            self.under_way.append(entry)
            return self._dispatch(entry, now_ms, count)
        return None

    def _timed_out(self, entry, now_ms):
        if ticks_diff(now_ms, entry.sent_ms) < self._rto_ms:
            return False
        if entry is self.under_way[0]:  # once for each round, not for each frame of it
            self._rto_ms = min(self._rto_ms * 3 // 2, _MAX_RTO_MS)
        return True

    def _dispatch(self, entry, now_ms, count):
        entry.sent_ms = now_ms
        entry.order = self._order
        self._order += 1
        entry.tries += 1
        if entry.tries > 1:
            self.frames_repeated += 1
        else:  # a copy may still wait in the radio when its first is acknowledged
            entry.count = count
        return entry.frame

    def _cut(self, frame_bytes):
        """Cut the next piece off the first message in the queue."""
        flags, message = self._queue[0]
        start = self._cut_at
        end = min(start + frame_bytes - HEADER_BYTES - CRC_BYTES, len(message))
        flags |= FIRST if start == 0 else 0
        if end == len(message):
            flags |= LAST
            self._queue.pop(0)
            self._cut_at = 0
        else:
            self._cut_at = end
        return data_frame(self._next, flags, message, start, end)

    def wait_ms(self, now_ms):
        """Milliseconds until `next_frame` may have something; -1: not before something comes in."""
        if self._may_cut():
            return 0
        if not self.under_way:
            return -1
        # The same moment at which `next_frame` looks: a 0 here that found nothing there would keep
        # both ends awake for nothing.
        return 0 if self._is_lost else max(ticks_diff(self._look_ms, now_ms), 0)

    def on_ack(self, expected, bitmap, now_ms):
        """The other end has all frames before `expected` and those in the bitmap behind it.

        False where it claims what was never sent: of another connection, or somebody else's.
        """
        if after(expected, self._next) > 0:
            return False
        newest = None
        n = 0
        kept = []
        for entry in self.under_way:
            ahead = after(entry.number, expected)
            if ahead < 0 or (0 < ahead <= 32 and bitmap >> (ahead - 1) & 1):
                n += 1
                if newest is None or entry.order > newest.order:
                    newest = entry
                self.confirmed = max(self.confirmed, entry.count)
                if entry.tries == 1:  # Karn: a repeated frame says nothing of the round trip
                    self._measured(ticks_diff(now_ms, entry.sent_ms))
            else:
                kept.append(entry)
        if newest is None:
            return True
        self._progress_ms = now_ms
        self.under_way = kept
        if newest.tries == 1:
            self._adapt(n, ticks_diff(now_ms, newest.sent_ms))
        for entry in kept:
            if 0 <= entry.order <= newest.order - _OVERTAKEN:
                entry.order = -1  # overtaken: send it again at once
                self._is_lost = True
        return True

    def _measured(self, rtt_ms):
        if self._srtt_ms == 0:
            self._srtt_ms = rtt_ms
            self._rttvar_ms = rtt_ms // 2
        else:
            difference = rtt_ms - self._srtt_ms
            self._srtt_ms += difference // 8
            self._rttvar_ms += (abs(difference) - self._rttvar_ms) // 4
        rto = self._srtt_ms + 4 * self._rttvar_ms + ACK_DELAY_MS
        self._rto_ms = min(max(rto, _MIN_RTO_MS), _MAX_RTO_MS)
        self._fastest_ms = min(self._fastest_ms, rtt_ms)

    def _adapt(self, n, rtt_ms):
        """Move the window: n frames were answered, the newest of them after `rtt_ms`."""
        self._answered += n
        if rtt_ms > 2 * self._fastest_ms + _QUEUE_MS:
            self._is_searching = False
            if self._answered >= self.window:  # once for each round
                self._answered = 0
                self.window = max(self.window - max(self.window // 4, 1), _LEAST_WINDOW)
        elif self._is_searching or self._answered >= self.window:
            self.window = min(self.window + (n if self._is_searching else 1), WINDOW)
            self._answered = 0
