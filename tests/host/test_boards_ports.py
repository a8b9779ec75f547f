"""Every board file offers every port that the simulated one does. Read, not run: `machine` is not
here. (tests/firmware/test_board_files.py runs them on a stand-in.)"""

import ast
from pathlib import Path

import pytest
from bioklok.boards.wiring import read_wiring

BOARDS = Path(__file__).parents[2] / "firmware" / "boards"
# The simulated board's own affair, which no app asks for.
NO_PORTS = {"pwm"}


def ports(path: Path) -> set[str]:
    """Public attributes of `Board`, of its instances, and its public methods."""
    board = next(
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name == "Board"
    )
    names = {node.name for node in board.body if isinstance(node, ast.FunctionDef)}
    names |= {
        target.id
        for node in board.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    names |= {
        node.attr
        for node in ast.walk(board)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
    return {name for name in names if not name.startswith("_")}


WANTED = ports(BOARDS / "sim" / "board.py") - NO_PORTS


@pytest.mark.parametrize("name", sorted(read_wiring()))
def test_a_board_offers_every_port(name):
    assert WANTED - ports(BOARDS / name / "board.py") == set()


def test_what_the_app_asks_of_a_board_is_a_port():
    asked = set()
    for path in (BOARDS.parent / "app").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                owner = node.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                if name in ("board", "_board"):
                    asked.add(node.attr)
    assert len(asked) >= 8
    assert asked <= WANTED
