"""The `bioklok` command. Data goes to stdout, progress and messages to stderr.

Exit codes: 0 done, 1 it failed and says why in one line, 2 wrong use. Commands import what they
need when they run: `bioklok --help` stays quick.
"""

import asyncio
import json
import logging
import os
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from biocore.errors import BioklokError

from bioklok.errors import BioklokFailure
from bioklok.settings import DEFAULT_TIMEZONE

if TYPE_CHECKING:
    from bioklok.simulator.world import World

app = typer.Typer(
    help="Bioklok: find out when you learn well. The student owns the data.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="BIOKLOK_DATABASE_URL",
        metavar="URL",
        help="Where the data is kept. Default: SQLite in your user data folder.",
    ),
]
MicroPython = Annotated[
    Path | None, typer.Option(help="The unix MicroPython to run. Default: the one installed.")
]
Flash = Annotated[Path, typer.Option(help="Where the device's flash image is kept.")]
Zone = Annotated[str, typer.Option("--tz", help="Time zone of times that name none.")]
Port = Annotated[int, typer.Option(min=1, max=65535)]


class Format(StrEnum):
    """What a report is written as."""

    json = "json"
    html = "html"


def _url(given: str | None) -> str:
    from bioklok.store import default_database_url

    return given or default_database_url()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no date such as 2026-11-16") from None


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Build everything, print a summary, do not serve.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=28, help="Days of the virtual student.")] = 7,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder for flash images and database. Default: your user data folder."),
    ] = None,
    port: Port = 8000,
    database: Database = None,
) -> None:
    """A recorded night and a virtual week, from wrist to page, through every real part."""
    from platformdirs import user_data_path
    from rich.console import Console

    from bioklok.demo import RECORDED, START, VIRTUAL, run_demo, tables
    from bioklok.store import open_store
    from bioklok.web.server import check_port

    folder = data or user_data_path("bioklok", appauthor=False) / "demo"
    url = database or (f"sqlite:///{data.resolve() / 'bioklok.sqlite'}" if data else _url(None))
    if not once:
        check_port("127.0.0.1", port)
    with open_store(url) as store:
        summary = run_demo(store, folder, days)
    out = Console(highlight=False)
    for table in tables(summary):
        out.print(table)
    option = f" --database {url}" if data or database else ""
    week = "{}-W{:02}".format(*START.isocalendar())
    out.print(f"bioklok report --student {VIRTUAL} --week {week} --format json{option}")
    if len(summary.wrists) > 1:
        out.print(f"bioklok report --student {RECORDED} --week 2019-W12 --format json{option}")
    if not once:
        _serve("127.0.0.1", port, url)


@app.command()
def simulate(
    days: Annotated[int, typer.Option(min=1, max=28, help="How many days to live.")] = 7,
    student: Annotated[
        Path | None, typer.Option(help="Habits as TOML (docs/simulator.md). Default: built in.")
    ] = None,
    start: Annotated[str, typer.Option(help="First day.")] = "2026-11-16",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same flash.")] = 1,
    flash: Flash = Path("bioklok.flash"),
    micropython: MicroPython = None,
) -> None:
    """The unmodified firmware on a virtual student's wrist, in virtual time."""
    from bioklok.simulator.life import live
    from bioklok.simulator.student import Student, load

    habits = load(student) if student else Student()
    _run(live(habits, _day(start), days, seed), flash, micropython)


@app.command()
def replay(
    recording: Annotated[
        Path, typer.Argument(help="GENEActiv .bin, or CSV time,x_mg,y_mg,z_mg,lux.")
    ],
    rate: Annotated[
        float | None, typer.Option(min=1, max=1000, help="Samples a second of a CSV.")
    ] = None,
    flash: Flash = Path("bioklok.flash"),
    tz: Zone = DEFAULT_TIMEZONE,
    micropython: MicroPython = None,
) -> None:
    """The same firmware, fed a real raw recording."""
    from bioklok.reports.week import zone_of
    from bioklok.simulator.recording import open_recording

    world = open_recording(recording, rate, zone_of(tz))
    _run(world, flash, micropython)


def _run(world: "World", flash: Path, micropython: Path | None) -> None:
    from bioklok.console import progress, say
    from bioklok.simulator.run import run_world

    with progress("Through the firmware", "hours", 3600) as report:
        run = run_world(world, flash, micropython=micropython, progress=report)
    say(
        f"{run.world_s / 3600:.1f} hours in {run.took_s:.1f} s. "
        f"Next: bioklok sync --virtual {flash}"
    )
    print(flash)


