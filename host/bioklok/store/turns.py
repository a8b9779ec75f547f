"""Turns: of several programs that want to do the same job of a school, one does it.

On a server the turn is an advisory lock of a session, which is gone when its program is. In SQLite
it is a row of `job` that names the process, taken while the database's write lock is held; the row
of a process that is no longer there, or that took its turn long ago, is passed over.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bioklok.store.base import Database
from bioklok.store.database import WRITES, failures
from bioklok.store.school_tables import Job

_PREFIX = "running "
_TAKE = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_GIVE_BACK = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")
LONGEST_TURN_S = 6 * 3600  # a number of a process may be another's by then


@contextmanager
def turn(store: Database, name: str, now_utc_s: int) -> Iterator[bool]:
    """Take the turn to do a job of the store's school, for a `with` block.

    Gives False where another program has it; then the job is not to be done.
    """
    if store.place.is_sqlite:
        with _turn_in_file(store, name, now_utc_s) as is_ours:
            yield is_ours
        return
    key = {"name": f"turn {store.school_id}/{name}"}
    with failures(store.place):
        connection = store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    is_ours = False
    try:
        with failures(store.place):
            is_ours = bool(connection.execute(_TAKE, key).scalar())
        yield is_ours
    finally:
        try:
            if is_ours:  # a server notices a closed connection only in its own time
                with suppress(DBAPIError):
                    connection.execute(_GIVE_BACK, key)
        finally:
            # Not back into the pool: whatever happened, the lock ends with its connection.
            connection.invalidate()
            connection.close()


@contextmanager
def _turn_in_file(store: Database, name: str, now_utc_s: int) -> Iterator[bool]:
    mine = str(os.getpid())
    key = (store.school_id, _PREFIX + name)
    with _writing(store) as session:
        row = session.get(Job, key)
        is_ours = row is None or not _runs(row, now_utc_s)
        if is_ours:
            school, job = key
            session.merge(Job(school_id=school, name=job, ended_utc_s=now_utc_s, result=mine))
    try:
        yield is_ours
    finally:
        if is_ours:
            with _writing(store) as session:
                row = session.get(Job, key)
                if row is not None and row.result == mine:
                    session.delete(row)


@contextmanager
def _writing(store: Database) -> Iterator[Session]:
    engine = store.engine.execution_options(**WRITES)
    with failures(store.place), Session(engine) as session:
        yield session
        session.commit()


def _runs(row: Job, now_utc_s: int) -> bool:
    """Say whether the process that took the turn is still at it."""
    if not row.result.isdigit() or not 0 <= now_utc_s - row.ended_utc_s < LONGEST_TURN_S:
        return False
    try:
        os.kill(int(row.result), 0)  # a file is used by programs of one computer
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def is_turn(job_name: str) -> bool:
    """Say whether a row of `job` is such a turn, and no job's end."""
    return job_name.startswith(_PREFIX)


def add_schema(store: Database, schema: str, statements: str) -> None:
    """On a server, make a schema with what another library keeps in it, where there is none.

    Raises BioklokFailure where this user may not.
    """
    with failures(store.place), store.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(2013)"))
        there = text("SELECT to_regnamespace(:name) IS NOT NULL")
        if connection.execute(there, {"name": schema}).scalar():
            return
        connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
        connection.exec_driver_sql(f'SET LOCAL search_path = "{schema}"')
        connection.exec_driver_sql(statements.replace("%", "%%"))  # they hold no parameters
