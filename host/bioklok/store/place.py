"""Where data is kept: the database's URL, and the files that stand beside it.

Beside a database stand its master key and the folder of the people's data keys, on purpose not in
it: a copy of the database alone can be read by nobody (see `vault`).
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bioklok.errors import BioklokFailure

_POSTGRESQL = "postgresql+psycopg"
# A network that silently drops a connection is noticed within a minute, and not after the quarter
# of an hour or the two hours that TCP takes by itself (libpq, "Parameter Key Words"). What a URL
# says of them goes first.
_LIVENESS = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
_ADVICE = "write it as sqlite:////folder/file.sqlite or postgresql+psycopg://user@server/database"


@dataclass(frozen=True)
class Place:
    """A database: what to open, what to call it, and where its keys are.

    `url` may hold a password and is shown nowhere; `name` stands in messages.
    """

    url: URL = field(repr=False)
    name: str
    file: Path | None  # of SQLite
    beside: Path  # what is kept beside it is named after this

    @property
    def is_sqlite(self) -> bool:
        """Say whether it is a file of this computer; else it is a PostgreSQL server's."""
        return self.file is not None

    @property
    def master_file(self) -> Path:
        """The file with the master key."""
        return self.beside.with_name(self.beside.name + ".key")

    @property
    def keys_folder(self) -> Path:
        """The folder with the people's data keys."""
        return self.beside.with_name(self.beside.name + ".keys")


def default_database_url() -> str:
    """Return the URL of the SQLite file in the user's own data folder (nothing is created yet)."""
    return file_url(_data_folder() / "bioklok.sqlite")


def file_url(path: Path) -> str:
    """Return the URL of an SQLite file, whatever stands in its name."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def place_of(url: str) -> Place:
    """Return the place that a URL names. Raises BioklokFailure for one that cannot be used."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        # It may hold a password, and so may the error: say neither.
        raise BioklokFailure(f"that is not a database URL: {_ADVICE}") from None
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        file = Path(str(parsed.database)).absolute()
        return Place(URL.create("sqlite", database=str(file)), str(file), file, file)
    if backend == "postgresql" and parsed.database:
        name = f"{parsed.database} at {parsed.host or parsed.query.get('host', 'localhost')}"
        marked = hashlib.sha256(name.encode()).hexdigest()[:12]
        beside = _data_folder() / f"postgresql-{marked}"
        held = parsed.set(drivername=_POSTGRESQL, query={**_LIVENESS, **parsed.query})
        return Place(held, name, None, beside)
    # The URL may hold a password: say what kind it is, not what it is.
    raise BioklokFailure(f"a database of kind {parsed.drivername} cannot be used: {_ADVICE}")


def _data_folder() -> Path:
    return user_data_path("bioklok", appauthor=False)
