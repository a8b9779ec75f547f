"""Opening the database file: settings, schema version, and errors a person can act on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import SQLModel, create_engine

from bioklok.errors import BioklokFailure
from bioklok.store.tables import SCHEMA_VERSION
from bioklok.store.upgrades import upgrade

BUSY_TIMEOUT_MS = 5000

_TABLES = {"student", "journal", "page", "sync_session"}  # in every version

# Execution options of an engine whose transactions will write.
WRITES = {"begin": "BEGIN IMMEDIATE"}

# Primary result codes of SQLite -> what a person can do about them.
_ADVICE = {
    sqlite3.SQLITE_FULL: "the disk is full: make room and run it again",
    sqlite3.SQLITE_READONLY: "it may not be written: choose another with --database",
    sqlite3.SQLITE_PERM: "it may not be written: choose another with --database",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: choose another with --database",
    sqlite3.SQLITE_NOTADB: "it is not a Bioklok database: choose another with --database",
    sqlite3.SQLITE_CORRUPT: "it is damaged: restore a copy or choose another with --database",
    sqlite3.SQLITE_BUSY: "another program keeps it busy: close that and run it again",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written: check it and run it again",
}


def default_database_url() -> str:
    """Return the URL of the SQLite file in the user's own data folder (nothing is created yet)."""
    return file_url(user_data_path("bioklok", appauthor=False) / "bioklok.sqlite")


def file_url(path: Path) -> str:
    """Return the URL of an SQLite file, whatever stands in its name."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


@contextmanager
def failures(path: Path) -> Iterator[None]:
    """Turn what SQLite reports into one line about the file at `path`. Raises BioklokFailure."""
    try:
        yield
    except DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        advice = _ADVICE.get(code & 0xFF) if isinstance(code, int) else None
        if advice is None:
            raise
        raise BioklokFailure(f"database {path}: {advice}") from error


def open_engine(url: str) -> tuple[Engine, Path]:
    """Open the SQLite file, made where there is none; return the engine and the file's path.

    Raises BioklokFailure where the URL is no SQLite file, the file cannot be used, or a newer
    version of Bioklok wrote it. A file that is not ours is left as it was.
    """
    path = database_path(url)
    try:
        # A folder made for children's data is for its owner alone.
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BioklokFailure(
            f"folder {path.parent} cannot be made ({error.strerror}): "
            "choose another place with --database"
        ) from error
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"check_same_thread": False}
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    try:
        with failures(path):
            _prepare(engine, path)
    except BaseException:
        engine.dispose()
        raise
    return engine, path


def database_path(url: str) -> Path:
    """Return the file of an SQLite URL. Raises BioklokFailure for any other URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # It may hold a password, and so may the error: say neither.
        raise BioklokFailure(
            "that is not a database URL: write it as sqlite:////folder/file.sqlite"
        ) from None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        # The URL may hold a password: say what kind it is, not what it is.
        raise BioklokFailure(
            f"a database of kind {parsed.drivername} cannot be used: "
            "write it as sqlite:////folder/file.sqlite"
        )
    return Path(str(parsed.database)).absolute()


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # SQLAlchemy sends BEGIN itself (below): the driver's own habit leaves CREATE TABLE outside.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")


def _on_begin(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for another writer in WAL mode:
    # one that will write says so (WRITES) and takes its turn at the start.
    begin = connection.get_execution_options().get("begin", "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)


def _prepare(engine: Engine, path: Path) -> None:
    with engine.connect() as connection:
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars())
    if version > SCHEMA_VERSION:
        raise BioklokFailure(
            f"database {path} was written by a newer Bioklok (schema {version}, "
            f"this one knows {SCHEMA_VERSION}): update Bioklok"
        )
    if version == SCHEMA_VERSION and tables >= set(SQLModel.metadata.tables):
        return
    is_ours = 0 < version < SCHEMA_VERSION and tables >= _TABLES
    if (version or tables) and not is_ours:
        raise BioklokFailure(
            f"database {path} belongs to another program: choose another with --database"
        )
    if is_ours:
        with engine.execution_options(**WRITES).begin() as connection:
            upgrade(connection)
        return
    with engine.connect().execution_options(begin="") as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    with engine.execution_options(**WRITES).begin() as connection:
        # Two programs may have come here together: the second finds the work done.
        if connection.exec_driver_sql("PRAGMA user_version").scalar_one() == 0:
            SQLModel.metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
