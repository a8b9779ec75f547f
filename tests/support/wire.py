"""The wire between device and host in tests/support/pair.py, with its faults, and what each end
sees of it: the firmware's radio port and the host's link."""

import asyncio
import random
from collections import deque
from dataclasses import dataclass

from bioklok.radio.port import LinkLost


@dataclass(frozen=True)
class Faults:
    """Shares of frames, each way. cut_at: the connection breaks before this frame (both ways)."""

    lose: float = 0.0
    double: float = 0.0
    shuffle: float = 0.0
    damage: float = 0.0
    seed: int = 1
    cut_at: int | None = None


class Wire:
    """Both directions of one connection."""

    LATENCY_S = 0.015

    def __init__(self, mtu: int, faults: Faults, paced: tuple[float, int] | None = None) -> None:
        """`paced`: every so many seconds, so many notifications, as a phone's connection has it."""
        self._paced = paced
        self._in_slot = 0
        self._slot_s = 0.0
        self.frame_bytes = mtu - 3
        self._faults = faults
        self._random = random.Random(faults.seed)
        self.n_frames = 0
        self.up = True
        self.to_device: deque[bytes] = deque()
        self.to_host: deque[bytes] = deque()
        self.device_wakes = asyncio.Event()
        self.host_wakes = asyncio.Event()
        self.log: list[tuple[str, bytes]] = []  # what was sent, for replays and tables

    async def slot(self) -> None:
        """Wait until a notification may go out."""
        if self._paced is None:
            await asyncio.sleep(0.002)
            return
        interval_s, packets = self._paced
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._slot_s + interval_s:
            self._slot_s = now_s - now_s % interval_s
            self._in_slot = 0
        if self._in_slot == packets:
            await asyncio.sleep(self._slot_s + interval_s - now_s)
            self._slot_s += interval_s
            self._in_slot = 0
        self._in_slot += 1

    def carry(self, frame: bytes, to_host: bool) -> None:
        if not self.up:
            return
        faults, dice = self._faults, self._random
        if faults.cut_at is not None and self.n_frames >= faults.cut_at:
            self.cut()
            return
        self.n_frames += 1
        self.log.append(("device" if to_host else "host", bytes(frame)))
        for _ in range(2 if dice.random() < faults.double else 1):
            if dice.random() < faults.lose:
                continue
            piece = bytearray(frame)
            if dice.random() < faults.damage:
                piece[dice.randrange(len(piece))] ^= 1 << dice.randrange(8)
            late_s = self.LATENCY_S
            if dice.random() < faults.shuffle:
                late_s += dice.random() * 0.2
            loop = asyncio.get_running_loop()
            loop.call_later(late_s, self._arrive, bytes(piece), to_host)

    def _arrive(self, piece: bytes, to_host: bool) -> None:
        if not self.up:
            return
        (self.to_host if to_host else self.to_device).append(piece)
        (self.host_wakes if to_host else self.device_wakes).set()

    def cut(self) -> None:
        self.up = False
        self.host_wakes.set()
        self.device_wakes.set()


class Radio:
    """The radio port of app.sync, on a wire. It speaks of the connection it handed out last."""

    def __init__(self) -> None:
        self._waiting: deque[Wire] = deque()
        self._fresh = asyncio.Event()
        self._wire = Wire(23, Faults())
        self._wire.up = False
        self.restarts = 0

    def connect(self, wire: Wire) -> None:
        self._waiting.append(wire)
        self._fresh.set()

    @property
    def frame_bytes(self) -> int:
        return self._wire.frame_bytes

    async def wait_connected(self) -> None:
        while not self._waiting:
            self._fresh.clear()
            await self._fresh.wait()
        self._wire = self._waiting.popleft()

    def is_connected(self) -> bool:
        return self._wire.up

    def take(self) -> bytes | None:
        if self._wire.up and self._wire.to_device:
            return self._wire.to_device.popleft()
        return None

    async def wait(self, timeout_ms: int) -> None:
        if self._wire.to_device or not self._wire.up:
            return
        self._wire.device_wakes.clear()
        try:
            async with asyncio.timeout(None if timeout_ms < 0 else timeout_ms / 1000):
                await self._wire.device_wakes.wait()
        except TimeoutError:
            return

    async def send(self, frame) -> bool:
        await self._wire.slot()
        self._wire.carry(bytes(frame), to_host=True)
        return self._wire.up

    async def drain(self) -> bool:
        return True

    def disconnect(self) -> None:
        # what was sent before arrives before the end does
        asyncio.get_running_loop().call_later(0.3, self._wire.cut)

    def restart(self) -> None:
        self.restarts += 1

    def confirm(self, n_sent: int) -> None:
        self.n_confirmed = n_sent


class PairLink:
    """The host's link, on a wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    @property
    def frame_bytes(self) -> int:
        return self._wire.frame_bytes

    async def send(self, frame: bytes) -> None:
        if not self._wire.up:
            raise LinkLost("The connection to the device was lost.")
        self._wire.carry(frame, to_host=False)

    async def receive(self, timeout_s: float) -> bytes:
        wire = self._wire
        if not wire.to_host and wire.up:
            wire.host_wakes.clear()
            async with asyncio.timeout(timeout_s):
                await wire.host_wakes.wait()
        if wire.to_host:
            return wire.to_host.popleft()
        raise LinkLost("The connection to the device was lost.")
