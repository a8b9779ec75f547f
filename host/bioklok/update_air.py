"""Finds the one device that is to be updated, and updates it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from bioklok.errors import NotFound
from bioklok.hub import Recogniser
from bioklok.keyring import Keyring
from bioklok.radio.link import SCAN_S, SYSTEM, Adapter, Sighting, connect, listen
from bioklok.update import Updated, update
from bioklok.usb.build import Build

Progress = Callable[[int, int], None]


async def update_in_range(
    keyring: Keyring,
    build: Build,
    device_id: str | None,
    progress: Progress,
    *,
    adapter: Adapter = SYSTEM,
    listen_s: float = SCAN_S,
) -> Updated:
    """Update `device_id`, or whichever device of the keyring is heard first.

    Raises NotFound where none is in range, BioklokFailure where it refuses.
    """
    keys = keyring.all()
    if not keys:
        raise NotFound("This computer has no device's key: provision a device over USB first.")
    recognise = Recogniser(lambda: keys)
    found: asyncio.Future[tuple[str, Sighting]] = asyncio.get_running_loop().create_future()

    def on_sighting(sighting: Sighting) -> None:
        known = recognise(sighting)
        if known is not None and device_id in (None, known) and not found.done():
            found.set_result((known, sighting))

    async with listen(adapter, on_sighting):
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(found), listen_s)
    if not found.done():
        found.cancel()
        which = f"Device {device_id}" if device_id else "No Bioklok that this computer knows"
        raise NotFound(
            f"{which} is {'not ' if device_id else ''}in range: press its button once and keep it "
            "within two metres."
        )
    known, sighting = found.result()
    async with connect(sighting.device, adapter) as link:
        return await update(link, build, keys[known], progress)
