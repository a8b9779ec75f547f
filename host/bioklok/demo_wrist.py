"""The program of one of the demo's wrists: what happens to it, through the firmware, to an image.

`python -m bioklok.demo_wrist LIFE FLASH`, LIFE as JSON of `Life`. On stdout a line of JSON for each
hour, [seconds done, of so many], and at the end {"took_s": ...}, 0 where the image was there
already. It ends at SIGTERM, and when nobody reads what it says, and leaves no part of an image.

It stands by itself, beside the room `demo`, so that it starts quickly: it imports the simulator
alone.
"""

import json
import signal
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from bioklok.errors import BioklokFailure
from bioklok.simulator.image import device_id_of, read_identity
from bioklok.simulator.life import live
from bioklok.simulator.recording import open_recording
from bioklok.simulator.run import device_seed, run_world
from bioklok.simulator.student import KINDS, Student
from bioklok.simulator.world import World

# Fixed, so that the demo is the same for everyone and running it again adds nothing.
START = date(2026, 11, 16)
SEED = 47


@dataclass(frozen=True)
class Life:
    """What happens to a wrist: `days` of a virtual student of a kind (empty: the usual one), or a
    recording, its file and time zone."""

    days: int = 0
    kind: str = ""
    recording: str = ""
    timezone: str = Student().timezone

    def world(self) -> World:
        """Return it second by second. Raises BioklokFailure for a recording that is none."""
        if self.recording:
            return open_recording(Path(self.recording), None, ZoneInfo(self.timezone))
        habits = KINDS[self.kind] if self.kind else Student()
        return live(habits, START, self.days, SEED)

    def to_json(self) -> str:
        """Return it as text, for this program."""
        return json.dumps(asdict(self))


def main(life_json: str, flash: Path) -> int:
    """Measure; return the exit code: 1 with a line on stderr where it failed."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        world = Life(**json.loads(life_json)).world()
        took_s = 0.0 if _is_of(world, flash) else run_world(world, flash, progress=_tell).took_s
        _say({"took_s": took_s})
    except BioklokFailure as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    except BrokenPipeError:
        return 1  # whoever started this is gone
    return 0


def _is_of(world: World, flash: Path) -> bool:
    """Whether the image is of this world, through this firmware: the device's id says so."""
    try:
        found = read_identity(flash).device_id
    except BioklokFailure:
        return False
    return found == device_id_of(device_seed(world)).hex()


def _tell(done: int, total: int) -> None:
    _say([done, total])


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
