"""The whole firmware lives for a week on a heap as large as a small chip has, and does not grow.

320 kB on a 64-bit MicroPython, with the sources compiled into it and the fakes of chips, flash and
world, stand for 100 kB in use on a chip of 32 bits.
"""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest
from bioklok.collect import sync_virtual
from bioklok.simulator import run as simulator
from bioklok.simulator import virtual_device
from bioklok.simulator.interpreter import environment, find_micropython
from bioklok.simulator.life import live
from bioklok.simulator.student import Student
from bioklok.store import open_store

HEAP = "320k"
GROWTH_MOST = 1024  # bytes in a week; a page more or less in a list is not growth


@pytest.fixture(scope="module")
def week(tmp_path_factory) -> Path:
    """The folder of a simulated week: its flash, and the heap at each midnight."""
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
    return folder


def test_a_week_fits_and_does_not_grow(week):
    used = json.loads((week / "heap.json").read_text())
    print(used)
    assert len(used) == 8  # the start, and the end of each day
    assert abs(used[-1] - used[1]) <= GROWTH_MOST


@pytest.mark.parametrize("session", range(2))
def test_a_week_is_fetched_in_one_session_as_well(week, tmp_path, monkeypatch, session):
    """After the imports the heap is in pieces: there is room for a message once, not five times."""
    monkeypatch.setattr(virtual_device, "HEAP", HEAP)
    with open_store(f"sqlite:///{tmp_path / 'week.sqlite'}") as store:
        done = asyncio.run(sync_virtual(store, week / "week.flash", lambda done, total: None))
        assert store.n_epochs(done.info.device_id) == done.epochs == done.info.n_epochs == 7 * 1440
