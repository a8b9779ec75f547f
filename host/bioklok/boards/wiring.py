"""Reads hardware/wiring.toml and refuses what cannot work, in one line for a person."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioklok.boards.circuit import read_circuit, read_colours, read_modules, read_products
from bioklok.boards.circuit_checks import check_circuit
from bioklok.boards.model import Board, Chip, Circuit
from bioklok.boards.parts import (
    ANALOG,
    LIPO_MAX_MV,
    OUTPUT,
    PARTS,
    PULLS,
    ROLES,
    ROLES_OF_SOME,
    Part,
)
from bioklok.errors import BioklokFailure, NotFound

__all__ = ["ROOT", "WIRING", "Board", "read_wiring"]

ROOT = Path(__file__).resolve().parents[3]
WIRING = ROOT / "hardware" / "wiring.toml"


def read_wiring(path: Path = WIRING) -> dict[str, Board]:
    """Return the boards by name.

    NotFound where there is no such file, BioklokFailure for anything in it that cannot be built.
    """
    try:
        text = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as failure:
        raise NotFound(f"no wiring at {path.name}: run from a checkout of the project") from failure
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise BioklokFailure(f"{path.name} is not TOML: {failure}") from failure
    chips = {name: _chip(name, table) for name, table in _table(text, "chips", path.name).items()}
    known = (
        read_modules(_table(text, "modules", path.name), chips),
        read_products(_table(text, "products", path.name)),
        read_colours(_table(text, "colours", path.name)),
    )
    boards = {}
    for name, table in _table(text, "boards", path.name).items():
        circuit = read_circuit(f"board {name}", table, known)
        boards[name] = _board(name, table, chips, circuit)
        check_circuit(boards[name])
    return boards


def _table(outer: Mapping[str, Any], name: str, where: str) -> dict[str, Any]:
    table = outer.get(name)
    if not isinstance(table, dict):
        raise BioklokFailure(f"{where}: has no table {name}: write one")
    return table


def _chip(name: str, table: Mapping[str, Any]) -> Chip:
    try:
        return Chip(
            arch=str(table["arch"]),
            pins=tuple(table["pins"]),
            strapping=tuple(table["strapping"]),
            input_only=tuple(table["input_only"]),
            adc=tuple(table["adc"]),
            adc_max_mv=int(table["adc_max_mv"]),
            i2c_buses=int(table["i2c_buses"]),
            i2c_fixed=bool(table["i2c_fixed"]),
            wakes_deep=tuple(table["wakes_deep"]),
            no_interrupt=tuple(table["no_interrupt"]),
            pin_max_ma=int(table["pin_max_ma"]),
        )
    except (KeyError, TypeError, ValueError) as failure:
        raise BioklokFailure(f"chip {name}: {failure} is missing or of another kind") from failure


def _board(
    name: str, table: Mapping[str, Any], chips: Mapping[str, Chip], circuit: Circuit
) -> Board:
    where = f"board {name}"
    if not name.isidentifier():
        raise BioklokFailure(f"{where}: call it as Python would: letters, digits and _")
    chip_name = str(table.get("chip"))
    if chip_name not in chips:
        raise BioklokFailure(f"{where}: chip {chip_name} is none of {', '.join(chips)}")
    roles = {
        role: _table(table, role, where)
        for role in (*ROLES, *ROLES_OF_SOME)
        if role in ROLES or role in table
    }
    board = Board(
        name=name,
        title=str(table.get("title", name)),
        chip=chips[chip_name],
        chip_name=chip_name,
        battery_mah=_number(table, "battery_mah", where),
        parts={role: _part_name(role, given, where) for role, given in roles.items()},
        circuit=circuit,
        wakes=str(roles["button"].get("wakes")),
    )
    if circuit.module.chip_name != chip_name:
        raise BioklokFailure(f"{where}: {circuit.module.title} has no {chip_name}")
    buses = _table(table, "buses", where)
    for bus, given in buses.items():
        _add_bus(board, bus, given)
    for role, given in roles.items():
        _add_part(board, role, given, buses)
    _check_pins(board, table.get("strapping", {}))
    return board


def _number(table: Mapping[str, Any], name: str, where: str, least: int = 1) -> int:
    value = table.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise BioklokFailure(f"{where}: {name} has to be a whole number from {least}")
    return value


def _part_name(role: str, given: Mapping[str, Any], where: str) -> str:
    name = given.get("part")
    fitting = [part for part, what in PARTS.items() if what.role == role]
    if name not in fitting:
        raise BioklokFailure(f"{where}: {role} {name} is none of {', '.join(fitting)}")
    return str(name)


def _add_bus(board: Board, bus: str, given: Mapping[str, Any]) -> None:
    where = f"board {board.name}, bus {bus}"
    number = _number(given, "id", where, least=0)
    if number >= board.chip.i2c_buses:
        raise BioklokFailure(f"{where}: this chip has no I2C {number}")
    if any(key == "ID" and value == number for _, key, value in board.values):
        raise BioklokFailure(f"{where}: I2C {number} is another bus already")
    sda, scl = (_number(given, net, where, least=0) for net in ("sda", "scl"))
    # RP2040 datasheet 1.4.3, table 2: SDA 0, SCL 0, SDA 1, SCL 1, and so on by fours.
    if board.chip.i2c_fixed and (sda % 4, scl % 4) != (2 * number, 2 * number + 1):
        raise BioklokFailure(f"{where}: pins {sda} and {scl} are not SDA and SCL of I2C {number}")
    name = f"i2c_{bus}"
    if "wire_mm" in given:
        board.electrical[name, "wire_mm"] = _number(given, "wire_mm", where)
    board.values.append((name, "ID", number))
    board.values.append((name, "HZ", _number(given, "hz", where)))
    board.nets.append((name, "sda", sda, OUTPUT))
    board.nets.append((name, "scl", scl, OUTPUT))


def _add_part(
    board: Board, role: str, given: Mapping[str, Any], buses: Mapping[str, object]
) -> None:
    where = f"board {board.name}, {role}"
    part = PARTS[board.parts[role]]
    if part.addresses:
        _add_address(board, role, given, buses)
    for net, direction in part.nets:
        if net in given or net not in part.optional:
            pin = _number(given, net, where, least=0)
            board.nets.append((role, net, pin, direction))
    for name in part.numbers:
        board.values.append((role, name.upper(), _number(given, name, where)))
    for name in part.electrical:
        if name in given:
            board.electrical[role, name] = _number(given, name, where)
    product = board.circuit.products.get(role)
    if product is not None and product.part != board.parts[role]:
        raise BioklokFailure(f"{where}: {product.title} is no {board.parts[role]}")
    if role == "button":
        _check_pull(board, given, where)
    if role == "battery":
        _check_divider(board, given, where)
    _check_known(part, given, where)


def _check_known(part: Part, given: Mapping[str, Any], where: str) -> None:
    known = {"part", "product", *(net for net, _ in part.nets), *part.numbers, *part.electrical}
    known |= {"bus", "address"} if part.addresses else set()
    known |= {"pull", "wakes"} if part.role == "button" else set()
    if strange := sorted(set(given) - known):
        raise BioklokFailure(f"{where}: {strange[0]} means nothing here: take it out")


def _add_address(
    board: Board, role: str, given: Mapping[str, Any], buses: Mapping[str, object]
) -> None:
    where = f"board {board.name}, {role}"
    bus, address = given.get("bus"), given.get("address")
    if bus not in buses:
        raise BioklokFailure(f"{where}: bus {bus} is none of {', '.join(buses)}")
    part = PARTS[board.parts[role]]
    if address not in part.addresses:
        may = " or ".join(f"0x{one:02X}" for one in part.addresses)
        raise BioklokFailure(f"{where}: a {board.parts[role]} answers at {may}")
    for other, on in board.buses.items():
        if on == bus and board.value(other, "address") == address:
            raise BioklokFailure(f"{where}: 0x{address:02X} on bus {bus} is the {other} already")
    board.buses[role] = str(bus)
    board.values.append((role, "ADDRESS", address))


def _check_pull(board: Board, given: Mapping[str, Any], where: str) -> None:
    pull = given.get("pull")
    if pull not in PULLS:
        raise BioklokFailure(f"{where}: pull has to be {' or '.join(PULLS)}")
    if pull == "chip" and given["pin"] in board.chip.input_only:
        raise BioklokFailure(
            f"{where}: pin {given['pin']} has no pull-up inside: pull by the board"
        )
    board.values.append(("button", "PULL_UP", int(pull == "chip")))


def _check_divider(board: Board, given: Mapping[str, Any], where: str) -> None:
    lower, upper = given["lower_kohm"], given["upper_kohm"]
    highest_mv = LIPO_MAX_MV * lower // (lower + upper)
    if highest_mv > board.chip.adc_max_mv:
        raise BioklokFailure(
            f"{where}: a full cell is {highest_mv} mV at a converter for {board.chip.adc_max_mv}:"
            " divide by more"
        )


def _check_pins(board: Board, strapping: Mapping[str, str]) -> None:
    chip = board.chip
    used: dict[int, str] = {}
    for role, net, pin, direction in board.nets:
        what = f"board {board.name}: {role} {net}"
        if pin in used:
            raise BioklokFailure(f"{what}: pin {pin} is {used[pin]} already")
        used[pin] = f"{role} {net}"
        if pin not in chip.pins:
            raise BioklokFailure(f"{what}: {board.chip_name} has no free pin {pin}")
        if direction == OUTPUT and pin in chip.input_only:
            raise BioklokFailure(f"{what}: pin {pin} is an input only")
        if direction == ANALOG and pin not in chip.adc:
            raise BioklokFailure(f"{what}: pin {pin} has no converter that works beside the radio")
        if pin in chip.strapping and not strapping.get(str(pin)):
            raise BioklokFailure(
                f"{what}: pin {pin} decides how the chip starts: take another, or say in"
                " `strapping` why it is fine"
            )
    for pin_text in strapping:
        if not pin_text.isdecimal() or int(pin_text) not in used:
            raise BioklokFailure(f"board {board.name}: strapping names pin {pin_text}, unused")
