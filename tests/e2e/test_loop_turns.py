"""How long the device's loop is blocked in a simulated day, by what it did, and its duty ledger.

Virtual time cannot see it: the microseconds are this computer's. What a chip takes is to be
measured on it; which turn is the longest, and how often each comes, is the same there.
"""

import json
from datetime import date

import pytest
from biocore import message
from bioklok.device_facts import DeviceStatus
from bioklok.simulator import run
from bioklok.simulator.image import new_image
from bioklok.simulator.life import live
from bioklok.simulator.student import Student
from support.loop_turns_of import BOUND_US, SCRIPT, show

DAY_S = 86_400


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    folder = tmp_path_factory.mktemp("turns")
    flash, answer = folder / "flash.img", folder / "turns.json"
    real = run.command
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "command", lambda *given: [*real(*given)[:-1], str(SCRIPT)])
        with new_image(flash, "turns") as image:
            world = live(Student(), date(2026, 1, 13), 1, 1)
            run.run_again(world, image, "turns", BIOKLOK_TURNS=str(answer))
    found: dict[str, list[int]] = json.loads(answer.read_text())
    return found


def test_no_turn_of_a_day_blocks_the_loop_for_long(day: dict[str, list[int]]) -> None:
    assert {"burst", "light", "epoch", "page", "lamp"} <= set(day)
    assert sum(day[kind][0] for kind in ("burst", "light", "epoch", "page")) >= DAY_S - 120
    assert show(day) <= BOUND_US
    assert day["unfed ms"] <= 2000  # type: ignore[operator]


def test_the_ledger_of_a_day_adds_up(day: dict[str, list[int]]) -> None:
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
