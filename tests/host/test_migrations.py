"""Every older version of the schema, on SQLite and on PostgreSQL, becomes what the code reads.

An older database is made by running Alembic up to that version and writing to it in plain SQL, as
the code of then did.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from bioklok.errors import BioklokFailure
from bioklok.store import open_store, place_of, upgrade
from bioklok.store.database import HEAD
from bioklok.store.vault import Vault
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel
from support.postgresql import new_database
from support.synthetic import DEVICE_ID, JOURNAL_ID, Info, Minute, pages, utc_s

START = utc_s("2026-11-16T08:00")
OLDER = ["0001", "0002", "0003", "0004"]
RECEIVED = START + 9000


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", "bioklok.store:migrations")
    return made


def upgrade_to(engine: Engine, revision: str, url: str) -> None:
    with engine.begin() as connection:
        asked = config()
        asked.attributes["connection"] = connection
        asked.attributes["vault"] = Vault(place_of(url))
        command.upgrade(asked, revision)


def insert(connection: Connection, table: str, *rows: dict[str, object]) -> None:
    names = list(rows[0])
    places = ", ".join(f":{name}" for name in names)
    connection.execute(
        text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"), list(rows)
    )


def fill(connection: Connection, revision: str) -> None:
    """A student with a night of pages, a device of nobody's, and two syncs."""
    student = {"id": "noor", "name": "Noor", "timezone": "America/New_York", "created_at_utc_s": 5}
    insert(connection, "student", student)
    for number, device, journal, whose in (
        (1, DEVICE_ID, JOURNAL_ID, "noor"),
        (2, "f" * 16, 3, None),
    ):
        row = {"id": number, "device_id": device, "journal_id": journal, "first_seen_utc_s": 6}
        insert(connection, "journal", {**row, "student_id": whose})
        for sequence, data in enumerate(pages(START, [Minute()] * 60, journal_id=journal)):
            start = START + 1800 * sequence
            place = {"journal": number, "sequence": sequence, "start_utc_s": start, "n_epochs": 30}
            insert(connection, "page", {**place, "data": data, "received_at_utc_s": RECEIVED})
    synced = {"started_utc_s": 10, "ended_utc_s": 20, "frames": 9, "bytes": 1024}
    synced |= {"pages_new": 2, "epochs_new": 60, "result": "done"}
    if revision == "0001":
        insert(connection, "sync_session", {"id": 4, "journal": 1, **synced})
        return
    more = {"device_id": DEVICE_ID, "journal": 1, "retries": 2, "clock_offset_ms": -300}
    insert(connection, "sync_session", {"id": 4, **synced, **more})
    lost = {**synced, "device_id": "e" * 16, "journal": None, "result": "link lost"}
    insert(connection, "sync_session", {"id": 7, **lost, "retries": 0, "clock_offset_ms": None})
    key = {"device_id": DEVICE_ID, "wrapped_key": b"w" * 40, "created_at_utc_s": 8}
    insert(connection, "device_key", key)


def hand_out(connection: Connection) -> None:
    """The device of 0003 on its student's wrist, with what was decided beside it."""
    wishes = '{"dark_from_min": 1230, "dark_until_min": 400, "is_paused": true, "wrist": "right"}'
    row = {"school_id": "home", "device_id": DEVICE_ID, "student_id": "noor", "label": "blue"}
    free = {"school_id": "home", "device_id": "f" * 16, "student_id": None, "label": ""}
    for one, settings in ((row, wishes), (free, "{}")):
        insert(connection, "device", {**one, "settings": settings, "added_utc_s": 9})


@dataclass(frozen=True)
class Old:
    """A database of an older version."""

    url: str
    revision: str
    engine: Engine

    def everything(self) -> dict[str, object]:
        """Columns and rows of every table, to see that nothing was changed."""
        found = inspect(self.engine)
        with self.engine.connect() as connection:
            return {
                name: (
                    [str(column) for column in found.get_columns(name)],
                    found.get_indexes(name),
                    sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}")))),
                )
                for name in found.get_table_names()
            }


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, own_keys: None) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite'}"
    return new_database(f"m{abs(hash(request.node.nodeid)) % 10**12}")


@pytest.fixture(params=OLDER)
def old(request: pytest.FixtureRequest, empty_url: str) -> Iterator[Old]:
    engine = create_engine(empty_url)
    filled = min(request.param, "0002")
    upgrade_to(engine, filled, empty_url)
    with engine.begin() as connection:
        fill(connection, filled)
    if request.param > filled:
        upgrade_to(engine, "0003", empty_url)
        with engine.begin() as connection:
            hand_out(connection)
        upgrade_to(engine, request.param, empty_url)
    yield Old(empty_url, request.param, engine)
    engine.dispose()


def test_the_newest_version_is_the_one_that_the_code_reads() -> None:
    script = ScriptDirectory.from_config(config())
    assert script.get_current_head() == HEAD
    # A new version is tried from every older one: add it above.
    assert [one.revision for one in script.walk_revisions()] == [HEAD, *reversed(OLDER)]


