"""How long the device's loop is blocked in a simulated day, by what it did, and its duty ledger.

Virtual time cannot see it: the microseconds are this computer's. What a chip takes is to be
measured on it; which turn is the longest, and how often each comes, is the same there.
"""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest
from biocore import message
from bioklok.collect import sync_virtual
from bioklok.device_facts import DeviceStatus
from bioklok.simulator import run, virtual_device
from bioklok.simulator.image import new_image
from bioklok.simulator.interpreter import environment
from bioklok.simulator.life import live
from bioklok.simulator.student import Student
from bioklok.store import open_store
from support.loop_turns_of import BOUND_US, SCRIPT, show

DAY_S = 86_400
Turns = dict[str, list[int]]


def lived(folder: Path, days: int) -> Turns:
    """The turns of so many days; the flash stays in `folder`."""
    answer = folder / "turns.json"
    real = run.command
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "command", lambda *given: [*real(*given)[:-1], str(SCRIPT)])
        with new_image(folder / "flash.img", "turns") as image:
            world = live(Student(), date(2026, 1, 13), days, 1)
            run.run_again(world, image, "turns", BIOKLOK_TURNS=str(answer))
    found: Turns = json.loads(answer.read_text())
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("turns")


@pytest.fixture(scope="module")
def day(folder: Path) -> Turns:
    return lived(folder, 1)


@pytest.mark.soak
def test_no_turn_of_a_week_blocks_the_loop_for_long(tmp_path: Path) -> None:
    week = lived(tmp_path, 7)
    assert week["epoch"][0] + week["page"][0] + week["sector erased"][0] >= 7 * 1440 - 2
    assert week["sector erased"][0] >= 7 * 48 // 16  # of states alone: it is a week of writes
    assert show(week) <= BOUND_US
    assert week["overruns"] == 0
    assert week["unfed ms"] <= 2000  # type: ignore[operator]


def test_no_sample_is_lost_while_a_day_is_fetched(
    folder: Path, day: Turns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In real time, on the virtual air; the FIFO holds a second and a quarter."""
    answer = tmp_path / "turns.json"
    real = virtual_device.command
    monkeypatch.setattr(virtual_device, "command", lambda *given: [*real(*given)[:-1], str(SCRIPT)])
    monkeypatch.setattr(
        virtual_device,
        "environment",
        lambda stand_ins, **given: environment(stand_ins, **given, BIOKLOK_TURNS=str(answer)),
    )
    with open_store(f"sqlite:///{tmp_path / 'day.sqlite'}") as store:
        done = asyncio.run(sync_virtual(store, folder / "flash.img", lambda done, total: None))
    assert done.epochs >= 1438
    turns: Turns = json.loads(answer.read_text())
    assert show(turns) <= BOUND_US
    assert turns["overruns"] == 0


def test_no_turn_of_a_day_blocks_the_loop_for_long(day: Turns) -> None:
    assert {"burst", "light", "epoch", "page", "lamp"} <= set(day)
    assert sum(day[kind][0] for kind in ("burst", "light", "epoch", "page")) >= DAY_S - 120
    assert show(day) <= BOUND_US
    assert day["overruns"] == 0
    assert day["unfed ms"] <= 2000  # type: ignore[operator]


def test_the_ledger_of_a_day_adds_up(day: Turns) -> None:
    fields = message.decode(message.encode(message.STATUS, *day["status"]))[1]
    status = DeviceStatus(*fields)
    print(status.duty_line)
    assert abs(status.uptime_s - DAY_S) <= 60
    assert abs(status.bursts - DAY_S) <= 60 and abs(status.light_reads - DAY_S / 5) <= 60
    assert abs(status.epochs - 1440) <= 2
    # every half hour or so for 20 s outside of the dark hours, and after presses
    assert 20 * 20 <= status.radio_s <= 40 * 20 + 60 * 20
    assert status.connected_s == 0
    assert 0 < status.lamp_ms < 120_000
    assert status.red_square_ms <= status.red_ms <= status.lamp_ms
    assert max(status.red_ms, status.green_ms, status.blue_ms) > 0
    # a page is two of flash, its draft two, and a state one
    assert 48 * 5 <= status.flash_pages <= 60 * 5 + 10
    assert status.awake_s == 0  # no chip: not measured
    assert status.faults == 0 and status.faults_line == ""
