"""Run by MicroPython: a device that is radio and journal only, for the tests of the radio path.

    micropython radio_device.py N_PAGES [CLOCK]

CLOCK "virtual" lets asyncio run in free virtual time: what sleeps is due at once. The journal holds
N_PAGES valid pages of which every tenth sequence number is missing, as after a torn page. When
standard input ends, prints one line of figures and leaves.
"""

import asyncio
import gc
import os
import sys
import time

from app.desk import Desk
from app.guard import Guard
from app.settings import Settings
from app.sync import SyncService
from app.timekeeper import Timekeeper
from biocore.message import REPORT_REFUSED
from biocore.page import MAX_EPOCHS, PAGE_BYTES, PageBuilder
from hw.radio import Radio

JOURNAL_ID = 0xC0FFEE
BOOT_ID = 0xB007
START_UTC_S = 1_790_000_000


def sequences(n_pages):
    """Sequence numbers with every tenth one missing: 0 to 8, 10 to 18 ..."""
    return [i + i // 9 for i in range(n_pages)]


class MemoryJournal:
    """The journal port on pages made when they are read, so that the heap stays small."""

    def __init__(self, n_pages):
        self.journal_id = JOURNAL_ID
        self.boot_id = BOOT_ID
        self.oldest = 0
        self.acknowledged = 0
        self.capacity = 2000
        self.n_acknowledgements = 0
        self.n_flushes = 0
        self.newest_utc_s = self.n_lost = 0
        self.is_held = False
        self._sequences = sequences(n_pages)
        self._builder = PageBuilder()

    @property
    def next_sequence(self):
        return self._sequences[-1] + 1 if self._sequences else 0

    @property
    def n_pages(self):
        return len(self._sequences)

    @property
    def n_epochs(self):
        return self.n_pages * MAX_EPOCHS

    def flush(self):
        self.n_flushes += 1

    def is_due(self):
        return False

    def settle(self):
        pass

    def _index(self, sequence):
        return max(0, sequence - sequence // 10)  # 9 is missing: it stands for 10

    def has_from(self, sequence):
        return self._index(sequence) < len(self._sequences)

    def read_into(self, sequence, buffer):
        index = self._index(sequence)
        if index >= len(self._sequences):
            return -1
        found = self._sequences[index]
        builder = self._builder
        start_utc_s = START_UTC_S + index * MAX_EPOCHS * 60
        builder.begin(JOURNAL_ID, BOOT_ID, start_utc_s, index * MAX_EPOCHS * 60)
        for minute in range(MAX_EPOCHS):
            builder.append(index, minute, 0, 1000 * minute, 0, 0, 0, 60)
        buffer[:PAGE_BYTES] = builder.close(found)
        return found

    def acknowledge(self, next_sequence):
        self.n_acknowledgements += 1
        self.acknowledged = max(self.acknowledged, next_sequence)


class Board:
    """What the desk asks of a board; its clock has no time until a host gives it one."""

    device_id = b"bioklok1"

    def __init__(self):
        self._began_ms = time.ticks_ms()
        self._utc_ms = 0

    def key(self):
        return bytes(range(32))

    def entropy(self, n):
        return os.urandom(n)

    def battery_mv(self):
        return 0

    def ticks_ms(self):
        return time.ticks_ms() & 0x3FFFFFFF

    def utc(self):
        now_ms = self._utc_ms + time.ticks_diff(time.ticks_ms(), self._began_ms)
        return (now_ms // 1000, now_ms % 1000) if self._utc_ms else (0, 0)

    def set_utc(self, utc_s, utc_ms):
        passed_ms = time.ticks_diff(time.ticks_ms(), self._began_ms)
        self._utc_ms = utc_s * 1000 + utc_ms - passed_ms


def no_report(quarter, grade, utc_s):
    return REPORT_REFUSED  # nothing is estimated here


def desk_of(journal):
    board = Board()
    settings = Settings("")
    timekeeper = Timekeeper(board, settings)
    guard = Guard(timekeeper.ticks_ms)
    return Desk(board, journal, timekeeper, settings, lambda: 0, guard, no_report)


async def main(n_pages, clock):
    if clock == "virtual":
        from sim.virtual_time import VirtualTime

        VirtualTime(True).install()
    radio = Radio()
    journal = MemoryJournal(n_pages)
    service = SyncService(radio, desk_of(journal))
    radio.start(b"tag-01")
    serving = asyncio.create_task(service.run())
    await asyncio.StreamReader(sys.stdin.buffer).read(1)
    serving.cancel()
    radio.stop()
    gc.collect()
    figures = (
        ("acknowledged", journal.acknowledged),
        ("sessions", service.sessions),
        ("pages_sent", service.pages_sent),
        ("overflows", radio.overflows),
        ("stack_errors", radio.stack_errors),
        ("flushes", journal.n_flushes),
    )
    print(" ".join(["%s=%d" % figure for figure in figures]))  # noqa: UP031


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "real"))
