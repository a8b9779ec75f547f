"""Copies of a whole database while it is in use, and of the keys beside it."""

import hashlib
import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bioklok.errors import BioklokFailure
from bioklok.store.erasing_keys import ERASED_FILE
from bioklok.store.master import MASTER_VARIABLE, NAME_DIGITS, put_whole
from bioklok.store.place import Place
from bioklok.store.vault import Vault

MASTER_FILE = "master.key"
KEYS_FOLDER = "keys"


def copy_file(source: Path, target: Path, journal_mode: str = "DELETE") -> dict[str, int]:
    """Copy an SQLite file as it is at one moment, while others write; return its rows by table.

    The copy is one file, for its owner alone. `journal_mode` "WAL": as one that is used. Raises
    BioklokFailure where it is not whole.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        # SQLite's own online backup: in WAL mode it holds up no writer and sees one commit.
        with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(target)) as after:
            before.backup(after)
            after.execute(f"PRAGMA journal_mode = {journal_mode}")
            return _rows(after, target)
    except sqlite3.Error as error:
        raise BioklokFailure(f"{source} cannot be copied ({error}): try again") from error


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def copy_keys(place: Place, folder: Path) -> int:
    """Copy the data keys and the master key into a folder of their own; return how many.

    What was destroyed since the last copy into it is destroyed there too. A master key that comes
    from the environment is no file and is not copied. Raises BioklokFailure.
    """
    vault = Vault(place)
    kept = folder / KEYS_FOLDER
    try:
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = _key_files(vault.folder)
        for file in _key_files(kept):
            file.unlink()
        for file in there:
            put_whole(kept / file.name, file.read_bytes())
        _copy(vault.folder / ERASED_FILE, kept / ERASED_FILE)
        if MASTER_VARIABLE not in os.environ:
            _copy(place.master_file, folder / MASTER_FILE)
    except OSError as error:
        raise BioklokFailure(
            f"the keys cannot be copied to {folder} ({error.strerror}): choose another folder"
        ) from error
    return len(there)


def prepare_keys(place: Place, folder: Path) -> None:
    """Put back the master key and the list of keys that were destroyed, where they are not there.

    To be done before anything else is put back. Raises BioklokFailure where the master key is
    another.
    """
    vault = Vault(place)
    with _putting_back(folder):
        if MASTER_VARIABLE not in os.environ and (folder / MASTER_FILE).exists():
            _put_back_master(place.master_file, (folder / MASTER_FILE).read_bytes())
        vault.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (vault.folder / ERASED_FILE).exists():
            _copy(folder / KEYS_FOLDER / ERASED_FILE, vault.folder / ERASED_FILE)


def put_back_keys(place: Place, folder: Path, file_names: Collection[str]) -> int:
    """Put back the keys of these names where there is none; return how many there were.

    Raises BioklokFailure.
    """
    vault = Vault(place)
    with _putting_back(folder):
        files = [one for one in _key_files(folder / KEYS_FOLDER) if one.name in file_names]
        for file in files:
            put_whole(vault.folder / file.name, file.read_bytes())
    return len(files)


@contextmanager
def _putting_back(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BioklokFailure(
            f"the keys in {folder} cannot be put back ({error.strerror}): check both folders"
        ) from error


def _put_back_master(file: Path, content: bytes) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    put_whole(file, content)
    if file.read_bytes() != content:
        raise BioklokFailure(
            f"{file} is another master key than the copy's: move it away and run it again"
        )


def _key_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if len(file.name) == NAME_DIGITS)


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    if source.exists():
        put_whole(target, source.read_bytes())


def _rows(opened: sqlite3.Connection, file: Path) -> dict[str, int]:
    found = opened.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise BioklokFailure(f"{file} is damaged ({found}): take another copy")
    names = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return {
        # The name comes from the schema: no person writes it.
        name: opened.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # nosec B608
        for (name,) in names.fetchall()
        if not name.startswith("sqlite_")
    }
