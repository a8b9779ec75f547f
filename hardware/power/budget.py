"""Milliamperes and days of each board: currents (currents.toml) times duty (duty.json). Modelled.

A day's charge is a sum of parts, each a current times the seconds of the day in which it flows:

    asleep   what is left of the day          awake  bursts * (wake + bus + program)
    radio    windows and sessions             lamp   level squared, by channel, as its driver has
             it, and the time that it is lit: the chip does not sleep then (firmware/hw/power.py)
    sensors, breakouts, divider, board        all day
    flash    pages and sectors programmed
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from hardware.power.sources import Currents

HERE = Path(__file__).parent
WIRING = HERE.parent / "wiring.toml"  # as data; `make gen` refuses one that cannot be built
DAY_S = 86_400
SYNCS_A_DAY = 1
_BITS_A_BYTE = 9  # with its acknowledge
# Bytes on the wire for a burst, addresses and register numbers included: those of each burst, and
# those of a sample (firmware/drivers, `read` of each). A light reading is 5 each fifth second.
BURST_BYTES = {
    "lis3dh": (4 + 3, 6),  # FIFO_SRC; one transfer of all samples
    "mpu6886": (4 + 5 + 2 * 3 + 5, 8),  # status, count, two transfers of frames, temperature
}
LIGHT_BYTES_A_S = 1
PARTS = ("asleep", "awake", "radio", "lamp", "sensors", "breakouts", "flash", "board and divider")
COLOURS = ("red", "green", "blue")


@dataclass(frozen=True)
class Duty:
    """What a device does in a day. every_s: between two bursts; sample_hz: what they hold;
    radio_s: windows; sync_s: one session; burst_us: a burst's program here; lamp_ms: lit;
    *_square_ms: as if at full level; turn_us: a task's turn here, to set this computer beside a
    chip."""

    bursts: float
    radio_s: float
    sync_s: float
    burst_us: float
    lamp_ms: float
    red_square_ms: float
    green_square_ms: float
    blue_square_ms: float
    flash_pages: float
    flash_sectors: float
    every_s: float = 1.0
    sample_hz: float = 25.0
    turn_us: float = 1.0


@dataclass(frozen=True)
class Budget:
    """mah: charge a day by part (PARTS). days: on the board's cell."""

    board: str
    cell_mah: float
    mah: dict[str, float]
    days: float

    @property
    def mean_ma(self) -> float:
        """The mean current."""
        return sum(self.mah.values()) / 24


@dataclass(frozen=True)
class Swing:
    """What one figure does to a board's days: at its low end and at its high end."""

    figure: str
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """Days between its two ends."""
        return abs(self.at_low - self.at_high)


def read_duty(display: str = "asked", path: Path = HERE / "duty.json") -> Duty:
    """Return the measured duty of a day with a display mode: "asked" or "glow"."""
    found = json.loads(path.read_text(encoding="utf-8"))
    others = ("sync_s", "burst_us", "every_s", "sample_hz", "turn_us")
    names = [name for name in Duty.__dataclass_fields__ if name not in others]
    week = found[display]
    return Duty(
        sync_s=found["sync_s"],
        burst_us=week["burst_us_here"],
        turn_us=found["turn_us_here"],
        **{name: week[name] for name in names},
    )


def with_windows(duty: Duty, share: float) -> Duty:
    """The same with so many times the seconds of radio windows."""
    return replace(duty, radio_s=duty.radio_s * share)


def with_sampling(duty: Duty, sample_hz: float, every_s: float) -> Duty:
    """The same, sampled so often and with a burst every so many seconds (measured: 25 Hz, each
    second). The program's time follows the samples, which is more than is known of it."""
    samples = sample_hz * every_s / (duty.sample_hz * duty.every_s)
    return replace(
        duty,
        bursts=duty.bursts * duty.every_s / every_s,
        burst_us=duty.burst_us * samples,
        every_s=every_s,
        sample_hz=sample_hz,
    )


def bus_s_a_day(duty: Duty, part: str, hz: float) -> float:
    """Return the seconds of a day in which the sensors' bus is busy. hz: its clock."""
    own, sample = BURST_BYTES[part]
    a_burst = own + (sample * duty.sample_hz + LIGHT_BYTES_A_S) * duty.every_s
    return duty.bursts * a_burst * _BITS_A_BYTE / hz


def budget(board: str, duty: Duty, currents: Currents, cell_mah: float | None = None) -> Budget:
    """Return what a board needs a day, and for how many days its cell (or another) is enough."""
    wiring = wired(board)
    charge = _charge_uas(board, wiring, duty, currents)
    mah = {part: uas / 3.6e6 for part, uas in charge.items()}
    cell = float(wiring["battery_mah"]) if cell_mah is None else cell_mah
    return Budget(board, cell, mah, cell * currents["cells.usable"].value / sum(mah.values()))


