"""Takes stored pages through the estimator: on the device after a restart, on the host at any time.

What the estimator does follows from the pages alone, so both come to the same state.
"""

from biocore.page import (
    CLOCK_SET,
    H_BOOT_ID,
    H_CLOCK,
    H_N_EPOCHS,
    H_UPTIME_S,
    H_USUAL_SLEEP,
    H_UTC_OFFSET,
    header,
    records,
)
from biocore.record import FLAG_GRADE_AGE_SHIFT, FLAG_STILL_HOUR, MARK_GRADE_SHIFT
from biocore.reports import report_of

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_MINUTE_S = const(60)
# places in EPOCH_FIELDS
_ENMO = const(0)
_ANGLE_STEP_MEDIAN = const(1)
_ANGLE_STEP_MAX = const(2)
_LIGHT_ALPHA = const(4)
_FLAGS = const(5)
_MARKS = const(6)
_GRADE = const(7)  # three bits of the marks


class Elapsed:
    """How many minutes nobody logged between two epochs, by the uptime of one start of the device.

    The clock may be put forward or back meanwhile, by hosts that do not agree: no time passes then.
    """

    def __init__(self):
        self._boot_id = -1
        self._next_uptime_s = 0
        self._was_set = False

    def missing_min(self, boot_id, uptime_s, is_set):
        """Take an epoch's start; minutes missing before it, or -1: only the clock can tell.

        That is so over a restart, and when a device that had no time is told it.
        """
        missing_min = -1
        if is_set and self._was_set and boot_id == self._boot_id:
            missing_min = max((uptime_s - self._next_uptime_s + _MINUTE_S // 2) // _MINUTE_S, 0)
        self._boot_id = boot_id
        self._next_uptime_s = uptime_s + _MINUTE_S
        self._was_set = is_set
        return missing_min

    def pass_over(self, page):
        """The same for a whole page that the estimator has seen already."""
        head = header(page)
        uptime_s = head[H_UPTIME_S] + (head[H_N_EPOCHS] - 1) * _MINUTE_S
        self.missing_min(head[H_BOOT_ID], uptime_s, head[H_CLOCK] == CLOCK_SET)


def step_page(estimator, page, elapsed):
    """Step the estimator through a page of 512 bytes; yield the flag bits of each epoch.

    elapsed: the `Elapsed` of the pages before. A page that a host placed afterwards counts as what
    it was: one without a clock. Raises DamagedData where the page is none.
    """
    head = header(page)
    estimator.set_local(head[H_UTC_OFFSET], head[H_USUAL_SLEEP])
    is_set = head[H_CLOCK] == CLOCK_SET
    uptime_s = head[H_UPTIME_S]
    for start_utc_s, record in records(page):
        missing_min = elapsed.missing_min(head[H_BOOT_ID], uptime_s, is_set)
        uptime_s += _MINUTE_S
        report = record[_MARKS] >> MARK_GRADE_SHIFT & _GRADE
        if report:
            report = report_of(report, record[_FLAGS] >> FLAG_GRADE_AGE_SHIFT)
        yield estimator.step(
            start_utc_s // _MINUTE_S if is_set else 0,
            record[_ENMO],
            record[_ANGLE_STEP_MEDIAN],
            record[_ANGLE_STEP_MAX],
            record[_LIGHT_ALPHA],
            record[_FLAGS] & FLAG_STILL_HOUR != 0,
            record[_MARKS],
            missing_min,
            report,
        )
