"""How far the host followed a student's estimator is kept, sealed, so that a page need not wait."""

import sqlalchemy as sa
from alembic import op

from bioklok.store.migrations import postgresql_0003

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "course",
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at_utc_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        sa.PrimaryKeyConstraint("school_id", "student_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        postgresql_0003.protect_table("course")
