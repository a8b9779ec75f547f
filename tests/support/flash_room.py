"""Runs under MicroPython: does a board's file system hold two applications and a full journal?

`flash_room.py KILOBYTES BUILD JOURNAL_BYTES`: a LittleFS of so many kilobytes as the ports make it,
the folder that `make build` wrote, and the journal's size in the board file. Then the log goes on
and another application is written over the second. OSError where there is no room.
"""

import os
import sys

import vfs
from hw.flash_files import SectorFiles

BLOCK = 4096
AT = "/flash"
PAGE = b"\x00" * 512
FOLDER = 0x4000


class Flash:
    """A block device in RAM."""

    def __init__(self, blocks):
        self._cells = bytearray(b"\xff" * (blocks * BLOCK))
        self._blocks = blocks

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = memoryview(self._cells)[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        self._cells[at : at + len(buffer)] = buffer

    def ioctl(self, op, arg):
        if op == 4:
            return self._blocks
        if op == 5:
            return BLOCK
        if op == 6:
            self._cells[arg * BLOCK : (arg + 1) * BLOCK] = b"\xff" * BLOCK
        return 0


def copy(source, target):
    """A folder with all that is in it; what is there already is written anew."""
    try:  # noqa: SIM105 - MicroPython has no contextlib
        os.mkdir(target)
    except OSError:
        pass  # it is there
    for entry in os.ilistdir(source):
        name = "/" + entry[0]
        if entry[1] == FOLDER:
            copy(source + name, target + name)
            continue
        with open(source + name, "rb") as file:
            data = file.read()
        with open(target + name, "wb") as file:
            file.write(data)


def fill(journal):
    """Each sector anew, page by page."""
    for address in range(0, journal.size_bytes, journal.sector_bytes):
        journal.erase(address)
        for at in range(0, journal.sector_bytes, len(PAGE)):
            journal.program(address + at, PAGE)


flash = Flash(int(sys.argv[1]) * 1024 // BLOCK)
vfs.VfsLfs2.mkfs(flash, progsize=256)
vfs.mount(vfs.VfsLfs2(flash, progsize=256), AT)
build = sys.argv[2]
for name in ("boot.py", "slots.py", "manifest.py", "main.py"):
    with open(build + "/" + name, "rb") as file, open(AT + "/" + name, "wb") as there:
        there.write(file.read())
for name in ("key", "settings.json", "slot.json", "slot.json~", "manifest.part"):
    with open(AT + "/" + name, "wb") as file:
        file.write(b"\x00" * (12_000 if name == "manifest.part" else 200))
journal = SectorFiles(int(sys.argv[3]), AT + "/journal")
for _ in range(2):  # full, and then another application and another round of the log
    copy(build + "/a", AT + "/a")
    copy(build + "/a", AT + "/b")
    fill(journal)
