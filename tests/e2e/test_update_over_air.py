"""An update over the radio: the firmware on MicroPython, its slots in a folder, bumble's air."""

import asyncio
import hmac
import json
import shutil
from hashlib import sha256

import pytest
from bioklok.errors import BioklokFailure, NotFound
from bioklok.radio.link import connect, scan
from bioklok.radio.virtual import virtual_adapter
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.image import new_image, read_identity
from bioklok.simulator.interpreter import find_micropython
from bioklok.simulator.virtual_device import power_on
from bioklok.update import update
from bioklok.usb.build import read_build
from support.build_folder import make_build

TEST_S = 60

try:
    find_micropython()
except NotFound as failure:
    pytestmark = pytest.mark.skip(reason=str(failure))


class Wrist:
    """A device with build 100 in slot a, and what is in its file system."""

    def __init__(self, folder):
        self.flash = folder / "wrist.flash"
        with new_image(self.flash, "update"):
            pass
        self.identity = read_identity(self.flash)
        self.root = folder / "files"
        old = make_build(folder / "old", "1.0.0", 100)
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


@pytest.fixture
def wrist(tmp_path):
    return Wrist(tmp_path)


async def updated(wrist, build, cut_at=None):
    """Update; with cut_at the power goes when so many bytes are there. The end of its process."""
    async with (
        asyncio.timeout(TEST_S),
        VirtualAir() as air,
        power_on(air, wrist.flash, BIOKLOK_SIM_SLOTS=f"{wrist.root}/") as process,
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


def test_an_update_starts_the_device_anew_on_what_was_sent(wrist, tmp_path):
    build = read_build(make_build(tmp_path / "new", "1.1.0", 101))
    done, ended = asyncio.run(updated(wrist, build))
    assert (done.version, done.device_id, ended) == ("1.1.0", wrist.identity.device_id, 0)
    assert done.n_sent == done.n_bytes == sum(map(len, build.files.values()))
    assert wrist.state == {"slot": "b", "tries": 0, "good": False}
    assert wrist.holds("b", build)


def test_one_that_the_power_left_goes_on_and_the_old_one_runs_until_then(wrist, tmp_path):
    build = read_build(make_build(tmp_path / "new", "1.1.0", 101))
    total = sum(map(len, build.files.values()))
    with pytest.raises(ConnectionAbortedError):
        asyncio.run(updated(wrist, build, cut_at=total // 2))
    assert wrist.state["slot"] == "a"
    done, _ = asyncio.run(updated(wrist, build))
    assert 0 < done.n_sent < total  # what was there already was not sent again
    assert wrist.state["slot"] == "b" and wrist.holds("b", build)


@pytest.mark.parametrize(
    ("number", "board", "why"),
    [(99, "bench", "runs a newer build"), (101, "another", "is another board")],
)
def test_older_builds_and_those_of_other_boards_are_refused(wrist, tmp_path, number, board, why):
    build = read_build(make_build(tmp_path / "new", "1.1.0", number, board=board))
    with pytest.raises(BioklokFailure, match=why):
        asyncio.run(updated(wrist, build))
    assert wrist.state == {"slot": "a", "tries": 0, "good": True}
    assert not (wrist.root / "b").exists()
