"""Sync sessions and device keys in the store."""

import time
from typing import Protocol

from sqlalchemy import func
from sqlmodel import col, select

from bioklok.store.base import Database, journal_row, journals_of
from bioklok.store.desk import Desks, Gate
from bioklok.store.tables import Device, DeviceKey, SyncSession

SYNC_DONE = "done"  # `result` of a sync session that came to its end
SYNC_STOPPED = "stopped"  # of one that the person at the host ended


class SessionKey(Protocol):
    """Whose session it was. A device that was never heard has not said which journal it keeps."""

    @property
    def device_id(self) -> str: ...
    @property
    def journal_id(self) -> int | None: ...


class Sessions(Desks):
    """Notes of what each sync brought."""

    def log_session(
        self,
        info: SessionKey,
        *,
        started_utc_s: int,
        ended_utc_s: int,
        frames: int,
        bytes: int,
        pages_new: int,
        epochs_new: int,
        retries: int = 0,
        clock_offset_ms: int | None = None,
        result: str = SYNC_DONE,
        gate: Gate | None = None,
    ) -> None:
        """Note what a sync brought; `result` is SYNC_DONE, SYNC_STOPPED or why it failed.

        frames, bytes: received over the air. retries: frames that were sent again.
        clock_offset_ms: how far the device's clock was ahead before it was set; None: not set.
        gate: raises BioklokFailure where nothing may be noted, given the desk of whose journal it
        is; of a device that said none, whose device it is.
        """
        with self._write(lock=f"device {info.device_id}") as session:
            journal = None
            if info.journal_id is not None:
                row = journal_row(session, self.school_id, info.device_id, info.journal_id)
                journal, owner = row.id, row.student_id
            else:
                device = session.get(Device, (self.school_id, info.device_id))
                owner = device.student_id if device else None
            if gate is not None:
                if owner is not None:
                    self._lock(session, f"student {owner}")
                gate(None if owner is None else self._desk(session, owner))
            session.add(
                SyncSession(
                    school_id=self.school_id,
                    device_id=info.device_id,
                    journal=journal,
                    started_utc_s=started_utc_s,
                    ended_utc_s=ended_utc_s,
                    frames=frames,
                    retries=retries,
                    clock_offset_ms=clock_offset_ms,
                    bytes=bytes,
                    pages_new=pages_new,
                    epochs_new=epochs_new,
                    result=result,
                )
            )

    def sessions(self, limit: int, device_id: str | None = None) -> list[SyncSession]:
        """Return the last `limit` sessions, newest first, of all devices or of one."""
        query = select(SyncSession).where(SyncSession.school_id == self.school_id)
        if device_id is not None:
            query = query.where(SyncSession.device_id == device_id)
        newest = (col(SyncSession.ended_utc_s).desc(), col(SyncSession.id).desc())
        with self._read() as session:
            return list(session.exec(query.order_by(*newest).limit(limit)).all())

    def sessions_since(self, since_utc_s: int) -> list[tuple[str, str, int]]:
        """Return, of sessions that ended since then, each device and result: when it last did."""
        query = (
            select(SyncSession.device_id, SyncSession.result, func.max(SyncSession.ended_utc_s))
            .where(
                SyncSession.school_id == self.school_id,
                col(SyncSession.ended_utc_s) >= since_utc_s,
            )
            .group_by(col(SyncSession.device_id), col(SyncSession.result))
            .order_by(col(SyncSession.device_id), col(SyncSession.result))
        )
        with self._read() as session:
            return [(one, result, at) for one, result, at in session.exec(query)]

    def last_sync_utc_s(self, student_id: str) -> int | None:
        """Return when a sync of this student's device last came to its end; None: never."""
        with self._read() as session:
            return session.exec(
                select(func.max(SyncSession.ended_utc_s)).where(
                    SyncSession.school_id == self.school_id,
                    col(SyncSession.journal).in_(journals_of(session, self.school_id, student_id)),
                    SyncSession.result == SYNC_DONE,
                )
            ).one()


class Keys(Database):
    """Device keys as `bioklok.keyring` wrapped them; in here nobody can read them."""

    def put_device_key(self, device_id: str, wrapped_key: bytes) -> None:
        """Keep a device's wrapped key; one that was there before is replaced."""
        with self._write() as session:
            row = DeviceKey(
                school_id=self.school_id,
                device_id=device_id,
                wrapped_key=wrapped_key,
                created_at_utc_s=int(time.time()),
            )
            session.merge(row)

    def device_key(self, device_id: str) -> bytes | None:
        """Return a device's wrapped key; None: there is none."""
        with self._read() as session:
            row = session.get(DeviceKey, (self.school_id, device_id))
            return None if row is None else row.wrapped_key

    def device_keys(self) -> dict[str, bytes]:
        """Return all wrapped keys by device id."""
        with self._read() as session:
            keys = select(DeviceKey).where(DeviceKey.school_id == self.school_id)
            return {row.device_id: row.wrapped_key for row in session.exec(keys)}
