"""`bioklok update`: another application onto a device, over Bluetooth LE."""

from pathlib import Path
from typing import Annotated

import typer

from bioklok.cli_options import Database, School, url_of
from bioklok.settings import HOME


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(update)


def update(
    build: Annotated[Path, typer.Argument(help="What 'make build BOARD=...' wrote: build/NAME.")],
    device: Annotated[
        str | None, typer.Option(metavar="ID", help="Which device, where several are known.")
    ] = None,
    school: School = HOME,
    database: Database = None,
) -> None:
    """Bring another application onto a device in range, over Bluetooth LE.

    It measures on all the while, starts anew at the end, and takes the old application back where
    the new one does not run. An update that broke off goes on where it was.
    """
    import asyncio

    from bioklok.console import progress
    from bioklok.keyring import Keyring
    from bioklok.store import open_store
    from bioklok.update_air import update_in_range
    from bioklok.usb.build import read_build

    made = read_build(build)
    with open_store(url_of(database), school, must_exist=True) as store:
        keyring = Keyring.of(store)
        with progress("Over Bluetooth LE", "bytes") as report:
            done = asyncio.run(update_in_range(keyring, made, device, report))
    typer.echo(
        f"{done.device_id}: {done.version}, {done.n_sent} of {done.n_bytes} bytes sent; "
        "it starts anew now"
    )
