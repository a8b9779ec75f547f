"""Options that several commands share."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bioklok.errors import BioklokFailure

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="BIOKLOK_DATABASE_URL",
        metavar="URL",
        help="Where the data is kept. Default: SQLite in your user data folder.",
    ),
]
School = Annotated[
    str, typer.Option("--school", metavar="ID", help="Which school's. Default: the home.")
]


def _speak(is_verbose: bool) -> None:
    """Each step as a line on stderr: of files names and sizes, of devices what they count; never
    what was measured."""
    if is_verbose:
        log = logging.getLogger("bioklok")
        log.addHandler(logging.StreamHandler())
        log.setLevel(logging.INFO)


Verbose = Annotated[
    bool, typer.Option("-v", "--verbose", callback=_speak, help="Say each step on stderr.")
]


def url_of(given: str | None) -> str:
    """Return the database that --database names, or the default one."""
    from bioklok.store import default_database_url

    return given or default_database_url()


@contextmanager
def wrong_use() -> Iterator[None]:
    """Make a failure of the block one of what was typed: exit code 2."""
    try:
        yield
    except BioklokFailure as failure:
        raise typer.BadParameter(str(failure)) from None


def zone_given(name: str) -> "ZoneInfo":
    """Return the time zone that --tz names, else it is wrong use."""
    from bioklok.reports.week import zone_of

    with wrong_use():
        return zone_of(name)
