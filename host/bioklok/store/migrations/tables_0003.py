"""What version 0003 adds and makes anew, as the tables were then."""

import sqlalchemy as sa
from alembic import op


def create_people() -> None:
    """Schools, people and what belongs to them."""
    op.create_table(
        "school",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("settings", sa.String(), nullable=False),
        sa.Column("created_at_utc_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "job",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ended_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("school_id", "name"),
    )
    op.create_table(
        "person",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("oidc_subject", sa.String(), nullable=True),
        sa.Column("created_at_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("ended_utc_s", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("school_id", "id"),
        sa.UniqueConstraint("school_id", "oidc_subject"),
    )
    op.create_table(
        "credential",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "person_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "person_id", "id"),
    )
    op.create_table(
        "device",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("settings", sa.String(), nullable=False),
        sa.Column("wipe_journal", sa.BigInteger(), nullable=True),
        sa.Column("battery_mv", sa.Integer(), nullable=True),
        sa.Column("firmware", sa.Integer(), nullable=True),
        sa.Column("faults", sa.Integer(), nullable=True),
        sa.Column("added_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("school_id", "device_id"),
    )
    op.create_index("ix_device_student", "device", ["school_id", "student_id"])
    op.create_table(
        "feed",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("fetched_at_utc_s", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id", "year", "sequence"),
    )
    op.create_table(
        "look",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("viewer_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=True),
        sa.Column("at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id", "sequence"),
    )
    op.create_table(
        "reason_note",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id", "sequence"),
    )
    op.create_table(
        "reflection",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id", "week"),
    )
    op.create_table(
        "share_log",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id", "sequence"),
    )
    op.create_table(
        "ticket",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("seen_at_utc_s", sa.BigInteger(), nullable=True),
        sa.Column("expires_at_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("used_at_utc_s", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["school_id", "person_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "digest"),
    )
    op.create_index("ix_ticket_person", "ticket", ["school_id", "person_id"])
    op.create_table(
        "tie",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("adult_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("since_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("until_utc_s", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["school_id", "adult_id"], ["person.school_id", "person.id"]),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id", "adult_id", "role", "since_utc_s"),
    )
    op.create_index("ix_tie_adult", "tie", ["school_id", "adult_id"])
    op.create_table(
        "timetable_snapshot",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("taken_at_utc_s", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("until_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("lessons", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id", "taken_at_utc_s"),
    )
    op.create_table(
        "weekly",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id", "week"),
    )


def create_measurements() -> None:
    """Journals, pages, sessions and keys, with the school in their keys."""
    op.create_table(
        "device_key",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("school_id", "device_id"),
    )
    op.create_table(
        "journal",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=True),
        sa.Column("first_seen_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("school_id", "id"),
        sa.UniqueConstraint("school_id", "device_id", "journal_id"),
    )
    op.create_index("ix_journal_student", "journal", ["school_id", "student_id"])
    op.create_table(
        "sync_session",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("journal", sa.BigInteger(), nullable=True),
        sa.Column("started_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("ended_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("pages_new", sa.Integer(), nullable=False),
        sa.Column("epochs_new", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "journal"], ["journal.school_id", "journal.id"]),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"]),
        sa.PrimaryKeyConstraint("school_id", "id"),
    )
    op.create_index("ix_sync_session_device", "sync_session", ["school_id", "device_id"])
    op.create_index("ix_sync_session_journal", "sync_session", ["school_id", "journal"])


def create_pages() -> None:
    """Pages in one table, as in SQLite."""
    op.create_table(
        "page",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("journal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("start_utc_s", sa.BigInteger(), nullable=False),
        sa.Column("n_epochs", sa.Integer(), nullable=False),
        sa.Column("received_at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "journal"], ["journal.school_id", "journal.id"]),
        sa.PrimaryKeyConstraint("school_id", "journal", "sequence"),
    )
    op.create_index("ix_page_start", "page", ["school_id", "journal", "start_utc_s"])
