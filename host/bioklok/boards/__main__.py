"""`python -m bioklok.boards NAME`: what `make build BOARD=NAME` runs; NAME `all` is each board."""

import sys
from collections.abc import Sequence

from bioklok.boards.build import MAX_APPLICATION_BYTES, Built, build
from bioklok.boards.wiring import ROOT, read_wiring
from bioklok.errors import BioklokFailure


def report(built: Built) -> str:
    """Return the sizes as lines: each room's files, largest first, each room, and in all."""
    lines = []
    rooms = sorted({path.partition("/")[0] for path in built.sizes if "/" in path})
    for room in (*rooms, ""):
        sizes = {p: n for p, n in built.sizes.items() if p.rpartition("/")[0] == room}
        lines += [f"{size:8,d}  {path}" for path, size in sorted(sizes.items(), key=_largest)]
        lines.append(f"{sum(sizes.values()):8,d}  {room + '/' if room else 'board'} in all")
    where = built.folder.relative_to(ROOT) if built.folder.is_relative_to(ROOT) else built.folder
    lines.append(
        f"{built.total_bytes:8,d}  of {MAX_APPLICATION_BYTES:,d} bytes: {built.board.name}"
        f" {built.version} build {built.build} ({built.board.chip.arch}) in {where}"
    )
    return "\n".join(lines)


def _largest(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def main(arguments: Sequence[str]) -> int:
    """Build one board, or all; 0 done, 1 it failed and says why in one line, 2 wrong use."""
    try:
        boards = read_wiring()
        if len(arguments) != 1 or not arguments[0]:
            sys.stderr.write(f"say which board: make build BOARD={' or '.join(boards)} or all\n")
            return 2
        for name in boards if arguments[0] == "all" else arguments:
            sys.stdout.write(report(build(name)) + "\n")
    except BioklokFailure as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
