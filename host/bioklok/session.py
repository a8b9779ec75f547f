"""Questions and answers of a sync session on the host's side, over one link. Used by `sync`."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from biocore import crypto, message, page
from biocore.channel import Channel
from biocore.errors import DamagedData, PeerRefused
from biocore.transport import PROTOCOL_VERSION
from biocore.units import TICKS_PERIOD

from bioklok.errors import BioklokFailure
from bioklok.radio.port import Link, LinkLost

WINDOW_PAGES = 32
GOODBYE_S = 2.0

_REFUSALS = {
    message.E_VERSION: "speaks another version of the protocol: update the device or this program",
    message.E_ORDER: "did not expect this request: sync again, restart the device if that fails",
    message.E_DAMAGED: "could not read a request: update the device or this program",
    message.E_STORAGE: "cannot read or write its journal: sync again, then have the device checked",
    message.E_PROOF: "does not know this computer's key: provision it again over USB",
    message.E_NO_KEY: "was never provisioned: do that over USB first",
}


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says of itself and of the extent of its journal; see `message.FIELDS[INFO]`."""

    device_id: str  # 16 hexadecimal digits
    journal_id: int  # another after a wipe
    boot_id: int
    oldest: int
    next: int
    acknowledged: int
    n_pages: int
    n_epochs: int
    capacity: int = 0
    started_utc_s: int = 0  # when this boot began, by the host's clock; 0: not known yet


@dataclass(frozen=True)
class DeviceClock:
    """What the session learnt of the device's clock.

    started_utc_s: when the device was started, by the host's clock: places the epochs of this boot
    that were logged without a clock. offset_ms: how far the device's clock was ahead of the host's
    before it was set, None where it was not set.
    """

    started_utc_s: int
    offset_ms: int | None


@dataclass(frozen=True)
class DeviceStatus:
    """See `message.FIELDS[STATUS]`. battery_mv 0: not known."""

    battery_mv: int
    faults: int
    pages_lost: int
    refused: int
    firmware: int


def now_s() -> float:
    """The loop's clock: tests run it in virtual time."""
    return asyncio.get_running_loop().time()


def _now_ms() -> int:
    return int(now_s() * 1000) % int(TICKS_PERIOD)


