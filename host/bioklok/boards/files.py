"""The files that follow from hardware/wiring.toml: a board's pins, and a table of them."""

from collections.abc import Mapping
from pathlib import Path

from bioklok.boards.wiring import ROOT, Board, read_wiring

BOARDS = ROOT / "firmware" / "boards"
_HEAD = '''"""{title}: its pins and addresses.

Made by `make gen` from hardware/wiring.toml: change it there.
"""

from micropython import const

NAME = "{name}"
'''


def wiring_module(board: Board) -> str:
    """Return the text of the board's wiring.py: one constant for each net and each number."""
    lines = [_HEAD.format(title=board.title, name=board.name)]
    buses = [owner for owner, key, _ in board.values if key == "ID"]
    for role in (*buses, *board.parts):
        if role in board.parts:
            lines.append(f"# {board.parts[role]}")
        for owner, key, value in board.values:
            if owner == role:
                text = f"0x{value:02X}" if key == "ADDRESS" else str(value)
                lines.append(f"{role.upper()}_{key} = const({text})")
        for owner, net, pin, _ in board.nets:
            if owner == role:
                name = role.upper() if net == "pin" else f"{role.upper()}_{net.upper()}"
                lines.append(f"{name} = const({pin})")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def generated_files(boards: Mapping[str, Board] | None = None) -> dict[Path, str]:
    """Return each generated file of the boards and what should stand in it."""
    boards = read_wiring() if boards is None else boards
    return {BOARDS / name / "wiring.py": wiring_module(board) for name, board in boards.items()}


def pin_rows(boards: Mapping[str, Board] | None = None) -> list[tuple[str, str, str, str]]:
    """Return rows (board, part, net, pin) for the table in docs/boards.md."""
    boards = read_wiring() if boards is None else boards
    rows = []
    for name, board in boards.items():
        for role, net, pin, _ in board.nets:
            part = board.parts.get(role, "I2C" if role.startswith("i2c_") else role)
            rows.append((f"`{name}`", f"{role} ({part})" if part != "I2C" else role, net, str(pin)))
    return rows
