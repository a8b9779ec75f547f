"""An air that loses, repeats, shuffles, delays, damages and cuts: seeded, counted, repeatable.

    link = FaultyLink(seed=7, to_host=Faults(loss=0.5, duplication=0.1), pacing=PHONE)
    async with VirtualAir(link) as air: ...
    link.to_host.lost

Only ATT notifications (to the host) and write commands (to the device) are hit: connecting,
discovery and write requests go through untouched, as the stacks below us repair those.
"""

import asyncio
import math
import random
from collections import deque
from dataclasses import dataclass
from typing import Any

from bioklok.simulator.controller import AirLink, Departure

# L2CAP header (u16 length, u16 channel), then ATT: opcode, u16 handle, value.
_ATT_CHANNEL = b"\x04\x00"
_NOTIFICATION = 0x1B
_WRITE_COMMAND = 0x52
_L2CAP_BYTES = 4
_VALUE_AT = 7

REORDER_DEPTH = 4  # a held frame is overtaken by so many others at most
HOLD_S = 0.05  # and goes on its way after so long where none follows
DELIVERY_TURNS = 5  # link, controller, host, task of the handler, and one to spare


@dataclass(frozen=True)
class Faults:
    """What happens to the frames of one direction. Chances are 0 to 1, each drawn for itself."""

    loss: float = 0.0  # the frame never arrives
    duplication: float = 0.0  # it arrives twice
    reordering: float = 0.0  # 1 to REORDER_DEPTH later frames overtake it
    damage: float = 0.0  # one bit of its value is turned
    truncation: float = 0.0  # its value ends early, possibly at once
    delay_ms: float = 0.0  # at most so much later, evenly drawn; the order is kept
    cut_before: int = 0  # the link breaks instead of carrying the n-th frame; from 1, 0 is never
    cut_after: int = 0  # the link breaks once the n-th frame has arrived, or is lost


NONE = Faults()


@dataclass
class Counts:
    """What became of the frames of one direction.

    When all is quiet, frames + duplicated == delivered + lost + stranded.
    """

    frames: int = 0  # handed to the air
    delivered: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    damaged: int = 0
    truncated: int = 0
    delayed: int = 0
    stranded: int = 0  # on their way when the link broke or was closed
    cuts: int = 0


@dataclass(frozen=True)
class Pacing:
    """A connection as a phone keeps it: at every interval, so many packets each way.

    A frame longer than `packet_bytes` (opcode and handle included) takes several packets.
    """

    interval_ms: float
    packets: int
    packet_bytes: int


PHONE = Pacing(interval_ms=30.0, packets=4, packet_bytes=131)


@dataclass(eq=False)
class _Frame(Departure):
    data: bytes = b""
    due: float = 0.0  # on the loop's clock
    copies: int = 1  # 0: it takes its time on the air, and is lost
    packets: int = 1  # still to be sent of it, where the air is paced
    overtaken_by: int = 0  # so many more, while it is held
    ends_link: bool = False


