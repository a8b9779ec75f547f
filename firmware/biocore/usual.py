"""The student's usual sleep and the time zone, as the log carries them: whole quarters of an hour.

The device rounds to what the page header can hold and estimates from that, so that a host that
replays the pages has the same.
"""

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_DAY_MIN = const(1440)
_DAY_QUARTERS = const(96)
_QUARTER_MIN = const(15)
_LEAST_MIN = const(180)  # what biocore.phase can start from
_MOST_MIN = const(960)
DEFAULT = const(0)  # a code: nobody told

# Nobody told: 21:30 to 07:00, time in bed. AASM's 9-12 h up to 12 and 8-10 h from 13 years on
# (Paruthi et al. 2016, J Clin Sleep Med 12:785) overlap at 9 to 10; school sets the end.
DEFAULT_BED_MIN = const(1290)
DEFAULT_WAKE_MIN = const(420)


def offset_quarters(utc_offset_min):
    """Local time less UTC, in minutes, to quarters of an hour, -128 to 127."""
    quarters = (utc_offset_min + 7) // _QUARTER_MIN
    return min(max(quarters, -128), 127)


def sleep_code(bed_min, wake_min):
    """Usual bed and wake time, local minutes of the day, as one number of 16 bits.

    DEFAULT for what is no usual sleep: less than 3 or more than 16 hours.
    """
    bed = (bed_min + 7) // _QUARTER_MIN % _DAY_QUARTERS
    wake = (wake_min + 7) // _QUARTER_MIN % _DAY_QUARTERS
    code = 1 + bed * _DAY_QUARTERS + wake
    return code if is_sleep(code) else DEFAULT


def is_sleep(code):
    """Whether the number stands for a usual sleep."""
    length_min = (_wake_min(code) - _bed_min(code)) % _DAY_MIN
    return 0 < code <= _DAY_QUARTERS * _DAY_QUARTERS and _LEAST_MIN <= length_min <= _MOST_MIN


def bed_min_of(code):
    """The bed time in a code, local minutes of the day; the default's where it `is_sleep` not."""
    return _bed_min(code) if is_sleep(code) else DEFAULT_BED_MIN


def wake_min_of(code):
    """The wake time in a code, local minutes of the day; the default's where it `is_sleep` not."""
    return _wake_min(code) if is_sleep(code) else DEFAULT_WAKE_MIN


class Local:
    """Where its student lives in time: local time less UTC, and the usual sleep. UTC, untold."""

    def __init__(self):
        self._offset_min = 0
        self._sleep = DEFAULT

    def set(self, utc_offset_quarters, usual_sleep):
        """Tell both; say whether the usual sleep is another than before."""
        self._offset_min = utc_offset_quarters * _QUARTER_MIN
        is_new = usual_sleep != self._sleep
        self._sleep = usual_sleep
        return is_new

    def minute(self, utc_min):
        """The local minute of the day of a minute in UTC."""
        return (utc_min + self._offset_min) % _DAY_MIN

    def bed_min(self):
        """The usual bed time, a local minute of the day."""
        return bed_min_of(self._sleep)

    def wake_min(self):
        """The usual waking time, a local minute of the day."""
        return wake_min_of(self._sleep)


def _bed_min(code):
    return (code - 1) // _DAY_QUARTERS * _QUARTER_MIN


def _wake_min(code):
    return (code - 1) % _DAY_QUARTERS * _QUARTER_MIN
