"""Options that several commands share."""

from typing import Annotated

import typer

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


def url_of(given: str | None) -> str:
    """Return the database that --database names, or the default one."""
    from bioklok.store import default_database_url

    return given or default_database_url()