class Session:
    """Questions and answers over one link."""

    def __init__(self, link: Link, stall_s: float) -> None:
        self._link = link
        self._stall_s = stall_s
        self.channel = Channel(_now_ms())

    async def prove(self, key: bytes) -> None:
        """HELLO and PROOF; from then on all is sealed."""
        nonce = secrets.token_bytes(crypto.NONCE_BYTES)
        hello = message.encode(message.HELLO, PROTOCOL_VERSION, nonce)
        version, device_nonce = await self.ask(hello)
        if version != PROTOCOL_VERSION:
            raise BioklokFailure(f"The device {_REFUSALS[message.E_VERSION]}.")
        session_key = crypto.session_key(key, nonce, device_nonce)
        proof = message.encode(message.PROOF, crypto.host_proof(session_key))
        (answer,) = await self.ask(proof)
        if not crypto.equal(answer, crypto.device_proof(session_key)):
            raise BioklokFailure(
                "The device could not prove who it is: this is not the one that was provisioned."
            )
        self.channel.secure(session_key, crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST)

    async def info(self) -> DeviceInfo:
        """INFO: who it is and what it has."""
        device_id, *rest = await self.ask(message.ask(message.INFO))
        return DeviceInfo(device_id.hex(), *rest)

    async def set_clock(self, utc_s: Callable[[], float]) -> DeviceClock:
        """TIME: look at the device's clock and set it."""
        asked = utc_s()
        whole = int(asked)
        question = message.encode(message.TIME, whole, int((asked - whole) * 1000), 0, 0, 0)
        before_s, before_ms, _, uptime_s, code = await self.ask(question)
        answered = utc_s()
        if code != message.TIME_TAKEN:
            raise BioklokFailure(
                f"This computer's clock says {time.strftime('%Y-%m-%d %H:%M', time.gmtime(asked))} "
                "UTC, which the device knows cannot be right: set the clock and sync again."
            )
        middle = (asked + answered) / 2
        offset_ms = round((before_s + before_ms / 1000 - middle) * 1000) if before_s else None
        return DeviceClock(round(middle) - uptime_s, offset_ms)

    async def fetch(self, info: DeviceInfo, start: int) -> tuple[list[bytes], int, bool]:
        """Fetch one window: its pages, where to go on, and whether there is more."""
        pages: list[bytes] = []
        following = start
        self._write(message.encode(message.FETCH, start, WINDOW_PAGES))
        while True:
            opcode, content = await self._next()
            if opcode == message.PAGE:
                if len(pages) == WINDOW_PAGES:
                    raise BioklokFailure(f"Device {info.device_id} sent more than was asked for.")
                following = 1 + _verified_sequence(content, info, following)
                pages.append(content)
            elif opcode == message.SENT:
                n_pages, next_start, more = content
                if n_pages != len(pages) or next_start < following:
                    raise BioklokFailure(f"Device {info.device_id} miscounts its pages.")
                return pages, next_start, bool(more)
            else:
                raise BioklokFailure(f"Device {info.device_id} {_REFUSALS[message.E_ORDER]}.")

    async def ask(self, question: bytes) -> tuple[Any, ...]:
        """Send a question; return the fields of its answer, which has the same opcode."""
        self._write(question)
        opcode, fields = await self._next()
        if opcode != question[0]:
            raise BioklokFailure(f"The device {_REFUSALS[message.E_ORDER]}.")
        return tuple(fields)

    async def close(self) -> None:
        """Say goodbye and wait, not for long, until the device has heard all.

        All pages are committed and acknowledged by now: a device that hangs up first is fine.
        """
        self._write(message.encode(message.BYE))
        until = now_s() + GOODBYE_S
        try:
            while not self.channel.transport.is_idle() and now_s() < until:
                await self._send_frames()
                if (piece := await self._receive(until - now_s())) is not None:
                    self._feed(piece)
        except LinkLost:
            return

    def _write(self, text: bytes) -> None:
        self.channel.write(text)

    async def _send_frames(self) -> None:
        while True:
            frame = self.channel.transport.next_frame(_now_ms(), self._link.frame_bytes)
            if frame is None:
                return
            await self._link.send(bytes(frame))

    async def _receive(self, at_most_s: float) -> bytes | None:
        """The next frame, or None when it is time to look at the transport's clock."""
        wait_ms = self.channel.transport.wait_ms(_now_ms())
        timeout_s = at_most_s if wait_ms < 0 else min(wait_ms / 1000, at_most_s)
        try:
            return await self._link.receive(max(timeout_s, 0.001))
        except TimeoutError:
            return None

    def _feed(self, piece: bytes) -> bytes | None:
        try:
            text: bytes | None = self.channel.feed(piece, _now_ms())
        except PeerRefused as error:
            raise BioklokFailure(f"Sync is not possible: {error}.") from error
        except DamagedData as error:
            raise BioklokFailure(
                f"The session broke ({error}): somebody else may be sending. Sync again."
            ) from error
        return text

    async def _next(self) -> tuple[int, Any]:
        """Return (opcode, fields) of the next message.

        Raises BioklokFailure when the device refuses or nothing new came for `stall_s`.
        """
        until = now_s() + self._stall_s
        text = self.channel.more()
        while text is None:
            await self._send_frames()
            left_s = until - now_s()
            if left_s <= 0:
                raise BioklokFailure(
                    f"The device has sent nothing new for {self._stall_s:g} s. Bring it closer, "
                    "press its button and sync again."
                )
            piece = await self._receive(left_s)
            if piece is not None:
                text = self._feed(piece)
        try:
            opcode, fields = message.decode(text)
        except DamagedData as error:
            raise BioklokFailure(
                f"The device sent what this program cannot read: {error}."
            ) from error
        if opcode == message.ERROR:
            why = _REFUSALS.get(fields[0], f"refuses with code {fields[0]}")
            raise BioklokFailure(f"The device {why}.")
        return opcode, fields


def _verified_sequence(content: bytes, info: DeviceInfo, least: int) -> int:
    """Return the sequence of a page that belongs here. Raises BioklokFailure where it does not."""
    try:
        head = page.header(content)
    except DamagedData as error:
        raise BioklokFailure(f"Device {info.device_id} sent a damaged page: {error}.") from error
    if head[page.H_JOURNAL_ID] != info.journal_id or head[page.H_SEQUENCE] < least:
        raise BioklokFailure(f"Device {info.device_id} sent a page that does not belong here.")
    return int(head[page.H_SEQUENCE])
