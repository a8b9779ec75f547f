"""The files that follow from hardware/wiring.toml: a board's pins, and the tables of its wires."""

from collections.abc import Mapping
from pathlib import Path

from bioklok.boards.model import Board
from bioklok.boards.sentences import colour_name, inside_sentence, wire_sentence
from bioklok.boards.wiring import ROOT, read_wiring

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


def wire_rows(board: Board, language: str = "en") -> list[tuple[str, ...]]:
    """Return each wire once: (net, pad as printed, GPIO, colour, sentence); of a board that is
    closed each net: (net, GPIO, sentence)."""
    circuit = board.circuit
    if circuit.module.is_inside:
        return [
            (
                f"{net[0].removeprefix('i2c_')} {net[1]}",
                str(net[2]),
                inside_sentence(board, net, language),
            )
            for net in board.nets
        ]
    return [
        (
            wire.net,
            f"{wire.pad}, pin {wire.number}" if wire.number else wire.pad,
            str(wire.gpio) if wire.gpio >= 0 else "",
            colour_name(board, wire, language),
            wire_sentence(board, wire, language),
        )
        for wire in circuit.wires
    ]


_HEADS = {
    "en": ("net", "pad", "GPIO", "wire", "in words"),
    "nl": ("net", "pad", "GPIO", "draad", "in woorden"),
}


def wiring_tables(language: str = "en", boards: Mapping[str, Board] | None = None) -> str:
    """Return the wiring of every board as Markdown: a table each, and its small parts."""
    boards = read_wiring() if boards is None else boards
    texts = []
    for name, board in boards.items():
        heads: tuple[str, ...] = _HEADS[language]
        if board.circuit.module.is_inside:
            heads = (heads[0], heads[2], heads[4])
        lines = [f"**`{name}`**: {board.circuit.module.title}", ""]
        lines += ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
        lines += ["| " + " | ".join(row) + " |" for row in wire_rows(board, language)]
        small = ", ".join(f"{one.ref} {one.text}" for one in board.circuit.small.values())
        texts.append("\n".join([*lines, *(["", f"{small}."] if small else [])]) + "\n")
    return "\n".join(texts)
