"""The flash ports of real boards: an ESP32's partition, and sector files on the real LittleFS of
this interpreter, whose power goes in any write of the flash beneath it."""

import os

import esp32
import vfs
from app.journal import Journal
from biocore import page
from hw.flash_esp32 import PartitionFlash, open_flash
from hw.flash_files import SectorFiles
from ram_disk import BLOCK, RamDisk

SECTORS = 9  # bookmarks, snapshots, drafts, three of pages
CELLS = bytearray(26 * BLOCK)
IMAGE = bytearray(len(CELLS))  # once: the heap has no room in one piece later
AT = "/journal_disk"
FOLDER = AT + "/journal"


class Fields:
    enmo_dmg = 1
    angle_step_median_cdeg = 2
    angle_step_max_cdeg = 3
    light_mlx = 4
    light_alpha_q18 = 5
    valid_s = 60


class Random:
    def __init__(self, start=1):
        self.n = start

    def __call__(self, n):
        self.n += 1
        return bytes([self.n & 0xFF]) * n


class Disk:
    """What is on the flash, and the file system of one start."""

    def __init__(self):
        CELLS[:] = b"\xff" * len(CELLS)
        vfs.VfsLfs2.mkfs(RamDisk(CELLS), progsize=256)
        self.mount()

    def mount(self, left=-1):
        """The next start; the power goes after so many writes."""
        try:
            vfs.umount(AT)
        except OSError:
            pass
        self.disk = RamDisk(CELLS)
        vfs.mount(vfs.VfsLfs2(self.disk, progsize=256), AT)
        self.disk.left = left
        self.flash = SectorFiles(SECTORS * BLOCK, FOLDER)

    def umount(self):
        vfs.umount(AT)


def behaves_as_nor(flash):
    piece = bytearray(16)
    for address in range(0, flash.size_bytes, flash.sector_bytes):
        flash.erase(address)
    flash.read_into(4096 - 16, piece)
    assert piece == b"\xff" * 16
    flash.program(4096 + 512, b"\xf0" * 512)
    flash.read_into(4096 + 1016, piece)
    assert piece == b"\xf0" * 8 + b"\xff" * 8, piece
    flash.read_into(4096, piece)
    assert piece == b"\xff" * 16
    flash.program(4096, b"first entry last")  # as the bookmarks do
    flash.program(4096 + 1020, b"\x3c" * 8)  # half on what was programmed
    flash.read_into(4096 + 1016, piece)
    assert piece == b"\xf0" * 4 + b"\x30" * 4 + b"\x3c" * 4 + b"\xff" * 4, piece
    flash.read_into(4096, piece)
    assert piece == b"first entry last"
    flash.erase(4096)
    flash.read_into(4096 + 512, piece)
    assert piece == b"\xff" * 16
    try:
        flash.erase(4100)
    except OSError:
        pass
    else:
        raise AssertionError("no sector begins there")


def add(journal, minutes, first=0):
    for m in range(first, first + minutes):
        journal.append(1763000040 + 60 * m, 60 * m, Fields, 0, 0)


def stored(journal):
    """The pages that can be read, by sequence."""
    found = {}
    buffer = bytearray(page.PAGE_BYTES)
    sequence = journal.read_into(0, buffer)
    while sequence >= 0:
        found[sequence] = page.header(buffer)[page.H_N_EPOCHS]
        sequence = journal.read_into(sequence + 1, buffer)
    return found


def test_a_partition_is_nor_flash():
    esp32.partitions["journal"] = bytearray(3 * BLOCK)
    flash = open_flash(0)
    assert isinstance(flash, PartitionFlash) and flash.size_bytes == 3 * BLOCK
    behaves_as_nor(flash)
    esp32.partitions.clear()


def test_sector_files_are_nor_flash():
    disk = Disk()
    behaves_as_nor(disk.flash)
    disk.umount()


def test_a_journal_on_a_partition_comes_back():
    esp32.partitions["journal"] = bytearray(b"\xff" * (SECTORS * BLOCK))
    journal = Journal(open_flash(0), Random())
    add(journal, 95)
    journal.flush()
    again = Journal(open_flash(0), Random(50))
    assert again.n_epochs == 95 and again.journal_id == journal.journal_id
    esp32.partitions.clear()


def keep_state(journal):
    def keep(sequence):
        slot = journal.snapshots.slot
        slot[journal.snapshots.STATE_AT] = sequence
        journal.snapshots.put(sequence)

    journal.on_page = keep


def live(journal, first, pages, done):
    """Pages of half an hour; `done` gets each whose flush has returned, and acknowledgements."""
    keep_state(journal)
    for n in range(pages):
        add(journal, 30, 30 * (first + n))
        done.append(first + n)
        journal.acknowledge(first + n)


def test_a_power_cut_in_any_write_beneath_littlefs_loses_no_page_that_was_written():
    disk = Disk()
    journal = Journal(disk.flash, Random())
    live(journal, 0, 20, [])  # the ring is nearly full: an erase comes
    journal_id = journal.journal_id
    journal = None
    IMAGE[:] = CELLS
    cut = 0
    cuts = 0
    while True:
        CELLS[:] = IMAGE
        disk.mount()
        journal = Journal(disk.flash, Random(40))
        before = stored(journal)
        disk.disk.left = cut
        done = []
        try:
            live(journal, 20, 6, done)
        except OSError:
            cuts += 1
        is_over = not disk.disk.is_dead
        journal = None
        disk.mount()
        again = Journal(disk.flash, Random(60))
        after = stored(again)
        assert again.journal_id == journal_id
        for sequence in done:
            assert after[sequence] == 30, (cut, sequence)
        # What is gone of the older ones went with a sector that was erased for newer ones.
        gone = [sequence for sequence in before if sequence not in after]
        assert len(gone) <= 8 and gone == sorted(before)[: len(gone)], (cut, gone)
        assert max(after) - (max(done) if done else 19) <= 1
        assert again.snapshots.newest() >= (max(done) if done else 19) - 1
        assert again.acknowledged >= (max(done) if done else 19) - 1
        add(again, 30, 30 * 100)  # and it goes on
        assert max(stored(again)) > max(after)
        again = None
        if is_over:
            break
        cut += 1
    disk.umount()
    assert cuts == cut and cuts > 60, cuts


def test_a_full_file_system_is_an_error_and_the_log_goes_on_when_there_is_room():
    disk = Disk()
    journal = Journal(disk.flash, Random())
    add(journal, 30)
    n_others = 0
    try:
        while True:
            with open("%s/%d" % (AT, n_others), "wb") as other:
                n_others += 1
                other.write(b"\0" * 3000)
    except OSError as error:
        assert error.errno == 28
    try:
        for n in range(1, 10):
            add(journal, 30, 30 * n)
    except OSError as error:
        assert error.errno == 28
    else:
        raise AssertionError("there was no room")
    journal.drop_open()
    for n in range(n_others):
        os.remove("%s/%d" % (AT, n))
    add(journal, 30, 30 * 50)
    assert 30 in stored(Journal(disk.flash, Random(9))).values()
    assert journal.n_pages >= 2
    disk.umount()
