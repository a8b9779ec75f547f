"""The tables of measurement: who wears what, and the pages. See `school_tables` for the rest.

Integers in the columns, times in Unix seconds UTC; a local time is never stored. Every key begins
with the school, so that a region can keep its schools on different servers (docs/scale.md). Rows
get a number of ours (`new_id`), never the database's next one: numbers that are counted out one by
one would tie the schools together.
"""

import secrets
import time

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from bioklok.settings import DEFAULT_TIMEZONE, HOME


def new_id() -> int:
    """Return a number for a row: milliseconds since 1970 above 20 random bits, so it grows."""
    return time.time_ns() // 1_000_000 << 20 | secrets.randbits(20)


class School(SQLModel, table=True):
    """A school, or the one home of a host that serves no school (`HOME`).

    `kind` is "school" or "home". At home whoever runs the host decides, and there is no consent to
    ask for; at a school nothing is stored without. `settings`: JSON, see `store.schools`.
    """

    id: str = Field(primary_key=True)
    name: str
    kind: str
    timezone: str = DEFAULT_TIMEZONE
    settings: str = "{}"
    created_at_utc_s: int = Field(sa_type=BigInteger)


class Person(SQLModel, table=True):
    """Somebody with an account. `id` stands in addresses and files.

    `roles`: names of `school.people.Role`, by commas. `sealed`: name and day of birth under the
    person's own data key, so that destroying the key makes them unreadable in backups too.
    `oidc_subject`: who they are to the school's sign-in service; `ended_utc_s`: the account is
    closed.
    """

    __table_args__ = (UniqueConstraint("school_id", "oidc_subject"),)

    school_id: str = Field(primary_key=True, foreign_key="school.id")
    id: str = Field(primary_key=True)
    roles: str
    sealed: bytes = Field(sa_type=LargeBinary)
    timezone: str = DEFAULT_TIMEZONE
    language: str | None = None
    oidc_subject: str | None = None
    created_at_utc_s: int = Field(sa_type=BigInteger)
    ended_utc_s: int | None = Field(default=None, sa_type=BigInteger)


class Device(SQLModel, table=True):
    """A device of the school, who wears it, and what waits for its next sync.

    `wipe_journal`: the journal that is to be erased on it, None: none, ANY_JOURNAL (`store.base`):
    the one that it keeps when it is next heard.
    """

    __table_args__ = (
        ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        Index("ix_device_student", "school_id", "student_id"),
    )

    school_id: str = Field(primary_key=True, foreign_key="school.id")
    device_id: str = Field(primary_key=True)
    student_id: str | None = None
    label: str = ""
    wipe_journal: int | None = Field(default=None, sa_type=BigInteger)
    battery_mv: int | None = None
    firmware: int | None = None
    faults: int | None = None
    added_utc_s: int = Field(sa_type=BigInteger)


class Journal(SQLModel, table=True):
    """One journal of one device: after a wipe the device starts another.

    `journal_id` is the device's own number for it. It belongs to at most one student, so that a
    device which passes to somebody else takes no pages along.
    """

    __table_args__ = (
        UniqueConstraint("school_id", "device_id", "journal_id"),
        ForeignKeyConstraint(["school_id", "student_id"], ["person.school_id", "person.id"]),
        Index("ix_journal_student", "school_id", "student_id"),
    )

    school_id: str = Field(primary_key=True, foreign_key="school.id")
    id: int = Field(
        default_factory=new_id,
        primary_key=True,
        sa_type=BigInteger,
        sa_column_kwargs={"autoincrement": False},
    )
    device_id: str
    journal_id: int = Field(sa_type=BigInteger)
    student_id: str | None = None
    first_seen_utc_s: int = Field(sa_type=BigInteger)


class Page(SQLModel, table=True):
    """512 bytes exactly as received; the other columns repeat its header for searching.

    The primary key is what makes a page stored once, whatever a sync does. `data` is sealed under
    the data key of whose it is (see `store.sealing`), bare while it is nobody's, and empty where a
    page was refused or forgotten: then its place is known, so that it is not fetched again.
    """

    __table_args__ = (
        ForeignKeyConstraint(["school_id", "journal"], ["journal.school_id", "journal.id"]),
        Index("ix_page_start", "school_id", "journal", "start_utc_s"),
    )

    school_id: str = Field(primary_key=True)
    journal: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    sequence: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    data: bytes = Field(sa_type=LargeBinary)
    start_utc_s: int = Field(sa_type=BigInteger)  # 0: the device's clock was not set
    n_epochs: int
    received_at_utc_s: int = Field(sa_type=BigInteger)


class SyncSession(SQLModel, table=True):
    """What one sync brought. `result` is `done`, or the line that told why it stopped.

    `journal` is empty where the session ended before the device could say which one it keeps.
    `retries` are frames that had to be sent again; `clock_offset_ms` how far the device's clock was
    ahead before this session set it (its drift since the last one).
    """

    __tablename__ = "sync_session"
    __table_args__ = (
        ForeignKeyConstraint(["school_id", "journal"], ["journal.school_id", "journal.id"]),
        Index("ix_sync_session_journal", "school_id", "journal"),
        Index("ix_sync_session_device", "school_id", "device_id"),
    )

    school_id: str = Field(primary_key=True, foreign_key="school.id")
    id: int = Field(
        default_factory=new_id,
        primary_key=True,
        sa_type=BigInteger,
        sa_column_kwargs={"autoincrement": False},
    )
    device_id: str
    journal: int | None = Field(default=None, sa_type=BigInteger)
    started_utc_s: int = Field(sa_type=BigInteger)
    ended_utc_s: int = Field(sa_type=BigInteger)
    frames: int
    retries: int
    clock_offset_ms: int | None = Field(default=None, sa_type=BigInteger)
    bytes: int = Field(sa_type=BigInteger)
    pages_new: int
    epochs_new: int
    result: str


class DeviceKey(SQLModel, table=True):
    """The key that a device and this host share, wrapped (RFC 3394): see `bioklok.keyring`."""

    __tablename__ = "device_key"

    school_id: str = Field(primary_key=True, foreign_key="school.id")
    device_id: str = Field(primary_key=True)
    wrapped_key: bytes = Field(sa_type=LargeBinary)
    created_at_utc_s: int = Field(sa_type=BigInteger)


__all__ = [
    "HOME",
    "Device",
    "DeviceKey",
    "Journal",
    "Page",
    "Person",
    "School",
    "SyncSession",
    "new_id",
]