def wired(board: str) -> Mapping[str, Any]:
    """Return what wiring.toml says of a board."""
    found: Mapping[str, Any] = _boards()[board]
    return found


@cache  # a spread asks for hundreds of budgets
def _boards() -> Mapping[str, Any]:
    boards: Mapping[str, Any] = tomllib.loads(WIRING.read_text(encoding="utf-8"))["boards"]
    return boards


def _charge_uas(
    board: str, wiring: Mapping[str, Any], duty: Duty, currents: Currents
) -> dict[str, float]:
    """Microampere-seconds of a day, by part."""
    own = f"boards.{board}."
    ua = {name.removeprefix(own): one.value for name, one in currents.items() if own in name}
    value = {name: one.value for name, one in currents.items()}
    sensor = wiring["accelerometer"]
    bus_s = bus_s_a_day(duty, sensor["part"], wiring["buses"][sensor["bus"]]["hz"])
    wake_s = duty.bursts * value["awake.wake_ms"] / 1000
    program_s = duty.bursts * duty.burst_us * 1e-6 * ua["turn_us"] / duty.turn_us
    waits_s = bus_s * value["awake.bus_idle"]
    radio_s = duty.radio_s + SYNCS_A_DAY * duty.sync_s
    lit_s = duty.lamp_ms / 1000
    asleep_s = max(DAY_S - wake_s - program_s - bus_s - radio_s - lit_s, 0.0)
    full = {c: full_ua(board, wiring, c, currents) for c in COLOURS}
    lamp = sum(full[c] * getattr(duty, f"{c}_square_ms") for c in COLOURS)
    flash_ms = duty.flash_pages * value["flash.page_ms"]
    flash_ms += duty.flash_sectors * value["flash.sector_ms"]
    return {
        "asleep": ua["sleep"] * asleep_s,
        "awake": ua["awake"] * (wake_s + program_s + bus_s - waits_s) + ua["idle"] * waits_s,
        "radio": ua["radio"] * radio_s,
        "lamp": lamp / 1000 + ua["idle"] * lit_s,
        "sensors": (ua["accelerometer"] + ua["light"]) * DAY_S,
        "breakouts": ua.get("breakouts", 0.0) * DAY_S,
        "flash": value["flash.current"] * flash_ms / 1000,
        "board and divider": (ua["board"] + divider_ua(wiring, currents)) * DAY_S,
    }


def divider_ua(wiring: Mapping[str, Any], currents: Currents) -> float:
    """Return what flows through the cell's divider: Ohm's law on wiring.toml's resistors."""
    kohm = wiring["battery"]["upper_kohm"] + wiring["battery"]["lower_kohm"]
    return currents["cells.nominal_v"].value / float(kohm) * 1000


def full_ua(board: str, wiring: Mapping[str, Any], colour: str, currents: Currents) -> float:
    """Return a channel of the lamp at its full level: a figure, or Ohm's law on its resistor."""
    figure = currents.get(f"boards.{board}.{colour}_full")
    if figure is not None:
        return figure.value
    volts = currents["led.supply_v"].value - currents[f"led.{colour}_v"].value
    return max(volts, 0.0) / float(wiring["lamp"][f"{colour}_ohm"]) * 1e6


def swings(
    board: str, duty: Duty, currents: Currents, cell_mah: float | None = None
) -> list[Swing]:
    """Return what each figure alone does to a board's days over its range, the widest first."""
    others = [name for name in currents if name.startswith("boards.") and f".{board}." not in name]
    found = []
    for name, figure in currents.items():
        if figure.low == figure.high or name in others:
            continue
        at_low, at_high = (
            budget(board, duty, {**currents, name: figure.at(end)}, cell_mah).days
            for end in (figure.low, figure.high)
        )
        found.append(Swing(name, at_low, at_high))
    return sorted(found, key=lambda swing: -swing.width)


def spread(
    board: str, duty: Duty, currents: Currents, cell_mah: float | None = None
) -> tuple[float, float]:
    """Return the fewest and the most days: every figure at the end of its range that costs most, or
    least, all at once. The truth may lie outside where a range is wrong."""
    fewest, most = dict(currents), dict(currents)
    for swing in swings(board, duty, currents, cell_mah):
        figure = currents[swing.figure]
        ends = (figure.low, figure.high)
        better, worse = ends if swing.at_low > swing.at_high else ends[::-1]
        fewest[swing.figure] = figure.at(worse)
        most[swing.figure] = figure.at(better)
    few = budget(board, duty, fewest, cell_mah).days
    return few, budget(board, duty, most, cell_mah).days
