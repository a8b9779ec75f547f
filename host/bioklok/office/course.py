"""The wrist's estimator as the host follows it, page by page, and how it is kept in between.

A week of pages takes a quarter of a second, so that it is not begun anew for every look: what it
came to is kept, sealed, and only the pages since then are gone through.
"""

import base64
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from biocore.estimator import SNAPSHOT_BYTES, Estimator
from biocore.page import H_JOURNAL_ID, H_SEQUENCE, H_UTC_OFFSET, header, records
from biocore.record import EPOCH_MARKS, bits
from biocore.replay import Elapsed, step_page

from bioklok.analysis.best_hours import DAY_MIN, BestHours, Diary, best_hours
from bioklok.school.days import local_time

FORM = 2  # of what is kept; another one is begun anew
# How far back it goes where it is begun anew: longer ago says nothing that the estimator has not
# forgotten. The presses that are told of are those of these days, the last one with data included.
SPAN_DAYS = 42
_MARKS_AT = 6  # place in biocore.record.EPOCH_FIELDS
_STEP_MIN = 15  # how often the diary looks
_DAYS = 7  # whose usual times count
_FRIDAY = 4


class Course:
    """One journal's pages so far, in the order of their sequence.

    `journal_id` None: none came yet. `sequence`: the last one's. `last_utc_s`: start of the last
    minute that had a time, 0: none had.
    """

    def __init__(self) -> None:
        self.journal_id: int | None = None
        self.sequence = -1
        self.last_utc_s = 0
        self._presses: dict[int, int] = {}  # by local day, counted from 1970
        self._offset_min = 0
        self._last_page = b""
        self._estimator, self._elapsed, self._diary = Estimator(), Elapsed(), Diary()

    def follow(self, pages: Iterable[bytes]) -> None:
        """Take those pages that come after the last one; pages of another journal are passed by."""
        for page in sorted(pages, key=lambda one: int(header(one)[H_SEQUENCE])):
            head = header(page)
            if self.journal_id is None:
                self.journal_id = head[H_JOURNAL_ID]
            if head[H_JOURNAL_ID] == self.journal_id and head[H_SEQUENCE] > self.sequence:
                self.sequence = head[H_SEQUENCE]
                self._take(page)

    def _take(self, page: bytes) -> None:
        self._last_page = page
        self._offset_min = 15 * header(page)[H_UTC_OFFSET]
        minutes = zip(step_page(self._estimator, page, self._elapsed), records(page), strict=True)
        for _flags, (start_utc_s, record) in minutes:
            if start_utc_s:
                self.last_utc_s = start_utc_s
                local_min = start_utc_s // 60 + 1 + self._offset_min
                if local_min % _STEP_MIN == 0:  # by the clock: the diary asks for noon
                    self._diary.observe(self._estimator, local_min)
            marks = record[_MARKS_AT]
            if marks and _is_press(marks):  # without a time: of the last day that had one
                self._presses[self._today] = self._presses.get(self._today, 0) + 1

    @property
    def n_presses(self) -> int:
        """How often sharp or tired was said in the last `SPAN_DAYS` days."""
        return sum(self._recent_presses().values())

    def _recent_presses(self) -> dict[int, int]:
        first = self._today - SPAN_DAYS + 1
        return {day: n for day, n in self._presses.items() if day >= first}

    @property
    def _today(self) -> int:
        return (self.last_utc_s // 60 + self._offset_min) // DAY_MIN

    def best_hours(self) -> BestHours | None:
        """Return the best two hours of a usual school day; None where too little was seen."""
        days = range(self._today - _DAYS, self._today)
        school = [day for day in days if (day + 3) % 7 <= _FRIDAY]
        usual = self._diary.usual_day(school, self._estimator.phase.cbtmin_sd_min())
        return best_hours(self._estimator.focus, usual) if usual else None

    def shift_min(self, zone: ZoneInfo) -> int:
        """Return how far the student's clock is ahead of the one that the device went by."""
        offset = local_time(self.last_utc_s, zone).utcoffset() or timedelta()
        return round(offset.total_seconds() / 60) - self._offset_min

    def kept(self) -> dict[str, Any]:
        """Return all of it in plain types, for `taken_up`."""
        state = bytearray(SNAPSHOT_BYTES)
        self._estimator.snapshot_into(state, 0)
        return {
            "form": FORM,
            "journal": self.journal_id,
            "sequence": self.sequence,
            "last_utc_s": self.last_utc_s,
            "presses": {str(day): n for day, n in self._recent_presses().items()},
            "offset_min": self._offset_min,
            "page": base64.b64encode(self._last_page).decode(),
            "state": base64.b64encode(bytes(state)).decode(),
            "diary": self._diary.kept(self._today - _DAYS - 1),
        }

    @classmethod
    def taken_up(cls, kept: dict[str, Any]) -> "Course | None":
        """Return it as it was kept; None for another form, or another version of the estimator."""
        course = cls()
        if kept.get("form") != FORM or not course._estimator.restore(
            base64.b64decode(kept["state"]), 0
        ):
            return None
        course.journal_id = kept["journal"]
        course.sequence = kept["sequence"]
        course.last_utc_s = kept["last_utc_s"]
        course._presses = {int(day): n for day, n in kept["presses"].items()}
        course._offset_min = kept["offset_min"]
        course._last_page = base64.b64decode(kept["page"])
        if course._last_page:
            course._elapsed.pass_over(course._last_page)
        course._diary.take_over(kept["diary"])
        return course


def _is_press(marks: int) -> bool:
    return any(bits(EPOCH_MARKS, one, marks) for one in ("sharp", "tired"))
