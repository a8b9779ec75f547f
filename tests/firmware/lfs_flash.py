"""LittleFS, as boards have it, on a flash in RAM whose power can go in the middle of any write."""

import os

import vfs

BLOCK_BYTES = 512  # small, so that the whole of it fits the heap twice
AT = "/board"


_DEAD = -5  # EIO: nothing works any more until the next start


class Flash:
    """What is on the chip. `cut`: the power goes in the so-manieth write or erase, 0: never."""

    def __init__(self, blocks=72):
        self.data = bytearray(b"\xff" * (blocks * BLOCK_BYTES))
        self.cut = 0
        self.writes = 0
        self.device = None

    def write(self, at, data):
        """Write, or half of it; returns whether the power is still there."""
        self.writes += 1
        has_power = self.writes != self.cut
        if not has_power:
            data = data[: len(data) // 2]
        self.data[at : at + len(data)] = data
        return has_power


class Device:
    """The block device of one start: dead once the power went, whoever still holds a file of it."""

    def __init__(self, flash):
        self.flash = flash
        self.has_power = True

    def readblocks(self, block, buffer, offset=0):
        if not self.has_power:
            return _DEAD
        at = block * BLOCK_BYTES + offset
        buffer[:] = memoryview(self.flash.data)[at : at + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        return self._write(block * BLOCK_BYTES + offset, buffer)

    def _write(self, at, data):
        if self.has_power:
            self.has_power = self.flash.write(at, bytes(data))
        return 0 if self.has_power else _DEAD

    def ioctl(self, op, arg):
        if op == 4:
            return len(self.flash.data) // BLOCK_BYTES
        if op == 5:
            return BLOCK_BYTES
        if op == 6:
            return self._write(arg * BLOCK_BYTES, b"\xff" * BLOCK_BYTES)
        return 0


_FLASH = Flash()


def format_and_mount():
    """The flash with an empty file system, mounted at AT. There is one: the heap is small."""
    flash = _FLASH
    flash.cut = 0
    flash.data[:] = b"\xff" * len(flash.data)
    vfs.VfsLfs2.mkfs(Device(flash))
    mount(flash)
    return flash


def mount(flash):
    """The next start: the power is back, the file system mounted anew."""
    flash.cut = 0
    flash.writes = 0
    if flash.device is not None:
        flash.device.has_power = False
    try:
        vfs.umount(AT)
    except OSError:
        pass
    flash.device = Device(flash)
    vfs.mount(vfs.VfsLfs2(flash.device), AT)


def go_back(flash, image):
    """As it was when `image` was a copy of its data, and mounted anew."""
    flash.data[:] = image
    mount(flash)


def put(path, data):
    """Write a file, folders and all."""
    parts = path.split("/")
    for n in range(2, len(parts)):
        try:
            os.mkdir("/".join(parts[:n]))
        except OSError:
            pass
    with open(path, "wb") as file:
        file.write(data)
