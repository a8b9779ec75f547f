"""One sync session on the host: prove, resume, verify, commit, acknowledge. No bleak, no SQL here.

The device forgets nothing that the store has not committed: each window of pages goes to the store
in one transaction, and only then is acknowledged. The order of messages stands in
`biocore.message`; lost and damaged frames are repaired beneath, in `biocore.transport`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from biocore import message
from biocore.transport import Transport

from bioklok.device_facts import DeviceClock, DeviceInfo, DeviceStatus, Orders
from bioklok.errors import BioklokFailure
from bioklok.radio.port import Link
from bioklok.session import Session, now_s

STALL_S = 60.0  # nothing new for so long: give up


class Store(Protocol):
    """Where pages go. A journal is known by device_id and journal_id together."""

    def open_journal(self, info: DeviceInfo) -> int:
        """Register device and journal if they are new; return the first sequence to fetch."""

    def utc_offset_min(self, info: DeviceInfo) -> int | None:
        """Return how far the wearer's clocks are ahead of UTC now; None: nobody wears it."""

    def commit_pages(
        self, info: DeviceInfo, pages: Sequence[bytes], received_at_utc_s: int
    ) -> list[bytes]:
        """Commit these pages in one transaction; return those that were new."""


class Clerk(Protocol):
    """Who has something to say to the device besides fetching its pages."""

    def note_status(self, info: DeviceInfo, status: DeviceStatus) -> None:
        """Take note of how the device is."""

    def orders(self, info: DeviceInfo) -> Orders:
        """Return what to tell it, when all its pages are here."""

    def wiped(self, info: DeviceInfo) -> None:
        """Take note that it has erased its journal."""


@dataclass(frozen=True)
class SyncResult:
    """What a session did.

    epochs: in the pages received.
    frames and bytes: received over the air, frame headers too; frames_sent, bytes_sent: the other
    way.
    frames_repeated: sent again by either side, as far as this side saw it. frames_dropped: damaged.
    """

    info: DeviceInfo
    clock: DeviceClock
    status: DeviceStatus
    pages_new: int
    epochs: int  # in the pages received
    frames: int
    bytes: int
    frames_sent: int
    bytes_sent: int
    seconds: float
    frames_repeated: int
    frames_dropped: int


async def sync(
    link: Link,
    store: Store,
    progress: Callable[[int, int], None] | None = None,
    utc_s: Callable[[], float] = time.time,
    *,
    key: bytes,
    stall_s: float = STALL_S,
    watch: Callable[[Transport], None] | None = None,
    force_clock: bool = False,
    clerk: Clerk | None = None,
) -> SyncResult:
    """Fetch all pages that the store has not got from the device at the other end of `link`.

    `key` is the device's, 32 bytes. `progress(pages_done, pages_total)` is called after each
    commit. `watch` gets the transport at the start: its counters tell of a session that fails too.
    Raises BioklokFailure when either side cannot prove itself, the device refuses, falls
    silent for `stall_s` or sends nothing usable, and, when all is stored, where it does not believe
    this computer's clock (force_clock: it has to); LinkLost when the link ends. What was committed
    until then stays, the next session goes on behind it. `clerk`: who has to do with
    the device besides.
    """
    started = now_s()
    session = Session(link, stall_s)
    if watch is not None:
        watch(session.channel.transport)
    await session.prove(key)
    info = await session.info()
    clock = await session.set_clock(utc_s, force=force_clock)
    info = replace(info, started_utc_s=clock.started_utc_s)
    held = await session.set_offset(store.utc_offset_min(info))
    status = DeviceStatus(*await session.ask(message.ask(message.STATUS)))
    if clerk is not None:
        clerk.note_status(info, status)
    following = store.open_journal(info)
    if following > info.next:
        raise BioklokFailure(
            f"Device {info.device_id} stands at page {info.next}, but page {following - 1} of this "
            "journal is already stored: wipe the device to start a new journal."
        )
    pages_total = min(info.n_pages, info.next - max(following, info.oldest))
    pages_done = pages_new = 0
    acknowledged = info.acknowledged
    if following > acknowledged:  # where the last session ended between commit and ACK
        await session.acknowledge(following)
        acknowledged = following
    async for pages, next_start in session.fetch(info, following):
        if pages:
            pages_new += len(store.commit_pages(info, pages, int(utc_s())))
            pages_done += len(pages)
            if progress is not None:
                progress(pages_done, max(pages_total, pages_done))
        if next_start > acknowledged:
            await session.acknowledge(next_start)
            acknowledged = next_start
    await session.all_acknowledged()
    if clerk is not None:
        orders = clerk.orders(info)
        await session.carry_out(orders, held)
        if orders.wipe:
            clerk.wiped(info)
    await session.close()
    if clock.is_refused:  # said last: what was measured comes first
        raise BioklokFailure(
            f"All pages are stored, but the device does not believe this computer's clock "
            f"({time.strftime('%Y-%m-%d %H:%M', time.gmtime(utc_s()))} UTC): set it right. Where "
            "it is right, sync this device with --trust-clock."
        )
    transport = session.channel.transport
    return SyncResult(
        info=info,
        clock=clock,
        status=status,
        pages_new=pages_new,
        epochs=session.epochs,
        frames=transport.frames_received,
        bytes=transport.bytes_received,
        frames_sent=transport.frames_sent,
        bytes_sent=transport.bytes_sent,
        seconds=now_s() - started,
        frames_repeated=transport.frames_repeated + transport.frames_doubled,
        frames_dropped=transport.frames_damaged,
    )
