"""The school: its id in every key, people in the place of students, what is theirs sealed."""

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from bioklok.store.migrations import postgresql_0003, tables_0003
from bioklok.store.sealing import Sealer
from bioklok.store.tables import new_id
from bioklok.store.vault import Vault

revision = "0003"
down_revision = "0002"

_HOME = "home"
_OLD = ("journal", "page", "sync_session", "device_key")
_INDEXES = (
    ("ix_journal_student_id", "journal"),
    ("ix_page_journal_start", "page"),
    ("ix_sync_session_device_id", "sync_session"),
    ("ix_sync_session_journal", "sync_session"),
)


def upgrade() -> None:
    for index, table in _INDEXES:
        op.drop_index(index, table)
    for table in _OLD:
        op.rename_table(table, f"{table}_2")
    on_server = op.get_bind().dialect.name == "postgresql"
    if on_server:
        postgresql_0003.make_way()
    tables_0003.create_people()
    tables_0003.create_measurements()
    if on_server:
        postgresql_0003.create_pages()
    else:
        tables_0003.create_pages()
    _move()
    for table in ("page_2", "sync_session_2", "device_key_2", "journal_2", "student"):
        op.drop_table(table)
    if on_server:
        postgresql_0003.protect()


def _move() -> None:
    connection = op.get_bind()
    now = {"home": _HOME, "now": int(time.time())}

    def run(statement: str, **values: object) -> sa.CursorResult[Any]:
        return connection.execute(sa.text(statement), {**now, **values} if ":" in statement else {})

    run(
        "INSERT INTO school (id, name, kind, timezone, settings, created_at_utc_s)"
        " VALUES (:home, 'Home', 'home', 'Europe/Amsterdam', '{}', :now)"
    )
    vault: Vault = context.config.attributes["vault"]
    rows: Sequence[Any] = run("SELECT * FROM student").all()
    for student, name, timezone, created in rows:
        sealer = Sealer(vault.make(_HOME, str(student)))
        told = {"name": name, "born": None}
        run(
            "INSERT INTO person (school_id, id, roles, sealed, timezone, created_at_utc_s)"
            " VALUES (:home, :id, 'student', :sealed, :zone, :created)",
            id=student,
            sealed=sealer.seal_json(told, f"person {_HOME}/{student}"),
            zone=timezone,
            created=created,
        )
    journals: Sequence[Any] = run("SELECT * FROM journal_2 ORDER BY id").all()
    for old, device, number, student, first in journals:
        journal = new_id()
        run(
            "INSERT INTO journal (school_id, id, device_id, journal_id, student_id,"
            " first_seen_utc_s) VALUES (:home, :id, :device, :number, :student, :first)",
            id=journal,
            device=device,
            number=number,
            student=student,
            first=first,
        )
        _move_pages(int(str(old)), journal, vault, None if student is None else str(student))
        for row in run("SELECT * FROM sync_session_2 WHERE journal = :old", old=old).all():
            _move_session(row, journal)
    for row in run("SELECT * FROM sync_session_2 WHERE journal IS NULL").all():
        _move_session(row, None)
    run(
        "INSERT INTO device_key (school_id, device_id, wrapped_key, created_at_utc_s)"
        " SELECT :home, device_id, wrapped_key, created_at_utc_s FROM device_key_2"
    )


def _move_pages(old: int, journal: int, vault: Vault, student: str | None) -> None:
    connection = op.get_bind()
    sealer = Sealer(vault.key(_HOME, student)) if student else None
    insert = sa.text(
        "INSERT INTO page (school_id, journal, sequence, data, start_utc_s, n_epochs,"
        " received_at_utc_s) VALUES (:home, :journal, :sequence, :data, :start, :n, :received)"
    )
    query = sa.text("SELECT * FROM page_2 WHERE journal = :old ORDER BY sequence")
    for many in connection.execute(query, {"old": old}).partitions(1000):
        rows = [
            {
                "home": _HOME,
                "journal": journal,
                "sequence": sequence,
                "data": sealer.seal(bytes(data), f"page {_HOME}/{journal}/{sequence}")
                if sealer
                else bytes(data),
                "start": start,
                "n": n_epochs,
                "received": received,
            }
            for _, sequence, data, start, n_epochs, received in many
        ]
        connection.execute(insert, rows)


def _move_session(row: Any, journal: int | None) -> None:
    _, device, _, *values = row
    names = [
        "started_utc_s",
        "ended_utc_s",
        "frames",
        "retries",
        "clock_offset_ms",
        "bytes",
        "pages_new",
        "epochs_new",
        "result",
    ]
    told = dict(zip(names, values, strict=True))
    columns = ", ".join(names)
    places = ", ".join(f":{name}" for name in names)
    op.get_bind().execute(
        sa.text(
            # the names stand above, and every value is bound
            f"INSERT INTO sync_session (school_id, id, device_id, journal, {columns})"  # nosec B608
            f" VALUES (:home, :id, :device, :journal, {places})"
        ),
        {"home": _HOME, "id": new_id(), "device": device, "journal": journal, **told},
    )
