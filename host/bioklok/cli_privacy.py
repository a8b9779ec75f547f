"""Commands about what is kept of people: a copy, erasing, keeping no longer than said, backups."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioklok.cli_options import Database, url_of
from bioklok.errors import BioklokFailure
from bioklok.settings import HOME

if TYPE_CHECKING:
    from bioklok.store import Store

School = Annotated[str, typer.Option("--school", metavar="ID", help="Which school's.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `bioklok`."""
    for command in (export, erase, retention, restore):
        app.command()(command)


def export(
    student: Annotated[
        str | None, typer.Argument(metavar="[STUDENT]", help="Everything about one student.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The ZIP to write.")
    ] = None,
    everything: Annotated[
        Path | None,
        typer.Option("--all", metavar="DIR", help="The whole database instead, while it is used."),
    ] = None,
    with_keys: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="With --all: copy the keys too, to a second place."),
    ] = None,
    school: School = HOME,
    database: Database = None,
) -> None:
    """A student's copy of everything, or a copy of the database."""
    if (student is None) == (everything is None):
        raise typer.BadParameter("name a student, or --all DIR")
    if (student is None) != (output is None):
        raise typer.BadParameter("a student's copy needs -o FILE; --all takes none")
    if with_keys is not None and everything is None:
        raise typer.BadParameter("--with-keys goes with --all")
    with _store(database, school) as store:
        if everything is not None:
            _copy_all(store, everything, with_keys)
        elif student is not None and output is not None:
            _copy_one(store, student, output)


def erase(
    student: Annotated[str, typer.Argument(metavar="STUDENT", help="Whose data.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    school: School = HOME,
    database: Database = None,
) -> None:
    """Erase a student, for good: every row, and the key without which no copy can be read."""
    from bioklok.console import say
    from bioklok.office import erasure

    with _store(database, school) as store:
        name = store.student(student).name
        if not yes:
            _ask(f"Erase {name} ({student}) for good? There is no way back.")
        done = erasure.erase(store, None, student, _now())
        typer.echo(f"{student}: erased")
        for device_id in done.devices:
            say(f"Device {device_id} still holds minutes: its next sync wipes it.")
        if not done.is_complete:
            say("The database is being read: run 'bioklok retention' to clear its log.")


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, only count.")] = False,
    school: Annotated[
        str | None, typer.Option("--school", metavar="ID", help="Only this one. Default: all.")
    ] = None,
    database: Database = None,
) -> None:
    """Delete what is older than the school said. Run it every day."""
    from bioklok.console import say
    from bioklok.office.retention import retention as run
    from bioklok.output import emit

    with _store(database, HOME) as home:
        if school is not None:
            home.of(school).school()  # a name that was mistyped is no school with nothing to do
        for school_id in [school] if school else [one.id for one in home.schools()]:
            store = home.of(school_id)
            emit(f"{school_id}: {run(store, _now(), dry=dry_run).line()}\n")
            for device in store.devices_to_wipe():
                say(f"Device {device.device_id} waits to be wiped: its next sync does it.")


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What 'export --all' wrote.")],
    keys: Annotated[
        Path | None, typer.Option(metavar="DIR", help="What '--with-keys' wrote.")
    ] = None,
    database: Database = None,
) -> None:
    """Put a copy of the database back where there is none."""
    from bioklok.console import say
    from bioklok.office.backup import put_back
    from bioklok.store import place_of

    place = place_of(url_of(database))
    done = put_back(place, folder, _now(), keys)
    typer.echo(f"{place.name}: put back, {done.n_keys} keys")
    if done.n_erased:
        say(f"{done.n_erased} people were erased after this copy was made, and now again.")
    if done.n_without_key:
        say(
            f"{done.n_without_key} people cannot be read: move {place.name} away and restore again "
            "with --keys DIR."
        )


def _ask(question: str) -> None:
    """Ask on stderr; BioklokFailure where the answer is not yes."""
    typer.echo(f"{question} [y/N]: ", err=True, nl=False)  # click's confirm adds to stdout
    answer = sys.stdin.readline() if sys.stdin is not None else ""
    if not answer:
        typer.echo(err=True)
        raise BioklokFailure("nothing was erased, nobody answered: --yes does not ask")
    if answer.strip().lower() not in ("y", "yes"):
        raise BioklokFailure("nothing was erased")


def _copy_one(store: "Store", student: str, output: Path) -> None:
    from bioklok.files import replaced
    from bioklok.office.export import write_export
    from bioklok.web.pages import week_html

    store.student(student)
    with replaced(output) as partial, partial.open("wb") as file:
        partial.chmod(0o600)
        write_export(store, student, _now(), file, week_html)
    typer.echo(str(output))


def _copy_all(store: "Store", folder: Path, keys_to: Path | None) -> None:
    from bioklok.console import say
    from bioklok.office.backup import back_up

    done = back_up(store, folder, _now(), keys_to)
    typer.echo(f"{folder}: {sum(done.rows.values())} rows")
    if done.n_keys is None:
        say("Without its keys nobody can read this copy: keep them elsewhere with --with-keys DIR.")
    else:
        say(f"{done.n_keys} keys in {keys_to}: keep them apart, and no longer than a month.")


@contextmanager
def _store(database: str | None, school: str) -> Iterator["Store"]:
    from bioklok.store import open_store

    with open_store(url_of(database), must_exist=True) as home:
        store = home.of(school)
        store.school()
        yield store


def _now() -> int:
    return int(time.time())
