"""Another application for a device, over Bluetooth LE, into the slot that does not run.

The device keeps what it has of the same build, so that an update that broke off goes on. It runs
the old application until all is there, looks the new one over, and falls back where that does not
run (firmware/slots.py). Needs a build (`make build`) and the device's key, which seals it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hmac import digest

from biocore import message

from bioklok.errors import BioklokFailure
from bioklok.radio.port import Link
from bioklok.session import Session
from bioklok.sync import STALL_S
from bioklok.usb.build import Build

_REFUSALS = {
    message.UPDATE_OLDER: "runs a newer build than this one: deploy an older one by cable",
    message.UPDATE_NOT_OURS: "does not know this computer's key: provision it again over USB",
    message.UPDATE_DAMAGED: "did not get the files whole: update again",
    message.UPDATE_NO_ROOM: "has no room for it, or its flash does not take it: deploy by cable",
    message.UPDATE_UNREADABLE: "cannot read the build's manifest: run 'make build' again",
    message.UPDATE_NO_SLOTS: "has no place for another application: deploy by cable",
    message.UPDATE_OTHER_BOARD: "is another board than this build is for: make the build for it",
    message.UPDATE_NOT_OFFERED: "has started anew meanwhile: update again",
}


@dataclass(frozen=True)
class Updated:
    """What an update came to. n_sent: bytes that the device did not have yet."""

    device_id: str
    version: str
    n_sent: int
    n_bytes: int


async def update(
    link: Link,
    build: Build,
    key: bytes,
    progress: Callable[[int, int], None] | None = None,
    stall_s: float = STALL_S,
) -> Updated:
    """Bring `build` onto the device at the other end of `link`; it starts anew when this returns.

    progress: bytes that are there, of all. Raises BioklokFailure where the device refuses or is for
    another board, LinkLost when the link ends: say it again, and it goes on.
    """
    session = Session(link, stall_s)
    await session.prove(key)
    info = await session.info()
    seal = digest(key, build.manifest, "sha256")
    offer = message.encode(message.OFFER, len(build.manifest), seal, 0, 0, 0)
    _, _, number, offset, code = await session.ask(offer)
    files = list(build.files.values())  # in the manifest's order
    before = [0]
    for one in files:
        before.append(before[-1] + len(one))
    total, n_sent = before[-1], 0
    # Each file has an empty piece at most besides those it needs, and may be sent twice.
    n_pieces = len(build.manifest) // message.PIECE_BYTES + 1
    n_pieces += sum(2 * (len(one) // message.PIECE_BYTES + 2) for one in files)
    for _ in range(n_pieces):
        _passed(code)
        if number == message.FILE_NONE:
            break
        is_manifest = number == message.FILE_MANIFEST
        if not is_manifest and number >= len(files):
            raise BioklokFailure("The device asks for a file that the build does not have.")
        data = (build.manifest if is_manifest else files[number])[offset:][: message.PIECE_BYTES]
        if progress is not None and not is_manifest:
            progress(before[number] + offset, total)
        n_sent += 0 if is_manifest else len(data)
        answer = await session.ask(message.piece(number, offset, data))
        number, offset, code, _ = answer
    else:
        raise BioklokFailure("The device keeps asking for the same again: have it checked.")
    if progress is not None:
        progress(total, total)
    (code,) = await session.ask(message.ask(message.SWITCH))
    _passed(code)
    await session.close()
    return Updated(info.device_id, build.version, n_sent, total)


def _passed(code: int) -> None:
    if code != message.UPDATE_TAKEN:
        raise BioklokFailure(f"The device {_REFUSALS.get(code, f'refuses with code {code}')}.")
