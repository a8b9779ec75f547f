"""Which files of the firmware a board needs: all that its main and board file come to import."""

import ast
from pathlib import Path

from bioklok.errors import BioklokFailure

ROOMS = ("app", "biocore", "drivers", "hw")
# Started from the host over the cable; nothing on the board imports it.
STARTED_BY_NAME = ("app/selftest.py",)


def needed_files(firmware: Path, board: str) -> dict[str, Path]:
    """Return the sources by their path in the slot ("app/device.py", "board.py"), sorted.

    BioklokFailure where one imports a module of ours that is not there, or is no Python.
    """
    folder = firmware / "boards" / board
    found = {"board.py": folder / "board.py", "wiring.py": folder / "wiring.py"}
    waiting = [firmware / "main.py", *found.values()]
    for path in STARTED_BY_NAME:
        if (firmware / path).is_file():
            found[path] = firmware / path
            waiting.append(found[path])
    while waiting:
        source = waiting.pop()
        for path in _imported(source, firmware):
            if path not in found:
                found[path] = firmware / path
                waiting.append(found[path])
    return dict(sorted(found.items()))


def _imported(source: Path, firmware: Path) -> list[str]:
    """The files of our rooms that one imports, at any depth of its code."""
    where = source.relative_to(firmware).as_posix()
    try:
        tree = ast.parse(source.read_text(encoding="utf-8"), where)
    except SyntaxError as failure:
        raise BioklokFailure(f"{where} line {failure.lineno}: {failure.msg}") from failure
    paths = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                paths += _files_of(alias.name, [], firmware, where)
        elif isinstance(node, ast.ImportFrom) and node.module:
            paths += _files_of(node.module, [a.name for a in node.names], firmware, where)
    return paths


def _files_of(module: str, names: list[str], firmware: Path, where: str) -> list[str]:
    """The module's own file, that of its room, and those of names that are modules themselves."""
    room = module.partition(".")[0]
    if room not in ROOMS:
        return []
    base = module.replace(".", "/")
    candidates = [f"{room}/__init__.py", f"{base}.py", *(f"{base}/{name}.py" for name in names)]
    paths = [path for path in candidates if (firmware / path).is_file()]
    if not any(path != f"{room}/__init__.py" for path in paths) and "/" in base:
        raise BioklokFailure(
            f"{where} imports {module}, which is not there: write it, or take it out"
        )
    return paths
