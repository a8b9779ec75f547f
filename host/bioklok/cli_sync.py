"""What `bioklok sync` does: a line of data on stdout for each session, the rest on stderr."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bioklok.cli_options import wrong_use, zone_given
from bioklok.collect import sync_in_range, sync_virtual, watch
from bioklok.console import bars, progress, say
from bioklok.errors import BioklokFailure
from bioklok.keyring import Keyring
from bioklok.output import emit
from bioklok.schedule import Rules
from bioklok.settings import DEFAULT_TIMEZONE, HOME
from bioklok.simulator.image import read_identity
from bioklok.store import Store, check_id, open_store
from bioklok.sync import SyncResult


@dataclass(frozen=True)
class Wearer:
    """Whose device it is from now on. timezone None: what the store has, else the default."""

    student_id: str
    timezone: str | None


def wearer_of(student_id: str | None, timezone: str | None) -> Wearer | None:
    """Return whom the command names, None for nobody. A zone or id that cannot be is wrong use."""
    if timezone is not None:
        zone_given(timezone)
    if student_id is not None:
        with wrong_use():
            check_id("student", student_id)
    return None if student_id is None else Wearer(student_id, timezone)


@dataclass(frozen=True)
class Where:
    """A database and which school's part of it."""

    url: str
    school: str


def sync_flash(
    where: Where,
    flash: Path,
    device: str | None,
    student: Wearer | None,
    micropython: Path | None,
    *,
    trust_clock: bool,
) -> None:
    """Sync the simulated device of a flash image. BioklokFailure where it is not `device`."""
    found = read_identity(flash).device_id  # a name that was mistyped makes no database
    if device not in (None, found):
        raise BioklokFailure(f"{flash} is the device {found}, not {device}")
    with open_store(where.url, where.school) as store:
        with progress("Over Bluetooth LE", "pages") as report:
            work = sync_virtual(store, flash, report, micropython, force_clock=trust_clock)
            result = asyncio.run(work)
        _tell(store, result, student)


def sync_air(where: Where, device: str | None, student: Wearer | None, trust_clock: bool) -> None:
    """Sync once what is in range, or only `device`."""
    with open_store(where.url, where.school) as store:
        keyring = Keyring.of(store)
        with bars("pages") as bar:
            work = sync_in_range(
                store, keyring, device, bar, _tell_failure, force_clock=trust_clock
            )
            results = asyncio.run(work)
        for result in results:
            _tell(store, result, student)


def watch_air(where: Where, device: str | None, connections: int, every_min: int) -> None:
    """Sync whoever comes into range, each at most every `every_min` minutes, until Ctrl-C."""

    def on_end(device_id: str, end: SyncResult | Exception) -> None:
        if isinstance(end, SyncResult):
            emit(f"{device_id}: {end.epochs} new, {end.seconds:.1f} s\n")
        else:
            _tell_failure(device_id, end)

    rules = Rules(every_s=60.0 * every_min)
    with open_store(where.url, where.school) as store:
        keyring = Keyring.of(store)
        if not keyring.all():
            say("This computer has no device's key yet: provision a device over USB.")
        say("Watching for devices  (stop with Ctrl-C)")
        with bars("pages") as bar:
            asyncio.run(
                watch(store, keyring, device, bar, on_end, connections=connections, rules=rules)
            )


def _tell(store: Store, result: SyncResult, student: Wearer | None) -> None:
    info = result.info
    if student is not None:
        zone = student.timezone
        store.check_wearer(info.device_id, student.student_id)
        known = store.ensure_student(student.student_id, timezone=zone or DEFAULT_TIMEZONE)
        if zone not in (None, known.timezone):
            say(f"{known.id} keeps the time zone {known.timezone}.")
        store.assign(info.device_id, known.id)
    stored = store.n_epochs(info.device_id, info.journal_id)
    emit(
        f"{info.device_id}: {info.n_epochs} epochs on the device, {stored} in the store, "
        f"{result.epochs} new, {result.frames} frames, {result.bytes} bytes, "
        f"{result.seconds:.1f} s\n"
    )
    if not store.has_student(info.device_id) and store.school_id == HOME:
        say("Nobody's device yet: say whose with 'bioklok sync --student ID'.")


def _tell_failure(device_id: str, end: SyncResult | Exception) -> None:
    if isinstance(end, Exception):
        say(f"{device_id}: {end}")
