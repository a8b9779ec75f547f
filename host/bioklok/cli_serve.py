"""The command that serves the dashboard, and says where to sign in."""

import os
import time
from typing import TYPE_CHECKING, Annotated

import typer

from bioklok.cli_options import Database, url_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bioklok.store import Store
    from bioklok.web.server import Listening

    MoreLinks = Callable[["Store", str], list[tuple[str, str]]]


def add_to(app: typer.Typer) -> None:
    """Add the command to `bioklok`."""
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    name: Annotated[
        list[str] | None, typer.Option(help="Name under which browsers ask for it; or more.")
    ] = None,
    https_proxy: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The proxy before it that speaks TLS.")
    ] = None,
    cert: Annotated[str | None, typer.Option(metavar="FILE", help="TLS certificate, PEM.")] = None,
    key: Annotated[str | None, typer.Option(metavar="FILE", help="Its key, PEM.")] = None,
    database: Database = None,
) -> None:
    """The dashboard and the API. Beyond this computer over TLS alone."""
    from bioklok.web.server import Listening

    if (cert is None) != (key is None):
        raise typer.BadParameter("TLS needs both --cert and --key")
    if cert is not None and https_proxy is not None:
        raise typer.BadParameter("give --https-proxy or --cert and --key, not both")
    listening = Listening(host, port, tuple(name or ()), https_proxy, cert, key)
    serve_dashboard(listening, url_of(database))


def serve_dashboard(
    listening: "Listening", url: str, more_links: "MoreLinks | None" = None
) -> None:
    """Serve until Ctrl-C, after saying where to sign in. Raises BioklokFailure.

    more_links: given the store and the dashboard's address, who can sign in with which link.
    """
    from bioklok.console import say
    from bioklok.store import open_store
    from bioklok.web.server import check, oidc_from, run_server

    oidc = oidc_from(os.environ)
    check(listening)
    with open_store(url) as home:
        links = home_links(home, listening.address, int(time.time()))
        links += more_links(home, listening.address) if more_links else []
    say(f"The dashboard: {listening.address}  (stop with Ctrl-C)")
    for name, link in links:
        say(f"Sign in as {name}: {link}")
    if links:
        say("Each link works once, within 15 minutes; 'bioklok user link ID' makes another.")
    run_server(listening, url, oidc)


def home_links(home: "Store", address: str, now_utc_s: int) -> list[tuple[str, str]]:
    """Return name and sign-in link of each student who has no other way in yet, at home alone:
    there whoever has the terminal decides. At a school: none.
    """
    from bioklok.office.accounts import make_link
    from bioklok.store.database import HOME_KIND

    if home.school().kind != HOME_KIND:
        return []
    return [
        (one.name, f"{address}/link/{make_link(home, one.id, now_utc_s)}")
        for one in home.students()
        if not home.credentials(one.id)
    ]
