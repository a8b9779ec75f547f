"""Commands about how people get in: invitations, links, the school's sign-in service."""

import re
from typing import Annotated

import typer

from bioklok.cli_options import Database, School
from bioklok.cli_people import PersonId, now_utc_s, store_of, users
from bioklok.settings import HOME

Url = Annotated[str, typer.Option("--url", help="Where browsers find the dashboard.")]


def add_to_users() -> None:
    """Add the commands to `bioklok user`."""
    users.command("invite")(user_invite)
    users.command("link")(user_link)
    users.command("service")(user_service)


def user_invite(
    person_id: PersonId,
    url: Url = "http://127.0.0.1:8000",
    school: School = HOME,
    database: Database = None,
) -> None:
    """Print a link with which somebody chooses how to sign in: once, within 14 days."""
    from bioklok.office.accounts import invite

    _check(url)
    with store_of(database, school) as store:
        token = invite(store, None, person_id, now_utc_s())
    typer.echo(f"{url.rstrip('/')}/invite/{token}")


def user_link(
    person_id: PersonId,
    url: Url = "http://127.0.0.1:8000",
    school: School = HOME,
    database: Database = None,
) -> None:
    """Print a link that signs somebody in: once, within 15 minutes."""
    from bioklok.office.accounts import make_link

    _check(url)
    with store_of(database, school) as store:
        token = make_link(store, person_id, now_utc_s())
    typer.echo(f"{url.rstrip('/')}/link/{token}")


def user_service(
    person_id: PersonId,
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[SUBJECT]",
            help="Who they are there, letter for letter: in Entree Federatie their uid.",
        ),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="They no longer sign in there.")] = False,
    school: School = HOME,
    database: Database = None,
) -> None:
    """Say who somebody is at the school's sign-in service (OpenID Connect); else show it."""
    from bioklok.office.accounts import know_as, known_as

    if forget and subject is not None:
        raise typer.BadParameter("give SUBJECT or --forget, not both")
    with store_of(database, school) as store:
        if forget or subject is not None:
            know_as(store, None, person_id, subject)
        typer.echo(f"{person_id}: {known_as(store, person_id) or 'signs in here alone'}")


def _check(url: str) -> None:
    if re.match(r"https?://[^/\s]", url) is None:
        raise typer.BadParameter("--url takes an address that begins with https:// or http://")
