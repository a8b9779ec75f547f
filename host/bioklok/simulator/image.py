"""The flash image of a simulated device: made blank, moved into place only when it is whole."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bioklok.errors import BioklokFailure

SIZE_BYTES = 1 << 20
MAGIC = b"BKNOR1\x00\x00"
ID_BYTES = 8
IMAGE_BYTES = SIZE_BYTES + len(MAGIC) + ID_BYTES


def device_id_of(seed: str) -> bytes:
    """The unique ID that the chip of a simulated device has from the factory."""
    return hashlib.sha256(f"bioklok device {seed}".encode()).digest()[:ID_BYTES]


def read_device_id(path: Path) -> str:
    """Return the device id (hex) of an image. Raises BioklokFailure where it is none."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(SIZE_BYTES)
            trailer = file.read()
    except OSError as error:
        raise BioklokFailure(f"cannot read {path}: {error.strerror}") from error
    if size != IMAGE_BYTES or not trailer.startswith(MAGIC):
        raise BioklokFailure(f"{path} is not a flash image: make one with 'bioklok simulate'")
    return trailer[len(MAGIC) :].hex()


@contextmanager
def new_image(path: Path, seed: str) -> Iterator[Path]:
    """Give a blank image beside `path`; put it there on success, remove it on failure."""
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() or (path.exists() and not path.is_file()):
            raise BioklokFailure(f"{path} is not a file: choose another --flash")
        with partial.open("wb") as file:
            file.write(b"\xff" * SIZE_BYTES + MAGIC + device_id_of(seed))
            file.flush()
            os.fsync(file.fileno())
        yield partial
        partial.replace(path)
    except OSError as error:
        raise BioklokFailure(f"cannot write {path}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
