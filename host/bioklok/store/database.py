"""Opening a database: its settings, its schema, and errors a person can act on."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import SQLModel

from bioklok.errors import BioklokFailure
from bioklok.settings import DEFAULT_TIMEZONE, HOME
from bioklok.store import school_tables, tables
from bioklok.store.place import Place
from bioklok.store.vault import Vault

# SQLite's writers do not queue: of eight at once on a loaded computer one may be passed over for
# seconds.
BUSY_TIMEOUT_MS = 15_000
# A transaction may ask for a second connection; the web has 40 threads (anyio).
_POOL: dict[str, Any] = {"pool_size": 5, "max_overflow": 80}
HOME_KIND = "home"
HEAD = "0005"  # the newest of `migrations/versions`: what this code reads and writes

# Execution options of an engine whose transactions will write.
WRITES = {"begin": "BEGIN IMMEDIATE"}

_TABLES = {"journal", "page", "sync_session"}  # in every version
_BEFORE_ALEMBIC = {1: "0001", 2: "0002"}  # PRAGMA user_version -> revision
_NEWER = "{:04}"
_METADATA = (tables, school_tables)  # what is imported is known to SQLModel.metadata

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
# SQLSTATE classes of PostgreSQL (its manual, appendix A) -> the same.
_SERVER_ADVICE = {
    "08": "the server cannot be reached: check that it runs and run it again",
    "28": "the server does not let this user in: check name and password in the URL",
    "3D": "the server has no such database: create it first",
    "42501": "this user may not do that: let the database's owner run 'bioklok db upgrade', after "
    "the server's administrator said CREATE ROLE bioklok_app NOLOGIN; GRANT bioklok_app TO them",
    "55P03": "somebody else keeps what it needs busy: run it again in a moment",
    "53": "the server is out of room or connections: make some and run it again",
    "57": "the server is stopping or starting: run it again in a moment",
}


@contextmanager
def failures(place: Place) -> Iterator[None]:
    """Turn what the database reports into one line about it. Raises BioklokFailure."""
    try:
        yield
    except DBAPIError as error:
        advice = _advice(error)
        if advice is None:
            raise
        raise BioklokFailure(f"database {place.name}: {advice}") from error


def _advice(error: DBAPIError) -> str | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _ADVICE.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # psycopg has none where there was no connection
        return _SERVER_ADVICE["08"] if isinstance(error, OperationalError) else None
    return _SERVER_ADVICE.get(state) or _SERVER_ADVICE.get(state[:2])


def open_engine(place: Place, *, may_upgrade: bool = True) -> Engine:
    """Open the database; a file is made where there is none, an older one brought up to date.

    A server's schema is changed on demand alone (`bioklok db upgrade`): other workers use it.
    Raises BioklokFailure where it cannot be used, a newer version of Bioklok wrote it, or
    `may_upgrade` is off and it is older. A file that is not ours is left as it was.
    """
    engine = _sqlite(place) if place.is_sqlite else _server(place)
    try:
        with failures(place):
            if place.is_sqlite:
                _prepare_file(engine, place, may_upgrade)
            else:
                _check_server(engine, place)
    except BaseException:
        engine.dispose()
        raise
    return engine


def upgrade(place: Place) -> str:
    """Bring a database up to date; return the revision it was at, "" for one that was empty."""
    engine = _sqlite(place) if place.is_sqlite else create_engine(place.url)
    try:
        with failures(place):
            if place.is_sqlite:
                before = _revision(engine, place)
                _prepare_file(engine, place, may_upgrade=True)
                return before
            before = _revision(engine, place)
            _refuse_newer(before, place)
            _migrate(place)
            return before
    finally:
        engine.dispose()


def _server(place: Place) -> Engine:
    return create_engine(place.url, pool_pre_ping=True, **_POOL)


_ON, _OFF = "PRAGMA foreign_keys = ON", "PRAGMA foreign_keys = OFF"


def _sqlite(place: Place, foreign_keys: str = _ON) -> Engine:
    assert place.file is not None
    try:
        # A folder made for children's data is for its owner alone, and so is the file where the
        # folder was there before; SQLite gives -wal and -shm the file's own mode.
        place.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            file = place.file.resolve()  # a link may lead to what is not there yet
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise BioklokFailure(
            f"folder {place.file.parent} cannot be made or written ({error.strerror}): "
            "choose another place with --database"
        ) from error
    engine = create_engine(place.url, connect_args={"check_same_thread": False}, **_POOL)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "connect", lambda connection, _record: connection.execute(foreign_keys))
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # SQLAlchemy sends BEGIN itself (below): the driver's own habit leaves CREATE TABLE outside.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten


def _on_begin(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for another writer in WAL mode:
    # one that will write says so (WRITES) and takes its turn at the start.
    begin = connection.get_execution_options().get("begin", "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)


def _prepare_file(engine: Engine, place: Place, may_upgrade: bool) -> None:
    revision = _revision(engine, place)
    if revision == HEAD:
        return
    _refuse_newer(revision, place)
    if revision:
        if not may_upgrade:
            raise BioklokFailure(f"database {place.name} is older: run 'bioklok db upgrade'")
        _migrate(place)
        return
    with engine.connect().execution_options(begin="") as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    with engine.execution_options(**WRITES).begin() as connection:
        # Two programs may have come here together: the second finds the work done.
        if not inspect(connection).get_table_names():
            # A test holds the migrated tables against these, column by column.
            SQLModel.metadata.create_all(connection)
            home: dict[str, object] = {
                "id": HOME,
                "name": "Home",
                "kind": HOME_KIND,
                "timezone": DEFAULT_TIMEZONE,
            }
            home |= {"settings": "{}", "created_at_utc_s": int(time.time())}
            connection.execute(insert(tables.School), [home])
            _stamp(connection, HEAD)


def _check_server(engine: Engine, place: Place) -> None:
    revision = _revision(engine, place)
    _refuse_newer(revision, place)
    if revision != HEAD:
        what = "older" if revision else "empty"
        raise BioklokFailure(f"database {place.name} is {what}: run 'bioklok db upgrade'")


def _refuse_newer(revision: str, place: Place) -> None:
    if revision > HEAD:
        raise BioklokFailure(
            f"database {place.name} was written by a newer Bioklok (schema {int(revision)}, "
            f"this one knows {int(HEAD)}): update Bioklok"
        )


def _revision(engine: Engine, place: Place) -> str:
    """The revision of the schema; "" where there is none yet. BioklokFailure for a stranger's."""
    with engine.connect() as connection:
        found = set(inspect(connection).get_table_names())
        if "alembic_version" in found and found >= _TABLES:
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
        version = 0
        if place.is_sqlite:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version > max(_BEFORE_ALEMBIC):
                return _NEWER.format(version)
            if version in _BEFORE_ALEMBIC and found >= _TABLES:
                return _BEFORE_ALEMBIC[version]
        if version or found:
            raise BioklokFailure(
                f"database {place.name} belongs to another program: choose another with --database"
            )
        return ""


