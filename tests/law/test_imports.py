"""The import law of the firmware: who may import whom. The table is in docs/architecture.md."""

from pathlib import Path

import pytest
from support.imports import imports_of, is_allowed

ROOT = Path(__file__).parents[2]

PURE = {"struct", "math", "binascii", "hashlib", "array", "micropython"}
# The `bluetooth` stand-in speaks to the host over a socket; the rest of sim never does.
SIM = {
    "asyncio",
    "hashlib",
    "json",
    "micropython",
    "os",
    "select",
    "socket",
    "struct",
    "sys",
    "time",
}

# room -> what it may import (top-level names)
FIRMWARE = {
    # cryptography and hmac: CPython only, in biocore._primitives
    "biocore": PURE | {"cryptolib", "cryptography", "hmac", "biocore"},
    # a driver's kernel in two forms, and the symbols that lamps share
    "drivers": {"struct", "micropython", "drivers"},
    "app": {"biocore", "asyncio", "errno", "gc", "json", "struct", "binascii", "micropython"}
    | {"app"},
    "hw": {"machine", "bluetooth", "esp32", "rp2", "time", "asyncio", "array", "errno", "os"}
    | {"collections", "micropython", "biocore", "hw"},
    "sim": SIM | {"biocore", "errno", "random", "sim", "simair", "simgatt"},
    # wiring: the board's own pins, generated
    "boards": {"os", "micropython", "drivers", "hw", "wiring", "slots"},
    "boards/sim": {"os", "drivers", "hw", "sim", "slots"},
    "main.py": {"asyncio", "gc", "app", "board", "slots"},
    # at the root of a board, beside the slots, and needed by none of what is in them
    "boot.py": {"sys", "slots"},
    "slots.py": {"json", "os", "sys", "time", "machine", "manifest"},
    "manifest.py": {"hashlib", "json"},
}


def broken_in_firmware(root: Path) -> list[str]:
    broken = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        # A board that is only simulated may do more than one that is sold.
        allowed = FIRMWARE.get("/".join(parts[:2])) or FIRMWARE.get(parts[0], set())
        broken += [
            f"{path.relative_to(root)} imports {module}"
            for module in imports_of(path)
            if not is_allowed(module, allowed)
        ]
    return broken


def test_the_firmware_keeps_the_law():
    assert broken_in_firmware(ROOT / "firmware") == []


def test_every_room_of_the_firmware_has_a_law():
    rooms = {p.name for p in (ROOT / "firmware").iterdir() if p.is_dir() and p.name[0] not in "._"}
    assert rooms - {"__pycache__"} <= set(FIRMWARE)


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("biocore/x.py", "import time"),
        ("biocore/x.py", "from app.journal import Journal"),
        ("drivers/x.py", "from machine import I2C"),
        ("app/x.py", "import machine"),
        ("app/x.py", "def f():\n    import time"),
        ("app/x.py", "from sim.world import StillWorld"),
        ("hw/x.py", "from drivers.lis3dh import Lis3dh"),
        ("sim/x.py", "import drivers.lis3dh"),
        ("boards/x.py", "from app.device import Device"),
        ("boards/esp32/board.py", "import sim.world"),
        ("boards/sim/board.py", "import app.device"),
        ("app/x.py", "__import__('machine')"),
        ("elsewhere/x.py", "import struct"),
    ],
)
def test_a_forbidden_import_in_the_firmware_is_found(tmp_path, where, line):
    (tmp_path / where).parent.mkdir(parents=True)
    (tmp_path / where).write_text(line + "\n")
    assert broken_in_firmware(tmp_path)
