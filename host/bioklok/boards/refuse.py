"""How a board is refused: one line that begins with its name."""

from typing import NoReturn

from bioklok.boards.model import Board
from bioklok.errors import BioklokFailure


def fail(board: Board, what: str) -> NoReturn:
    """Raise BioklokFailure: what is wrong with a board, begun as ", PART: ..." or ": ..."."""
    raise BioklokFailure(f"board {board.name}{what}")
