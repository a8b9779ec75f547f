"""Destroying a key of somebody whose rows are gone, so that a process that dies ends it later.

The transaction that deletes the rows leaves a row in `job`: "erase FILE", `FILE` being the name of
the key's file, which tells nobody whose it was. What is still to be done stands in its `result`:

    KEY   destroy the key
    LOG   clear the database's write-ahead log, in which pages of before may still be
    gone  (no row) nothing

Who takes a row from KEY to LOG holds it until the key is gone: of several who try, one does it.
"""

import os
from collections.abc import Iterator

from sqlalchemy import update
from sqlmodel import Session, col, select

from bioklok.store.school_tables import Job
from bioklok.store.vault import Vault

KEY, LOG = "key", "log"
ERASED_FILE = "erased"  # in the folder of the keys: file names of destroyed ones, and when
_PREFIX = "erase "


def note_erasure(session: Session, vault: Vault, school_id: str, person_id: str, at_s: int) -> None:
    """Write down, in the transaction that deletes somebody's rows, that their key is to go."""
    name = _PREFIX + vault.file_name(school_id, person_id)
    session.merge(Job(school_id=school_id, name=name, ended_utc_s=at_s, result=KEY))


def files_waiting(session: Session, school_id: str, result: str) -> list[str]:
    """Return the files of keys of which this is still to be done."""
    query = select(Job.name).where(
        Job.school_id == school_id, Job.result == result, col(Job.name).startswith(_PREFIX)
    )
    return sorted(name.removeprefix(_PREFIX) for name in session.exec(query))


def end_key(session: Session, vault: Vault, school_id: str, file_name: str) -> None:
    """Destroy a key that waits for it; that somebody else did so first is no error.

    Raises BioklokFailure where the folder of the keys cannot be written.
    """
    moved = session.execute(
        update(Job)
        .where(
            col(Job.school_id) == school_id,
            col(Job.name) == _PREFIX + file_name,
            col(Job.result) == KEY,
        )
        .values(result=LOG)
        .returning(col(Job.ended_utc_s))
    ).scalar()
    if moved is not None:
        _remember(vault, file_name, moved)
        vault.destroy_file(file_name)


def end_old_key(session: Session, vault: Vault, school_id: str, person_id: str) -> None:
    """Destroy what is left of the key of an erased person before somebody new takes their id."""
    end_key(session, vault, school_id, vault.file_name(school_id, person_id))


def is_job_of_erasing(job_name: str) -> bool:
    """Say whether a row of `job` is such a note."""
    return job_name.startswith(_PREFIX)


def job_of(file_name: str) -> str:
    """Return the name of the note about a key."""
    return _PREFIX + file_name


def erased_keys(vault: Vault) -> Iterator[tuple[str, int]]:
    """Yield the file name of each key that was destroyed, and when its rows went.

    It stands beside the keys and not in the database, so that a copy of the database from before
    can be put back without bringing anybody back (`office.backup`).
    """
    try:
        text = (vault.folder / ERASED_FILE).read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        name, _, at_s = line.partition(" ")
        if at_s.isdigit():  # the last line may have been cut off
            yield name, int(at_s)


def _remember(vault: Vault, file_name: str, at_utc_s: int) -> None:
    vault.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    descriptor = os.open(vault.folder / ERASED_FILE, flags, 0o600)
    try:
        os.write(descriptor, f"\n{file_name} {at_utc_s}\n".encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
