"""The flash port on the board's own LittleFS: a file for each sector, in one folder.

For a board whose stock interpreter has no flash of its own to spare (docs/boards.md). Each write is
a commit of LittleFS: done as a whole or not at all, whenever the power goes. A sector that is
erased has no file. The files only grow: LittleFS then copies no more than the last block.
"""

import errno
import os

from micropython import const

FOLDER = "/journal"
_SECTOR_BYTES = const(4096)
_PIECE = b"\xff" * 64


class SectorFiles:
    """As NOR flash: what was never programmed reads 0xFF, `program` clears bits. Raises OSError.

    size_bytes has to stay what it was at the first start: a page's place follows from it.
    One file stays open for reading: a start reads all pages in turn.
    """

    sector_bytes = _SECTOR_BYTES

    def __init__(self, size_bytes, folder=None):
        self.size_bytes = size_bytes
        self._folder = folder = folder or FOLDER
        self._open = None
        self._open_sector = -1
        try:
            os.mkdir(folder)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise

    def _path(self, sector):
        return "%s/%03d" % (self._folder, sector)

    def _close(self):
        if self._open is not None:
            self._open.close()
        self._open = None
        self._open_sector = -1

    def _reading(self, sector):
        """The sector's file, None where it is blank."""
        if sector != self._open_sector:
            self._close()
            try:
                self._open = open(self._path(sector), "rb")
            except OSError as error:
                if error.errno != errno.ENOENT:
                    raise
            self._open_sector = sector
        return self._open

    def read_into(self, address, buffer):
        """One sector at most, as all of the journal's rooms read."""
        file = self._reading(address // _SECTOR_BYTES)
        n = 0
        if file is not None:
            file.seek(address % _SECTOR_BYTES)
            n = file.readinto(buffer)
        for i in range(n, len(buffer)):
            buffer[i] = 0xFF

    def program(self, address, data):
        sector, offset = divmod(address, _SECTOR_BYTES)
        self._close()
        path = self._path(sector)
        try:
            file = open(path, "r+b")
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
            file = open(path, "w+b")
        try:
            _clear_bits(file, offset, data)
        finally:
            file.close()  # the commit: with this it is safe

    def erase(self, address):
        sector, offset = divmod(address, _SECTOR_BYTES)
        if offset:
            raise OSError(errno.EINVAL)
        self._close()
        try:
            os.remove(self._path(sector))
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise


def _clear_bits(file, offset, data):
    """Write `data` at `offset`; behind the end of the file all is blank."""
    size = file.seek(0, 2)
    while size < offset:
        size += file.write(_PIECE[: min(offset - size, len(_PIECE))])
    if size == offset:
        file.write(data)
        return
    both = bytearray(data)
    file.seek(offset)
    old = file.read(len(data))
    for i in range(len(old)):
        both[i] &= old[i]
    file.seek(offset)
    file.write(both)
