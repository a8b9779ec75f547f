"""Erasing a student: at once, for good, and without a way back.

Who may ask for it. The student, of their own. Whoever has the terminal: at home that is the family,
at a school whoever keeps its server and its keys. An administrator of the school, for a student or
a parent who asks the school: a controller has to be able to carry out what AVG article 17 gives,
also for a child who cannot sign in any more. A parent cannot do it with a click: their stop already
ends everything at once (`consenting`), and one of two parents must not destroy what is the child's
own; a mentor or another student never.
"""

from dataclasses import dataclass

from bioklok.school.people import NotAllowed, Person, administers
from bioklok.store import Store


@dataclass(frozen=True)
class Erased:
    """What was done. `devices`: those that are wiped when they are next heard. `is_complete`: not
    where the database was being read just then; `finish` ends it."""

    devices: tuple[str, ...]
    is_complete: bool


def erase(store: Store, by: Person | None, student_id: str, now_utc_s: int) -> Erased:
    """Erase a student from the database and destroy their key. `by` None: the terminal.

    Raises NotAllowed, NotFound.
    """
    if by is not None and not may_erase(by, store.school_id, student_id):
        raise NotAllowed(f"{by.id} may not erase here")
    store.student(student_id)
    devices = store.erase_person(student_id, now_utc_s)
    return Erased(tuple(devices), store.finish_erasures())


def may_erase(by: Person, school_id: str, student_id: str) -> bool:
    """Say whether somebody may erase a student: that student, or an administrator who was asked."""
    return (by.school_id, by.id) == (school_id, student_id) or administers(by, school_id)


def finish(store: Store) -> bool:
    """End what a process that died had begun; return whether nothing is left. For jobs."""
    return store.finish_erasures()
