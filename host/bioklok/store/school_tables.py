"""The tables of the school: ties, logs that only grow, the strip card, the timetable, the doors.

What stands in a log is never changed: its key is its place (`sequence`), counted from 0 for each
student, which is also what keeps two clients from adding to the same version (`school.ledger`).
`sealed` columns are under the student's data key (`store.sealing`): only with it can they be read.
"""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field, SQLModel


def _of(*columns: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["school_id", *columns], ["person.school_id", "person.id"])


class TieRow(SQLModel, table=True):
    """`school.people.Tie`: parent or mentor and student, from a moment up to another."""

    __tablename__ = "tie"
    __table_args__ = (
        _of("student_id"),
        _of("adult_id"),
        Index("ix_tie_adult", "school_id", "adult_id"),
    )

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    adult_id: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    since_utc_s: int = Field(primary_key=True, sa_type=BigInteger)
    until_utc_s: int | None = Field(default=None, sa_type=BigInteger)


class ShareLog(SQLModel, table=True):
    """Words about consent and steps of sharing in one log, in the order in which they came.

    `kind` is "consent" or "share"; `body` the JSON of `school.consent.ConsentEvent` or
    `school.sharing.ShareEvent`.
    """

    __tablename__ = "share_log"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str
    body: str
    at_utc_s: int = Field(sa_type=BigInteger)


class LookRow(SQLModel, table=True):
    """`school.looks.Look`: who looked at what of a student, and when."""

    __tablename__ = "look"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    viewer_id: str
    what: str
    week: str | None = None
    at_utc_s: int = Field(sa_type=BigInteger)


class LedgerRow(SQLModel, table=True):
    """`school.ledger.Entry` of a strip card; `year` is that of the school year's August."""

    __tablename__ = "ledger_entry"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str
    body: str
    at_utc_s: int = Field(sa_type=BigInteger)


class ReasonRow(SQLModel, table=True):
    """`school.reasons.ReasonNote`, sealed: what a strip is for is the student's alone."""

    __tablename__ = "reason_note"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    request_id: str
    sealed: bytes = Field(sa_type=LargeBinary)
    at_utc_s: int = Field(sa_type=BigInteger)


class ReflectionRow(SQLModel, table=True):
    """A student's cards of one week, sealed: what was noticed, the experiment, own words."""

    __tablename__ = "reflection"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    week: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    at_utc_s: int = Field(sa_type=BigInteger)


class WeeklyRow(SQLModel, table=True):
    """The aggregates of one week, sealed; they outlive the pages they were made from."""

    __tablename__ = "weekly"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    week: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    at_utc_s: int = Field(sa_type=BigInteger)


class CourseRow(SQLModel, table=True):
    """How far the host followed the wrist's estimator, sealed; see `office.course`."""

    __tablename__ = "course"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    at_utc_s: int = Field(sa_type=BigInteger)


class WishRow(SQLModel, table=True):
    """What a student decided about the Bioklok on their wrist, sealed; see `office.wearing`."""

    __tablename__ = "wish"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)


class GradeRow(SQLModel, table=True):
    """How sharp a student said they were, sealed; `at_utc_s` begins the quarter of an hour."""

    __tablename__ = "grade"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    at_utc_s: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    sealed: bytes = Field(sa_type=LargeBinary)


class SnapshotRow(SQLModel, table=True):
    """`school.timetable.Snapshot`: what a student's timetable said at one moment."""

    __tablename__ = "timetable_snapshot"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    taken_at_utc_s: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    from_utc_s: int = Field(sa_type=BigInteger)
    until_utc_s: int = Field(sa_type=BigInteger)
    lessons: str


class FeedRow(SQLModel, table=True):
    """Where a student's timetable comes from. The address is a credential: sealed, never shown."""

    __tablename__ = "feed"
    __table_args__ = (_of("student_id"),)

    school_id: str = Field(primary_key=True)
    student_id: str = Field(primary_key=True)
    kind: str
    host: str
    sealed: bytes = Field(sa_type=LargeBinary)
    fetched_at_utc_s: int | None = Field(default=None, sa_type=BigInteger)
    failure: str = ""


class Credential(SQLModel, table=True):
    """A way to sign in: `kind` "password" (`body`: an argon2 hash) or "passkey" (`body`: JSON)."""

    __table_args__ = (_of("person_id"),)

    school_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    kind: str
    body: str
    created_at_utc_s: int = Field(sa_type=BigInteger)


class Ticket(SQLModel, table=True):
    """A secret that opens a door: only its SHA-256 is here.

    kind      "invitation", "link" (both once), "session" (a browser's), "hub", "export" (tokens)
    person_id whose it is; None: of no person, as a hub's
    """

    __table_args__ = (
        _of("person_id"),
        Index("ix_ticket_person", "school_id", "person_id"),
    )

    school_id: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    kind: str
    person_id: str | None = None
    label: str = ""
    created_at_utc_s: int = Field(sa_type=BigInteger)
    seen_at_utc_s: int | None = Field(default=None, sa_type=BigInteger)
    expires_at_utc_s: int = Field(sa_type=BigInteger)
    used_at_utc_s: int | None = Field(default=None, sa_type=BigInteger)


class Job(SQLModel, table=True):
    """When a job of a school last came to its end."""

    school_id: str = Field(primary_key=True, foreign_key="school.id")
    name: str = Field(primary_key=True)
    ended_utc_s: int = Field(sa_type=BigInteger)
    result: str = ""