def test_what_an_older_version_kept_is_there_and_can_be_read(old: Old) -> None:
    assert upgrade(place_of(old.url)) == old.revision
    with open_store(old.url) as store:
        noor = store.student("noor")
        assert (noor.name, noor.timezone) == ("Noor", "America/New_York")
        made = pages(START, [Minute()] * 60)
        assert store.pages_of("noor", START, START + 3600) == made
        assert store.pages_of("noor", START, START + 3600, RECEIVED - 1) == []
        assert store.n_epochs("f" * 16) == 60
        done = next(one for one in store.sessions(9) if one.result == "done")
        assert (done.device_id, done.frames, done.pages_new) == (DEVICE_ID, 9, 2)
        assert store.last_sync_utc_s("noor") == 20
        if old.revision >= "0003":
            with store.reading("noor") as desk:
                told = {"dark_from_min": 1230, "dark_until_min": 400, "wrist": "right"}
                assert desk.wishes() == told
            assert [one.label for one in store.devices()] == ["", "blue"]
        if old.revision != "0001":
            assert (done.retries, done.clock_offset_ms) == (2, -300)
            assert store.sessions(9, "e" * 16)[0].result == "link lost"
            assert store.device_keys() == {DEVICE_ID: b"w" * 40}
        # It goes on where it was: nothing is stored twice, and what is new is.
        more = pages(START + 3600, [Minute()] * 30, sequence=2)
        assert store.commit_pages(Info(), [*made, *more], RECEIVED + 9) == more
        assert store.assign("f" * 16, "noor") == 1
        assert len(store.pages_of("noor", START, START + 7200)) == 5
    with old.engine.connect() as connection:
        data = connection.execute(text("SELECT data FROM page")).scalars().all()
        assert not {bytes(one) for one in data} & set(made)  # sealed: none of them lies open
    assert upgrade(place_of(old.url)) == HEAD  # again, and nothing happens


def test_the_schema_is_what_the_code_says(old: Old) -> None:
    upgrade(place_of(old.url))
    assert difference(old.engine) == []
    keys = keys_of(old.engine)
    if not old.url.startswith("sqlite"):
        # A key of a partitioned table holds what it is parted by: see migrations/postgresql_0003.
        assert keys["page"].pop() == "start_utc_s"
    tables = SQLModel.metadata.tables
    expected = {name: [one.name for one in table.primary_key] for name, table in tables.items()}
    assert keys == expected


def difference(engine: Engine) -> list[object]:
    """What Alembic would change to make the tables those of the metadata."""

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        # A month's pages are a part of the table of pages.
        return kind != "table" or not (name or "").startswith("page_")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours})
        return list(compare_metadata(context, SQLModel.metadata))


def keys_of(engine: Engine) -> dict[str, list[str]]:
    found = inspect(engine)
    return {
        name: found.get_pk_constraint(name)["constrained_columns"]
        for name in found.get_table_names()
        if name != "alembic_version" and not name.startswith("page_")
    }


def test_a_difference_is_found(empty_url: str) -> None:
    upgrade(place_of(empty_url))
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_tie_adult"))
        connection.execute(text("ALTER TABLE job ADD COLUMN more VARCHAR"))
    assert len(difference(engine)) == 2
    engine.dispose()


def test_an_upgrade_that_fails_in_the_middle_leaves_the_old_version(
    old: Old, monkeypatch: pytest.MonkeyPatch
) -> None:
    if old.revision == "0004":
        return  # nothing is sealed on the way from there: the next test is its test
    before = old.everything()
    with monkeypatch.context() as patch:
        # Half of the tables are made anew by the time that the first name is to be sealed.
        patch.setenv("BIOKLOK_MASTER_KEY", "not a key")
        with pytest.raises(BioklokFailure, match="holds no master key"):
            upgrade(place_of(old.url))
    assert old.everything() == before
    assert upgrade(place_of(old.url)) == old.revision


def test_an_upgrade_that_finds_a_name_taken_leaves_the_old_version(old: Old) -> None:
    with old.engine.begin() as connection:
        connection.execute(text("CREATE TABLE course (taken INTEGER)"))
    before = old.everything()
    with pytest.raises(DBAPIError, match="already exists"):
        upgrade(place_of(old.url))
    assert old.everything() == before


UPGRADE = "import sys; from bioklok.store import place_of, upgrade; upgrade(place_of(sys.argv[1]))"


def test_processes_that_upgrade_at_once_do_it_once(old: Old) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", UPGRADE, old.url], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [one.communicate(timeout=60)[1].decode() for one in started]
    assert [(one.returncode, text) for one, text in zip(started, said, strict=True)] == [
        (0, "")
    ] * 3
    with open_store(old.url) as store:
        assert len(store.pages_of("noor", START, START + 3600)) == 2
        assert len(store.students()) == 1


def test_a_database_of_the_future_is_refused_and_left_alone(empty_url: str) -> None:
    upgrade(place_of(empty_url))
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    for use in (lambda: upgrade(place_of(empty_url)), lambda: open_store(empty_url).__enter__()):
        with pytest.raises(BioklokFailure, match=r"newer Bioklok \(schema 99"):
            use()
    with engine.connect() as connection:
        assert (
            connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0099"
        )
    engine.dispose()


def test_old_pages_lie_in_the_table_of_their_month(old: Old) -> None:
    upgrade(place_of(old.url))
    if old.url.startswith("sqlite"):
        return
    with old.engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM page_2026_11")).scalar_one()
        assert (
            count,
            connection.execute(text("SELECT count(*) FROM page_other")).scalar_one(),
        ) == (
            4,
            0,
        )
