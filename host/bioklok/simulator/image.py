"""The flash image of a simulated device: made blank, moved into place only when it is whole."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bioklok.errors import BioklokFailure
from bioklok.files import alone, replaced

SIZE_BYTES = 1 << 20
MAGIC = b"BKNOR1\x00\x00"
ID_BYTES = 8
KEY_BYTES = 32
IMAGE_BYTES = SIZE_BYTES + len(MAGIC) + ID_BYTES + KEY_BYTES


def device_id_of(seed: str) -> bytes:
    """The unique ID that the chip of a simulated device has from the factory."""
    return hashlib.sha256(f"bioklok device {seed}".encode()).digest()[:ID_BYTES]


def key_of(seed: str) -> bytes:
    """The key of a simulated device. A real one's is random and made at provisioning; this follows
    from the seed, so that a simulation can be repeated to the bit."""
    return hashlib.sha256(f"bioklok key {seed}".encode()).digest()


@dataclass(frozen=True)
class VirtualIdentity:
    """Who a simulated device is: its id (hex), and the key that provisioning would have given."""

    device_id: str
    key: bytes = field(repr=False)


def read_identity(path: Path) -> VirtualIdentity:
    """Return the identity in an image. Raises BioklokFailure where it is none."""
    trailer = _trailer(path)
    if trailer is None:
        raise BioklokFailure(f"{path} is not a flash image: make one with 'bioklok simulate'")
    at = len(MAGIC)
    if trailer[at + ID_BYTES :] == bytes(KEY_BYTES):
        raise BioklokFailure(
            f"the device in {path} was wiped by its button: make another with 'bioklok simulate'"
        )
    return VirtualIdentity(trailer[at : at + ID_BYTES].hex(), trailer[at + ID_BYTES :])


def _trailer(path: Path) -> bytes | None:
    """Return what stands behind the flash itself in an image; None: it is none."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(SIZE_BYTES)
            trailer = file.read(IMAGE_BYTES)
    except OSError as error:
        raise BioklokFailure(f"cannot read {path}: {error.strerror}") from error
    return trailer if size == IMAGE_BYTES and trailer.startswith(MAGIC) else None


@contextmanager
def new_image(path: Path, seed: str) -> Iterator[Path]:
    """Give a blank image beside `path`; put it there on success, remove it on failure.

    Raises BioklokFailure where it cannot be written, another simulation is writing it, or what is
    there is something else than an image.
    """
    if os.path.exists(path):
        if not os.path.isfile(path):
            raise BioklokFailure(f"{path} is not a file: choose another --flash")
        if path.stat().st_size and _trailer(path) is None:
            raise BioklokFailure(f"{path} is no flash image: choose another --flash")
    busy = f"another simulation is writing {path}: wait for it, or choose another --flash"
    with alone(path, busy), replaced(path) as partial:
        with partial.open("xb") as file:
            file.write(b"\xff" * SIZE_BYTES + MAGIC + device_id_of(seed) + key_of(seed))
            file.flush()
            os.fsync(file.fileno())
        yield partial
