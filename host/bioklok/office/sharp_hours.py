"""When a student is usually sharp: the wrist's own estimator over the pages that are kept.

What it came to is kept each night (`keep_course`); a page or a report goes on from there, and what
was found is held in memory until another page comes in.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from zoneinfo import ZoneInfo

from biocore.page import H_JOURNAL_ID, MAX_EPOCHS, header
from biocore.record import EPOCH_S

from bioklok.analysis.best_hours import DAY_MIN, BestHours
from bioklok.office.consenting import require_consent
from bioklok.office.course import SPAN_DAYS, Course
from bioklok.office.settings import settings_of
from bioklok.store import Account, Store
from bioklok.store.holding import Extent

_KEPT = 256
_LONGEST_S = SPAN_DAYS * 86400


@dataclass(frozen=True)
class SharpHours:
    """The best two hours of a usual school day, where they are known, and on what that rests.

    shift_min: how far the student's clock is ahead of the one that the device went by: a device
    that was never told an offset counts in UTC. n_presses: sharp and tired ones of
    `course.SPAN_DAYS` days.
    """

    hours: BestHours | None
    n_presses: int
    shift_min: int = 0

    @property
    def is_known(self) -> bool:
        """Whether it may be told."""
        return self.hours is not None and self.hours.is_known


class _Memory:
    """The last answers, by whose and by what they rest on; safe from several threads."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[object, ...], SharpHours] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...]) -> SharpHours | None:
        with self._lock:
            return self._found.get(key)

    def put(self, key: tuple[object, ...], found: SharpHours) -> None:
        with self._lock:
            self._found[key] = found
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


_memory = _Memory()


def forget() -> None:
    """Forget what this process found: the next answer is worked out from the store again."""
    _memory.clear()


def sharp_hours(store: Store, student: Account) -> SharpHours:
    """Return when a student is usually sharp, from their newest journal."""
    extent = store.extent_of(student.id)
    return SharpHours(None, 0) if extent is None else of_extent(store, student, extent)


def of_extent(store: Store, student: Account, extent: Extent) -> SharpHours:
    """Return the same where the store was asked already which pages there are."""
    key = (store.place.name, store.school_id, student.id, student.timezone, extent)
    found = _memory.get(key)
    if found is None:
        found = _found(_course(store, student, extent), student.person.zone)
        _memory.put(key, found)
    return found


def keep_course(store: Store, student: Account, now_utc_s: int) -> None:
    """Bring what is kept of a student's estimator up to date. Raises NoConsent, BioklokFailure."""
    extent = store.extent_of(student.id)
    settings = settings_of(store)
    if extent is None:
        return
    kept = _course(store, student, extent).kept()
    with store.desk(student.id) as desk:
        require_consent(store, desk, settings, now_utc_s)
        if desk.course() != kept:
            desk.put_course(kept, now_utc_s)


def from_pages(pages: Sequence[bytes], zone: ZoneInfo) -> SharpHours:
    """Return the same from one journal's pages."""
    course = Course()
    course.follow(pages)
    return _found(course, zone)


def _course(store: Store, student: Account, extent: Extent) -> Course:
    """The newest journal's course: from what is kept and the pages since, or from its first."""
    end_utc_s = extent.last_utc_s + EPOCH_S * MAX_EPOCHS
    with store.reading(student.id) as desk:
        kept = desk.course()
    course = Course.taken_up(kept) if kept else None
    if course is not None and course.last_utc_s:
        since = store.pages_of(student.id, course.last_utc_s, end_utc_s)
        if all(header(page)[H_JOURNAL_ID] == course.journal_id for page in since):
            course.follow(since)
            return course
    course = Course()
    first_utc_s = max(extent.first_utc_s, end_utc_s - _LONGEST_S)
    course.follow(_newest_journal(store.pages_of(student.id, first_utc_s, end_utc_s)))
    return course


def _found(course: Course, zone: ZoneInfo) -> SharpHours:
    if not course.last_utc_s:
        return SharpHours(None, course.n_presses)
    return SharpHours(course.best_hours(), course.n_presses, course.shift_min(zone))


def clock_times(found: SharpHours) -> tuple[int, int] | None:
    """Return the local minutes between which the best two hours lie, to the half hour.

    None where they are not sure enough to be told.
    """
    if found.hours is None or not found.is_known:
        return None
    middle = (found.hours.middle_min + found.shift_min + 15) // 30 * 30
    return (middle - 60) % DAY_MIN, (middle + 60) % DAY_MIN


def _newest_journal(pages: Sequence[bytes]) -> list[bytes]:
    newest = header(pages[-1])[H_JOURNAL_ID] if pages else None
    return [page for page in pages if header(page)[H_JOURNAL_ID] == newest]
