"""NOR flash in a file: programming only clears bits, erasing sets a whole sector to 0xFF.

The image is the flash array followed by a trailer with the chip's factory-programmed unique ID
(as serial NOR chips have; on an RP2040 machine.unique_id() is just that).
"""

SECTOR_BYTES = 4096
SIZE_BYTES = 1 << 20
MAGIC = b"BKNOR1\x00\x00"
ID_BYTES = 8


class NorFlash:
    """The flash port of the journal, on an image made by the host (see bioklok.simulator.image)."""

    size_bytes = SIZE_BYTES
    sector_bytes = SECTOR_BYTES

    def __init__(self, path):
        self._file = open(path, "r+b")
        self._file.seek(SIZE_BYTES)
        trailer = self._file.read(len(MAGIC) + ID_BYTES)
        if trailer[: len(MAGIC)] != MAGIC:
            raise ValueError("not a flash image: " + path)
        self.unique_id = trailer[len(MAGIC) :]

    def read_into(self, address, buffer):
        self._file.seek(address)
        self._file.readinto(buffer)

    def program(self, address, data):
        """Clear bits: the result is the old content AND the data."""
        old = bytearray(len(data))
        self.read_into(address, old)
        for i in range(len(data)):
            old[i] &= data[i]
        self._file.seek(address)
        self._file.write(old)
        self._file.flush()

    def erase(self, address):
        if address % SECTOR_BYTES:
            raise ValueError("no sector begins at %d" % address)
        self._file.seek(address)
        self._file.write(b"\xff" * SECTOR_BYTES)
        self._file.flush()