def _stamp(connection: Connection, revision: str) -> None:
    connection.execute(
        text(
            "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL,"
            " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(text("DELETE FROM alembic_version"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:r)"), {"r": revision})


def _migrate(place: Place) -> None:
    """Run what is missing of `migrations/versions`, in one transaction."""
    # Alembic takes a while to import, and mostly there is nothing to do.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "bioklok.store:migrations")
    # In SQLite tables are made anew, and what refers to them must not fall with the old ones.
    engine = _sqlite(place, _OFF) if place.is_sqlite else create_engine(place.url)
    try:
        with engine.execution_options(**(WRITES if place.is_sqlite else {})).begin() as connection:
            if place.is_sqlite:
                _adopt(connection)
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(2011)"))  # one at a time
            config.attributes["connection"] = connection
            config.attributes["vault"] = Vault(place)
            command.upgrade(config, "head")
        if place.is_sqlite:
            with engine.connect().execution_options(begin="") as connection:
                connection.exec_driver_sql("VACUUM")  # nothing of before stays in free pages
    finally:
        engine.dispose()


def _adopt(connection: Connection) -> None:
    """Give a file from before there were revisions its own."""
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version in _BEFORE_ALEMBIC:
        _stamp(connection, _BEFORE_ALEMBIC[version])
        connection.exec_driver_sql("PRAGMA user_version = 0")
