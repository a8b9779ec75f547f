"""The flash port on an ESP32: the data partition "journal", or sector files where there is none.

The stock partition table has no such partition; docs/boards.md says how one comes there.
"""

import errno

from esp32 import Partition
from hw.flash_files import SectorFiles
from micropython import const

LABEL = "journal"
_SECTOR_BYTES = const(4096)
_BLOCK_COUNT = const(4)  # of ioctl, as vfs.AbstractBlockDev has them
_ERASE = const(6)


class PartitionFlash:
    """NOR flash as it is: `program` clears bits, `erase` sets a sector. Raises OSError."""

    sector_bytes = _SECTOR_BYTES

    def __init__(self, partition):
        self._partition = partition
        self.size_bytes = partition.ioctl(_BLOCK_COUNT, 0) * _SECTOR_BYTES

    def read_into(self, address, buffer):
        self._partition.readblocks(address // _SECTOR_BYTES, buffer, address % _SECTOR_BYTES)

    def program(self, address, data):
        # With an offset, be it 0, the port does not erase first.
        self._partition.writeblocks(address // _SECTOR_BYTES, data, address % _SECTOR_BYTES)

    def erase(self, address):
        if address % _SECTOR_BYTES:
            raise OSError(errno.EINVAL)
        self._partition.ioctl(_ERASE, address // _SECTOR_BYTES)


def open_flash(size_bytes):
    """The partition where the board has one, else `size_bytes` of sector files."""
    found = Partition.find(Partition.TYPE_DATA, label=LABEL)
    return PartitionFlash(found[0]) if found else SectorFiles(size_bytes)
