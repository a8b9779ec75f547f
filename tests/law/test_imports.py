"""The import law: who may import whom. The table stands in docs/architecture.md."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

OURS = {"app", "biocore", "boards", "bioklok", "drivers", "hw", "sim", "board"}
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

# room -> what it may import (top-level names; ours with their second part for the host)
FIRMWARE = {
    "biocore": PURE | {"cryptolib", "biocore"},
    "drivers": {"struct", "micropython"},
    "app": {"biocore", "asyncio", "gc", "json", "struct", "binascii", "micropython", "app"},
    "hw": {"machine", "bluetooth", "esp32", "rp2", "time", "asyncio", "array", "errno"}
    | {"collections", "micropython", "biocore", "hw"},
    "sim": SIM | {"biocore", "errno", "random", "sim", "simair"},
    "boards": {"os", "drivers", "hw", "sim"},
    "main.py": {"asyncio", "app", "board"},
}

STDLIB_ONLY = "standard library"
# room of the host -> which of the watched packages and rooms it may import
WATCHED = {"bleak", "bumble", "sqlmodel", "sqlalchemy", "fastapi", "starlette", "uvicorn", "jinja2"}
WATCHED |= {"numpy", "asyncio", "typer", "rich"}
HOST = {
    "analysis": {"numpy", "biocore", "bioklok.analysis", "bioklok.errors"},
    "reports": {"numpy", "biocore", "jinja2", "bioklok.analysis", "bioklok.reports"}
    | {"bioklok.errors", "bioklok.settings"},
    "store": {"sqlmodel", "sqlalchemy", "biocore", "bioklok.store", "bioklok.errors"}
    | {"bioklok.settings"},
    "radio": {"bleak", "bumble", "asyncio", "biocore", "bioklok.radio", "bioklok.errors"},
    "sync.py": {"asyncio", "biocore", "bioklok.radio.port", "bioklok.errors"},
    "simulator": {"numpy", "asyncio", "bumble", "biocore", "bioklok.simulator", "bioklok.errors"},
    "web": WATCHED - {"bleak", "bumble", "typer", "rich"} | {"biocore", "bioklok"},
}


def imports_of(path: Path) -> set[str]:
    """Every module a file imports, at any depth of its code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            found |= {f"{module}.{alias.name}" for alias in node.names} | {module}
    return found


def is_allowed(module: str, allowed: set[str]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in allowed)


def broken_in_firmware(root: Path) -> list[str]:
    broken = []
    for path in sorted(root.rglob("*.py")):
        room = path.relative_to(root).parts[0]
        allowed = FIRMWARE.get(room, set())
        broken += [
            f"{path.relative_to(root)} imports {module}"
            for module in imports_of(path)
            if not is_allowed(module, allowed)
        ]
    return broken


def broken_in_host(root: Path) -> list[str]:
    broken = []
    for path in sorted(root.rglob("*.py")):
        room = path.relative_to(root).parts[0]
        allowed = HOST.get(room)
        for module in imports_of(path):
            top = module.split(".")[0]
            if top in OURS - {"bioklok", "biocore"}:
                broken.append(f"{path.relative_to(root)} imports the firmware's {module}")
            if is_allowed(module, {"bleak"}) and room != "radio":
                broken.append(f"{path.relative_to(root)} imports {module}")
            watched = top in WATCHED or module.startswith("bioklok.") or top == "biocore"
            if allowed is not None and watched and not is_allowed(module, allowed):
                broken.append(f"{path.relative_to(root)} imports {module}")
            if is_allowed(module, {"bioklok.web"}) and room not in ("web", "cli.py", "generate.py"):
                broken.append(f"{path.relative_to(root)} imports {module}")
    return broken


def test_the_firmware_keeps_the_law():
    assert broken_in_firmware(ROOT / "firmware") == []


def test_the_host_keeps_the_law():
    assert broken_in_host(ROOT / "host" / "bioklok") == []


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
        ("elsewhere/x.py", "import struct"),
    ],
)
def test_a_forbidden_import_in_the_firmware_is_found(tmp_path, where, line):
    (tmp_path / where).parent.mkdir()
    (tmp_path / where).write_text(line + "\n")
    assert broken_in_firmware(tmp_path)


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("analysis/x.py", "import sqlmodel"),
        ("analysis/x.py", "import asyncio"),
        ("store/x.py", "from fastapi import FastAPI"),
        ("web/x.py", "import bleak"),
        ("sync.py", "import sqlmodel"),
        ("sync.py", "from bioklok.radio.link import BleakLink"),
        ("reports/x.py", "from bioklok.web.app import create_app"),
        ("simulator/x.py", "from sim.world import StillWorld"),
        ("anything.py", "from app.journal import Journal"),
    ],
)
def test_a_forbidden_import_in_the_host_is_found(tmp_path, where, line):
    (tmp_path / where).parent.mkdir(exist_ok=True)
    (tmp_path / where).write_text(line + "\n")
    assert broken_in_host(tmp_path)
