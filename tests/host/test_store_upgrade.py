"""A database of an older version is brought up to date in place, and nothing of it is lost."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bioklok.errors import BioklokFailure
from bioklok.store import Store, open_store
from support.synthetic import DEVICE_ID, JOURNAL_ID, Info, Minute, pages, utc_s

START = utc_s("2026-11-16T08:00")

# What version 1 wrote, to the letter.
VERSION_1 = """
CREATE TABLE student (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    timezone VARCHAR NOT NULL,
    created_at_utc_s BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE journal (
    id INTEGER NOT NULL,
    device_id VARCHAR NOT NULL,
    journal_id BIGINT NOT NULL,
    student_id VARCHAR,
    first_seen_utc_s BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (device_id, journal_id),
    FOREIGN KEY(student_id) REFERENCES student (id)
);
CREATE INDEX ix_journal_student_id ON journal (student_id);
CREATE TABLE page (
    journal INTEGER NOT NULL,
    sequence BIGINT NOT NULL,
    data BLOB NOT NULL,
    start_utc_s BIGINT NOT NULL,
    n_epochs INTEGER NOT NULL,
    received_at_utc_s BIGINT NOT NULL,
    PRIMARY KEY (journal, sequence),
    FOREIGN KEY(journal) REFERENCES journal (id)
);
CREATE INDEX ix_page_journal_start ON page (journal, start_utc_s);
CREATE TABLE sync_session (
    id INTEGER NOT NULL,
    journal INTEGER NOT NULL,
    started_utc_s BIGINT NOT NULL,
    ended_utc_s BIGINT NOT NULL,
    frames INTEGER NOT NULL,
    bytes BIGINT NOT NULL,
    pages_new INTEGER NOT NULL,
    epochs_new INTEGER NOT NULL,
    result VARCHAR NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(journal) REFERENCES journal (id)
);
CREATE INDEX ix_sync_session_journal ON sync_session (journal);
PRAGMA user_version = 1;
"""


def make_version_1(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(VERSION_1)
    database.execute("INSERT INTO student VALUES ('noor', 'Noor', 'Europe/Amsterdam', 5)")
    database.execute(f"INSERT INTO journal VALUES (1, '{DEVICE_ID}', {JOURNAL_ID}, 'noor', 6)")
    database.execute("INSERT INTO journal VALUES (2, 'ffffffffffffffff', 3, NULL, 7)")
    for sequence, data in enumerate(pages(START, [Minute()] * 60)):
        row = (1, sequence, data, START + 1800 * sequence, 30, 1_790_000_000)
        database.execute("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?)", row)
    database.execute("INSERT INTO sync_session VALUES (4, 1, 10, 20, 9, 1024, 2, 60, 'done')")
    database.execute("INSERT INTO sync_session VALUES (7, 2, 30, 40, 1, 12, 0, 0, 'link lost')")
    database.commit()
    database.close()


@pytest.fixture
def old(tmp_path) -> Path:
    path = tmp_path / "old.sqlite"
    make_version_1(path)
    return path


def foreign_keys(rows: list[tuple[object, ...]]) -> list[list[tuple[object, ...]]]:
    """The columns of each key, without the numbers that SQLite counts them by."""
    return [[row[2:5] for row in rows if row[0] == key] for key in {row[0] for row in rows}]


def schema(path: Path) -> dict[str, object]:
    """Columns, keys and indexes of every table, as SQLite itself tells them."""
    database = sqlite3.connect(path)

    def ask(question: str) -> list[tuple[object, ...]]:
        return sorted(database.execute(question).fetchall())

    names = [row[0] for row in ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        name: {
            "columns": ask(f"PRAGMA table_info({name})"),
            "foreign": sorted(foreign_keys(ask(f"PRAGMA foreign_key_list({name})"))),
            "indexes": [
                (index[1:], ask(f"PRAGMA index_info('{index[1]}')"))
                for index in sorted(ask(f"PRAGMA index_list({name})"), key=lambda row: row[1])
            ],
        }
        for name in names
    }
    version = ask("PRAGMA user_version")
    database.close()
    return {"tables": found, "version": version}


def looks_right(store: Store) -> None:
    first, second = store.sessions(10)
    assert (first.device_id, first.result) == ("ffffffffffffffff", "link lost")
    assert (second.device_id, second.result) == (DEVICE_ID, "done")
    assert store.student("noor").name == "Noor"
    assert (second.frames, second.retries, second.bytes, second.pages_new) == (9, 0, 1024, 2)
    assert store.pages_of("noor", START, START + 3600) == pages(START, [Minute()] * 60)
    assert store.last_sync_utc_s("noor") == 20
    assert store.device_keys() == {}


def test_version_1_becomes_what_a_new_database_is(old, tmp_path) -> None:
    with open_store(f"sqlite:///{old}") as store:
        looks_right(store)
        store.put_device_key(DEVICE_ID, b"x" * 40)
        counts = {"frames": 1, "bytes": 1, "pages_new": 0, "epochs_new": 0, "retries": 3}
        store.log_session(Info(), started_utc_s=50, ended_utc_s=60, **counts)
        assert store.sessions(1)[0].retries == 3
    with open_store(f"sqlite:///{tmp_path / 'new.sqlite'}"):
        pass
    assert schema(old) == schema(tmp_path / "new.sqlite")


def test_what_version_1_stored_when_is_kept(old) -> None:
    with open_store(f"sqlite:///{old}"):
        pass
    database = sqlite3.connect(old)
    kept = database.execute("SELECT start_utc_s, received_at_utc_s FROM page ORDER BY 1").fetchall()
    broken = database.execute("PRAGMA foreign_key_check").fetchall()
    database.close()
    assert kept == [(START, 1_790_000_000), (START + 1800, 1_790_000_000)]
    assert broken == []


def test_two_programs_that_upgrade_together(old) -> None:
    def look(_: int) -> None:
        with open_store(f"sqlite:///{old}") as store:
            looks_right(store)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(4)))


def test_an_upgrade_that_fails_leaves_version_1(old) -> None:
    database = sqlite3.connect(old)
    database.execute("CREATE TABLE device_key (taken INTEGER)")
    database.commit()
    before = schema(old)
    database.close()
    with pytest.raises(Exception, match="device_key already exists"):
        open_store(f"sqlite:///{old}").__enter__()
    assert schema(old) == before


def test_another_programs_database_of_version_1_is_left_alone(tmp_path) -> None:
    path = tmp_path / "other.sqlite"
    database = sqlite3.connect(path)
    database.executescript("CREATE TABLE journal (id INTEGER); PRAGMA user_version = 1;")
    database.close()
    before = path.read_bytes()
    with pytest.raises(BioklokFailure, match="belongs to another program"):
        open_store(f"sqlite:///{path}").__enter__()
    assert path.read_bytes() == before
