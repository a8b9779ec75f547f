"""Device and host in one process, without a radio between: the firmware's real sync service and
journal, the host's real session, and a wire that can lose, double, reorder, damage and break.

What is replaced is what is below both: the link and the flash chip. Time is virtual.
"""

import asyncio
import random
from collections.abc import Callable, Sequence

from app.desk import Desk
from app.guard import Guard
from app.journal import Journal
from app.settings import Settings
from app.sync import SyncService
from app.timekeeper import Timekeeper
from app.tracker import Tracker
from biocore import message
from biocore.page import H_SEQUENCE, header
from biocore.units import TICKS_PERIOD
from bioklok.device_facts import DeviceInfo
from bioklok.sync import sync
from support.wire import Faults, PairLink, Radio, Wire

KEY = bytes(range(32))
IDENTITY = b"\x01\x02\x03\x04\x05\x06\x07\x08"
NOW = 1795447122  # 2026-11-23
SECTOR = 4096


class PowerCut(Exception):
    """The battery fell out."""


class Flash:
    """NOR flash in memory. `cut_after`: so many programs or erases are done, the next is torn."""

    sector_bytes = SECTOR

    def __init__(self, sectors: int = 32) -> None:
        self.size_bytes = sectors * SECTOR
        self.bytes = bytearray(b"\xff" * self.size_bytes)
        self.n_writes = 0
        self.cut_after: int | None = None

    def _cut(self) -> bool:
        self.n_writes += 1
        return self.cut_after is not None and self.n_writes > self.cut_after

    def read_into(self, address, buffer) -> None:
        buffer[:] = self.bytes[address : address + len(buffer)]

    def program(self, address, data) -> None:
        torn = self._cut()
        for i in range(len(data) // 2 if torn else len(data)):
            self.bytes[address + i] &= data[i]
        if torn:
            raise PowerCut

    def erase(self, address) -> None:
        if self._cut():
            raise PowerCut
        self.bytes[address : address + SECTOR] = b"\xff" * SECTOR


class Clock:
    """The board's clock port on the loop's time; not set unless told."""

    def __init__(self, utc_s: int = 0) -> None:
        self._begun_s = asyncio.get_running_loop().time()
        self._utc_s = float(utc_s)

    def _up_s(self) -> float:
        return asyncio.get_running_loop().time() - self._begun_s

    def ticks_ms(self) -> int:
        return int(self._up_s() * 1000) % TICKS_PERIOD

    def utc(self) -> tuple[int, int]:
        if not self._utc_s:
            return 0, 0
        now_s = self._utc_s + self._up_s()
        return int(now_s), int(now_s * 1000) % 1000

    def set_utc(self, utc_s: int, utc_ms: int) -> None:
        self._utc_s = utc_s + utc_ms / 1000 - self._up_s()


class Fields:
    """One epoch's fields for the journal."""

    angle_step_median_cdeg = 2
    angle_step_max_cdeg = 3
    light_mlx = 4
    light_alpha_q18 = 5
    valid_s = 60

    def __init__(self, n: int) -> None:
        self.enmo_dmg = n & 0xFFFF


class Device:
    """Everything of the firmware that a sync touches, on a flash that outlives it."""

    def __init__(
        self,
        flash: Flash,
        *,
        key: bytes | None = KEY,
        utc_s: int = 0,
        seed: int = 1,
        estimates: bool = False,
    ) -> None:
        self.flash = flash
        self.key_file = key
        self.device_id = IDENTITY
        self.entropy = random.Random(seed).randbytes
        self.clock = Clock(utc_s)
        self.journal = Journal(flash, self.entropy)
        self.settings = Settings("", self.journal.bookmarks)
        self.time = Timekeeper(self.clock, self.settings)
        self.guard = Guard(self.time.ticks_ms)
        self.radio = Radio()
        # Its estimator goes through the log at the start, and writes a snapshot with each page.
        self.tracker = Tracker(self.journal, self.settings) if estimates else None
        report = self.tracker.report if self.tracker else lambda *_: message.REPORT_REFUSED
        desk = Desk(self, self.journal, self.time, self.settings, lambda: 0, self.guard, report)
        self.service = SyncService(self.radio, desk)
        self.task: asyncio.Task[None] | None = None

    def key(self) -> bytes | None:
        return self.key_file

    def battery_mv(self) -> int:
        return 3900

    def log(self, n_epochs: int, start_utc_s: int = NOW - 7 * 86400, first: int = 0) -> None:
        """Log so many minutes from minute `first` of a start on."""
        for i in range(first, first + n_epochs):
            start = start_utc_s + 60 * i if start_utc_s else 0
            self.journal.append(start, 60 * i, Fields(i), 0, 0)

    def connect(self, wire: Wire) -> PairLink:
        if self.task is None:
            self.task = asyncio.get_running_loop().create_task(self.service.run())
        self.radio.connect(wire)
        return PairLink(wire)

    async def off(self) -> None:
        """Switch off; a power cut that happened inside is not raised again."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            self.task = None


class MemoryStore:
    """What `bioklok.sync` asks of a store, in memory, one transaction a call."""

    def __init__(self) -> None:
        self.journals: dict[tuple[str, int], dict[int, bytes]] = {}
        self.after_commit: Callable[[], None] = lambda: None
        self.offset_min: int | None = None

    def open_journal(self, info: DeviceInfo) -> int:
        pages = self.journals.setdefault((info.device_id, info.journal_id), {})
        return max(pages, default=-1) + 1

    def utc_offset_min(self, info: DeviceInfo) -> int | None:
        return self.offset_min

    def commit_pages(
        self, info: DeviceInfo, pages: Sequence[bytes], received_at_utc_s: int
    ) -> list[bytes]:
        known = self.journals[info.device_id, info.journal_id]
        new = []
        for page in pages:
            sequence = header(page)[H_SEQUENCE]
            assert known.get(sequence, page) == page
            if sequence not in known:
                new.append(page)
            known[sequence] = page
        self.after_commit()
        return new


CLEAN = Faults()


async def session(  # noqa: PLR0917
    device,
    store,
    mtu=247,
    faults=CLEAN,
    key=KEY,
    now=NOW,
    paced=None,
    **options,
):
    wire = Wire(mtu, faults, paced)
    link = device.connect(wire)
    try:
        return await sync(link, store, key=key, utc_s=lambda: now, **options), wire
    finally:
        wire.cut()
        await asyncio.sleep(0.1)  # virtual: the device notices the end and writes what it kept back
