"""Copies of everything, made while it is in use, and putting them back.

A copy of the database can be read by nobody without the keys, and those are not in it: they go to a
second place, if at all, so that who is erased is erased from every copy when their key goes
(`store.vault`). Who was erased after a copy was made does not come back with it: the folder of the
keys remembers which keys were destroyed, and putting back erases those people again.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bioklok.errors import BioklokFailure, NotFound
from bioklok.files import replaced
from bioklok.store import Place, Store, open_store
from bioklok.store.copies import copy_file, copy_keys, digest_of, prepare_keys, put_back_keys
from bioklok.store.erasing_keys import erased_keys
from bioklok.store.vault import KeyGone

DATABASE, ABOUT = "bioklok.sqlite", "about.json"


@dataclass(frozen=True)
class Copied:
    """What was copied: rows by table, and how many keys (None: none were asked for)."""

    rows: dict[str, int]
    n_keys: int | None


@dataclass(frozen=True)
class PutBack:
    """What was put back. `n_erased`: people who were erased after the copy was made, and are again.
    `n_without_key`: people whose rows cannot be read, as their key is not there."""

    n_keys: int
    n_erased: int
    n_without_key: int


def back_up(store: Store, folder: Path, now_utc_s: int, keys_to: Path | None = None) -> Copied:
    """Copy the database into a folder, whole or not at all, and its keys into another.

    Raises BioklokFailure: also for a server's database, of which its own program makes copies;
    then the keys are copied all the same.
    """
    if keys_to is not None and _is_within(keys_to, folder):
        raise BioklokFailure("the keys go to another place than the copy: name one outside of it")
    if not store.place.is_sqlite:
        n_keys = copy_keys(store.place, keys_to) if keys_to else None
        kept = f" ({n_keys} keys were copied)" if keys_to else ""
        raise BioklokFailure(
            f"{store.place.name} is a server's{kept}: copy it with 'pg_dump --format=custom "
            f"--file={folder / 'bioklok.dump'} DATABASE' as a superuser"
        )
    assert store.place.file is not None  # nosec B101 - an SQLite place has one
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with replaced(folder / DATABASE) as partial:
            rows = copy_file(store.place.file, partial)
            about = {
                "made_at": datetime.fromtimestamp(now_utc_s, UTC).isoformat(),
                "sha256": digest_of(partial),
                "rows": rows,
            }
        with replaced(folder / ABOUT) as partial:
            partial.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise BioklokFailure(
            f"{folder} cannot be written ({error.strerror}): choose another folder"
        ) from error
    # After the database: whoever is in the copy then has their key, unless they were erased since.
    return Copied(rows, copy_keys(store.place, keys_to) if keys_to else None)


def put_back(place: Place, folder: Path, now_utc_s: int, keys_from: Path | None = None) -> PutBack:
    """Put a copy back in an empty place, and the keys where there are none.

    A server's database its own program puts back first; this does the rest. Raises BioklokFailure
    where there is a database already, the copy is not whole, or the master key is another.
    """
    if place.file is not None and place.file.exists():
        raise BioklokFailure(f"there is a database already: move {place.file} away first")
    if keys_from is not None:
        prepare_keys(place, keys_from)
    if place.file is not None:
        _put_back_file(place.file, folder)
    with open_store(place.url.render_as_string(hide_password=False)) as home:
        schools = [home.of(one.id) for one in home.schools()]
        # Before their keys are there: whoever is erased cannot be read for a moment.
        n_erased = sum(_erase_again(one, now_utc_s) for one in schools)
        people = [(one.school_id, who) for one in schools for who, _ in one.people_since()]
        names = {home.vault.file_name(*key): key for key in people}
        n_keys = put_back_keys(place, keys_from, names) if keys_from else 0
        n_without = sum(not _has_key(home, *key) for key in people)
    return PutBack(n_keys, n_erased, n_without)


def _put_back_file(file: Path, folder: Path) -> None:
    copy, about = folder / DATABASE, folder / ABOUT
    try:
        told = json.loads(about.read_text(encoding="utf-8"))
        if digest_of(copy) != told["sha256"]:
            raise BioklokFailure(f"{copy} is not the copy that {about} tells of: take another")
        with replaced(file) as partial:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if copy_file(copy, partial, "WAL") != told["rows"]:
                raise BioklokFailure(f"{copy} lacks rows that {about} tells of: take another")
    except FileNotFoundError as error:
        raise NotFound(f"no copy in {folder}: {error.filename} is not there") from error
    except (OSError, ValueError, KeyError) as error:
        raise BioklokFailure(f"{folder} cannot be read ({error}): take another copy") from error


def _erase_again(store: Store, now_utc_s: int) -> int:
    vault, n_erased = store.vault, 0
    gone = {name: at_s for name, at_s in erased_keys(vault)}
    for person_id, created_s in store.people_since():
        if created_s <= gone.get(vault.file_name(store.school_id, person_id), -1):
            store.erase_person(person_id, now_utc_s)
            n_erased += 1
    store.finish_erasures()
    return n_erased


def _has_key(store: Store, school_id: str, person_id: str) -> bool:
    try:
        return bool(store.vault.key(school_id, person_id))
    except KeyGone:
        return False


def _is_within(inner: Path, outer: Path) -> bool:
    return inner.resolve().is_relative_to(outer.resolve())
