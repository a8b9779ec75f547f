"""Every drawing and its file: what `make gen` writes and `make gen-check` compares."""

from collections.abc import Mapping
from pathlib import Path

from bioklok.boards.model import Board
from bioklok.boards.wiring import read_wiring

from hardware.drawings.canvas import Canvas
from hardware.drawings.plug_picture import draw_plug
from hardware.drawings.schematic import draw_schematic
from hardware.drawings.wiring_picture import draw_wiring

OUT = Path(__file__).parent / "out"


def canvases(boards: Mapping[str, Board] | None = None) -> dict[str, Canvas]:
    """Return each drawing by its file's name. boards: those of wiring.toml where none are given.

    BioklokFailure for a wiring that cannot be built: nothing is drawn of it.
    """
    boards = read_wiring() if boards is None else boards
    found = {}
    for name, board in boards.items():
        draw = draw_plug if board.circuit.module.is_inside else draw_wiring
        found[f"{name}-wiring.svg"] = draw(board)
        found[f"{name}-schematic.svg"] = draw_schematic(board)
    return found


def pictures(boards: Mapping[str, Board] | None = None) -> dict[Path, str]:
    """Return each file with the SVG that should stand in it."""
    return {OUT / name: canvas.svg() for name, canvas in canvases(boards).items()}
