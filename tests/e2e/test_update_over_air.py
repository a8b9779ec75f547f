"""An update over the radio: the firmware on MicroPython, its slots in a folder, bumble's air."""

import asyncio
import json

import pytest
from bioklok.boards.build import build as build_board
from bioklok.errors import BioklokFailure, NotFound
from bioklok.simulator import virtual_device
from bioklok.simulator.interpreter import find_micropython
from bioklok.usb.build import read_build
from support.build_folder import make_build
from support.loop_turns_of import BOUND_US, SCRIPT, show
from support.update_wrist import Wrist, brought_through, updated

try:
    find_micropython()
except NotFound as failure:
    pytestmark = pytest.mark.skip(reason=str(failure))


@pytest.fixture
def wrist(tmp_path):
    return Wrist(tmp_path)


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


def test_a_whole_application_comes_through_the_heap_of_a_small_chip(tmp_path, monkeypatch):
    """As large as that of e2e/test_small_heap.py, with the sources of the firmware in it.

    On 64 bits this heap has not always 2 kB in one piece for a message that is unsealed: such a
    session ends, and the next goes on where it stopped.
    """
    wrist = Wrist(tmp_path, board="pico_w")
    build = read_build(build_board("pico_w", tmp_path / "new").folder)
    monkeypatch.setattr(virtual_device, "HEAP", "320k")
    done, ended = brought_through(wrist, build)
    assert ended == 0 and 0 < done.n_sent <= done.n_bytes > 90_000
    assert wrist.holds("b", build) and wrist.state["slot"] == "b"


def test_an_update_of_a_whole_application_never_blocks_the_loop(tmp_path, monkeypatch):
    """100 kB into the other slot while it samples: no sample is lost, though the FIFO holds no
    more than a second and a quarter."""
    wrist = Wrist(tmp_path, board="pico_w")
    build = read_build(build_board("pico_w", tmp_path / "new").folder)
    real = virtual_device.command
    monkeypatch.setattr(virtual_device, "command", lambda *given: [*real(*given)[:-1], str(SCRIPT)])
    answer = tmp_path / "turns.json"
    done, ended = asyncio.run(updated(wrist, build, BIOKLOK_TURNS=str(answer)))
    assert ended == 0 and done.n_sent == done.n_bytes > 90_000
    assert wrist.holds("b", build)
    turns = json.loads(answer.read_text())
    assert show(turns) <= BOUND_US
    assert turns["overruns"] == 0
    assert turns["unfed ms"] <= 1250  # type: ignore[operator]
