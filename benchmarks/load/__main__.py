"""`make load`: makes a school of full size and measures it; a table of what was asked and measured.

A run that was cut off goes on where it was; --anew begins again.
"""

import argparse
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from bioklok.console import progress
from bioklok.errors import BioklokFailure
from bioklok.store import open_store, place_of, upgrade
from rich.console import Console

from benchmarks.figure import Figure, Table, keep, printed
from benchmarks.load import measure, needs
from benchmarks.load.processes import postgresql
from benchmarks.load.school import make_people

OUT = Path(__file__).parents[1] / "out" / "load"
HEADS = ("what", "measured", "asked", "beside it, in the same run", "")
COMMAND = "make load STUDENTS={} ARGS=--keep"


def figures_of(kind: str, url: str, students: int, monday: date) -> Iterator[Figure]:
    """Make the school in a database and measure it."""
    cores = measure.n_cores()
    servers = min(2, cores)
    # A file has one writer at a time, and SQLite lets who waits wait on while another goes again.
    hubs = servers if kind == "PostgreSQL" else 1
    with open_store(url) as home, progress(f"{kind}: people, a year of figures", "students") as bar:
        make_people(home, students, monday, bar)
    with progress(f"{kind}: six weeks of pages", "students") as bar:
        yield from measure.ingest(url, students, monday, hubs, bar)
    say = Console(stderr=True).status(f"{kind}: {measure.USERS} users, the weekly job ...")
    with say:
        yield from measure.size(url, students)
        yield from measure.weekly(url, students, monday, servers if kind == "PostgreSQL" else 0)
        yield from measure.by_night(url, students, monday)
        yield from measure.pages(url, students, monday, servers)


def table_of(figures: list[Figure]) -> Table:
    """The figures as a table of texts."""
    rows = []
    for one in figures:
        asked = ""
        if one.most is not None:
            asked = f"<= {one.most:,.0f}"
        if one.least is not None:
            asked = f">= {one.least:,.0f}"
        beside = "" if one.reference_value is None else f"{one.reference_value:,.1f}"
        mark = "" if one.holds() else " (missed)"
        measured = f"{one.value:,.1f} {one.unit}{mark}"
        rows.append((one.name, measured, asked, one.reference, beside))
    return Table(HEADS, rows)


def folder_of(students: int, monday: date, anew: bool) -> Path:
    """Return where this run's school is kept; one of another week is of no use any more."""
    folder = OUT / f"{students}-{monday}"
    for old in OUT.glob("*-*") if OUT.exists() else ():
        if anew or not old.name.endswith(f"-{monday}"):
            shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["BIOKLOK_MASTER_KEY"] = "5a" * 32  # nobody's data: a key for all runs
    return folder


def databases(stack: ExitStack, folder: Path, kinds: list[str]) -> Iterator[tuple[str, str]]:
    """Open each kind of database; yield its name and URL."""
    if "sqlite" in kinds:
        os.environ["BIOKLOK_KEYS"] = str(folder / "keys-sqlite")
        yield "SQLite", f"sqlite:///{folder / 'school.sqlite'}"
    if "postgresql" in kinds:
        os.environ["BIOKLOK_KEYS"] = str(folder / "keys-postgresql")
        url = stack.enter_context(postgresql(folder / "postgresql"))
        upgrade(place_of(url))
        yield "PostgreSQL", url


def main() -> None:
    """Measure; ends with exit code 1 where a figure is outside of what was asked for."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--database", choices=("both", "sqlite", "postgresql"), default="both")
    parser.add_argument("--anew", action="store_true", help="make the school again")
    parser.add_argument("--keep", action="store_true", help="write docs/measured/load.json")
    given = parser.parse_args()
    if not 1 <= given.students <= 1500:
        parser.error("--students goes from 1 to 1500")
    kinds = ["sqlite", "postgresql"] if given.database == "both" else [given.database]
    today = date.today()
    monday = today - timedelta(days=today.weekday())
    folder = folder_of(given.students, monday, given.anew)
    found: dict[str, list[Figure]] = {}
    started = time.monotonic()
    with ExitStack() as stack:
        for kind, url in databases(stack, folder, kinds):
            found[kind] = list(figures_of(kind, url, given.students, monday))
            title = f"{kind}, {given.students} students, {measure.n_cores()} processors"
            wide = Console(width=max(Console().width, 130))
            wide.print(printed(table_of(found[kind]), title))
    took_s = time.monotonic() - started
    Console(stderr=True).print(f"{took_s / 60:.1f} minutes")
    if given.keep:
        keep_all(found, given.students)
    missed = [f"{kind}: {one.name}" for kind in found for one in found[kind] if not one.holds()]
    if missed:
        sys.exit("outside of what was asked for: " + "; ".join(missed))


def keep_all(found: dict[str, list[Figure]], students: int) -> None:
    """Write docs/measured/load.json, with what the figures were measured on."""
    figures = {
        "students": students,
        "command": COMMAND.format(students),
        "processors": measure.n_cores(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "databases": {kind: [asdict(one) for one in them] for kind, them in found.items()},
    }
    tables = {kind.lower(): table_of(them) for kind, them in found.items()}
    if "PostgreSQL" in found:
        tables |= needs.tables(found["PostgreSQL"], students, measure.n_cores())
    keep("load", figures, tables)


if __name__ == "__main__":
    try:
        main()
    except BioklokFailure as failure:
        sys.exit(str(failure))
