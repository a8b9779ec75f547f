"""What went wrong since the start, by kind, and how often the watchdog had to help."""

from biocore.message import RESTART_WATCHDOG

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Bookmark kind (app.bookmarks): starts by the watchdog, over the device's life
WATCHDOG_RESTARTS = const(8)

_MASK = const(0xFFFFFFFF)
N_FIELDS = const(8)


class Faults:
    """Puts together what the rooms count: each counts its own in plain integers.

    restart: what started the device (biocore.message.RESTART_*). A start by the watchdog is noted
    in the bookmarks: the counters of the run it ended went with it.
    """

    def __init__(self, restart, bookmarks):
        self.restart = restart
        self.in_bookmarks = 0  # bookmarks that the flash did not take
        self.watchdog_restarts = bookmarks.get(WATCHDOG_RESTARTS) or 0
        if restart == RESTART_WATCHDOG:
            self.watchdog_restarts += 1
            try:
                bookmarks.put(WATCHDOG_RESTARTS, self.watchdog_restarts)
            except OSError:
                self.in_bookmarks += 1

    def total(self, sampler, tracker):
        """Reads that a sensor, writes that the flash did not take."""
        return sampler.faults + tracker.faults + tracker.failed + self.in_bookmarks

    def fields(self, sampler, tracker, sync, radio, writes_failed):
        """The fields of STATUS from accelerometer_faults to restart.

        writes_failed: writes that failed elsewhere than in the tracker.
        """
        counts = (
            sampler.accelerometer_faults,
            sampler.light_faults,
            tracker.faults + self.in_bookmarks + writes_failed,
            sync.broken + radio.stack_errors + radio.restarts,
            sync.out_of_memory,
            tracker.failed,
            self.watchdog_restarts,
        )
        return tuple([count & _MASK for count in counts]) + (self.restart,)
