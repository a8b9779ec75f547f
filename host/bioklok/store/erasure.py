"""Erasing a person from every table; `erasing_keys` then destroys the key.

`PLAN` names every column that tells whose a row is, and what becomes of it. A test holds it against
the tables: a column that is missing here is a failure, so no table can be forgotten.
"""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import Table, delete, text
from sqlmodel import Session, SQLModel, col, select

from bioklok.errors import NotFound
from bioklok.settings import IMPORTED
from bioklok.store.base import ANY_JOURNAL, Database
from bioklok.store.database import failures
from bioklok.store.erasing_keys import (
    KEY,
    LOG,
    end_key,
    files_waiting,
    is_job_of_erasing,
    job_of,
    note_erasure,
)
from bioklok.store.school_tables import Job
from bioklok.store.tables import Device, Journal, Person, SyncSession


class Fate(StrEnum):
    """What becomes of a row that says somebody's name when they are erased."""

    GOES = "deleted"
    WIPED = "freed of them, and to be wiped at its next sync"
    THEIRS = "theirs who keep it: whose account a log names stays until the log goes"


# (table, column) -> fate, in the order in which rows can go: what refers to others first.
PLAN: Mapping[tuple[str, str], Fate] = {
    ("page", "journal"): Fate.GOES,
    ("sync_session", "journal"): Fate.GOES,
    ("journal", "student_id"): Fate.GOES,
    ("device", "student_id"): Fate.WIPED,
    ("share_log", "student_id"): Fate.GOES,
    ("look", "student_id"): Fate.GOES,
    ("look", "viewer_id"): Fate.THEIRS,
    ("ledger_entry", "student_id"): Fate.GOES,
    ("reason_note", "student_id"): Fate.GOES,
    ("reflection", "student_id"): Fate.GOES,
    ("weekly", "student_id"): Fate.GOES,
    ("course", "student_id"): Fate.GOES,
    ("wish", "student_id"): Fate.GOES,
    ("grade", "student_id"): Fate.GOES,
    ("timetable_snapshot", "student_id"): Fate.GOES,
    ("feed", "student_id"): Fate.GOES,
    ("tie", "student_id"): Fate.GOES,
    ("tie", "adult_id"): Fate.GOES,
    ("credential", "person_id"): Fate.GOES,
    ("ticket", "person_id"): Fate.GOES,
    ("person", "id"): Fate.GOES,
}


# Where `bioklok.workers` keeps its tasks. One that is being done ends by itself: nobody is there.
_MAY_DELETE_TASKS = text(
    "SELECT has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(oid, 'DELETE')"
    " FROM pg_class WHERE oid = to_regclass('bioklok_work.procrastinate_jobs')"
)
_TASKS = text(
    "SELECT id, args->>'school_id', args->>'student_id' FROM bioklok_work.procrastinate_jobs"
    " WHERE status <> 'doing' AND args ? 'student_id'"
)
_DELETE_TASK = text("DELETE FROM bioklok_work.procrastinate_jobs WHERE id = :task")


