"""Questions and answers of a sync session on the host's side, over one link. Used by `sync`."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

from biocore import crypto, message, page
from biocore.channel import Channel
from biocore.errors import DamagedData, PeerRefused
from biocore.frame import PROTOCOL_VERSION
from biocore.page import PAGE_BYTES
from biocore.units import TICKS_PERIOD, ticks_diff

from bioklok.device_facts import DeviceClock, DeviceInfo, DeviceSettings, Orders
from bioklok.errors import BioklokFailure
from bioklok.radio.port import Link, LinkLost

WINDOW_PAGES = 256  # asked for at once
# Committed at once: what came within a second, at most five days.
BATCH_S = 1.0
BATCH_PAGES = 240
GOODBYE_S = 2.0
ROUND_TRIP_S = 0.5  # known to half of this, the device's clock is right enough
CLOCK_TRIES = 5

_KEEP = (message.KEEP_MINUTE,) * 4 + (message.KEEP_TIME, message.KEEP_FLAG)  # of DeviceSettings
_REFUSALS = {
    message.E_VERSION: "speaks another version of the protocol: update the device or this program",
    message.E_ORDER: "did not expect this request: sync again, restart the device if that fails",
    message.E_DAMAGED: "could not read a request: update the device or this program",
    message.E_STORAGE: "cannot read or write its journal: sync again, then have the device checked",
    message.E_PROOF: "does not know this computer's key: provision it again over USB",
    message.E_NO_KEY: "was never provisioned: do that over USB first",
}


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
        self._unanswered = 0  # ACKs
        self.epochs = 0  # in the pages that came

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

    async def set_clock(self, utc_s: Callable[[], float], *, force: bool = False) -> DeviceClock:
        """TIME: find out when the device's ticks stood where, then tell it what time that was.

        However late that arrives, the clock is right: to half of what is left of the round trips,
        each of which says that the ticks were taken between question and answer. force: the device
        is to believe this host against its own log.
        """
        low_s, high_s = float("-inf"), float("inf")
        anchor_ms = uptime_s = 0
        device_s: float | None = None  # its clock at the anchor
        for n in range(CLOCK_TRIES):
            asked_s, answered_s, answer = await self._time(utc_s, 0.0, 0, message.TIME_QUESTION)
            at_s, at_ms, ticks_ms, answer_uptime_s, _ = answer
            if n == 0:
                anchor_ms, uptime_s = ticks_ms or 1, answer_uptime_s
            passed_s = ticks_diff(ticks_ms, anchor_ms) / 1000
            low_s, high_s = max(low_s, asked_s - passed_s), min(high_s, answered_s - passed_s)
            device_s = at_s + at_ms / 1000 - passed_s if at_s else None
            if high_s - low_s <= ROUND_TRIP_S:
                break
        host_s = (low_s + high_s) / 2
        code = message.TIME_FORCED if force else message.TIME_QUESTION
        _, _, answer = await self._time(utc_s, host_s, anchor_ms, code)
        if answer[4] != message.TIME_TAKEN:
            return DeviceClock(0, None, is_refused=True)
        offset_ms = None if device_s is None else round((device_s - host_s) * 1000)
        return DeviceClock(round(host_s) - uptime_s, offset_ms)

    async def _time(
        self, utc_s: Callable[[], float], tell_s: float, ticks_ms: int, code: int
    ) -> tuple[float, float, tuple[Any, ...]]:
        """Ask TIME once: when it was asked and answered, and the answer's fields."""
        asked_s = utc_s()
        whole = int(tell_s)
        millis = int((tell_s - whole) * 1000)
        answer = await self.ask(message.encode(message.TIME, whole, millis, ticks_ms, 0, code))
        return asked_s, utc_s(), answer

    async def set_offset(self, utc_offset_min: int | None) -> DeviceSettings:
        """SETTINGS: tell the device its wearer's local time, None: as it is; return what it holds.

        At every sync, so that it follows the changes to summer time and back.
        """
        return await self._settings(utc_offset_min, DeviceSettings())

    async def _settings(self, utc_offset_min: int | None, told: DeviceSettings) -> DeviceSettings:
        offset = message.KEEP_OFFSET if utc_offset_min is None else utc_offset_min
        question = message.encode(message.SETTINGS, offset, *told.to_fields(_KEEP))
        _, *held = await self.ask(question)
        return DeviceSettings.of_fields(held, _KEEP)

    async def carry_out(self, orders: Orders, held: DeviceSettings) -> None:
        """SETTINGS, BALANCE, REPORT and WIPE, as far as there is something to say.

        held: what the device said it holds. What it does not take is told at the next sync again.
        """
        news = orders.settings.where_not(held)
        if news != DeviceSettings():
            await self._settings(None, news)
        if orders.strips is not None:
            await self.ask(message.encode(message.BALANCE, orders.strips))
        for quarter, grade in orders.reports if held.is_whole else ():
            await self.ask(message.encode(message.REPORT, quarter, grade, 0))
        if orders.wipe:
            await self.ask(message.ask(message.WIPE))

    async def fetch(self, info: DeviceInfo, start: int) -> AsyncIterator[tuple[list[bytes], int]]:
        """FETCH all pages from `start` on: yields (pages, where to go on) as they come.

        What came within BATCH_S, at most about BATCH_PAGES. The next window is asked for before the
        last of one is given out, so that the device sends on while it is committed.
        """
        following = start
        has_more = following < info.next
        if has_more:
            await self._request(following)
        while has_more:
            n_pages = 0
            batch: list[bytes] = []
            until = now_s() + BATCH_S
            while True:
                opcode, content = await self._next()
                if opcode == message.SENT:
                    break
                if opcode != message.PAGES:
                    if opcode == message.ACK:
                        continue
                    raise BioklokFailure(f"Device {info.device_id} {_REFUSALS[message.E_ORDER]}.")
                for at in range(0, len(content), PAGE_BYTES):
                    one = content[at : at + PAGE_BYTES]
                    head = _verified(one, info, following)
                    following = head[page.H_SEQUENCE] + 1
                    self.epochs += head[page.H_N_EPOCHS]
                    batch.append(one)
                    n_pages += 1
                if n_pages > WINDOW_PAGES:
                    raise BioklokFailure(f"Device {info.device_id} sent more than was asked for.")
                if len(batch) >= BATCH_PAGES or now_s() >= until:
                    yield batch, following
                    batch = []
                    until = now_s() + BATCH_S
            told, next_start, more = content
            if told != n_pages or next_start < following:
                raise BioklokFailure(f"Device {info.device_id} miscounts its pages.")
            following, has_more = next_start, bool(more)
            if has_more:
                await self._request(following)
            yield batch, following

    async def _request(self, start: int) -> None:
        self._write(message.encode(message.FETCH, start, WINDOW_PAGES))
        await self._send_frames()

    async def acknowledge(self, following: int) -> None:
        """ACK: all pages before `following` are safe here. Its answer may come among pages."""
        self._write(message.encode(message.ACK, following))
        self._unanswered += 1
        await self._send_frames()

    async def all_acknowledged(self) -> None:
        """Return once the device has answered every ACK."""
        while self._unanswered:
            opcode, _ = await self._next()
            if opcode != message.ACK:
                raise BioklokFailure(f"The device {_REFUSALS[message.E_ORDER]}.")

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
        except (LinkLost, BioklokFailure):  # a stray frame: all that matters is done
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
        if opcode == message.ACK:
            if not self._unanswered:
                raise BioklokFailure(f"The device {_REFUSALS[message.E_ORDER]}.")
            self._unanswered -= 1
        if opcode == message.ERROR:
            why = _REFUSALS.get(fields[0], f"refuses with code {fields[0]}")
            raise BioklokFailure(f"The device {why}.")
        return opcode, fields


def _verified(content: bytes, info: DeviceInfo, least: int) -> tuple[int, ...]:
    """Return the header of a page that belongs here. Raises BioklokFailure where it does not."""
    try:
        head: tuple[int, ...] = page.header(content)
    except DamagedData as error:
        raise BioklokFailure(f"Device {info.device_id} sent a damaged page: {error}.") from error
    if head[page.H_JOURNAL_ID] != info.journal_id or head[page.H_SEQUENCE] < least:
        raise BioklokFailure(f"Device {info.device_id} sent a page that does not belong here.")
    return head