@app.command()
def sync(
    device: Annotated[str | None, typer.Option(metavar="ID", help="Only this device.")] = None,
    virtual: Annotated[
        Path | None, typer.Option(metavar="FLASH", help="The simulated device of a flash image.")
    ] = None,
    student: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose device this is, from now on.")
    ] = None,
    database: Database = None,
    micropython: MicroPython = None,
) -> None:
    """Fetch what devices have measured, over Bluetooth LE."""
    from bioklok.collect import sync_in_range, sync_virtual
    from bioklok.console import progress, say
    from bioklok.store import open_store

    with open_store(_url(database)) as store:
        with progress("Over Bluetooth LE", "pages") as report:
            if virtual is not None:
                results = [asyncio.run(sync_virtual(store, virtual, report, micropython))]
            else:
                results = asyncio.run(sync_in_range(store, device, report))
        for result in results:
            info = result.info
            if student is not None:
                store.ensure_student(student)
                store.assign(info.device_id, student)
            stored = store.n_epochs(info.device_id, info.journal_id)
            print(
                f"{info.device_id}: {info.n_epochs} epochs on the device, {stored} in the store, "
                f"{result.epochs} new, {result.frames} frames, {result.bytes} bytes, "
                f"{result.seconds:.1f} s"
            )
            if not store.has_student(info.device_id):
                say("Nobody's device yet: say whose with 'bioklok sync --student ID'.")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8000,
    database: Database = None,
) -> None:
    """The dashboard and the API."""
    _serve(host, port, _url(database))


def _serve(host: str, port: int, url: str) -> None:
    from bioklok.console import say
    from bioklok.web.server import check_port, run_server

    check_port(host, port)
    say(f"The dashboard: [bold]http://{host}:{port}[/]  (stop with Ctrl-C)")
    run_server(host, port, url)


@app.command()
def report(
    student: Annotated[str, typer.Option(metavar="ID", help="Whose week.")],
    week: Annotated[str, typer.Option(help="ISO week, such as 2026-W47.")],
    format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.json,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Default: stdout.")] = None,
    lang: Annotated[str, typer.Option(help="nl or en, for html.")] = "nl",
    database: Database = None,
) -> None:
    """One week of one student."""
    from bioklok.reports.week import build_week
    from bioklok.store import open_store

    with open_store(_url(database)) as store:
        who = store.student(student)
        built = build_week(store, student, week, who.timezone)
        if format is Format.json:
            text = json.dumps(built.to_dict(), indent=2, ensure_ascii=False) + "\n"
        else:
            from bioklok.web.pages import week_html

            text = week_html(built, who, lang)
    if output is None:
        sys.stdout.write(text)
    else:
        _write(output, text)


def _write(path: Path, text: str) -> None:
    """Write a whole file or none; a device such as /dev/stdout is written as it is."""
    if path.exists() and not path.is_file():
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise BioklokFailure(f"cannot write {path}: {error.strerror}") from error
        return
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise BioklokFailure(f"cannot write {path}: {error.strerror}") from error
    finally:
        if partial.is_file():
            partial.unlink()


@app.command()
def doctor(database: Database = None) -> None:
    """Does this machine have what Bioklok needs?"""
    from bioklok.console import err
    from bioklok.doctor import examine

    findings = examine(_url(database))
    for finding in findings:
        mark = (
            "[green]ok[/]     "
            if finding.ok
            else "[yellow]missing[/]"
            if finding.needed
            else "[dim]without[/]"
        )
        err.print(f"{mark}  {finding.name:<18} {finding.text}", soft_wrap=True)
    missing = [finding.name for finding in findings if finding.needed and not finding.ok]
    if missing:
        raise BioklokFailure(f"needed and not there: {', '.join(missing)}")


def main() -> None:
    """Run a command; a failure a person can act on is one line on stderr and exit code 1."""
    logging.getLogger("bumble").setLevel(logging.ERROR)  # it warns of what a lost link explains
    try:
        app()
    except (BioklokFailure, BioklokError) as failure:
        sys.stderr.write(f"bioklok: {failure}\n")
        sys.exit(1)
    except BrokenPipeError:
        # `bioklok report ... | head` is no failure
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
