"""What happens to the wrist: acceleration, light and presses, streamed in by the host.

The stream (made by bioklok.simulator.world): one line of JSON {"start_utc_s", "button": [[ms,
level], ...]}, then a record for every second: light in millilux (uint32), 25 samples of int16 x, y,
z in mg. It ends when the recording ends; then the power goes.
"""

import asyncio
import json
import struct

SAMPLE_HZ = 25
_SECOND_BYTES = 4 + SAMPLE_HZ * 6


class StreamedWorld:
    """Reads the stream one second at a time as the accelerometer consumes it."""

    def __init__(self, path):
        self._file = open(path, "rb")
        header = json.loads(self._file.readline())
        self.start_utc_s = header["start_utc_s"]
        self.button = header["button"]
        self._record = bytearray(_SECOND_BYTES)
        self._view = memoryview(self._record)
        self._at = _SECOND_BYTES
        self._light_mlx = 0
        self.ended = asyncio.Event()

    def _next_second(self):
        if self.ended.is_set():
            return False
        if self._file.readinto(self._record) != _SECOND_BYTES:
            self.ended.set()
            return False
        self._light_mlx = struct.unpack_from("<I", self._record, 0)[0]
        self._at = 4
        return True

    def acceleration(self, buffer, n):
        """Copy n samples in mg; behind the end everything lies still."""
        wanted = 6 * n
        done = 0
        while done < wanted:
            if self._at == _SECOND_BYTES and not self._next_second():
                self._at = 4  # the last second again, until the power is gone
            take = min(wanted - done, _SECOND_BYTES - self._at)
            buffer[done : done + take] = self._view[self._at : self._at + take]
            self._at += take
            done += take

    def light_mlx(self):
        """The light at this moment, in millilux."""
        return self._light_mlx


class StillWorld:
    """A drawer: flat, still and dark, for ever, with the clock not set.

    Somebody presses the button once, as one does who wants to sync.
    """

    start_utc_s = 0
    button = ((100, 0), (220, 1))

    def __init__(self):
        self.ended = asyncio.Event()
        self._flat = struct.pack("<hhh", 0, 0, 1000)

    def acceleration(self, buffer, n):
        buffer[: 6 * n] = self._flat * n

    def light_mlx(self):
        return 0
