"""The parts lists: one CSV a build, read and held against the wiring, the case and the charger.

A list names what one device uses. `ref` is a role of hardware/wiring.toml (board, accelerometer,
light, lamp, button, cell, charger, switch), the names of its small parts (R1 R2), or a word.
"""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioklok.errors import BioklokFailure

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
WIRING = ROOT / "hardware" / "wiring.toml"
CASE = ROOT / "hardware" / "enclosure" / "parts.toml"
COLUMNS = (
    "ref part maker maker_number quantity unit price_class alternatives why note".split()  # noqa: SIM905
)
UNITS = ("piece", "m", "g")
# Euro for what a row uses of it, shipping left out: least and most.
CLASSES = {"A": (0, 1), "B": (1, 5), "C": (5, 10), "D": (10, 20), "E": (20, 40)}
# The build, its list, and the board of wiring.toml.
LISTS = {"breakout": "esp32c3_pilot", "no-solder": "m5stickc_plus2", "pico_w": "pico_w"}
CLAIMED_EURO = {"breakout": 25}
_SMALL = re.compile(r"[RCD]\d+")
_VALUE = re.compile(r"([\d.]+) (kohm|ohm|nF)\b")
_MAH = re.compile(r"\b(\d+) mAh\b")
_CELL_CODE = re.compile(r"\b(\d\d)(\d\d)(\d\d)\b")


@dataclass(frozen=True)
class Row:
    """One row; what a device uses of it."""

    ref: str
    part: str
    maker: str
    maker_number: str
    quantity: float
    unit: str
    price_class: str
    alternatives: str
    why: str
    note: str


def read_list(name: str, folder: Path = HERE) -> list[Row]:
    """Return the rows of a build. BioklokFailure, in one line, for one that nobody could buy by."""
    path = folder / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        if reader.fieldnames != list(COLUMNS):
            raise BioklokFailure(f"{path.name}: the columns are {', '.join(COLUMNS)}")
        rows = [_row(f"{path.name}, line {n}", given) for n, given in enumerate(reader, start=2)]
    refs = [row.ref for row in rows]
    if twice := next((ref for ref in refs if refs.count(ref) > 1), ""):
        raise BioklokFailure(f"{path.name}: {twice} stands there twice")
    return rows


def _row(where: str, given: Mapping[str, str]) -> Row:
    if None in given or None in given.values():
        raise BioklokFailure(f"{where}: {len(COLUMNS)} columns are wanted")
    if empty := next((name for name in COLUMNS if not given[name].strip()), ""):
        raise BioklokFailure(f"{where}: {empty} is empty: write it, or -")
    if given["why"].strip() == "-":
        raise BioklokFailure(f"{where}: why is this part in the list?")
    if given["price_class"] not in CLASSES:
        raise BioklokFailure(
            f"{where}: price class {given['price_class']} is none of {', '.join(CLASSES)}"
        )
    if given["unit"] not in UNITS:
        raise BioklokFailure(f"{where}: unit {given['unit']} is none of {', '.join(UNITS)}")
    try:
        quantity = float(given["quantity"])
    except ValueError as failure:
        raise BioklokFailure(f"{where}: {given['quantity']} is no quantity") from failure
    small = _SMALL.findall(given["ref"])
    if quantity <= 0 or (small and quantity != len(small)):
        raise BioklokFailure(f"{where}: {given['ref']} and a quantity of {quantity:g} do not agree")
    return Row(**{**given, "quantity": quantity})  # type: ignore[arg-type]


def euro_range(rows: list[Row]) -> tuple[int, int]:
    """Return what a list costs, least and most, by its price classes."""
    ends = [CLASSES[row.price_class] for row in rows]
    return sum(low for low, _ in ends), sum(high for _, high in ends)


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file as data; `make gen` and the case's own build check what it says."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def disagreements(rows: list[Row], board: str, wiring: Mapping[str, Any]) -> list[str]:
    """Return, a line each, what a list and the wiring of its board say differently."""
    wired = wiring["boards"][board]
    by_ref = {ref: row for row in rows for ref in row.ref.split()}
    wanted = {"board": wiring["modules"][wired["module"]].get("number", "")}
    for role in ("accelerometer", "light", "lamp", "button"):
        product = wired[role].get("product")
        if product is not None:
            wanted[role] = wiring["products"][product].get("number", "")
    wanted.update({role: "" for role in wired.get("others", {})})
    found = [f"{role} has no row" for role in wanted if role not in by_ref]
    found += [
        f"{role}: {by_ref[role].maker_number} in the list, {number} in the wiring"
        for role, number in wanted.items()
        if number and role in by_ref and by_ref[role].maker_number != number
    ]
    return found + _small_parts(by_ref, wired)


