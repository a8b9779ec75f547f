"""The root's own boot.py, slots.py and main.py on a real MicroPython: an application that cannot
run, and a person who wants the board."""

import json

import pytest
from bioklok.boards.build import FIRMWARE
from bioklok.errors import BioklokFailure
from bioklok.usb.build import read_build
from bioklok.usb.cable import cable_to
from bioklok.usb.deploy import deploy
from support.board_on_cable import BoardOnCable
from support.build_folder import make_build

RUNS = """
import asyncio
class Device:
    def __init__(self, board):
        pass
    async def run(self):
        print("RUNNING NUMBER")
        while True:
            BODY
"""
BOARD = """
class Watchdog:
    def release(self):
        print("RELEASED")
class Board:
    watchdog = Watchdog()
"""
SLEEPS, RAISES = "await asyncio.sleep(1)", "raise ValueError('no good')"


@pytest.fixture
def board(tmp_path):
    with BoardOnCable(tmp_path) as made:
        yield made


def a_build(folder, number, source):
    build = make_build(folder, number, 100 + int(number[2]), board_source=BOARD, app__device=source)
    for name in ("boot.py", "slots.py", "manifest.py", "main.py"):
        text = (FIRMWARE / name).read_text().replace("_PAUSE_S = 5", "_PAUSE_S = 0.3")
        (build / name).write_text(text)
    return build


def running(number, body=SLEEPS):
    return RUNS.replace("NUMBER", number).replace("BODY", body)


def put(board, build, listen_s=0.0):
    with cable_to(board.port) as cable:
        deploy(cable, read_build(build), lambda _: None, lambda done, total: None)
        cable.restart(listen_s)


@pytest.mark.parametrize(
    "bad", [running("1.1.0", RAISES), "import nothing_of_that_name\n", "class Device:\n  pass\n"]
)
def test_one_that_raises_is_started_three_times_and_the_old_one_comes_back(board, tmp_path, bad):
    put(board, a_build(tmp_path / "1", "1.0.0", running("1.0.0")))
    board.wait_for(b"RUNNING 1.0.0")
    start = len(board.said)
    put(board, a_build(tmp_path / "2", "1.1.0", bad))
    board.wait_for(b"RUNNING 1.0.0", start)
    said = bytes(board.said[start:])
    assert said.count(b"it starts anew in") == 3, said
    assert board.is_running_a_program()
    assert json.loads(board.files()["slot.json"])["slot"] == "a"


def test_deploy_says_that_what_it_put_there_does_not_run(board, tmp_path):
    bad = a_build(tmp_path / "1", "1.0.0", running("1.0.0", RAISES))
    with pytest.raises(BioklokFailure, match="ended at once"):
        put(board, bad, listen_s=20.0)


def test_ctrl_c_lets_go_of_the_watchdog_and_gives_a_prompt(board, tmp_path):
    # Not asleep in its loop: where asyncio itself would not see the interrupt.
    busy = "import time; time.sleep(0.05)"
    put(board, a_build(tmp_path / "1", "1.0.0", running("1.0.0", busy)))
    start = board.wait_for(b"RUNNING 1.0.0")
    with cable_to(board.port, is_fresh=False) as cable:
        assert cable.call("loaded", "slot.json")["slot"] == "a"
    board.wait_for(b"RELEASED", start)


def test_a_visit_feeds_the_watchdog_of_a_board_of_ours_and_begins_none_elsewhere(board, tmp_path):
    with cable_to(board.port) as cable:
        cable.call("files", "")
    assert b"WATCHDOG" not in board.said
    put(board, a_build(tmp_path / "1", "1.0.0", running("1.0.0")))
    start = board.wait_for(b"RUNNING 1.0.0")
    with cable_to(board.port) as cable:
        cable.call("files", "")
    said = bytes(board.said[start:])
    assert said.index(b"WATCHDOG OF 8000") < said.index(b"TIMER -1 EVERY 2000") < said.index(b"FED")
