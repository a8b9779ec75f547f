"""When a student is usually sharp: the wrist's own estimator over the pages that are kept.

It goes minute by minute through weeks, a second or two, so it is no part of the week's page; what
was found is kept in memory until another page comes in.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from biocore.estimator import Estimator
from biocore.page import H_JOURNAL_ID, H_SEQUENCE, H_UTC_OFFSET, header, records
from biocore.record import EPOCH_MARKS, EPOCH_S, bits
from biocore.replay import Elapsed, step_page

from bioklok.analysis.best_hours import DAY_MIN, BestHours, Diary, best_hours
from bioklok.school.days import local_time
from bioklok.store import Account, Store

_MARKS_AT = 6  # place in biocore.record.EPOCH_FIELDS
_STEP_MIN = 15  # how often the diary looks
_DAYS = 7  # whose usual times count
_KEPT = 256
_FRIDAY = 4


@dataclass(frozen=True)
class SharpHours:
    """The best two hours of a usual school day, where they are known, and on what that rests.

    shift_min: how far the student's clock is ahead of the one that the device went by: a device
    that was never told an offset counts in UTC. n_presses: sharp and tired ones.
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


_memory = _Memory()


def sharp_hours(store: Store, student: Account) -> SharpHours:
    """Return when a student is usually sharp, from their newest journal."""
    spans = store.spans_of(student.id)
    if not spans:
        return SharpHours(None, 0)
    key = (store.place.name, store.school_id, student.id, len(spans), spans[0], spans[-1])
    found = _memory.get(key)
    if found is None:
        start_utc_s, n_epochs = spans[-1]
        pages = store.pages_of(student.id, spans[0][0], start_utc_s + EPOCH_S * n_epochs)
        found = from_pages(_newest_journal(pages), student.person.zone)
        _memory.put(key, found)
    return found


def from_pages(pages: Sequence[bytes], zone: ZoneInfo) -> SharpHours:
    """Return the same from one journal's pages, in the order of their sequence."""
    estimator, elapsed, diary = Estimator(), Elapsed(), Diary()
    n_presses = n_minutes = last_utc_s = offset_min = 0
    for page in pages:
        offset_min = 15 * header(page)[H_UTC_OFFSET]
        minutes = zip(step_page(estimator, page, elapsed), records(page), strict=True)
        for _flags, (start_utc_s, record) in minutes:
            n_presses += any(
                bits(EPOCH_MARKS, one, record[_MARKS_AT]) for one in ("sharp", "tired")
            )
            n_minutes += 1
            if start_utc_s:
                last_utc_s = start_utc_s
                if n_minutes % _STEP_MIN == 0:
                    diary.observe(estimator, start_utc_s // 60 + 1 + offset_min)
    if not last_utc_s:
        return SharpHours(None, n_presses)
    moment = local_time(last_utc_s, zone)
    today = (last_utc_s // 60 + offset_min) // DAY_MIN
    school = [day for day in range(today - _DAYS, today) if (day + 3) % 7 <= _FRIDAY]
    usual = diary.usual_day(school, estimator.phase.cbtmin_sd_min())
    shift_min = round((moment.utcoffset() or timedelta()).total_seconds() / 60) - offset_min
    found = best_hours(estimator.focus, usual) if usual else None
    return SharpHours(found, n_presses, shift_min)


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
    of_it = [page for page in pages if header(page)[H_JOURNAL_ID] == newest]
    return sorted(of_it, key=lambda page: int(header(page)[H_SEQUENCE]))
