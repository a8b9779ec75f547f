"""Students, journals, pages, sync sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "student",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("timezone", sa.String, nullable=False),
        sa.Column("created_at_utc_s", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("device_id", sa.String, nullable=False),
        sa.Column("journal_id", sa.BigInteger, nullable=False),
        sa.Column("student_id", sa.String, sa.ForeignKey("student.id")),
        sa.Column("first_seen_utc_s", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("device_id", "journal_id"),
    )
    op.create_index("ix_journal_student_id", "journal", ["student_id"])
    op.create_table(
        "page",
        sa.Column("journal", sa.Integer, sa.ForeignKey("journal.id"), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("start_utc_s", sa.BigInteger, nullable=False),
        sa.Column("n_epochs", sa.Integer, nullable=False),
        sa.Column("received_at_utc_s", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_page_journal_start", "page", ["journal", "start_utc_s"])
    op.create_table(
        "sync_session",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("journal", sa.Integer, sa.ForeignKey("journal.id"), nullable=False),
        sa.Column("started_utc_s", sa.BigInteger, nullable=False),
        sa.Column("ended_utc_s", sa.BigInteger, nullable=False),
        sa.Column("frames", sa.Integer, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("pages_new", sa.Integer, nullable=False),
        sa.Column("epochs_new", sa.Integer, nullable=False),
        sa.Column("result", sa.String, nullable=False),
    )
    op.create_index("ix_sync_session_journal", "sync_session", ["journal"])
