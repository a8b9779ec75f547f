"""A board's flash holds two applications and its whole journal at once: else an update would find
no room, or the log none after it."""

import ast
import subprocess
from pathlib import Path

import pytest
from bioklok.boards.build import FIRMWARE, build
from bioklok.simulator.interpreter import environment, find_micropython

SCRIPT = Path(__file__).parents[1] / "support" / "flash_room.py"
# The file system that the stock interpreter makes: ports/rp2/boards/RPI_PICO_W/mpconfigboard.h;
# ports/esp32/partitions-4MiB.csv, vfs.
KILOBYTES = {"pico_w": 848, "esp32c3_pilot": 2048, "m5stickc_plus2": 2048}


def journal_bytes(board: str) -> int:
    """What the board file asks for where there is no partition."""
    tree = ast.parse((FIRMWARE / "boards" / board / "board.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_JOURNAL_BYTES":
            return int(eval(compile(ast.Expression(node.value), board, "eval")))
    raise AssertionError(f"{board} names no size")


@pytest.mark.parametrize("board", KILOBYTES)
def test_two_applications_and_a_full_journal_fit(board: str, tmp_path: Path) -> None:
    folder = build(board, tmp_path).folder
    command = [find_micropython(), "-X", "heapsize=8m", SCRIPT, str(KILOBYTES[board]), folder]
    done = subprocess.run(
        [*command, str(journal_bytes(board))],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
