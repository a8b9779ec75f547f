"""`bioklok analyse` and `bioklok import`: recordings of other devices."""

import json
import sys
import time
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioklok.cli_options import Database, url_of, wrong_use, zone_given
from bioklok.errors import BioklokFailure
from bioklok.settings import DEFAULT_TIMEZONE

if TYPE_CHECKING:
    from bioklok.recordings.analysed import Analysis
    from bioklok.recordings.moments import Order
    from bioklok.recordings.pages import ImportedJournal
    from bioklok.recordings.text import Text
    from bioklok.store import Store


class Format(StrEnum):
    """What an analysis is written as."""

    json = "json"
    text = "text"


def _file(given: str) -> Path:
    if not given:
        raise typer.BadParameter("an empty name is no file's")
    from bioklok.recordings.text import STDIN

    if given == "-" and sys.stdin is None:
        raise typer.BadParameter("standard input is closed: name a file")
    return STDIN if given == "-" else Path(given)


File = Annotated[
    Path,
    typer.Argument(
        parser=_file,
        metavar="FILE",
        help="Our CSV (time,activity,lux,marker[,sleep]), Actiware CSV, ActTrust txt or AWD; "
        "gzipped or not. - is standard input.",
    ),
]
Zone = Annotated[str, typer.Option("--tz", help="Time zone of times that name none.")]
DayFirst = Annotated[bool, typer.Option("--dayfirst", help="Dates are 31/12/2026.")]
MonthFirst = Annotated[bool, typer.Option("--monthfirst", help="Dates are 12/31/2026.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `bioklok`."""
    app.command()(analyse)
    app.command("import")(import_)


def analyse(
    file: File,
    format: Annotated[
        Format | None,
        typer.Option("--format", help="Default: text on a terminal, else json."),
    ] = None,
    tz: Zone = DEFAULT_TIMEZONE,
    dayfirst: DayFirst = False,
    monthfirst: MonthFirst = False,
    free: Annotated[
        list[str] | None,
        typer.Option(metavar="DATE", help="A day without school besides weekends; repeat it."),
    ] = None,
) -> None:
    """Rhythm, sleep and light of a recording, each figure with what it rests on."""
    from bioklok.output import emit

    _text, found = _analysed(file, tz, _order(dayfirst, monthfirst), free or [])
    if format is Format.text or (format is None and sys.stdout.isatty()):
        _print(file, found)
        return
    whole = {"file": file.name, **found.to_dict()}
    emit(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def import_(
    file: File,
    student: Annotated[str, typer.Option(metavar="ID", help="Whose recording it is.")],
    tz: Zone = DEFAULT_TIMEZONE,
    dayfirst: DayFirst = False,
    monthfirst: MonthFirst = False,
    database: Database = None,
) -> None:
    """Put a recording into the store, so that its weeks can be looked at."""
    from hashlib import sha256

    from bioklok.console import say
    from bioklok.recordings.pages import divisor_of, journal_of, pages_of
    from bioklok.store import check_id, open_store

    with wrong_use():
        check_id("student", student)
    text, found = _analysed(file, tz, _order(dayfirst, monthfirst), [])
    journal = journal_of(sha256("\n".join(text.lines).encode()).digest(), 0)
    pages = pages_of(found, journal.journal_id)
    with open_store(url_of(database)) as store:
        store.check_wearer(journal.device_id, student)
        known = store.ensure_student(student, timezone=tz)
        if known.timezone != tz:
            say(f"{known.id} keeps the time zone {known.timezone}.")
        new = _store(store, journal, pages, known.id)
    say("Movement is in the recorder's counts: l5, m10 and mesor of these weeks are no mg.")
    if (divisor := divisor_of(found)) > 1:
        say(
            f"It counts more than a page holds: each minute is divided by {divisor}, so that "
            "ratios and onsets hold."
        )
    if found.minutes.marker.any():
        say("Its marker presses were left out: they are neither sharp nor tired.")
    weeks = sorted({"{}-W{:02}".format(*day.date.isocalendar()) for day in found.days})
    typer.echo(f"{file.name}: {len(pages)} pages, {new} new, of {known.id}, {' '.join(weeks)}")


def _store(store: "Store", journal: "ImportedJournal", pages: list[bytes], student: str) -> int:
    """Store what is new, under the student's consent; return how many pages that were."""
    from bioklok.office.intake import Intake

    is_there = store.n_epochs(journal.device_id, journal.journal_id) > 0
    store.open_journal(journal)
    store.assign(journal.device_id, student)
    try:
        return len(Intake(store).commit_pages(journal, pages, int(time.time())))
    except BioklokFailure as failure:
        if not is_there:
            raise
        raise BioklokFailure(
            "this recording is in the store already, and now it reads otherwise (another --tz or "
            "order of dates?): nothing was changed"
        ) from failure


def _order(dayfirst: bool, monthfirst: bool) -> "Order | None":
    from bioklok.recordings.moments import Order

    if dayfirst and monthfirst:
        raise typer.BadParameter("either --dayfirst or --monthfirst")
    if dayfirst:
        return Order.DAY_FIRST
    return Order.MONTH_FIRST if monthfirst else None


def _analysed(
    file: Path, tz: str, order: "Order | None", free: list[str]
) -> tuple["Text", "Analysis"]:
    from bioklok.analysis.freedays import FreeDays
    from bioklok.recordings.analysed import analyse as analysed
    from bioklok.recordings.opening import recording_of
    from bioklok.recordings.text import read_text

    try:
        holidays = FreeDays(frozenset(date.fromisoformat(day) for day in free))
    except ValueError as error:
        raise typer.BadParameter(f"--free takes a date such as 2026-12-25 ({error})") from None
    zone = zone_given(tz)
    text = read_text(file)
    return text, analysed(recording_of(text, zone, order), zone, holidays)


# -- for a person at a terminal -------------------------------------------------------------------


def _print(file: Path, found: "Analysis") -> None:
    from rich.console import Console
    from rich.table import Table

    whole = found.to_dict()
    out = Console(highlight=False)
    out.print(
        f"{file.name}: {whole['kind']}, {whole['start'][:16]} to {whole['end'][:16]}, "
        f"{whole['timezone']}, epochs of {whole['epoch_s']} s, "
        f"{whole['coverage']:.0%} of it measured",
        soft_wrap=True,
        markup=False,
    )
    figures = Table("figure", "value", "days", "", title="Rhythm, sleep and light")
    for name, metric in found.metrics.items():
        value = "-" if metric.value is None else _readable(metric.value, metric.unit)
        figures.add_row(name, value, str(metric.n_days), metric.reason or "")
    out.print(figures)
    nights = Table("night of", "asleep", "awake", "minutes asleep", "worn", title="Nights")
    for night in found.sleep.nights:
        ends = [f"{moment:%H:%M}" if moment else "-" for moment in (night.onset, night.offset)]
        slept = "-" if night.duration_min is None else str(night.duration_min)
        nights.add_row(f"{night.date:%a %d %b}", *ends, slept, "yes" if night.worn else "no")
    out.print(nights)


def _readable(value: float, unit: str) -> str:
    if unit.startswith("min after"):
        minutes = round(value) % 1440
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{value:,.2f}" + ("" if unit == "1" else f" {unit}")