def _small_parts(by_ref: Mapping[str, Row], wired: Mapping[str, Any]) -> list[str]:
    refs: Mapping[str, Any] = wired.get("refs", {})
    listed = [ref for ref in by_ref if _SMALL.fullmatch(ref)]
    found = [f"{ref} is in the list alone" for ref in listed if ref not in refs]
    for ref, given in refs.items():
        where = given if isinstance(given, str) else str(given.get("value", given.get("part")))
        if ref not in by_ref:
            found.append(f"{ref} has no row")
        elif "." not in where:  # a type, not a value of the wiring
            if by_ref[ref].maker_number != where:
                found.append(
                    f"{ref}: {by_ref[ref].maker_number} in the list, {where} in the wiring"
                )
        elif value_of(by_ref[ref]) != (value := _wired_value(where, wired)):
            found.append(f"{ref}: {by_ref[ref].part}, but {value[0]:g} {value[1]} in the wiring")
    return found


def _wired_value(where: str, wired: Mapping[str, Any]) -> tuple[float, str]:
    role, name = where.split(".")
    unit = {"kohm": "kohm", "ohm": "ohm", "nf": "nF"}[name.rsplit("_", 1)[1]]
    return float(wired[role][name]), unit


def value_of(row: Row) -> tuple[float, str] | None:
    """Return a resistor's or capacitor's value and unit, as its name has them."""
    found = _VALUE.search(row.part)
    return (float(found[1]), found[2]) if found else None


def cell_mah(rows: list[Row]) -> float | None:
    """Return the capacity of the list's cell; None where the cell is inside the board."""
    cell = next((row for row in rows if row.ref == "cell"), None)
    found = _MAH.search(cell.part) if cell else None
    return float(found[1]) if found else None


def cell_mm(rows: list[Row]) -> tuple[float, float, float] | None:
    """Return thickness, width and length of the list's cell by its type number, as 502535."""
    cell = next((row for row in rows if row.ref == "cell"), None)
    found = _CELL_CODE.search(cell.maker_number) if cell else None
    return (int(found[1]) / 10, float(found[2]), float(found[3])) if found else None


def charge_rate(board: str, mah: float) -> float:
    """Return in how much of a cell an hour of a board's charger would be, in C."""
    return float(read_toml(HERE / "charging.toml")[board]["charger_ma"]) / mah


def fits_case(rows: list[Row], case: Mapping[str, Any]) -> bool | None:
    """Whether the list's cell goes into the bay of the case; None where its size is not known."""
    size = cell_mm(rows)
    if size is None or "cell" not in case:
        return None
    bay = sorted(case["cell"]["boxes"][0]["size_mm"])
    return all(own <= room for own, room in zip(sorted(size), bay, strict=True))


def troubles(folder: Path = HERE, wiring: Path = WIRING) -> Iterator[str]:
    """Yield a line for each thing in which a list, the wiring and the charger do not agree."""
    wired, charging = read_toml(wiring), read_toml(folder / "charging.toml")
    most_c = float(charging["most_c"])
    for name, board in LISTS.items():
        rows = read_list(name, folder)
        for line in disagreements(rows, board, wired):
            yield f"hardware/bom/{name}.csv: {line}"
        mah = cell_mah(rows)
        if mah is None:  # inside, with the charger that its maker chose
            continue
        rate = float(charging[board]["charger_ma"]) / mah
        if rate > most_c:
            yield (
                f"hardware/bom/{name}.csv: its charger gives the cell {rate:.2f} C, at most"
                f" {most_c:g}: take a larger cell"
            )
        if mah < wired["boards"][board]["battery_mah"]:
            yield f"hardware/bom/{name}.csv: the cell is smaller than battery_mah of the wiring"
