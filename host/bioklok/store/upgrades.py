"""Brings a database of an older version up to date, in place.

The statements stand here as they were when a version came out: what the tables look like later is
no concern of theirs. A test holds an upgraded file against a new one, column by column.
"""

from sqlalchemy import Connection

from bioklok.store.tables import SCHEMA_VERSION

# version -> what makes the next version of it
_STATEMENTS: dict[int, tuple[str, ...]] = {
    # 2: device keys; sessions know their device, count retries, and may have met no journal.
    # SQLite cannot take a NOT NULL away, so the sessions move to a new table.
    1: (
        """CREATE TABLE device_key (
            device_id VARCHAR NOT NULL,
            wrapped_key BLOB NOT NULL,
            created_at_utc_s BIGINT NOT NULL,
            PRIMARY KEY (device_id)
        )""",
        "DROP INDEX ix_sync_session_journal",
        "ALTER TABLE sync_session RENAME TO sync_session_1",
        """CREATE TABLE sync_session (
            id INTEGER NOT NULL,
            device_id VARCHAR NOT NULL,
            journal INTEGER,
            started_utc_s BIGINT NOT NULL,
            ended_utc_s BIGINT NOT NULL,
            frames INTEGER NOT NULL,
            retries INTEGER NOT NULL,
            clock_offset_ms BIGINT,
            bytes BIGINT NOT NULL,
            pages_new INTEGER NOT NULL,
            epochs_new INTEGER NOT NULL,
            result VARCHAR NOT NULL,
            PRIMARY KEY (id),
            FOREIGN KEY(journal) REFERENCES journal (id)
        )""",
        """INSERT INTO sync_session
            SELECT s.id, j.device_id, s.journal, s.started_utc_s, s.ended_utc_s, s.frames, 0,
                NULL, s.bytes, s.pages_new, s.epochs_new, s.result
            FROM sync_session_1 s JOIN journal j ON j.id = s.journal""",
        "DROP TABLE sync_session_1",
        "CREATE INDEX ix_sync_session_device_id ON sync_session (device_id)",
        "CREATE INDEX ix_sync_session_journal ON sync_session (journal)",
    ),
}


def upgrade(connection: Connection) -> None:
    """Upgrade step by step to SCHEMA_VERSION, within the transaction of `connection`.

    It looks at the version itself: where two programs came together, the second finds it done.
    """
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    for known in range(version, SCHEMA_VERSION):
        for statement in _STATEMENTS[known]:
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
