"""Commands about schools and people; how people get in stands in `cli_sign_in`.

Whoever has the terminal may do all of it (docs/security.md, Signing in).
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioklok.cli_options import Database, School, url_of
from bioklok.errors import BioklokFailure, NotFound
from bioklok.settings import DEFAULT_TIMEZONE, HOME

if TYPE_CHECKING:
    from bioklok.school.people import Role
    from bioklok.store import Store

PersonId = Annotated[str, typer.Argument(metavar="ID", help="Letters, digits, - and _.")]

_DEVICE = re.compile(r"[0-9a-f]{16}")
_schools = typer.Typer(help="Schools and what they decided.", no_args_is_help=True)
users = typer.Typer(help="People: accounts, ties, links to sign in.", no_args_is_help=True)
_databases = typer.Typer(help="The database itself.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands to `bioklok`."""
    app.add_typer(_schools, name="school")
    app.add_typer(users, name="user")
    app.add_typer(_databases, name="db")


# -- schools -------------------------------------------------------------------------------------


@_schools.command("add")
def school_add(
    school_id: Annotated[str, typer.Argument(metavar="ID", help="Letters, digits, - and _.")],
    name: Annotated[str, typer.Option(help="The school's name.")],
    timezone: Annotated[str, typer.Option(help="Where the school is.")] = DEFAULT_TIMEZONE,
    database: Database = None,
) -> None:
    """Make a school. Nothing of a student is stored there without consent."""
    from bioklok.reports.week import zone_of

    zone_of(timezone)
    with store_of(database, HOME, may_make=True) as home:
        home.of(school_id).add_school(name, timezone)
    typer.echo(
        f"{school_id}: added. Next: bioklok user add ID --role administrator --name NAME "
        f"--school {school_id}"
    )


@_schools.command("list")
def school_list(database: Database = None) -> None:
    """All schools, one a line: id, kind, time zone, name."""
    with store_of(database, HOME) as home:
        for one in home.schools():
            typer.echo(f"{one.id}\t{one.kind}\t{one.timezone}\t{one.name}")


@_schools.command("settings")
def school_settings(
    school_id: Annotated[str, typer.Argument(metavar="ID")] = HOME,
    edit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take over what stands in this TOML file.")
    ] = None,
    database: Database = None,
) -> None:
    """What a school decided, as TOML: rules of strips, lesson hours, holidays, how long."""
    from bioklok.office.settings import keep_settings, settings_of
    from bioklok.settings_file import from_toml, to_toml

    with store_of(database, school_id) as store:
        if edit is None:
            typer.echo(to_toml(settings_of(store)), nl=False)
            return
        keep_settings(store, None, from_toml(edit.read_text(encoding="utf-8"), edit.name))
        typer.echo(f"{school_id}: kept")


@_schools.command("hand-out")
def school_hand_out(
    device_id: Annotated[str, typer.Argument(metavar="DEVICE", help="16 hexadecimal digits.")],
    student_id: Annotated[
        str | None, typer.Argument(metavar="STUDENT", help="Who wears it; nobody: it is taken in.")
    ] = None,
    label: Annotated[str, typer.Option(help="What is written on it.")] = "",
    school: School = HOME,
    database: Database = None,
) -> None:
    """Say who wears a device from now on. What its former wearer left on it is wiped first."""
    if _DEVICE.fullmatch(device_id) is None:
        raise BioklokFailure(f"{device_id} is no device's id: it has 16 digits, 0-9 and a-f")
    with store_of(database, school) as store:
        store.school()
        store.hand_out(device_id, student_id, label)
    typer.echo(f"{device_id}: {student_id or 'nobody'}")


# -- people --------------------------------------------------------------------------------------


@users.command("add")
def user_add(
    person_id: PersonId,
    role: Annotated[
        list[str],
        typer.Option(help="student, parent, mentor or administrator; may be given again."),
    ],
    name: Annotated[
        str | None, typer.Option(help="As it stands on pages. Default: the id.")
    ] = None,
    born: Annotated[
        str | None, typer.Option(metavar="DATE", help="Of a student, such as 2014-05-31.")
    ] = None,
    school: School = HOME,
    database: Database = None,
) -> None:
    """Make an account. Next: invite them."""
    from bioklok.office.accounts import add_member

    roles = [_role(one) for one in role]
    with store_of(database, school, may_make=school == HOME) as store:
        add_member(store, None, person_id, name or person_id, roles, _day(born))
    typer.echo(f"{person_id}: added. Next: bioklok user invite {person_id}{_at(school)}")


