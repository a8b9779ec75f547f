"""Looks whether this machine has what Bioklok needs, and says what to do where it has not."""

import asyncio
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.markup import escape

from bioklok.console import err
from bioklok.demo_recording import cached_recording, is_whole
from bioklok.errors import BioklokFailure
from bioklok.radio.link import has_adapter
from bioklok.simulator.interpreter import find_micropython, firmware_dir
from bioklok.store import open_store, place_of

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
        _finding("Bioklok", lambda: version("bioklok")),
        _finding("Python", lambda: f"{platform.python_version()} at {sys.executable}"),
        _finding("MicroPython", lambda: str(find_micropython())),
        _finding("firmware", lambda: str(firmware_dir())),
        _finding("database", lambda: _database(database_url)),
        _finding("disk", _disk),
        _finding("Bluetooth adapter", _bluetooth, needed=False),
        _finding("recorded night", _recording, needed=False),
    ]


def tell(database_url: str) -> None:
    """Print all findings. Raises BioklokFailure where something that is needed is missing."""
    findings = examine(database_url)
    for finding in findings:
        mark = (
            "[green]ok[/]     "
            if finding.ok
            else "[yellow]missing[/]"
            if finding.needed
            else "[dim]without[/]"
        )
        err.print(f"{mark}  {finding.name:<18} {escape(finding.text)}", soft_wrap=True)
    missing = [finding.name for finding in findings if finding.needed and not finding.ok]
    if missing:
        raise BioklokFailure(f"needed and not there: {', '.join(missing)}")


def _finding(name: str, look: Callable[[], str], needed: bool = True) -> Finding:
    try:
        return Finding(name, True, look(), needed)
    except BioklokFailure as failure:
        return Finding(name, False, str(failure), needed)


def _database(url: str) -> str:
    place = place_of(url)
    if place.file is not None and not place.file.exists():
        return f"{place.name}, none yet: it is made when something is stored"
    with open_store(url) as store:
        kind = f"SQLite {sqlite3.sqlite_version}" if store.place.is_sqlite else "PostgreSQL"
        n_students = sum(len(store.of(one.id).students()) for one in store.schools())
        return f"{store.place.name}, {n_students} students ({kind})"


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
    try:
        is_there = is_whole(cached_recording())
    except OSError as error:
        raise BioklokFailure(f"{cached_recording()}: {error.strerror}") from error
    if not is_there:
        raise BioklokFailure("not there whole: 'bioklok demo' fetches it where there is a network")
    return str(cached_recording())
