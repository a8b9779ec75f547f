"""Who wears which device, and whose its journals are."""

import time
from collections.abc import Callable, Sequence

from sqlmodel import Session, col, select

from bioklok.errors import BioklokFailure, NotFound
from bioklok.settings import IMPORTED
from bioklok.store.base import ANY_JOURNAL
from bioklok.store.people import People, check_id
from bioklok.store.sealing import Sealer, about_page
from bioklok.store.tables import Device, Journal, Page, Person


class Wearing(People):
    """Devices, handed out at a school or assigned at home."""

    def assign(self, device_id: str, student_id: str) -> int:
        """Give the device's journals that are nobody's to a student; return how many.

        A journal that is somebody's stays theirs: a device that goes to another student is wiped
        first and then keeps another journal. Raises NotFound for an unknown student or device,
        BioklokFailure where the device still holds another student's journal.
        """
        with self._write(lock=f"device {device_id}") as session:
            if session.get(Person, (self.school_id, student_id)) is None:
                raise NotFound(f"no student {student_id} in the database: add the student first")
            journals = self._journals_of(session, device_id)
            if not journals:
                raise NotFound(f"no data of device {device_id} in the database: sync it first")
            free = [journal for journal in journals if journal.student_id is None]
            _refuse_others(device_id, journals, student_id)
            for journal in free:
                journal.student_id = student_id
                session.add(journal)
                self._seal_bare(session, journal.id, student_id)
            return len(free)

    def check_wearer(self, device_id: str, student_id: str) -> None:
        """Pass who may be given the device's journals, known or not, before they are made known.

        Raises BioklokFailure for an id that cannot be used, or where `assign` would.
        """
        check_id("student", student_id)
        with self._read() as session:
            _refuse_others(device_id, self._journals_of(session, device_id), student_id)

    def has_student(self, device_id: str) -> bool:
        """Say whether the device's newest journal is somebody's."""
        with self._read() as session:
            journals = self._journals_of(session, device_id)
            return bool(journals) and journals[-1].student_id is not None

    def hand_out(self, device_id: str, student_id: str | None, label: str = "") -> None:
        """Say who wears a device from now on; None: nobody.

        Journals that it begins from then on are theirs. Raises NotFound for an unknown student.
        """
        with self._write(lock=f"device {device_id}") as session:
            if student_id and session.get(Person, (self.school_id, student_id)) is None:
                raise NotFound(f"no student {student_id} in the database: add the student first")
            device = session.get(Device, (self.school_id, device_id)) or Device(
                school_id=self.school_id, device_id=device_id, added_utc_s=int(time.time())
            )
            if device.student_id not in (None, student_id):
                # What it holds is the former wearer's, also where no sync told of it yet.
                device.wipe_journal = ANY_JOURNAL
            if device.student_id == student_id:
                device.label = label or device.label
            else:  # what was written on it for the former wearer stays theirs
                device.label = label
            device.student_id = student_id
            session.add(device)

    def devices(self) -> list[Device]:
        """Return all devices that were handed out or added, by label."""
        with self._read() as session:
            query = select(Device).where(Device.school_id == self.school_id)
            return list(session.exec(query.order_by(Device.label, Device.device_id)))

    def device(self, device_id: str) -> Device | None:
        """Return one device; None where it is not known."""
        with self._read() as session:
            return session.get(Device, (self.school_id, device_id))

    def change_device(self, device_id: str, change: Callable[[Device], None]) -> None:
        """Change a device's row as it stands now; nothing where there is none (any more).

        It may have been handed on since somebody read it: `change` is given it anew.
        """
        with self._write(lock=f"device {device_id}") as session:
            device = session.get(Device, (self.school_id, device_id))
            if device is not None:
                change(device)
                session.add(device)

    # -- rows ------------------------------------------------------------------------------------

    def _journals_of(self, session: Session, device_id: str) -> Sequence[Journal]:
        query = select(Journal).where(
            Journal.school_id == self.school_id, Journal.device_id == device_id
        )
        return session.exec(query.order_by(col(Journal.id))).all()

    def _seal_bare(self, session: Session, journal: int, student_id: str) -> None:
        """Seal the pages that came in while the journal was nobody's."""
        sealer = Sealer(self.vault.make(self.school_id, student_id))
        of_journal = select(Page).where(
            Page.school_id == self.school_id, Page.journal == journal, col(Page.n_epochs) > 0
        )
        for page in session.exec(of_journal):
            page.data = sealer.seal(page.data, about_page(self.school_id, journal, page.sequence))
            session.add(page)


def _refuse_others(device_id: str, journals: Sequence[Journal], student_id: str) -> None:
    owners = [one.student_id for one in journals]
    if not owners or None in owners or owners[-1] == student_id:
        return
    if device_id.startswith(IMPORTED):
        raise BioklokFailure(
            "this recording is in the store already, of another student: erase it there first"
        )
    raise BioklokFailure(f"device {device_id} holds another student's journal: wipe it first")
