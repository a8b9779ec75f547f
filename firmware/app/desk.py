"""What a host that has proved itself may ask and tell, besides the pages themselves."""

from app.faults import N_FIELDS as FAULT_FIELDS
from app.ledger import N_FIELDS as LEDGER_FIELDS
from app.update import Update
from biocore.message import (
    KEEP_FLAG,
    KEEP_MINUTE,
    KEEP_OFFSET,
    KEEP_TIME,
    TIME_FORCED,
    TIME_QUESTION,
    TIME_REFUSED,
    TIME_TAKEN,
    UNKNOWN_STRIPS,
)
from biocore.units import ticks_diff

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


VERSION = const(0x0002)  # 0.2

# No host can be right that says it is earlier than this program: 2026-01-01.
EARLIEST_UTC_S = const(1767225600)
# A quartz is off by seconds a week. More than an hour is a host that is wrong.
_MAX_STEP_S = const(3600)

# The fields of SETTINGS in their order: name, what leaves it as it is, and one more than the most.
_FIELDS = (
    ("utc_offset_min", KEEP_OFFSET, 0),
    ("dark_from_min", KEEP_MINUTE, 1440),
    ("dark_until_min", KEEP_MINUTE, 1440),
    ("bed_min", KEEP_MINUTE, 1440),
    ("wake_min", KEEP_MINUTE, 1440),
    ("paused_until_utc_s", KEEP_TIME, 0xFFFF0000),  # a bookmark holds no more
    ("glow", KEEP_FLAG, 2),
)


def _not_counted(writes_failed):
    return (0,) * (LEDGER_FIELDS + FAULT_FIELDS)


class Desk:
    """The `device` port of app.sync.SyncService, on the app's rooms and the board's ports.

    report: takes a graded report, as app.tracker.Tracker.report. duty: the fields of STATUS behind
    the first five, see app.ledger and app.faults; it gets the number of writes that failed here.
    """

    def __init__(
        self,
        board,
        journal,
        timekeeper,
        settings,
        faults,
        guard,
        report,
        duty=_not_counted,
        update=None,
    ):
        self._duty = duty
        self._board = board
        self._time = timekeeper
        self._settings = settings
        self._faults = faults
        self._report = report
        self.update = update or Update(None)
        self.journal = journal
        self.guard = guard
        self.identity = board.device_id
        self.key = board.key()
        self.entropy = board.entropy
        self.ticks_ms = timekeeper.ticks_ms
        self._writes_failed = 0

    def settle(self):
        """Write what was kept back while a burst was on the air."""
        try:
            self._settings.save()
        except OSError:
            self._writes_failed += 1
        try:
            self.journal.settle()
        except OSError:
            self._writes_failed += 1
            self.journal.drop_open()

    def time(self, fields):
        """Answer TIME: the clock before, the uptime, and whether the host's time was taken over.

        Refused is a host that is earlier than this program, and one that is more than an hour from
        a clock that runs or earlier than the newest stored epoch by more than that.
        TIME_FORCED: a person has looked at the host's clock, and it is right.
        """
        utc_s, utc_ms = fields[0], fields[1]
        if fields[2]:  # what time it was when our ticks stood there
            utc_ms += max(ticks_diff(self._time.ticks_ms(), fields[2]), 0)
            utc_s += utc_ms // 1000 if utc_s else 0
            utc_ms %= 1000
        before_s, before_ms = self._time.utc()
        if utc_s == 0:
            code = TIME_QUESTION
        elif utc_s < EARLIEST_UTC_S:
            code = TIME_REFUSED
        elif fields[4] == TIME_FORCED:
            self.journal.distrust_times()
            self._time.set_utc(utc_s, utc_ms)
            code = TIME_TAKEN
        elif not self._is_plausible(utc_s, before_s):
            code = TIME_REFUSED
        else:
            self._time.set_utc(utc_s, utc_ms)
            code = TIME_TAKEN
        return before_s, before_ms, self._time.ticks_ms(), self._time.uptime_s, code

    def _is_plausible(self, utc_s, before_s):
        if before_s and abs(utc_s - before_s) > _MAX_STEP_S:
            return False
        newest_s = self.journal.newest_utc_s
        # Later is always believed where no clock runs: the device may have lain in a drawer.
        return not newest_s or newest_s - _MAX_STEP_S <= utc_s

    def status(self):
        """Answer STATUS."""
        return (
            self._board.battery_mv(),
            self._faults() + self._writes_failed,
            self.journal.n_lost,
            self.guard.refused,
            VERSION,
        ) + self._duty(self._writes_failed)

    def settings(self, fields):
        """Take over the settings that are not KEEP_...; answer with what holds now."""
        settings = self._settings
        for i in range(len(_FIELDS)):
            name, keep, most = _FIELDS[i]
            if fields[i] != keep:
                settings.put(name, fields[i] % most if most else fields[i])
        return [settings.get(row[0]) for row in _FIELDS]

    def report(self, fields):
        """Answer REPORT: the same, and whether it will be learnt."""
        quarter, grade = fields[0], fields[1]
        return quarter, grade, self._report(quarter, grade, self._time.utc_s())

    def balance(self, fields):
        """Take over the number of strips left, unless it is UNKNOWN_STRIPS; answer with it."""
        if fields[0] != UNKNOWN_STRIPS:
            self._settings.put("strips", fields[0])
        return (self._settings.get("strips"),)
