"""A virtual device with two slots, and an update of it over the virtual air."""

import asyncio
import hmac
import json
import shutil
from hashlib import sha256

from bioklok.radio.link import connect, scan
from bioklok.radio.port import LinkLost
from bioklok.radio.virtual import virtual_adapter
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.image import new_image, read_identity
from bioklok.simulator.virtual_device import power_on
from bioklok.update import update
from support.build_folder import make_build

TEST_S = 60


class Wrist:
    """A device with build 100 in slot a, and what is in its file system."""

    def __init__(self, folder, board="bench"):
        self.flash = folder / "wrist.flash"
        with new_image(self.flash, "update"):
            pass
        self.identity = read_identity(self.flash)
        self.root = folder / "files"
        old = make_build(folder / "old", "1.0.0", 100, board=board)
        shutil.copytree(old / "a", self.root / "a")
        manifest = (old / "a" / "manifest.json").read_bytes()
        seal = hmac.digest(self.identity.key, manifest, "sha256")
        (self.root / "a" / "manifest.hmac").write_bytes(seal)
        (self.root / "key").write_bytes(self.identity.key)
        (self.root / "slot.json").write_text('{"slot": "a", "tries": 0, "good": true}')

    @property
    def state(self):
        return json.loads((self.root / "slot.json").read_text())

    def holds(self, slot, build):
        return all(
            (path := self.root / slot / name).is_file()
            and sha256(path.read_bytes()).digest() == sha256(data).digest()
            for name, data in build.files.items()
        )


def brought_through(wrist, build, sessions=3):
    """Update, going on with another session where one broke off, as whoever sends it does."""
    for left in reversed(range(sessions)):
        try:
            return asyncio.run(updated(wrist, build))
        except LinkLost:
            if not left:
                raise
    raise AssertionError("no session")


async def updated(wrist, build, cut_at=None, **variables):
    """Update; with cut_at the power goes when so many bytes are there. The end of its process."""
    async with (
        asyncio.timeout(TEST_S),
        VirtualAir() as air,
        power_on(air, wrist.flash, BIOKLOK_SIM_SLOTS=f"{wrist.root}/", **variables) as process,
    ):
        adapter = virtual_adapter(air.central)
        sightings = await scan(adapter, enough=1)

        def progress(done, total):
            if cut_at is not None and done >= cut_at:
                process.kill()
                raise ConnectionAbortedError

        async with connect(sightings[0].device, adapter) as link:
            done = await update(link, build, wrist.identity.key, progress)
        return done, await process.wait()
