"""`bioklok jobs`: what the host does by itself, once, every few minutes, or on several workers."""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bioklok.cli_options import Database, url_of
from bioklok.errors import BioklokFailure

if TYPE_CHECKING:
    from bioklok.jobs import Done
    from bioklok.store import Store

Name = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", help="settle, timetables, weekly, retention or sharp."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `bioklok`."""
    jobs = typer.Typer(
        help="What is done by itself: strips, timetables, weekly figures, sharp hours, retention."
    )
    for command in (run, watch, worker, list_):
        jobs.command(command.__name__.rstrip("_"))(command)
    app.add_typer(jobs, name="jobs", no_args_is_help=True)


def run(name: Name = None, database: Database = None) -> None:
    """Do what is due now for all schools, once."""
    from bioklok.jobs import NAMES, run_due
    from bioklok.store import open_store

    if name is not None and name not in NAMES:
        raise typer.BadParameter(f"there is no job {name!r}: choose of {', '.join(NAMES)}")
    n_failed = 0
    with open_store(url_of(database), must_exist=True) as store:
        for done in run_due(store, time.time, NAMES if name is None else (name,)):
            _tell(done)
            n_failed += bool(done.failure)
    if n_failed:
        raise BioklokFailure(f"{n_failed} jobs failed: they stay due, run it again")


def watch(
    every: Annotated[float, typer.Option(min=0.1, help="Minutes between two looks.")] = 5.0,
    database: Database = None,
) -> None:
    """Do what is due every few minutes, until Ctrl-C."""
    import asyncio

    from bioklok.console import say
    from bioklok.store import open_store

    with open_store(url_of(database), must_exist=True) as store:
        say("Doing what is due  (stop with Ctrl-C)")
        asyncio.run(_watch(store, 60.0 * every))


async def _watch(store: "Store", every_s: float) -> None:
    import asyncio

    from bioklok.console import say
    from bioklok.jobs import run_due
    from bioklok.stopping import stop_on_signals

    def look() -> None:
        for done in run_due(store, time.time, is_stopping=stop.is_set):
            _tell(done)

    with stop_on_signals() as stop:
        while not stop.is_set():
            try:
                await asyncio.to_thread(look)
            except BioklokFailure as failure:  # the database is away for a moment
                say(str(failure))
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                continue


def worker(
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when no task is left.")
    ] = False,
    database: Database = None,
) -> None:
    """Help with the weekly figures, on a PostgreSQL server: start one for each processor."""
    import asyncio

    from bioklok.console import say
    from bioklok.store import open_store
    from bioklok.workers import work

    with open_store(url_of(database), must_exist=True) as store:
        if not until_empty:
            say("Working  (stop with Ctrl-C)")
        asyncio.run(work(store, time.time, until_empty=until_empty))


def list_(database: Database = None) -> None:
    """When each job last came to its end."""
    from bioklok.jobs import NAMES
    from bioklok.store import open_store

    with open_store(url_of(database), must_exist=True) as store:
        for school in store.schools():
            ended = store.of(school.id).jobs()
            for name in NAMES:
                row = ended.get(name)
                if row is None:
                    typer.echo(f"{school.id} {name}: never")
                else:
                    at = datetime.fromtimestamp(row.ended_utc_s, UTC)
                    typer.echo(f"{school.id} {name}: {at:%Y-%m-%dT%H:%MZ} ({row.result})")


def _tell(done: "Done") -> None:
    from bioklok.output import emit

    if done.failure:
        from bioklok.console import say

        say(f"{done.school_id} {done.job}: {done.failure}")
    else:
        emit(f"{done.school_id} {done.job}: {done.result}\n")  # jobs go on where nobody reads
