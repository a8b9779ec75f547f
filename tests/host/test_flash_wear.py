"""How evenly the log wears its flash, and how long that lasts: years of the real journal, with its
bookmarks and snapshots, on a NOR flash that counts."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bioklok.simulator.interpreter import firmware_dir

SECTOR = 4096
SECTORS = 256  # 1 MB: the partition of docs/boards.md
ENDURANCE = 100_000  # erases of a sector, as NOR flash of this class is sold
YEARS = 3
PAGES_A_DAY = 48
SYNCS_A_DAY = 4
BOOKMARKS = range(2)
SNAPSHOTS = range(2, 4)
DRAFTS = range(4, 6)
RING = range(6, SECTORS)


class CountingFlash:
    """NOR flash that refuses to set a bit, and counts the erases of each sector."""

    size_bytes = SECTORS * SECTOR
    sector_bytes = SECTOR

    def __init__(self) -> None:
        self.cells = bytearray(b"\xff" * self.size_bytes)
        self.erases = [0] * SECTORS

    def read_into(self, address: int, buffer: bytearray) -> None:
        memoryview(buffer)[:] = self.cells[address : address + len(buffer)]

    def program(self, address: int, data: bytes) -> None:
        assert self.cells[address : address + len(data)] == b"\xff" * len(data)
        self.cells[address : address + len(data)] = data

    def erase(self, address: int) -> None:
        assert address % SECTOR == 0
        self.erases[address // SECTOR] += 1
        self.cells[address : address + SECTOR] = b"\xff" * SECTOR


class Fields:
    """One epoch of a log whose content does not matter here."""

    enmo_dmg = angle_step_median_cdeg = angle_step_max_cdeg = light_mlx = light_alpha_q18 = 0
    valid_s = 60


@pytest.fixture
def firmware() -> Iterator[Path]:
    """The app's rooms on the module path, and off it again."""
    folder = firmware_dir()
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name == "app" or name.startswith("app.")]:
        del sys.modules[name]


def test_years_of_pages_wear_the_sectors_evenly(firmware: Path) -> None:
    from app.journal import Journal  # type: ignore[import-not-found]

    flash = CountingFlash()
    dice = random.Random(7)
    journal = Journal(flash, dice.randbytes)
    sequences: list[int] = []

    def keep(sequence: int) -> None:
        sequences.append(sequence)
        journal.snapshots.put(sequence)

    journal.on_page = keep
    minute = 0
    for _ in range(YEARS * 365):
        for of_day in range(PAGES_A_DAY):
            # One epoch a page: a page takes its slot whatever it holds.
            journal.append(1763000040 + 60 * minute, 60 * minute, Fields, 0, 0)
            journal.flush()
            minute += 30
            if of_day % (PAGES_A_DAY // SYNCS_A_DAY) == 0:
                journal.acknowledge(journal.next_sequence)
    assert sequences == list(range(YEARS * 365 * PAGES_A_DAY))
    assert journal.n_lost == 0

    ring = [flash.erases[sector] for sector in RING]
    assert min(ring) >= 20
    assert (max(ring) - min(ring)) / max(ring) <= 0.10, (min(ring), max(ring))
    snapshots = [flash.erases[sector] for sector in SNAPSHOTS]
    assert max(snapshots) - min(snapshots) <= 1  # in turn
    bookmarks = [flash.erases[sector] for sector in BOOKMARKS]
    assert max(bookmarks) - min(bookmarks) <= 1
    # Named, not level with the ring: 48 states a day share two sectors.
    worst = max(flash.erases) / YEARS
    years = ENDURANCE / worst
    print(
        f"erases a year: ring {max(ring) / YEARS:.1f}, snapshots {max(snapshots) / YEARS:.0f}, "
        f"bookmarks {max(bookmarks) / YEARS:.1f}; {years:.0f} years at {ENDURANCE}"
    )
    assert max(flash.erases) == max(snapshots)
    assert years >= 5
