"""The whole firmware lives for a week on a heap as large as a small chip has, and does not grow.

320 kB on a 64-bit MicroPython, with the sources compiled into it and the fakes of chips, flash and
world, stand for 100 kB in use on a chip of 32 bits.
"""

import json
from datetime import date
from pathlib import Path

import pytest
from bioklok.simulator import run as simulator
from bioklok.simulator.interpreter import environment, find_micropython
from bioklok.simulator.life import live
from bioklok.simulator.student import Student

HEAP = "320k"
GROWTH_MOST = 1024  # bytes in a week; a page more or less in a list is not growth


@pytest.fixture(scope="module")
def used(tmp_path_factory) -> list[int]:
    """Bytes in use at each midnight of a week."""
    folder = tmp_path_factory.mktemp("heap")
    program = Path(__file__).parents[1] / "support" / "heap_main.py"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            simulator,
            "command",
            lambda interpreter, heap: [
                str(interpreter),
                "-X",
                f"heapsize={HEAP}",
                str(program),
            ],
        )
        patch.setattr(
            simulator,
            "environment",
            lambda **variables: environment(
                **variables, BIOKLOK_TEST_HEAP=str(folder / "heap.json")
            ),
        )
        world = live(Student(), date(2026, 11, 16), 7, 1)
        simulator.run_world(world, folder / "week.flash", micropython=find_micropython())
    return json.loads((folder / "heap.json").read_text())


def test_a_week_fits_and_does_not_grow(used):
    print(used)
    assert len(used) == 8  # the start, and the end of each day
    assert abs(used[-1] - used[1]) <= GROWTH_MOST
