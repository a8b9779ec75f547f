"""Takes each finished epoch through the estimator into the journal."""

from biocore.estimator import Estimator
from biocore.record import FLAG_CLIPPED, FLAG_OVERRUN


class Tracker:
    """Keeps the marks of the current minute and the lamp state of the last.

    `lamp` is a state of biocore.lamp; `mark` is called by the button; `faults` counts pages that
    the flash did not take.
    """

    def __init__(self, journal):
        self._journal = journal
        self._estimator = Estimator()
        self._marks = 0
        self.faults = 0

    @property
    def lamp(self):
        return self._estimator.decision.lamp

    def mark(self, bit):
        """Note a button mark (biocore.record.MARK_*) in the current minute."""
        self._marks |= bit

    def on_epoch(self, start_utc_s, uptime_s, activity, still_hour, overrun):
        """One minute is over: estimate, log, start the next."""
        flags = self._estimator.step(
            activity.enmo_dmg, activity.angle_step_max_cdeg, activity.light_mlx, still_hour
        )
        if activity.clipped:
            flags |= FLAG_CLIPPED
        if overrun:
            flags |= FLAG_OVERRUN
        marks = self._marks
        self._marks = 0
        try:
            self._journal.append(start_utc_s, uptime_s, activity, flags, marks)
        except OSError:
            # The lamp is of use without a log; the host hears of it in STATUS.
            self.faults += 1
            self._journal.drop_open()
