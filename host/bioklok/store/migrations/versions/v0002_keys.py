"""Device keys; sessions know their device, count retries, and may have met no journal."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "device_key",
        sa.Column("device_id", sa.String, primary_key=True),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("created_at_utc_s", sa.BigInteger, nullable=False),
    )
    # SQLite cannot take a NOT NULL away, so the sessions move to a new table.
    op.drop_index("ix_sync_session_journal", "sync_session")
    op.rename_table("sync_session", "sync_session_1")
    op.create_table(
        "sync_session",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("device_id", sa.String, nullable=False),
        sa.Column("journal", sa.Integer, sa.ForeignKey("journal.id")),
        sa.Column("started_utc_s", sa.BigInteger, nullable=False),
        sa.Column("ended_utc_s", sa.BigInteger, nullable=False),
        sa.Column("frames", sa.Integer, nullable=False),
        sa.Column("retries", sa.Integer, nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("pages_new", sa.Integer, nullable=False),
        sa.Column("epochs_new", sa.Integer, nullable=False),
        sa.Column("result", sa.String, nullable=False),
    )
    op.execute(
        "INSERT INTO sync_session SELECT s.id, j.device_id, s.journal, s.started_utc_s,"
        " s.ended_utc_s, s.frames, 0, NULL, s.bytes, s.pages_new, s.epochs_new, s.result"
        " FROM sync_session_1 s JOIN journal j ON j.id = s.journal"
    )
    op.drop_table("sync_session_1")
    op.create_index("ix_sync_session_device_id", "sync_session", ["device_id"])
    op.create_index("ix_sync_session_journal", "sync_session", ["journal"])
