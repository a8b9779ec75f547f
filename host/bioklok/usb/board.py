"""What the host asks of a board on a cable: who it is, and files that are whole or not there."""

import base64
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bioklok.errors import BioklokFailure
from bioklok.usb.answers import unreadable, word
from bioklok.usb.cable import Cable

log = logging.getLogger("bioklok.usb")

SLOTS = ("a", "b")
_CHUNK_BYTES = 1536  # 2 kB of base64: few round trips, and still little of a small heap
_DIGESTS_AT_ONCE = 8
_DEVICE_ID_BYTES = 8

Sent = Callable[[int], None]


@dataclass(frozen=True)
class SlotFacts:
    """What stands in a slot, after its manifest."""

    board: str
    version: str
    build: int


@dataclass(frozen=True)
class BoardFacts:
    """Who a board is. mpy: MicroPython's word for the compiled files it takes.

    key_sha256: None where it has no key. running: the slot that slot.json names.
    """

    name: str
    version: str
    machine: str
    mpy: int
    unique_id: str
    free_bytes: int
    key_sha256: str | None
    running: str | None
    slots: dict[str, SlotFacts | None]

    @property
    def device_id(self) -> str:
        """The id the firmware goes by: 8 bytes of the chip's own, 16 hexadecimal digits. A shorter
        one (6 bytes on an ESP32) is filled up with zeros at its end."""
        return self.unique_id.ljust(2 * _DEVICE_ID_BYTES, "0")[: 2 * _DEVICE_ID_BYTES]

    @property
    def firmware(self) -> SlotFacts | None:
        """What runs; None: no firmware of ours."""
        return self.slots[self.running] if self.running is not None else None


def facts_of(cable: Cable) -> BoardFacts:
    """Ask a board who it is."""
    found = cable.call("facts")
    try:
        return _facts(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BioklokFailure(
            f"the board on {cable.port} does not say who it is: is its MicroPython 1.23 or newer?"
        ) from None


def put_checked(cable: Cable, path: str, data: bytes, sent: Sent = lambda n: None) -> None:
    """Write a file and have the board read it back. BioklokFailure where it is not the same.

    sent: gets the number of bytes, from time to time.
    """
    log.info("write %s, %d bytes", path, len(data))
    cable.call("begin", path)
    for start in range(0, len(data), _CHUNK_BYTES):
        part = data[start : start + _CHUNK_BYTES]
        cable.call("add", base64.b64encode(part))
        sent(len(part))
    if cable.call("end", path) != sha256(data).hexdigest():
        raise BioklokFailure(
            f"{path} is not on the board as it was sent: repeat the command; "
            "if it happens again the board's flash is failing"
        )


def put_whole(cable: Cable, path: str, data: bytes) -> None:
    """Replace a file in one step: until then the old one stays, whatever happens."""
    put_checked(cable, f"{path}.new", data)
    rename(cable, f"{path}.new", path)


def rename(cable: Cable, path: str, to: str) -> None:
    """Give a file another name, in one step, in place of what had it."""
    log.info("rename %s to %s", path, to)
    cable.call("rename", path, to)


def remove(cable: Cable, path: str) -> None:
    """Remove a file; it need not be there."""
    log.info("remove %s", path)
    cable.call("remove", path)


def read(cable: Cable, path: str) -> bytes | None:
    """Return a small file; None: it is not there. Never asked for a key."""
    found = cable.call("read", path)
    try:
        return None if found is None else base64.b64decode(found)
    except (TypeError, ValueError):
        raise unreadable(cable.port) from None


def files_below(cable: Cable, folder: str) -> list[str]:
    """Return the paths of all files below a folder, from the root."""
    found = cable.call("files", folder)
    if not isinstance(found, list) or not all(isinstance(path, str) for path in found):
        raise unreadable(cable.port)
    return [path for path in found if path.startswith(f"{folder}/")]


def digests_of(cable: Cable, paths: Sequence[str]) -> dict[str, str | None]:
    """Return the SHA-256 of files as they are on flash, None for one that is not there."""
    found: dict[str, str | None] = {}
    for start in range(0, len(paths), _DIGESTS_AT_ONCE):
        some = list(paths[start : start + _DIGESTS_AT_ONCE])
        digests = cable.call("digests", some)
        if not isinstance(digests, list) or len(digests) != len(some):
            raise unreadable(cable.port)
        found |= dict(zip(some, digests, strict=True))
    return found


def differing(cable: Cable, wanted: dict[str, str]) -> set[str]:
    """Return which of these files (path -> SHA-256) are not on the board as they should be."""
    there = digests_of(cable, list(wanted))
    return {path for path, digest in wanted.items() if there[path] != digest}


def _facts(found: Any) -> BoardFacts:
    slots = {name: _slot(found["slots"][name]) for name in SLOTS}
    running = found["slot"]["slot"] if isinstance(found["slot"], dict) else None
    return BoardFacts(
        name=word(found["name"]),
        version=word(found["version"]),
        machine=word(found["machine"]),
        mpy=int(found["mpy"]),
        unique_id=bytes.fromhex(found["unique_id"]).hex(),
        free_bytes=int(found["free_bytes"]),
        key_sha256=None if found["key_sha256"] is None else word(found["key_sha256"]),
        running=running if running in SLOTS else None,
        slots=slots,
    )


def _slot(found: Any) -> SlotFacts | None:
    if found is None:
        return None
    try:
        return SlotFacts(word(found["board"]), word(found["version"]), int(found["build"]))
    except (KeyError, TypeError, ValueError):
        return None


def total_bytes(parts: Iterable[bytes]) -> int:
    """Return the size of files together."""
    return sum(map(len, parts))