@users.command("correct")
def user_correct(
    person_id: PersonId,
    name: Annotated[str | None, typer.Option(help="The right name.")] = None,
    born: Annotated[
        str | None, typer.Option(metavar="DATE", help="A student's, such as 2014-05-31.")
    ] = None,
    school: School = HOME,
    database: Database = None,
) -> None:
    """Correct a name or a day of birth; whose consent counts follows from it."""
    from bioklok.office.accounts import correct_member

    if name is None and born is None:
        raise typer.BadParameter("say what to correct: --name or --born")
    with store_of(database, school) as store:
        known = store.account(person_id)
        right = known.name if name is None else name
        day = known.person.born if born is None else _day(born)
        correct_member(store, None, person_id, right, day)
    typer.echo(f"{person_id}: corrected")


@users.command("list")
def user_list(
    role: Annotated[str | None, typer.Option(help="Only those with this role.")] = None,
    school: School = HOME,
    database: Database = None,
) -> None:
    """All accounts, one a line: id, roles, open or closed, name."""
    chosen = _role(role) if role else None
    with store_of(database, school) as store:
        for one in store.accounts(chosen):
            state = "open" if one.ended_utc_s is None else "closed"
            typer.echo(f"{one.id}\t{','.join(sorted(one.person.roles))}\t{state}\t{one.name}")


@users.command("tie")
def user_tie(
    adult: Annotated[str, typer.Argument(metavar="ADULT", help="Id of parent or mentor.")],
    student: Annotated[str, typer.Argument(metavar="STUDENT", help="Id of the student.")],
    role: Annotated[str, typer.Option("--as", help="parent or mentor.")],
    end: Annotated[bool, typer.Option("--end", help="End the tie in place of making it.")] = False,
    school: School = HOME,
    database: Database = None,
) -> None:
    """Tie a parent or mentor to a student. A mentor's tie ends on 31 July."""
    from bioklok.office.accounts import tie, untie

    with store_of(database, school) as store:
        (untie if end else tie)(store, None, adult, student, _role(role), now_utc_s())
    typer.echo(f"{adult}: {'no longer ' if end else ''}{role} of {student}")


@users.command("close")
def user_close(person_id: PersonId, school: School = HOME, database: Database = None) -> None:
    """Close an account: nobody signs in to it any more, its ties end."""
    from bioklok.office.accounts import close

    with store_of(database, school) as store:
        close(store, None, person_id, now_utc_s())
    typer.echo(f"{person_id}: closed")


@users.command("import")
def user_import(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV: id,name,role,born,mentor,parents.")
    ],
    go: Annotated[
        bool, typer.Option("--go", help="Do it. Without it: only say what would happen.")
    ] = False,
    school: School = HOME,
    database: Database = None,
) -> None:
    """Add people and ties from a list; who is there already stays as they are."""
    from bioklok.console import say
    from bioklok.office.class_list import carry_out, plan, read_list

    try:
        lines = read_list(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise NotFound(f"there is no file {file}") from None
    except UnicodeDecodeError:
        raise BioklokFailure(f"{file.name} is not UTF-8: save it as CSV UTF-8") from None
    with store_of(database, school, may_make=school == HOME) as store:
        changes = plan(store, lines, now_utc_s())
        if go:
            carry_out(store, None, changes, now_utc_s())
    for one in changes:
        typer.echo(one.what)
    if not changes:
        say("Nothing to do: everybody is there already, and stays as they are.")
    elif not go:
        say("Nothing was done yet: add --go.")


# -- the database --------------------------------------------------------------------------------


@_databases.command("upgrade")
def db_upgrade(database: Database = None) -> None:
    """Bring a database to what this version reads; an empty one is made ready."""
    from bioklok.store import place_of, upgrade
    from bioklok.store.database import HEAD

    place = place_of(url_of(database))
    before = upgrade(place)
    typer.echo(f"{place.name}: {before or 'empty'} -> {HEAD}")


# -- what they share -----------------------------------------------------------------------------


@contextmanager
def store_of(database: str | None, school: str, *, may_make: bool = False) -> Iterator["Store"]:
    """Open the database as a school's. Raises NotFound where there is no such school, or, unless
    may_make, no such database."""
    from bioklok.store import open_store

    with open_store(url_of(database), school, must_exist=not may_make) as store:
        if school != HOME:
            store.school()
        yield store


def now_utc_s() -> int:
    """Return the time now, Unix seconds."""
    return int(time.time())


def _at(school: str) -> str:
    return "" if school == HOME else f" --school {school}"


def _role(given: str) -> "Role":
    from bioklok.school.people import Role

    try:
        return Role(given)
    except ValueError:
        raise typer.BadParameter(f"'{given}' is none of {', '.join(Role)}") from None


def _day(given: str | None) -> date | None:
    try:
        return None if given is None else date.fromisoformat(given)
    except ValueError:
        raise typer.BadParameter(f"'{given}' is no date such as 2014-05-31") from None
