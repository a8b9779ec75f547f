"""The `bioklok` command. Data goes to stdout, progress and messages to stderr.

Exit codes: 0 done, 1 it failed and says why in one line, 2 wrong use. Commands import what they
need when they run: `bioklok --help` stays quick.
"""

import json
import shlex
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioklok import (
    cli_analyse,
    cli_device,
    cli_jobs,
    cli_people,
    cli_privacy,
    cli_serve,
    cli_sign_in,
    cli_update,
)
from bioklok.cli_options import Database, School, Verbose, url_of, wrong_use, zone_given
from bioklok.ending import run
from bioklok.errors import BioklokFailure
from bioklok.settings import DEFAULT_TIMEZONE, HOME

if TYPE_CHECKING:
    from bioklok.simulator.world import World

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

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
    pdf = "pdf"


class Language(StrEnum):
    """What a report is written in."""

    nl = "nl"
    en = "en"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no date such as 2026-11-16") from None


def _version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"bioklok {version('bioklok')}")
        raise typer.Exit


@app.callback()
def bioklok(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which one it is."),
    ] = False,
) -> None:
    """Bioklok: find out when you learn well. The student owns the data."""


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
    from bioklok.demo_school import sign_in_links
    from bioklok.output import emit
    from bioklok.store import file_url, open_store
    from bioklok.web.server import Listening, check_port

    folder = data or user_data_path("bioklok", appauthor=False) / "demo"
    url = database or (file_url(data.resolve() / "bioklok.sqlite") if data else url_of(None))
    if not once:
        check_port("127.0.0.1", port)
    with open_store(url) as store:
        summary = run_demo(store, folder, days)
    out = Console(highlight=False)
    for table in tables(summary):
        out.print(table)
    option = ["--database", url] if data or database else []
    weeks = {VIRTUAL: "{}-W{:02}".format(*START.isocalendar()), RECORDED: "2019-W12"}
    for student in sorted({wrist.plan.student for wrist in summary.wrists}):
        command = ["bioklok", "report", "--student", student, "--week", weeks[student]]
        emit(shlex.join([*command, "--format", "json", *option]) + "\n")
    if not once:
        cli_serve.serve_dashboard(Listening("127.0.0.1", port), url, sign_in_links)


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
    from bioklok.simulator.recording import open_recording

    world = open_recording(recording, rate, zone_given(tz))
    _run(world, flash, micropython)


def _run(world: "World", flash: Path, micropython: Path | None) -> None:
    from bioklok.console import progress, say
    from bioklok.output import emit
    from bioklok.simulator.run import run_world

    with progress("Through the firmware", "hours", 3600) as report:
        run = run_world(world, flash, micropython=micropython, progress=report)
    say(
        f"{run.world_s / 3600:.1f} hours in {run.took_s:.1f} s. "
        f"Next: {shlex.join(['bioklok', 'sync', '--virtual', str(flash)])}"
    )
    emit(f"{flash}\n")


@app.command()
def sync(
    device: Annotated[str | None, typer.Option(metavar="ID", help="Only this device.")] = None,
    virtual: Annotated[
        Path | None, typer.Option(metavar="FLASH", help="The simulated device of a flash image.")
    ] = None,
    student: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose device this is, from now on.")
    ] = None,
    tz: Annotated[
        str | None, typer.Option("--tz", help="With --student: a new student's time zone.")
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until Ctrl-C: whoever comes into range.")
    ] = False,
    connections: Annotated[
        int, typer.Option(min=1, max=7, help="With --watch: how many devices at once.")
    ] = 3,
    every: Annotated[
        int, typer.Option(min=1, metavar="MIN", help="With --watch: the same device again after.")
    ] = 10,
    trust_clock: Annotated[
        bool,
        typer.Option(
            "--trust-clock",
            help="Have the device believe this computer's clock, where a wrong one had set it.",
        ),
    ] = False,
    school: School = HOME,
    database: Database = None,
    micropython: MicroPython = None,
    verbose: Verbose = False,
) -> None:
    """Fetch what devices have measured, over Bluetooth LE."""
    from bioklok.cli_sync import Where, sync_air, sync_flash, watch_air, wearer_of

    if watch and (virtual is not None or student is not None):
        raise typer.BadParameter("--watch goes with neither --virtual nor --student")
    if tz is not None and student is None:
        raise typer.BadParameter("--tz goes with --student")
    if trust_clock and device is None and virtual is None:
        raise typer.BadParameter("--trust-clock needs --device or --virtual: one at a time")
    if student is not None and school != HOME:
        raise typer.BadParameter("at a school say whose it is with 'bioklok school hand-out'")
    wearer = wearer_of(student, tz)
    where = Where(url_of(database), school)
    if watch:
        watch_air(where, device, connections, every)
    elif virtual is not None:
        sync_flash(where, virtual, device, wearer, micropython, trust_clock=trust_clock)
    else:
        sync_air(where, device, wearer, trust_clock)


@app.command()
def report(
    student: Annotated[str, typer.Option(metavar="ID", help="Whose week.")],
    week: Annotated[str, typer.Option(help="ISO week, such as 2026-W47.")],
    format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.json,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Default: stdout.")] = None,
    lang: Annotated[Language, typer.Option(help="Of html and pdf.")] = Language.nl,
    school: School = HOME,
    database: Database = None,
) -> None:
    """One week of one student."""
    from bioklok.output import emit, write
    from bioklok.reports.week import build_week, monday_of

    with wrong_use():
        monday_of(week)
    if format is Format.pdf and output is None and sys.stdout.isatty():
        raise BioklokFailure("a terminal cannot show a PDF: name a file with -o, or use a pipe")
    with cli_people.store_of(database, school) as store:
        who = store.student(student)
        built = build_week(store, student, week, who.timezone)
        made: str | bytes
        if format is Format.json:
            made = json.dumps(built.to_dict(), indent=2, ensure_ascii=False) + "\n"
        else:
            from bioklok.office.beside import beside
            from bioklok.web.pages import week_html
            from bioklok.web.paper import week_pdf

            draw = week_html if format is Format.html else week_pdf
            made = draw(built, who, lang.value, beside(store, store.account(student), week))
    if output is None:
        emit(made)
    else:
        write(output, made)


@app.command()
def doctor(database: Database = None) -> None:
    """Does this machine have what Bioklok needs?"""
    from bioklok.doctor import tell

    tell(url_of(database))


cli_analyse.add_to(app)
cli_privacy.add_to(app)
cli_jobs.add_to(app)
cli_people.add_to(app)
cli_device.add_to(app)
cli_update.add_to(app)
cli_sign_in.add_to_users()
cli_serve.add_to(app)


def main() -> None:
    """Run a command; a failure a person can act on is one line on stderr and exit code 1."""
    run(app)
