"""Takes each finished epoch through the estimator into the journal, and the estimator's state
through a restart: a snapshot with every page, and after a start the pages since that snapshot.
"""

from biocore.estimator import Estimator
from biocore.lamp import UNKNOWN
from biocore.message import REPORT_KNOWN, REPORT_REFUSED, REPORT_TAKEN
from biocore.page import PAGE_BYTES
from biocore.record import (
    EPOCH_S,
    FLAG_CLIPPED,
    FLAG_OVERRUN,
    FLAG_STILL_HOUR,
    MARK_GRADE_SHIFT,
)
from biocore.replay import Elapsed, step_page
from biocore.reports import GRADES, MOST_AGE, QUARTER_MIN, grade_of, report_of
from biocore.usual import offset_quarters, sleep_code

_PAGES_KEPT = 48  # a day of pages
_MOST_WAITING = 16  # graded reports; the next sync brings what found no room
# What arithmetic may raise. No input is known that does.
_BROKEN = (ArithmeticError, ValueError, MemoryError)


class Tracker:
    """Keeps the marks of the current minute and the lamp state of the last; after a pause that is
    unknown until a minute is over, and so it is after a minute without one sample.

    `lamp` is a state of biocore.lamp; `mark` is called by the button; `faults` counts pages,
    drafts and snapshots that the flash did not take, `failed` how often the estimator had to begin
    anew.
    """

    def __init__(self, journal, settings):
        self._journal = journal
        self._settings = settings
        self._estimator = Estimator()
        self._elapsed = Elapsed()
        self._marks = 0
        self._waiting = []  # graded reports that have yet to be learnt: (quarter, grade)
        self._is_resting = False
        self._is_blind = False  # nothing was measured in the last minute
        self.faults = 0
        self.failed = 0
        self._resume()
        journal.on_page = self._keep
        journal.on_wipe = self._forget

    @property
    def lamp(self):
        if self._is_resting or self._is_blind:
            return UNKNOWN
        return self._estimator.decision.lamp

    def mark(self, bit):
        """Note a button mark (biocore.record.MARK_*) in the current minute."""
        self._marks |= bit

    def report(self, quarter, grade, utc_s):
        """Take a graded report of a quarter of an hour (Unix time / 900), to be learnt and logged
        in one of the next minutes; returns biocore.message.REPORT_*.

        What waits is in RAM alone: a host brings a report again as long as it can be learnt, and
        what is in the log already is known.
        """
        age = utc_s // EPOCH_S // QUARTER_MIN - quarter
        # One quarter ahead: the minute under way began before the report was made.
        if not (utc_s and 0 < grade <= GRADES and -1 <= age <= MOST_AGE):
            return REPORT_REFUSED
        is_waiting = any([one[0] == quarter for one in self._waiting])
        if is_waiting or not self._estimator.reports.is_new(quarter):
            return REPORT_KNOWN
        if len(self._waiting) >= _MOST_WAITING:
            return REPORT_REFUSED
        self._waiting.append((quarter, grade))
        return REPORT_TAKEN

    def _next_report(self, utc_min):
        """The next graded report to learn in this minute (biocore.reports.report_of); 0: none."""
        for i in range(len(self._waiting) if utc_min else 0):
            quarter, grade = self._waiting[i]
            age = utc_min // QUARTER_MIN - quarter
            if age >= 0:
                self._waiting.pop(i)
                if age <= MOST_AGE and self._estimator.reports.is_new(quarter):
                    return report_of(grade, age)
                return 0
        return 0

    def rest(self):
        """The student pauses: nothing is recorded, and what is in RAM comes to flash."""
        self._is_resting = True
        self._marks = 0
        if not self._journal.is_held:
            try:
                self._journal.flush()
            except OSError:
                self._give_up_page()

    def _resume(self):
        """Come to the state at the end of the newest page."""
        journal = self._journal
        snapshots = journal.snapshots
        sequence = snapshots.newest() + 1
        if sequence and not self._estimator.restore(snapshots.slot, snapshots.STATE_AT):
            sequence = 0  # of another version of this program: begin from all there is
        page = bytearray(PAGE_BYTES)
        if sequence and journal.read_into(sequence - 1, page) == sequence - 1:
            self._elapsed.pass_over(page)
        sequence = journal.read_into(sequence, page)
        n_pages = 0
        while sequence >= 0:
            try:
                for _ in step_page(self._estimator, page, self._elapsed):
                    pass
            except _BROKEN:
                self._begin_anew()
            n_pages += 1
            if n_pages % _PAGES_KEPT == 0:  # a start that is cut short goes on here
                self._keep(sequence)
            sequence = journal.read_into(sequence + 1, page)

    def _begin_anew(self):
        """The estimator failed: that must not keep the device from logging, now or at any start."""
        self._estimator = Estimator()
        self.failed += 1

    def _forget(self):
        """The log was wiped, for another student: so is what was learnt."""
        self._estimator = Estimator()
        self._elapsed = Elapsed()
        self._marks = 0
        self._waiting = []
        self._settings.forget()

    def _keep(self, sequence):
        """A page was written: keep the state at its end."""
        snapshots = self._journal.snapshots
        self._estimator.snapshot_into(snapshots.slot, snapshots.STATE_AT)
        try:
            snapshots.put(sequence)
        except OSError:
            self.faults += 1  # the pages tell the same, in more time

    def on_epoch(self, start_utc_s, uptime_s, activity, still_hour, overrun):
        """One minute is over: estimate, log, start the next."""
        journal = self._journal
        settings = self._settings
        marks = self._marks
        self._marks = 0
        self._is_resting = False
        self._is_blind = not activity.valid_s
        report = self._next_report(start_utc_s // EPOCH_S) if self._waiting else 0
        journal.utc_offset_quarters = offset_quarters(settings.get("utc_offset_min"))
        journal.usual_sleep = sleep_code(settings.get("bed_min"), settings.get("wake_min"))
        try:
            journal.turn(start_utc_s, uptime_s)  # while the state is still that of its last epoch
        except OSError:
            self._give_up_page()
        try:
            flags = self._step(start_utc_s, uptime_s, activity, still_hour, marks, report)
        except _BROKEN:
            self._begin_anew()
            report = 0
            flags = FLAG_STILL_HOUR if still_hour else 0
        marks |= grade_of(report) << MARK_GRADE_SHIFT
        if activity.clipped:
            flags |= FLAG_CLIPPED
        if overrun:
            flags |= FLAG_OVERRUN
        try:
            journal.append(start_utc_s, uptime_s, activity, flags, marks)
        except OSError:
            self._give_up_page()
        try:
            journal.save_draft()
        except OSError:
            self.faults += 1

    def _step(self, start_utc_s, uptime_s, activity, still_hour, marks, report):
        journal = self._journal
        estimator = self._estimator
        estimator.set_local(journal.utc_offset_quarters, journal.usual_sleep)
        return estimator.step(
            start_utc_s // EPOCH_S,
            activity.enmo_dmg,
            activity.angle_step_median_cdeg,
            activity.angle_step_max_cdeg,
            activity.light_alpha_q18,
            still_hour,
            marks,
            self._elapsed.missing_min(journal.boot_id, uptime_s, start_utc_s > 0),
            report,
        )

    def _give_up_page(self):
        # The lamp is of use without a log; the host hears of it in STATUS.
        self.faults += 1
        self._journal.drop_open()
