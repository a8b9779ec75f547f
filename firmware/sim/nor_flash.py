"""NOR flash in a file: programming only clears bits, erasing sets a whole sector to 0xFF.

The image is the flash array followed by a trailer: the chip's factory-programmed unique ID (as
serial NOR chips have; on an RP2040 machine.unique_id() is just that), and the file with the
device's key that provisioning over USB would have written.
"""

import os

SECTOR_BYTES = 4096
SIZE_BYTES = 1 << 20
MAGIC = b"BKNOR1\x00\x00"
ID_BYTES = 8
KEY_BYTES = 32
_BLANK = b"\xff" * 256  # a heap in use may not have 4 kB in one piece


class NorFlash:
    """The flash port of the journal, on an image made by the host (see bioklok.simulator.image).

    `power_cut`: in the middle of the so-manieth program or erase the power goes, and with it the
    process, which gets to do nothing more; 0: never.
    """

    size_bytes = SIZE_BYTES
    sector_bytes = SECTOR_BYTES

    def __init__(self, path, power_cut=0):
        self._file = open(path, "r+b")
        self._writes_left = power_cut
        self._file.seek(SIZE_BYTES)
        trailer = self._file.read(len(MAGIC) + ID_BYTES + KEY_BYTES)
        if trailer[: len(MAGIC)] != MAGIC:
            raise ValueError("not a flash image: " + path)
        self.unique_id = trailer[len(MAGIC) : len(MAGIC) + ID_BYTES]
        self.key_file = trailer[len(MAGIC) + ID_BYTES :]
        if self.key_file == bytes(KEY_BYTES):
            self.key_file = b""  # there is no file any more

    def remove_key_file(self):
        self._file.seek(SIZE_BYTES + len(MAGIC) + ID_BYTES)
        self._file.write(bytes(KEY_BYTES))
        self._file.flush()
        self.key_file = b""

    def read_into(self, address, buffer):
        self._file.seek(address)
        self._file.readinto(buffer)

    def program(self, address, data):
        """Clear bits: the result is the old content AND the data."""
        old = bytearray(len(data))
        self.read_into(address, old)
        for i in range(len(data)):
            old[i] &= data[i]
        self._write(address, old)

    def erase(self, address):
        if address % SECTOR_BYTES:
            raise ValueError("no sector begins at %d" % address)
        self._write(address, _BLANK, SECTOR_BYTES // len(_BLANK))

    def _write(self, address, data, times=1):
        self._writes_left -= 1
        self._file.seek(address)
        if self._writes_left == 0:  # half of it
            data, times = (data, times // 2) if times > 1 else (data[: len(data) // 2], 1)
        for _ in range(times):
            self._file.write(data)
        self._file.flush()
        if self._writes_left == 0:
            os.system("kill -9 $PPID")  # the shell's parent: this process