class _Lane:
    """One direction of one connection: the frames on their way, in the order they will arrive."""

    def __init__(
        self, link: "FaultyLink", connection: Any, faults: Faults, counts: Counts, seed: str
    ) -> None:
        self.connection = connection
        self._link = link
        self._faults = faults
        self._counts = counts
        self._random = random.Random(seed)
        self._pacing = link.pacing
        self._loop = asyncio.get_running_loop()
        self._frames: deque[_Frame] = deque()
        self._held: list[_Frame] = []
        self._timer: asyncio.TimerHandle | None = None
        self._start_s = self._loop.time()
        self._event = 0  # number of the latest connection event
        self._is_cut = False

    def take(self, data: bytes) -> _Frame:
        """Take one frame from its sender."""
        frame = self._draw(data)
        if self._is_cut or self._counts.frames == self._faults.cut_before:
            self._counts.stranded += frame.copies
            frame.has_gone = True
            self._cut()
            return frame
        frame.ends_link = self._counts.frames == self._faults.cut_after
        for held in self._held:
            held.overtaken_by -= 1
        if frame.overtaken_by:
            self._held.append(frame)
            self._loop.call_later(HOLD_S, self._let_go, frame)
        else:
            self._frames.append(frame)
        for held in [h for h in self._held if h.overtaken_by <= 0]:
            self._let_go(held)
        self._move()
        return frame

    def _draw(self, data: bytes) -> _Frame:
        """Decide what becomes of a frame. Always as many draws, so that one chance changed in
        `Faults` leaves the others where they were."""
        faults, counts = self._faults, self._counts
        chances = [self._random.random() for _ in range(9)]
        counts.frames += 1
        frame = _Frame(due=self._loop.time())
        value = bytearray(data[_VALUE_AT:])
        if chances[0] < faults.loss:
            counts.lost += 1
            frame.copies = 0
        elif chances[1] < faults.duplication:
            counts.duplicated += 1
            frame.copies = 2
        if frame.copies and value and chances[2] < faults.damage:
            counts.damaged += 1
            bit = int(chances[3] * 8 * len(value))
            value[bit // 8] ^= 1 << bit % 8
        if frame.copies and value and chances[4] < faults.truncation:
            counts.truncated += 1
            del value[int(chances[5] * len(value)) :]
        if frame.copies and chances[6] < faults.reordering:
            counts.reordered += 1
            frame.overtaken_by = 1 + int(chances[7] * REORDER_DEPTH)
        if faults.delay_ms:
            counts.delayed += 1
            frame.due += chances[8] * faults.delay_ms / 1000
        if self._pacing is not None:
            frame.packets = math.ceil((len(data) - _L2CAP_BYTES) / self._pacing.packet_bytes)
        head = data[_L2CAP_BYTES:_VALUE_AT]
        size = (len(head) + len(value)).to_bytes(2, "little")
        frame.data = size + _ATT_CHANNEL + head + bytes(value)
        return frame

    def _let_go(self, frame: _Frame) -> None:
        if frame in self._held:
            self._held.remove(frame)
            self._frames.append(frame)
            self._move()

    def _move(self) -> None:
        """Send what is due, and come back for the rest."""
        if self._frames and self._is_over():
            self._strand()
        elif self._pacing is None:
            while self._frames and self._frames[0].due <= self._loop.time():
                self._depart(self._frames.popleft())
            if self._frames:
                self._call_at(self._frames[0].due)
        elif self._frames:
            interval_s = self._pacing.interval_ms / 1000
            # Events that the loop was too late for are gone, as they would be on the air.
            reached = int((self._loop.time() - self._start_s) / interval_s)
            self._call_at(self._start_s + max(self._event, reached + 1) * interval_s)

    def _call_at(self, when_s: float) -> None:
        if self._timer is None:
            self._timer = self._loop.call_at(when_s, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self._pacing is not None and not self._is_over():
            interval_s = self._pacing.interval_ms / 1000
            # Timers may be early by the resolution of the clock; no event comes twice.
            passed = round((self._loop.time() - self._start_s) / interval_s, 3)
            self._event = max(self._event, int(passed)) + 1
            packets = self._pacing.packets
            while packets and self._frames and self._frames[0].due <= self._loop.time():
                sent = min(packets, self._frames[0].packets)
                packets -= sent
                self._frames[0].packets -= sent
                if not self._frames[0].packets:
                    self._depart(self._frames.popleft())
        self._move()

    def _depart(self, frame: _Frame) -> None:
        for _ in range(frame.copies):
            self._counts.delivered += 1
            self._link.deliver(self.connection, frame.data)
        self.connection.controller.has_left(frame)
        if frame.ends_link:
            self._cut()

    def _is_over(self) -> bool:
        current = self.connection.controller.le_connections.get(self.connection.peer_address)
        return self._is_cut or current is not self.connection

    def _strand(self) -> None:
        self._counts.stranded += sum(f.copies for f in (*self._frames, *self._held))
        self._frames.clear()
        self._held.clear()

    def _cut(self) -> None:
        if not self._is_cut:
            self._is_cut = True
            self._counts.cuts += 1
            self._strand()
            self._cut_in(DELIVERY_TURNS)

    def _cut_in(self, turns: int) -> None:
        """Cut behind what was delivered: bumble takes some turns of the loop to hand it on."""
        if turns:
            self._loop.call_soon(self._cut_in, turns - 1)
        else:
            self._link.cut(self.connection)


class FaultyLink(AirLink):
    """A link with faults. `to_host` and `to_device` count what it did in either direction.

    The same seed and the same frames in the same order meet the same fate: every connection draws
    from a generator of its own. Cuts count the frames of all connections.
    """

    def __init__(
        self,
        seed: int = 0,
        to_host: Faults = NONE,
        to_device: Faults = NONE,
        pacing: Pacing | None = None,
    ) -> None:
        super().__init__()
        self._seed = seed
        self.pacing = pacing
        self._lanes: dict[tuple[Any, Any, int], _Lane] = {}
        self._n_lanes = {_NOTIFICATION: 0, _WRITE_COMMAND: 0}
        self.meet(to_host, to_device)

    def meet(self, to_host: Faults = NONE, to_device: Faults = NONE) -> None:
        """Other faults, counted from 0, for connections from now on; those that stand keep
        theirs."""
        self.to_host = Counts()
        self.to_device = Counts()
        self._directions = {
            _NOTIFICATION: ("to host", to_host, self.to_host),
            _WRITE_COMMAND: ("to device", to_device, self.to_device),
        }

    def send_acl_data(
        self, sender_controller: Any, destination_address: Any, transport: Any, data: bytes
    ) -> None:
        """Carry one L2CAP packet; the frames among them take their chance."""
        connection = sender_controller.le_connections.get(destination_address)
        opcode = data[_L2CAP_BYTES] if data[2:_L2CAP_BYTES] == _ATT_CHANNEL else -1
        if connection is None or opcode not in self._directions:
            super().send_acl_data(sender_controller, destination_address, transport, data)
            return
        frame = self._lane(connection, opcode).take(data)
        if not frame.has_gone:
            sender_controller.departing = frame

    def _lane(self, connection: Any, opcode: int) -> _Lane:
        key = (connection.controller, connection.peer_address, opcode)
        lane = self._lanes.get(key)
        if lane is None or lane.connection is not connection:
            self._n_lanes[opcode] += 1
            name, faults, counts = self._directions[opcode]
            seed = f"{self._seed} {name} {self._n_lanes[opcode]}"
            lane = self._lanes[key] = _Lane(self, connection, faults, counts, seed)
        return lane
