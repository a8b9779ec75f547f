"""Looks whether this machine has what Bioklok needs, and says what to do where it has not."""

import asyncio
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bioklok.demo_recording import cached_recording
from bioklok.errors import BioklokFailure
from bioklok.radio.link import has_adapter
from bioklok.simulator.interpreter import find_micropython, firmware_dir
from bioklok.store import open_store

_ROOM_BYTES = 500_000_000


@dataclass(frozen=True)
class Finding:
    """needed: without it a main task fails; otherwise it is nice to have."""

    name: str
    ok: bool
    text: str
    needed: bool = True


def examine(database_url: str) -> list[Finding]:
    """Return all findings, in the order of a person's questions."""
    return [
        _finding("Python", lambda: f"{platform.python_version()} at {sys.executable}"),
        _finding("MicroPython", lambda: str(find_micropython())),
        _finding("firmware", lambda: str(firmware_dir())),
        _finding("database", lambda: _database(database_url)),
        _finding("disk", _disk),
        _finding("Bluetooth adapter", _bluetooth, needed=False),
        _finding("recorded night", _recording, needed=False),
    ]


def _finding(name: str, look: Callable[[], str], needed: bool = True) -> Finding:
    try:
        return Finding(name, True, look(), needed)
    except BioklokFailure as failure:
        return Finding(name, False, str(failure), needed)


def _database(url: str) -> str:
    with open_store(url) as store:
        return f"{store.path}, {len(store.students())} students (SQLite {sqlite3.sqlite_version})"


def _disk() -> str:
    folder = Path.home()
    free = shutil.disk_usage(folder).free
    if free < _ROOM_BYTES:
        raise BioklokFailure(f"only {free // 1_000_000} MB free in {folder}; 500 MB is comfortable")
    return f"{free // 1_000_000_000} GB free"


def _bluetooth() -> str:
    asyncio.run(has_adapter())
    return "found"


def _recording() -> str:
    if not cached_recording().is_file():
        raise BioklokFailure("not fetched yet: 'bioklok demo' does that where there is a network")
    return str(cached_recording())
