"""What a student decided goes from the device to them, sealed; how sharp they said they were."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from bioklok.store.migrations import postgresql_0003
from bioklok.store.sealing import Sealer
from bioklok.store.vault import Vault

revision = "0004"
down_revision = "0003"

_TABLES = ("wish", "grade")


def upgrade() -> None:
    op.create_table(
        "wish",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id"),
    )
    op.create_table(
        "grade",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("at_utc_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id", "at_utc_s"),
    )
    on_server = op.get_bind().dialect.name == "postgresql"
    schools = op.get_bind().execute(sa.text("SELECT id FROM school ORDER BY id")).scalars().all()
    for school in schools:
        if on_server:  # the policies bind the tables' owner too
            postgresql_0003.look_at(str(school))
        _move(str(school))
    op.drop_column("device", "settings")
    if on_server:
        for table in _TABLES:
            postgresql_0003.protect_table(table)


def _move(school: str) -> None:
    """Seal what stood beside a device for who wears it. A pause had no end then: it is left."""
    vault: Vault = context.config.attributes["vault"]
    connection = op.get_bind()
    query = sa.text(
        "SELECT student_id, settings FROM device WHERE school_id = :school"
        " AND student_id IS NOT NULL AND settings <> '{}' ORDER BY device_id"
    )
    kept: dict[str, dict[str, Any]] = {}
    for student, settings in connection.execute(query, {"school": school}):
        told = json.loads(settings)
        kept[student] = {key: value for key, value in told.items() if key != "is_paused"}
    for student, wishes in kept.items():
        sealer = Sealer(vault.key(school, student))
        connection.execute(
            sa.text("INSERT INTO wish (school_id, student_id, sealed) VALUES (:a, :b, :c)"),
            {"a": school, "b": student, "c": sealer.seal_json(wishes, f"wish {school}/{student}/")},
        )
