"""The tables. Integers in the columns, times in Unix seconds UTC; a local time is never stored."""

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from bioklok.settings import DEFAULT_TIMEZONE

SCHEMA_VERSION = 2  # PRAGMA user_version of a database that this code reads and writes


class Student(SQLModel, table=True):
    """Somebody who wears a Bioklok. `id` stands in addresses and files, `name` on the page.

    `timezone` is where their days and nights are: a name such as Europe/Amsterdam.
    """

    id: str = Field(primary_key=True)
    name: str
    timezone: str = DEFAULT_TIMEZONE
    created_at_utc_s: int = Field(sa_type=BigInteger)


class Journal(SQLModel, table=True):
    """One journal of one device: after a wipe the device starts another.

    `journal_id` is the device's own number for it. It belongs to at most one student, so that a
    device which passes to somebody else takes no pages along.
    """

    __table_args__ = (UniqueConstraint("device_id", "journal_id"),)

    id: int | None = Field(default=None, primary_key=True)
    device_id: str
    journal_id: int = Field(sa_type=BigInteger)
    student_id: str | None = Field(default=None, foreign_key="student.id", index=True)
    first_seen_utc_s: int = Field(sa_type=BigInteger)


class Page(SQLModel, table=True):
    """512 bytes exactly as received; the other columns repeat its header for searching.

    The primary key is what makes a page stored once, whatever a sync does.
    """

    __table_args__ = (Index("ix_page_journal_start", "journal", "start_utc_s"),)

    journal: int = Field(primary_key=True, foreign_key="journal.id")
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

    id: int | None = Field(default=None, primary_key=True)
    device_id: str = Field(index=True)
    journal: int | None = Field(default=None, foreign_key="journal.id", index=True)
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

    device_id: str = Field(primary_key=True)
    wrapped_key: bytes = Field(sa_type=LargeBinary)
    created_at_utc_s: int = Field(sa_type=BigInteger)
