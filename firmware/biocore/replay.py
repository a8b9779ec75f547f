"""Takes stored pages through the estimator: on the device after a restart, on the host at any time.

What the estimator does follows from the pages alone, so both come to the same state.
"""

from biocore.page import CLOCK_SET, H_CLOCK, H_USUAL_SLEEP, H_UTC_OFFSET, header, records
from biocore.record import FLAG_STILL_HOUR

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


def step_page(estimator, page):
    """Step the estimator through a page of 512 bytes; yield the flag bits of each epoch.

    A page that a host placed afterwards counts as what it was: one without a clock. Raises
    DamagedData where the page is none.
    """
    head = header(page)
    estimator.set_local(head[H_UTC_OFFSET], head[H_USUAL_SLEEP])
    is_set = head[H_CLOCK] == CLOCK_SET
    for start_utc_s, record in records(page):
        yield estimator.step(
            start_utc_s // _MINUTE_S if is_set else 0,
            record[_ENMO],
            record[_ANGLE_STEP_MEDIAN],
            record[_ANGLE_STEP_MAX],
            record[_LIGHT_ALPHA],
            record[_FLAGS] & FLAG_STILL_HOUR != 0,
            record[_MARKS],
        )
