"""Messages between device and host: the transport, and over it the seal. Sans I/O, both ends.

First HELLO and PROOF go in the clear; `secure` ends that. From then on every message is sealed, in
both directions, and one that is not ends the session.
"""

from biocore import crypto
from biocore.errors import DamagedData
from biocore.frame import PROTOCOL_VERSION, SEALED
from biocore.transport import Transport

# Associated data of every seal: what the frame header says of the message.
_ASSOCIATED = bytes([PROTOCOL_VERSION << 4 | SEALED])


class Channel:
    """`write` messages, `feed` frames and take frames from `next_frame`: see `Transport`.

    `refused` counts messages that did not pass their seal (it is over then, at the latest).
    """

    def __init__(self, now_ms):
        self.transport = Transport(now_ms)
        self._outgoing = None
        self._incoming = None
        self._whole = []
        self.refused = 0

    @property
    def is_secure(self):
        """Whether messages are sealed."""
        return self._outgoing is not None

    def secure(self, session_key, outgoing, incoming):
        """Seal from the next message on. The names are crypto.HOST_TO_DEVICE and its reverse."""
        self._outgoing = crypto.Direction(session_key, outgoing)
        self._incoming = crypto.Direction(session_key, incoming)

    def write(self, message):
        """Queue a message; sealed once the channel is secure. Its buffer may be used again."""
        if self._outgoing is None:
            self.transport.write(bytes(message))
        else:
            self.transport.write(self._outgoing.seal(_ASSOCIATED, message), SEALED)

    def feed(self, frame, now_ms):
        """Take a frame; return the first message it completes, or None; `more` gives the others.

        Raises DamagedData where the session cannot go on, PeerRefused for another protocol version.
        """
        self._whole.extend(self.transport.feed(frame, now_ms))
        return self.more()

    def more(self):
        """Return the next message that the last frame completed, or None.

        One at a time: a message may change what the next one has to be (see `secure`).
        """
        if not self._whole:
            return None
        flags, text = self._whole.pop(0)
        if self._incoming is None:
            if flags & SEALED:
                self.refused += 1
                raise DamagedData("sealed message before the proofs")
            return text
        if not flags & SEALED:
            self.refused += 1
            raise DamagedData("message without a seal")
        try:
            return self._incoming.unseal(_ASSOCIATED, text)
        except DamagedData:
            self.refused += 1
            raise
