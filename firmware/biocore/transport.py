"""Reliable, ordered messages over a radio that loses, repeats and damages frames. Sans I/O.

The same at both ends and in both directions. A message is cut into frames of at most MTU - 3 bytes,
numbered through (`biocore.frame`); the receiver says which it has (`biocore.incoming`); what is
missing is sent again (`biocore.outgoing`).
"""

import struct

from biocore.errors import PeerRefused
from biocore.frame import ACK, ACK_BYTES, PROTOCOL_VERSION, is_damaged
from biocore.incoming import MAX_MESSAGE_BYTES, Incoming
from biocore.outgoing import Outgoing


class Transport:
    """One end of one connection.

    `write` a message, take frames from `next_frame` and send them, give what comes in to `feed`,
    which returns the messages that are whole. `wait_ms` says when `next_frame` is worth asking
    again. All times are ticks in milliseconds that may wrap (biocore.units).

    frames_confirmed: of frames_sent so many have left our radio, for all that we know.
    frames_sent, frames_repeated, frames_received, frames_damaged, frames_doubled, bytes_sent and
    bytes_received count.
    """

    def __init__(self, now_ms):
        self.outgoing = Outgoing(now_ms)
        self.incoming = Incoming()
        self.frames_sent = 0
        self.frames_received = 0
        self.frames_damaged = 0
        self.bytes_sent = 0
        self.bytes_received = 0

    @property
    def frames_confirmed(self):
        return self.outgoing.confirmed

    @property
    def frames_repeated(self):
        return self.outgoing.frames_repeated

    @property
    def frames_doubled(self):
        return self.incoming.frames_doubled

    def write(self, message, flags=0):
        """Queue a message (at most MAX_MESSAGE_BYTES). `flags`: 0 or biocore.frame.SEALED."""
        if not 1 <= len(message) <= MAX_MESSAGE_BYTES:
            raise ValueError("message of %d bytes does not fit" % len(message))
        self.outgoing.write(message, flags)

    def has_room(self):
        """Whether another message may be written without piling them up."""
        return self.outgoing.has_room()

    def is_idle(self):
        """Whether all that was written has been acknowledged."""
        return self.outgoing.is_idle()

    def silent_ms(self, now_ms):
        """Milliseconds since the peer last got anything new, 0 while nothing is under way."""
        return self.outgoing.silent_ms(now_ms)

    def next_frame(self, now_ms, frame_bytes):
        """Return the frame to send now, or None. `frame_bytes`: MTU - 3 at this moment."""
        if self.incoming.ack_wait_ms(now_ms) == 0:
            frame = self.incoming.acknowledgement()
        else:
            frame = self.outgoing.next_frame(now_ms, frame_bytes, self.frames_sent + 1)
        if frame is not None:
            self.frames_sent += 1
            self.bytes_sent += len(frame)
        return frame

    def wait_ms(self, now_ms):
        """Milliseconds until `next_frame` may have something; -1: not before something comes in."""
        ack_ms = self.incoming.ack_wait_ms(now_ms)
        send_ms = self.outgoing.wait_ms(now_ms)
        if ack_ms < 0 or send_ms < 0:
            return max(ack_ms, send_ms)
        return min(ack_ms, send_ms)

    def feed(self, frame, now_ms):
        """Take a frame; return the messages that became whole, as (flags, bytes), in order.

        A damaged or doubled frame is counted and left. Raises PeerRefused for another protocol
        version, DamagedData where whole frames do not make messages (the peer is broken: give up).
        """
        self.frames_received += 1
        self.bytes_received += len(frame)
        if is_damaged(frame):
            self.frames_damaged += 1
            return ()
        head, number = struct.unpack_from("<BH", frame, 0)
        if head >> 4 != PROTOCOL_VERSION:
            raise PeerRefused(
                "the other end speaks protocol %d, this one %d" % (head >> 4, PROTOCOL_VERSION)
            )
        if not head & ACK:
            return self.incoming.take(number, frame, now_ms)
        is_ack = len(frame) == ACK_BYTES
        if not is_ack or not self.outgoing.on_ack(
            number, struct.unpack_from("<I", frame, 3)[0], now_ms
        ):
            self.frames_damaged += 1
        return ()
