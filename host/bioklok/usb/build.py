"""Reads what `make build` wrote, and looks whether it is whole and fits the board."""

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from bioklok.errors import BioklokFailure, NotFound

APPLICATION = "a"  # the folder of a build; on the board it goes into whichever slot does not run
MANIFEST = "manifest.json"
_STARTED = ("boot.py", "main.py")  # after what they import
_ROOT = re.compile(r"[a-z_]+\.py")
_PATH = re.compile(r"[A-Za-z0-9_]+(/[A-Za-z0-9_]+)*\.(mpy|py)")

# MicroPython's py/persistentcode.h: the machine code a compiled file holds
_MACHINES = (
    *("none", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp"),
    *("armv7emdp", "xtensa", "xtensawin", "rv32imc", "rv64imc"),
)
_ARMV6M, _ARMV7EMDP = 4, 8


@dataclass(frozen=True)
class Build:
    """A build, whole: its files by their path in the slot, and the plain files of the root."""

    board: str
    version: str
    build: int
    manifest: bytes
    files: dict[str, bytes]
    root: dict[str, bytes]


def read_build(folder: Path) -> Build:
    """Return the build in `folder`. Raises NotFound where there is none, BioklokFailure where it
    is not whole."""
    manifest = folder / APPLICATION / MANIFEST
    if not manifest.is_file() or not (folder / "main.py").is_file():
        raise NotFound(f"there is no build in {folder}: make one with 'make build BOARD=...'")
    text = manifest.read_bytes()
    try:
        about = json.loads(text)
        files = {str(one["path"]): (int(one["size"]), str(one["sha256"])) for one in about["files"]}
        build = Build(
            board=str(about["board"]),
            version=str(about["version"]),
            build=int(about["build"]),
            manifest=text,
            files={path: (folder / APPLICATION / path).read_bytes() for path in files},
            root={name: (folder / name).read_bytes() for name in _root_files(folder)},
        )
    except (KeyError, TypeError, ValueError, FileNotFoundError, IsADirectoryError):
        raise _not_whole(folder) from None
    there = {
        path.relative_to(folder / APPLICATION).as_posix()
        for path in (folder / APPLICATION).rglob("*")
        if path.is_file()
    }
    is_same = all(
        (len(build.files[path]), sha256(build.files[path]).hexdigest()) == files[path]
        for path in files
    )
    if not files or not is_same or there != {*files, MANIFEST}:
        raise _not_whole(folder)
    if not all(_PATH.fullmatch(path) for path in files):
        raise BioklokFailure(f"the build in {folder} names files that belong in no slot")
    return build


def check_fits(build: Build, mpy: int) -> None:
    """Look whether a board takes these compiled files. mpy: its `sys.implementation._mpy`.

    Raises BioklokFailure. Source: MicroPython docs, reference/mpyfiles, Versioning of .mpy files.
    """
    version, sub_version, machine = mpy & 0xFF, mpy >> 8 & 3, mpy >> 10 & 0xF
    for path, data in build.files.items():
        if not path.endswith(".mpy"):
            continue
        if len(data) < 4 or data[:1] != b"M":
            raise BioklokFailure(f"{path} is no compiled file: make the build again")
        holds = (data[2] & ~0x40) >> 2
        if data[1] != version or (holds and data[2] & 3 != sub_version):
            raise BioklokFailure(
                f"{path} is compiled for another MicroPython (.mpy version {data[1]}."
                f"{data[2] & 3}, the board takes {version}.{sub_version}): flash the one that "
                "docs/device.md names"
            )
        is_arm = _ARMV6M <= holds <= machine <= _ARMV7EMDP
        if holds not in (0, machine) and not is_arm:
            raise BioklokFailure(
                f"wrong board: the build is for {build.board} ({_machine(holds)}), this one runs "
                f"{_machine(machine)}: make the build for it"
            )


def _root_files(folder: Path) -> list[str]:
    """The plain sources of the root, in the order they are to be written in: what is imported
    first (manifest.py comes before slots.py)."""
    names = {path.name for path in folder.iterdir() if _ROOT.fullmatch(path.name)}
    return [*sorted(names - {*_STARTED}), *(name for name in _STARTED if name in names)]


def _machine(number: int) -> str:
    return _MACHINES[number] if number < len(_MACHINES) else f"machine code {number}"


def _not_whole(folder: Path) -> Any:
    return BioklokFailure(f"the build in {folder} is not whole: run 'make build' again")
