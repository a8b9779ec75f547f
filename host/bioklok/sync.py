"""One sync session on the host: resume, verify, commit, acknowledge. No bleak and no SQL in here.

The device forgets nothing that the store has not committed: each window of pages goes to the store
in one transaction, and only then is acknowledged. The order of messages stands in
`biocore.message`; what happens when frames are damaged, in `_Session.recover`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from biocore import frame, message, page
from biocore.errors import DamagedData, PeerRefused

from bioklok.errors import BioklokFailure
from bioklok.radio.port import Link

WINDOW_PAGES = 16  # 8 kB: some 3 s on a slow radio, the most that is sent again after an accident
QUIET_S = 2.0  # no frame for so long: ask again
DAMAGED_QUIET_S = 0.5  # the same, once a damaged frame says that the answer may have been it
ATTEMPTS = 5  # without progress; with QUIET_S this is the stall time-out of 10 s
FLOOD_S = 60.0  # frames keep coming but none helps: give up

_REFUSALS = {
    message.E_VERSION: "speaks another version of the protocol: update the device or this program",
    message.E_ORDER: "did not expect this request: sync again, restart the device if that fails",
    message.E_STORAGE: "cannot read or write its journal: sync again, then have the device checked",
}

_SILENT = "The device stopped answering. Bring it closer, press its button and sync again."


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


class Store(Protocol):
    """Where pages go. A journal is known by device_id and journal_id together."""

    def open_journal(self, info: DeviceInfo) -> int:
        """Register device and journal if they are new; return the first sequence to fetch."""

    def commit_pages(self, info: DeviceInfo, pages: Sequence[bytes], received_at_utc_s: int) -> int:
        """Commit these pages in one transaction; return how many were new."""


@dataclass(frozen=True)
class SyncResult:
    """What a session did. Frames and bytes are those received over the air, frame headers too."""

    info: DeviceInfo
    pages_new: int
    epochs: int  # in the pages received
    frames: int
    bytes: int
    seconds: float
    frames_dropped: int


async def sync(
    link: Link,
    store: Store,
    progress: Callable[[int, int], None] | None = None,
    utc_s: Callable[[], float] = time.time,
) -> SyncResult:
    """Fetch all pages that the store has not got from the device at the other end of `link`.

    `progress(pages_done, pages_total)` is called after each commit. Raises BioklokFailure when the
    device refuses, falls silent or sends nothing usable, LinkLost when the link ends; what was
    committed until then stays, and the next session goes on behind it.
    """
    started = time.monotonic()
    session = _Session(link)
    info = await session.open()
    following = store.open_journal(info)
    if following > info.next:
        raise BioklokFailure(
            f"Device {info.device_id} stands at page {info.next}, but page {following - 1} of this "
            "journal is already stored: wipe the device to start a new journal."
        )
    pages_total = min(info.n_pages, info.next - max(following, info.oldest))
    pages_done = pages_new = epochs = attempts = 0
    has_more = following < info.next
    safe = following  # every page before this one is committed
    acknowledged = info.acknowledged
    while True:
        if safe > acknowledged:  # at first, where the last session ended between commit and ACK
            await session.acknowledge(safe)
            acknowledged = safe
        if not has_more:
            break
        window = await session.fetch(info, safe)
        attempts += 1
        if window.pages:
            attempts = 0
            pages_new += store.commit_pages(info, window.pages, int(utc_s()))
            pages_done += len(window.pages)
            epochs += sum(page.header(p)[page.H_N_EPOCHS] for p in window.pages)
            if progress is not None:
                progress(pages_done, max(pages_total, pages_done))
        safe = max(safe, window.next)
        has_more = window.has_more
        if attempts >= ATTEMPTS:
            raise BioklokFailure(
                f"Device {info.device_id}: page {safe} failed to arrive {attempts} times. "
                "Bring the device closer and sync again."
            )
        if not window.is_whole:
            await session.recover(safe)
    await session.send(message.encode(message.BYE))
    return SyncResult(
        info=info,
        pages_new=pages_new,
        epochs=epochs,
        frames=session.n_frames,
        bytes=session.n_bytes,
        seconds=time.monotonic() - started,
        frames_dropped=session.n_dropped,
    )


@dataclass
class _Window:
    """What one FETCH brought: pages with nothing missing between them, and how to go on."""

    pages: list[bytes]
    next: int  # fetch from here
    is_whole: bool = False  # False: something was damaged behind these pages
    has_more: bool = True


class _Session:
    """Requests and answers over one link, with the counts of what came in."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._incoming = frame.Reassembler()
        self._number = 0  # of the next message out
        self._expected = 0  # number of the next message in; a gap shows that one was lost
        self._window_pages = WINDOW_PAGES  # fewer where damage makes long windows a waste
        self._deadline = 0.0  # on the monotonic clock, for what is being waited for
        self.n_frames = 0
        self.n_bytes = 0

    @property
    def n_dropped(self) -> int:
        return int(self._incoming.dropped)

    async def open(self) -> DeviceInfo:
        """HELLO and INFO."""
        hello = message.encode(message.HELLO, frame.PROTOCOL_VERSION, message.AUTH_NONE)
        version, _ = await self._ask(hello, message.HELLO, lambda _: True)
        if version != frame.PROTOCOL_VERSION:
            raise BioklokFailure(f"The device {_REFUSALS[message.E_VERSION]}.")
        question = message.encode(message.INFO, bytes(8), 0, 0, 0, 0, 0, 0, 0)
        device_id, *rest = await self._ask(question, message.INFO, lambda _: True)
        return DeviceInfo(device_id.hex(), *rest)

    async def acknowledge(self, following: int) -> None:
        """Tell the device that all pages before `following` are safe; returns when it knows."""
        ack = message.encode(message.ACK, following)
        await self._ask(ack, message.ACK, lambda fields: fields[0] >= following)

    async def fetch(self, info: DeviceInfo, start: int) -> _Window:
        """Ask for one window of pages and take it in, up to the first thing that is damaged."""
        window = _Window([], start)
        wanted = self._window_pages
        self._window_pages = max(1, wanted // 2)  # for the next time, unless this one goes well
        self._deadline = time.monotonic() + FLOOD_S
        await self.send(message.encode(message.FETCH, start, wanted))
        while True:
            try:
                opcode, content = await self._next_message(in_order=True)
                if opcode == message.PAGE:
                    if len(window.pages) == wanted:
                        raise DamagedData("more pages than were asked for")
                    window.next = 1 + _verified_sequence(content, info, window.next)
                    window.pages.append(content)
                elif opcode == message.SENT:
                    n_pages, following, more = content
                    if n_pages != len(window.pages):
                        return _Window([], start)  # what does not add up is not trusted at all
                    window.next = max(window.next, following)
                    window.has_more = bool(more)
                    window.is_whole = True
                    self._window_pages = min(2 * wanted, WINDOW_PAGES)
                    return window
            except (DamagedData, TimeoutError):
                return window

    async def recover(self, start: int) -> None:
        """After damage: wait out what is still on its way, so that no late page can be taken for
        the next one.

        The device answers in order, so the answer to a FETCH of no pages comes after all the rest.
        """
        question = message.encode(message.FETCH, start, 0)
        await self._ask(question, message.SENT, lambda fields: fields[0] == 0)

    async def send(self, text: bytes) -> None:
        """Send one message."""
        for piece in frame.frames(text, self._number, self._link.frame_bytes):
            await self._link.send(bytes(piece))
        self._number = (self._number + 1) & 0xFFFF

    async def _ask(
        self, question: bytes, opcode: int, fits: Callable[[tuple[Any, ...]], bool]
    ) -> tuple[Any, ...]:
        """Send a question until its answer comes; all else that comes in is left aside."""
        self._deadline = time.monotonic() + FLOOD_S
        for _ in range(ATTEMPTS):
            await self.send(question)
            quiet_s = QUIET_S
            while True:
                try:
                    answer, fields = await self._next_message(in_order=False, quiet_s=quiet_s)
                except DamagedData:
                    quiet_s = DAMAGED_QUIET_S
                    continue
                except TimeoutError:
                    break
                if answer == opcode and fits(fields):
                    return tuple(fields)
        raise BioklokFailure(_SILENT)

    async def _next_message(self, in_order: bool, quiet_s: float = QUIET_S) -> tuple[int, Any]:
        """Return (opcode, fields) of the next whole message.

        Raises DamagedData for a damaged frame, one the device found damaged or, with `in_order`, a
        lost message; TimeoutError after `quiet_s` without a frame; BioklokFailure when the device
        refuses or FLOOD_S have passed.
        """
        whole = None
        while whole is None:
            if time.monotonic() > self._deadline:
                raise BioklokFailure(_SILENT)
            piece = await self._link.receive(quiet_s)
            self.n_frames += 1
            self.n_bytes += len(piece)
            try:
                whole = self._incoming.feed(piece)
            except PeerRefused as error:
                raise BioklokFailure(f"Sync is not possible: {error}.") from error
        number, text = whole
        is_expected = number == self._expected
        self._expected = (number + 1) & 0xFFFF
        if in_order and not is_expected:
            raise DamagedData("a message was lost")
        opcode: int
        fields: Any
        opcode, fields = message.decode(text)
        if opcode == message.ERROR:
            if fields[0] in _REFUSALS:
                raise BioklokFailure(f"The device {_REFUSALS[fields[0]]}.")
            raise DamagedData("the device could not read the request")
        return opcode, fields


def _verified_sequence(content: bytes, info: DeviceInfo, least: int) -> int:
    """Return the sequence of a page that belongs here; DamagedData when it does not."""
    head = page.header(content)
    if head[page.H_JOURNAL_ID] != info.journal_id or head[page.H_SEQUENCE] < least:
        raise DamagedData("page does not belong here")
    return int(head[page.H_SEQUENCE])
