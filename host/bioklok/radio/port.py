"""What a sync session needs of a radio link. No bleak here: `bioklok.sync` imports this."""

from typing import Protocol

from bioklok.errors import BioklokFailure


class LinkLost(BioklokFailure):
    """The connection has ended: nothing is lost that was committed, a new session goes on there."""


class Link(Protocol):
    """A connection to one device that carries frames of at most `frame_bytes` bytes each way.

    `frame_bytes` counts for `send`; frames that come in may be longer, up to what the device uses.
    """

    @property
    def frame_bytes(self) -> int: ...

    async def send(self, frame: bytes) -> None:
        """Hand one frame over to the device; LinkLost when the connection has ended."""

    async def receive(self, timeout_s: float) -> bytes:
        """Return the next frame; TimeoutError when none came, LinkLost when none can come."""