class Erasure(Database):
    """Takes people out of the database, and afterwards their keys away."""

    def erase_person(self, person_id: str, now_utc_s: int) -> list[str]:
        """Delete all rows of a person in one transaction, and note that their key is to go.

        Return the devices that hold minutes of theirs: each is wiped when it is next heard; an
        imported recording is none, it goes. What is theirs can be read until `finish_erasures` has
        destroyed the key. Raises NotFound.
        """
        held = self._devices_of(person_id)
        with self._write() as session:
            for device_id in held:
                self._lock(session, f"device {device_id}")
            self._lock(session, f"person {person_id}")
            self._lock(session, f"student {person_id}")
            if session.get(Person, (self.school_id, person_id), with_for_update=True) is None:
                raise NotFound(f"no {person_id} in the database")
            devices = [one for one in held if not one.startswith(IMPORTED)]
            for device_id in devices:
                self._mark_device(session, device_id, person_id, now_utc_s)
            self._delete_sessions_without_journal(session, held)
            for (table, column), fate in PLAN.items():
                if fate is Fate.GOES:
                    self._delete(session, SQLModel.metadata.tables[table], column, person_id)
            self._delete_recordings(session, set(held) - set(devices))
            note_erasure(session, self.vault, self.school_id, person_id, now_utc_s)
        return devices

    def finish_erasures(self) -> bool:
        """Destroy the keys of those whose rows are gone, and clear the database's log.

        To be called after `erase_person`, and by a job for what a process that died left. Return
        whether nothing is left to do; it is not where somebody reads the database for longer than
        the busy timeout: the next call goes on. Raises BioklokFailure.
        """
        for name in self._waiting(KEY):
            with self._write() as session:
                end_key(session, self.vault, self.school_id, name)
        cleared = self._waiting(LOG)
        if cleared:
            self._forget_tasks(set(cleared))
        if cleared and self._clear_log():
            with self._write() as session:
                for name in cleared:
                    session.execute(
                        delete(Job).where(
                            col(Job.school_id) == self.school_id,
                            col(Job.name) == job_of(name),
                            col(Job.result) == LOG,
                        )
                    )
        with self._read() as session:
            jobs = session.exec(select(Job.name).where(Job.school_id == self.school_id))
            return not any(is_job_of_erasing(name) for name in jobs)

    def devices_to_wipe(self) -> list[Device]:
        """Return the devices that still hold minutes of somebody who no longer wears them."""
        query = select(Device).where(
            Device.school_id == self.school_id, col(Device.wipe_journal).is_not(None)
        )
        with self._read() as session:
            return list(session.exec(query.order_by(Device.device_id)))

    def people_since(self) -> list[tuple[str, int]]:
        """Return everybody's id, and when their account was made."""
        query = select(Person.id, Person.created_at_utc_s)
        with self._read() as session:
            rows = session.exec(query.where(Person.school_id == self.school_id).order_by(Person.id))
            return [(person_id, created_s) for person_id, created_s in rows]

    # -- rows ------------------------------------------------------------------------------------

    def _waiting(self, result: str) -> list[str]:
        with self._read() as session:
            return files_waiting(session, self.school_id, result)

    def _devices_of(self, person_id: str) -> list[str]:
        """The devices a person wears, and those whose last journal is theirs."""
        with self._read() as session:
            worn = select(Device.device_id).where(
                Device.school_id == self.school_id, Device.student_id == person_id
            )
            newest: dict[str, str | None] = {}
            journals = select(Journal.device_id, Journal.student_id).where(
                Journal.school_id == self.school_id
            )
            for device_id, student_id in session.exec(journals.order_by(col(Journal.id))):
                newest[device_id] = student_id
            theirs = {device_id for device_id, owner in newest.items() if owner == person_id}
            return sorted(theirs | set(session.exec(worn)))

    def _mark_device(
        self, session: Session, device_id: str, person_id: str, now_utc_s: int
    ) -> None:
        device = session.get(Device, (self.school_id, device_id)) or Device(
            school_id=self.school_id, device_id=device_id, added_utc_s=now_utc_s
        )
        if device.student_id not in (None, person_id):
            return  # handed on: that marked it already
        device.student_id, device.wipe_journal = None, ANY_JOURNAL
        device.label = ""  # it may be a name
        session.add(device)
        session.flush()

    def _delete_recordings(self, session: Session, device_ids: set[str]) -> None:
        session.execute(
            delete(Device).where(
                col(Device.school_id) == self.school_id, col(Device.device_id).in_(device_ids)
            )
        )

    def _delete_sessions_without_journal(self, session: Session, device_ids: list[str]) -> None:
        session.execute(
            delete(SyncSession).where(
                col(SyncSession.school_id) == self.school_id,
                col(SyncSession.device_id).in_(device_ids),
                col(SyncSession.journal).is_(None),
            )
        )

    def _delete(self, session: Session, table: Table, column: str, person_id: str) -> None:
        whose = table.c[column] == person_id
        if column == "journal":
            whose = table.c.journal.in_(
                select(Journal.id).where(
                    Journal.school_id == self.school_id, Journal.student_id == person_id
                )
            )
        session.execute(delete(table).where(table.c.school_id == self.school_id, whose))

    def _forget_tasks(self, file_names: set[str]) -> None:
        """On a server, delete the tasks of workers that name somebody whose key this was."""
        if self.place.is_sqlite:
            return
        with failures(self.place), self.engine.begin() as connection:
            if not connection.execute(_MAY_DELETE_TASKS).scalar():
                return
            connection.execute(text("SET LOCAL search_path = bioklok_work"))  # of their triggers
            for task, school_id, student_id in connection.execute(_TASKS).all():
                if self.vault.file_name(school_id, student_id) in file_names:
                    connection.execute(_DELETE_TASK, {"task": task})

    def _clear_log(self) -> bool:
        """Empty SQLite's write-ahead log; False where a reader is in the way. A server's is its
        own: see docs/privacy.md, what is not promised."""
        if not self.place.is_sqlite:
            return True
        with self.engine.connect().execution_options(begin="") as connection:
            busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
        return not busy
