"""`bioklok device`: a board on a USB cable. Each command leaves the board's program running."""

import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bioklok.cli_options import Database, School, Verbose, zone_given
from bioklok.cli_people import store_of
from bioklok.errors import BioklokFailure
from bioklok.settings import DEFAULT_TIMEZONE, HOME

_devices = typer.Typer(help="A board on a USB cable.", no_args_is_help=True)
_LISTEN_S = 4.0  # how long a program that was just started is watched; boot.py comes first
_FOLLOW_S = 3600.0 * 24 * 365


Port = Annotated[
    str | None, typer.Option("--port", help="The board's port. Default: the only one there is.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to `bioklok`."""
    app.add_typer(_devices, name="device")


@_devices.command("list")
def device_list(
    port: Annotated[
        list[str] | None, typer.Option("--port", help="Only these; may be given again.")
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Serial ports, and what is on them. A board that is asked starts its program anew."""
    from bioklok.usb.listing import look, table

    found = look(port)
    _show([one.to_dict() for one in found] if as_json else table(found))
    if not found:
        from bioklok.console import say

        say("No serial port is there: plug a board in (some cables only charge).")


@_devices.command("flash")
def device_flash(
    image: Annotated[Path, typer.Argument(help="MicroPython for this board: .bin or .uf2.")],
    chip: Annotated[
        str | None, typer.Option(help="esp32, esp32c3, esp32c6, esp32s2, esp32s3.")
    ] = None,
    drive: Annotated[
        Path | None, typer.Option(help="RP2040, RP2350: where the board's drive is mounted.")
    ] = None,
    erase: Annotated[
        bool, typer.Option("--erase", help="Erase all first: journal, key and firmware too.")
    ] = False,
    yes: Yes = False,
    port: Port = None,
) -> None:
    """Put MicroPython on a board; what is on its file system stays."""
    from bioklok.console import progress, say
    from bioklok.usb.flash import ESP_OFFSETS, flash_drive, flash_esp

    if (chip is None) == (drive is None):
        raise typer.BadParameter("name either --chip (ESP32) or --drive (RP2040, RP2350)")
    if drive is not None:
        if erase:
            raise typer.BadParameter("--erase goes with --chip")
        with progress("MicroPython", "kB", 1000) as report:
            flash_drive(image, drive, report)
    elif chip is not None:
        if chip not in ESP_OFFSETS:
            raise typer.BadParameter(f"'{chip}' is none of {', '.join(ESP_OFFSETS)}")
        if erase:
            _ask("Erase the whole board, with what was measured and not fetched yet?", yes)
        flash_esp(image, chip, _port(port), erase=erase)
    say("Next: bioklok device deploy")


@_devices.command("provision")
def device_provision(
    wrist: Annotated[str | None, typer.Option(help="left or right.")] = None,
    tz: Annotated[str, typer.Option("--tz", help="Where it is worn.")] = DEFAULT_TIMEZONE,
    dark_from: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="From then on the lamp stays dark.")
    ] = None,
    dark_until: Annotated[str | None, typer.Option(metavar="HH:MM", help="Until then.")] = None,
    port: Port = None,
    school: School = HOME,
    database: Database = None,
    verbose: Verbose = False,
) -> None:
    """Give a board a new key, its settings and the time."""
    from bioklok.console import say
    from bioklok.keyring import Keyring
    from bioklok.usb.cable import cable_to
    from bioklok.usb.provision import WRISTS, Wishes, provision

    if wrist is not None and wrist not in WRISTS:
        raise typer.BadParameter(f"'{wrist}' is neither left nor right")
    wishes = Wishes(zone_given(tz), wrist, _minutes(dark_from), _minutes(dark_until))
    place = _port(port)
    with store_of(database, school, may_make=True) as store:
        keyring = Keyring.of(store)
        with cable_to(place) as cable:
            done = provision(cable, keyring, wishes, datetime.now(UTC))
    typer.echo(f"{done.device_id}: {'has a new key' if done.was_provisioned else 'has a key'}")
    if not done.has_clock:
        say("This MicroPython has no clock to set: the first sync sets it.")
    if not done.sealed:
        say("No firmware is on it yet. Next: bioklok device deploy")
    elif school == HOME:
        say("Next: bioklok sync --student ID")
    else:
        say(f"Next: bioklok school hand-out {done.device_id} STUDENT --school {school}")


@_devices.command("deploy")
def device_deploy(
    build: Annotated[Path, typer.Argument(help="What 'make build BOARD=...' wrote.")],
    older: Annotated[bool, typer.Option("--older", help="A lower build may replace it.")] = False,
    other_board: Annotated[
        bool, typer.Option("--other-board", help="It was wrong about which board it is.")
    ] = False,
    port: Port = None,
    school: School = HOME,
    database: Database = None,
    verbose: Verbose = False,
) -> None:
    """Put the firmware on a board, beside what runs; then run it. May be repeated at any time."""
    from bioklok.console import progress, say
    from bioklok.keyring import Keyring
    from bioklok.usb.build import read_build
    from bioklok.usb.cable import cable_to
    from bioklok.usb.deploy import deploy

    def key_of(device_id: str) -> bytes | None:
        with store_of(database, school, may_make=True) as store:
            return Keyring.of(store).key_of(device_id)

    made = read_build(build)
    with cable_to(_port(port)) as cable:
        with progress("Onto the board", "kB", 1000) as report:
            done = deploy(
                cable, made, key_of, report, may_be_older=older, may_be_other_board=other_board
            )
        cable.restart(_LISTEN_S)
    typer.echo(
        f"{made.board} {made.version} (build {made.build}) runs from slot {done.slot}: "
        f"{done.n_sent} files sent, {done.n_kept} were there"
    )
    if not done.has_key:
        say("It has no key yet. Next: bioklok device provision")


@_devices.command("selftest")
def device_selftest(port: Port = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Ask the firmware about its chips, flash, radio and key. Exit code 1 where one is at fault."""
    from rich.table import Table
    from rich.text import Text

    from bioklok.usb.cable import cable_to
    from bioklok.usb.upkeep import OK, self_test

    with cable_to(_port(port)) as cable:
        found = self_test(cable)
    shown = Table("part", "finding")
    for name, text in found.items():
        shown.add_row(Text(_plain(name)), Text(_plain(text), "green" if text == OK else "red"))
    _show(found if as_json else shown)
    bad = [_plain(name) for name, text in found.items() if text != OK]
    if bad:
        raise BioklokFailure(f"at fault: {', '.join(bad)} (docs/device.md says what to look at)")


@_devices.command("logs")
def device_logs(
    follow: Annotated[
        bool, typer.Option("--follow", help="Then show what the board prints, until Ctrl-C.")
    ] = False,
    port: Port = None,
    verbose: Verbose = False,
) -> None:
    """Counters and faults that the board keeps, and what its program prints."""
    from bioklok.console import say
    from bioklok.output import emit
    from bioklok.usb.cable import cable_to
    from bioklok.usb.upkeep import faults

    with cable_to(_port(port)) as cable:
        found = faults(cable)
        if found is None:
            say("The board keeps no faults.")
        for name, value in (found or {}).items():
            typer.echo(_plain(f"{name}\t{json.dumps(value)}"))
        if follow:
            say("What the board prints  (stop with Ctrl-C)")
            cable.restart_and_follow(lambda text: emit(_plain(text)), _FOLLOW_S)


@_devices.command("wipe")
def device_wipe(
    yes: Yes = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="This computer forgets the board's key too.")
    ] = False,
    port: Port = None,
    school: School = HOME,
    database: Database = None,
    verbose: Verbose = False,
) -> None:
    """Take journal, settings and key off a board; MicroPython and firmware stay."""
    from biocore.crypto import KEY_BYTES

    from bioklok.console import progress, say
    from bioklok.keyring import Keyring
    from bioklok.usb.cable import cable_to
    from bioklok.usb.upkeep import wipe

    place = _port(port)
    _ask(f"Wipe the board on {place}, with what was measured and not fetched yet?", yes)
    with cable_to(place) as cable, progress("Journal", "kB", 1000) as report:
        done = wipe(cable, report)
    typer.echo(f"{done.device_id}: wiped")
    if not done.journal_bytes:
        say("No journal was erased: no firmware is on it that has one.")
    if forget:
        with store_of(database, school, may_make=True) as store:
            # Random bytes in its place: nobody has them, and the key that was there is gone.
            Keyring.of(store).add(done.device_id, secrets.token_bytes(KEY_BYTES))
        typer.echo(f"{done.device_id}: this computer has its key no more")


def _port(given: str | None) -> str:
    from bioklok.usb.ports import chosen, found_ports

    return chosen(given, [] if given is not None else found_ports())


def _ask(question: str, is_sure: bool) -> None:
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise BioklokFailure("nothing was done: nobody is here to ask, add --yes")
    typer.confirm(question, abort=True, err=True)


def _minutes(text: str | None) -> int | None:
    """Local minutes after midnight of "21:30"."""
    if text is None:
        return None
    try:
        at = datetime.strptime(text, "%H:%M")
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no time such as 21:30") from None
    return at.hour * 60 + at.minute


def _plain(text: str) -> str:
    """What a board said, without what could steer a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "" for c in text)


def _show(what: Any) -> None:
    """A table for a person, JSON for a program; both are data."""
    from rich.console import Console
    from rich.table import Table

    from bioklok.output import emit

    if isinstance(what, Table):
        Console(highlight=False).print(what)
    else:
        emit(json.dumps(what, indent=2, ensure_ascii=False) + "\n")
