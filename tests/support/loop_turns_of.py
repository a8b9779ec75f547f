"""What loop_turns.py found, under MicroPython."""

from collections.abc import Mapping
from pathlib import Path

BOUND_US = 250_000
_NO_TURNS = ("unfed ms", "overruns", "status")
SCRIPT = Path(__file__).parent / "loop_turns.py"


def show(found: Mapping[str, list[int]]) -> int:
    """Print the turns by what was done in them, the longest first; return the longest, in us."""
    turns = {kind: figures for kind, figures in found.items() if kind not in _NO_TURNS}
    print(f"longest without a feed {found['unfed ms']} ms, FIFO overruns {found['overruns']}")
    for kind, (n, us, longest) in sorted(turns.items(), key=lambda item: -item[1][2]):
        print(f"{kind:18} {n:8} turns, mean {us / n:8.0f} us, longest {longest:8} us")
    return max(figures[2] for figures in turns.values())
