"""The duty of a week by the firmware's own ledger: virtual students, the unmodified firmware."""

import asyncio
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from bioklok.device_facts import DeviceStatus
from bioklok.radio.link import connect, scan
from bioklok.radio.virtual import virtual_adapter
from bioklok.simulator import run
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.faults import PHONE, FaultyLink
from bioklok.simulator.image import new_image, read_identity
from bioklok.simulator.interpreter import find_micropython
from bioklok.simulator.life import live
from bioklok.simulator.student import Student
from bioklok.simulator.virtual_device import power_on
from bioklok.store import open_store
from bioklok.sync import sync

HERE = Path(__file__).parent
DUTY = HERE / "duty.json"
SCRIPT = HERE / "ledger_main.py"
TURNS = HERE / "turn_main.py"
MONDAY = date(2026, 11, 16)
DAYS = 7
SEED = 1
DISPLAYS = {"asked": "{}", "glow": '{"glow": 1}'}
COUNTED = (
    "bursts",
    "light_reads",
    "epochs",
    "radio_s",
    "lamp_ms",
    "red_square_ms",
    "green_square_ms",
    "blue_square_ms",
    "flash_pages",
    "flash_sectors",
)
FIND_S = 30.0


@contextmanager
def _with_ledger() -> Iterator[None]:
    """The simulator starts the program that tells of its ledger at the end."""
    real = run.command

    def command(interpreter: Path, heap: str) -> list[str]:
        return [*real(interpreter, heap)[:-1], str(SCRIPT)]

    run.command = command
    try:
        yield
    finally:
        run.command = real


def _week(settings: str, folder: Path) -> dict[str, Any]:
    """A week without a host: {counter: per day}, and the microseconds of a turn with a burst."""
    told = folder / "ledger.json"
    with _with_ledger(), new_image(folder / "week.flash", "power") as image:
        world = live(Student(), MONDAY, DAYS, SEED)
        run.run_again(
            world, image, "power", BIOKLOK_LEDGER=str(told), BIOKLOK_SIM_SETTINGS=settings
        )
    found = json.loads(told.read_text(encoding="utf-8"))
    status = DeviceStatus(*found["status"])
    turns, us = found["burst_turns"]
    days = status.uptime_s / 86_400
    return {
        "days": round(days, 2),
        "burst_us_here": round(us / turns, 1),
        **{name: round(getattr(status, name) / days, 1) for name in COUNTED},
    }


async def _sync_s(flash: Path, folder: Path) -> float:
    """Seconds that a session with one day's pages takes, on a link like a telephone's."""
    key = read_identity(flash).key
    async with VirtualAir(FaultyLink(SEED, pacing=PHONE)) as air, power_on(air, flash):
        adapter = virtual_adapter(air.central)
        (sighting,) = await scan(adapter, timeout_s=FIND_S, enough=1)
        with open_store(f"sqlite:///{folder / 'power.sqlite'}") as store:
            async with connect(sighting.device, adapter, timeout_s=FIND_S) as link:
                return (await sync(link, store, key=key, force_clock=True)).seconds


def turn_us() -> float:
    """Return the microseconds of one turn of a task here, by the interpreter of the weeks."""
    told = subprocess.run(
        [find_micropython(None), TURNS], check=True, capture_output=True, text=True, timeout=60
    )
    return float(told.stdout)


def measure() -> dict[str, Any]:
    """Return the duty, as duty.json holds it: per day, but for `sync_s` (a session) and
    `turn_us_here` (before and after the weeks, as the computer may have more to do)."""
    before = turn_us()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found: dict[str, Any] = {
            display: _week(settings, folder) for display, settings in DISPLAYS.items()
        }
        found["turn_us_here"] = round((before + turn_us()) / 2, 2)
        day = folder / "day.flash"
        run.run_world(live(Student(), MONDAY, 1, SEED), day)
        found["sync_s"] = round(asyncio.run(_sync_s(day, folder)), 1)
    return found


def write_duty() -> None:
    """Measure, and replace duty.json."""
    text = json.dumps(measure(), indent=1) + "\n"
    part = DUTY.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, DUTY)
