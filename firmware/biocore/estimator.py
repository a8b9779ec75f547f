"""One minute in, one lamp state out: the steps of the estimator in their order.

The same epochs leave the same state, on the host too (biocore.replay). See docs/estimator.md.
"""

import struct

from biocore.context import Context
from biocore.decision import (
    ASLEEP,
    BODY_CLOCK_UNSURE,
    JUST_AWAKE,
    NIGHT_MISSED,
    NO_CLOCK,
    NO_NIGHT_YET,
    OFF_WRIST,
    USUAL,
    Decision,
)
from biocore.energy import Energy, clock_doubt
from biocore.focus import Focus
from biocore.night import Night
from biocore.phase import NO_LIGHT, Phase
from biocore.record import MARK_SHARP, MARK_TIRED, flags_of
from biocore.reports import Reports, age_of, learn_press
from biocore.sleep import STIR_CDEG, UNKNOWN, Sleep, stillness
from biocore.usual import Local

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_QUARTER_MIN = const(15)
_QUIET_DMG = const(150)  # 15 mg: sitting and hardly moving
_INERTIA_MIN = const(45)  # W has faded to a third of a KSS point by then
# The night is told an hour and more after its end: 90 % within 125 min (docs/estimator.md).
_TOLD_MIN = const(150)
# Somebody "awake" for longer slept in a night that was missed.
_LONGEST_DAY_MIN = const(20 * 60)
# With CBTmin less sure than this even noon and afternoon cannot be told apart.
_UNSURE_MIN = const(120)
# A drawer, or a clock that was a year ahead for five minutes, forgets no more than four weeks do.
_MOST_FORGOTTEN = const(2688)
_MOST_UTC_MIN = const(1 << 29)  # the year 2990

_VERSION = const(2)
_FORMAT = "<BIB"
_OWN_BYTES = const(6)
SNAPSHOT_BYTES = const(248)


class Estimator:
    """`step` once per epoch returns its flag bits; `decision.lamp` and `.reason` are the answer.

    The parts stand open to whoever reports on them. A minute allocates nothing, but at the end of
    a quarter hour, when a night is told and when somebody reports.
    """

    def __init__(self):
        self.sleep = Sleep()
        self.night = Night()
        self.phase = Phase()
        self.energy = Energy()
        self.context = Context()
        self.focus = Focus()
        self.decision = Decision()
        self.reports = Reports()
        self.off_wrist = False
        self._is_started = False  # the light clock was begun from the usual sleep
        self._is_clock_sure = False
        self._is_worn = False  # some minute of this quarter
        self._has_slept = False
        self._next_utc_min = 0  # the minute that should come now; 0: the time was never known
        self.local = Local()
        self._set_usual_day()

    def set_local(self, utc_offset_quarters, usual_sleep):
        """Tell local time less UTC in quarters of an hour, and the usual sleep (biocore.usual).

        Both are settings, not part of the snapshot: each page of the log carries them.
        """
        if self.local.set(utc_offset_quarters, usual_sleep):
            self._set_usual_day()

    def _set_usual_day(self):
        self.focus.set_usual_day(self.local.bed_min(), self.local.wake_min())

    def step(
        self,
        utc_min,
        enmo_dmg,
        angle_step_median_cdeg,
        angle_step_max_cdeg,
        light_alpha_q18,
        still_hour,
        marks,
        missing_min=-1,
        report=0,
    ):
        """Take one epoch (fields as in biocore.record) and return its flag bits.

        utc_min: the minute it began in, Unix time / 60; 0 where the clock was not set. Minutes
        missing since the epoch before, over a restart too, are found from it and skipped, unless
        missing_min says how many there are: within one start the uptime knows better than a clock
        that somebody sets (biocore.replay.Elapsed). report: a graded one (reports.report_of).
        """
        if not 0 < utc_min <= _MOST_UTC_MIN:
            utc_min = 0
        self._find_gap(utc_min, missing_min)
        minute = stillness(angle_step_median_cdeg, angle_step_max_cdeg)
        if still_hour:
            self.off_wrist = True
        elif minute != UNKNOWN and angle_step_max_cdeg > STIR_CDEG:
            self.off_wrist = False  # a table does not stir: somebody wears it again
        off_wrist = self.off_wrist
        sleep = self.sleep
        sleep.step(angle_step_max_cdeg, off_wrist)
        is_whole = self._is_whole()
        if self.night.step(minute, off_wrist):
            self._tell_night(is_whole)
        if minute != UNKNOWN and not off_wrist:
            self._is_worn = True
            self.context.step(enmo_dmg, light_alpha_q18)
        if marks & (MARK_SHARP | MARK_TIRED):
            self._rise()
            learn_press(self, marks, utc_min)
        if report:
            self.reports.learn(self, report, utc_min)
        if sleep.asleep:
            self._has_slept = True
        if self.phase.step(NO_LIGHT if off_wrist else light_alpha_q18):
            self._end_quarter(utc_min)
        decision = self.decision
        decision.step(self._fact(utc_min), enmo_dmg < _QUIET_DMG)
        age = age_of(report)
        return flags_of(still_hour, sleep.asleep, decision.lamp, decision.reason, age)

    def skip(self, minutes):
        """`minutes` pass of which nothing is known: the device was off."""
        if minutes <= 0:
            return
        if self._next_utc_min:
            self._next_utc_min = min(self._next_utc_min + minutes, _MOST_UTC_MIN)
        quarters = (self.phase.minute_of_quarter() + minutes) // _QUARTER_MIN
        is_whole = self._is_whole()
        self.sleep.skip(minutes)
        self.phase.skip(minutes)
        self.energy.skip(quarters * _QUARTER_MIN)
        if quarters:
            self.focus.step(min(quarters, _MOST_FORGOTTEN))
            self._is_worn = False
            self._has_slept = False
            for _ in range(min(quarters, 2)):  # the last two are what it looks at
                self.context.end_quarter(False, False)
        if self.night.skip(minutes):
            self._tell_night(is_whole)
        self._is_clock_sure = self.phase.cbtmin_sd_min() <= _UNSURE_MIN

    def awake_min(self):
        """Minutes since the last night's end; -1 where it is not known, or while asleep."""
        return -1 if self.off_wrist or self.sleep.asleep else self.awake_ago_min(0)

    def awake_ago_min(self, ago_min):
        """The same as it was so many minutes ago, if somebody was up then; -1 before that night."""
        night = self.night
        minutes = night.wake_min() - ago_min if night.known() else -1
        return minutes if 0 <= minutes <= _LONGEST_DAY_MIN else -1

    def _find_gap(self, utc_min, missing_min):
        if utc_min:
            if missing_min >= 0:
                self.skip(missing_min)
            elif self._next_utc_min:
                self.skip(utc_min - self._next_utc_min)
            self._next_utc_min = min(utc_min + 1, _MOST_UTC_MIN)
            if not self._is_started:
                self._is_started = True
                if self.night.nights == 0:
                    local = self.local
                    self.phase.start(local.bed_min(), local.wake_min(), local.minute(utc_min))
                    self._is_clock_sure = True
        elif self._next_utc_min:
            # we go on counting until we are told
            self._next_utc_min = min(self._next_utc_min + 1, _MOST_UTC_MIN)

    def _is_whole(self):
        """Whether all was measured since the last night: asked before another is told."""
        return self.night.nights == 0 or self.night.known()

    def _tell_night(self, is_whole):
        onset = self.night.onset_min()
        wake = self.night.wake_min()
        self.energy.tell_night(onset, wake, is_whole)
        if self.night.onset_known and self.night.wake_known:
            self.phase.observe_sleep(onset, wake)
            self._is_clock_sure = self.phase.cbtmin_sd_min() <= _UNSURE_MIN

    def _rise(self):
        """Who presses is up."""
        self.sleep.mark_up()
        is_whole = self._is_whole()
        if self.night.mark_up():
            self._tell_night(is_whole)

    def learn(self, points, variance, utc_min):
        """Take a report of now (biocore.focus.Focus.learn), and judge the lamp anew by it."""
        awake_min = self.awake_min()
        energy = self.energy_points(awake_min, 0)
        minute = self.local.minute(utc_min)
        self.focus.learn(points, variance, energy, self.context.value, minute, awake_min)
        self._judge(awake_min, minute, False)

    def judge_anew(self, utc_min):
        """Judge the lamp by what was learnt just now."""
        awake_min = self.awake_min()
        self.energy_points(awake_min, 0)
        self._judge(awake_min, self.local.minute(utc_min), False)

    def energy_points(self, awake_min, ago_min):
        """The energy so many minutes ago, after `awake_min` awake; 0 where that is not known."""
        if awake_min < 0:
            return 0.0
        self.energy.refresh(awake_min, self.phase.minutes_since_cbtmin() - ago_min, ago_min)
        return self.energy.points

    def _end_quarter(self, utc_min):
        self._is_clock_sure = self.phase.cbtmin_sd_min() <= _UNSURE_MIN
        awake_min = self.awake_min()
        self.energy.step(awake_min, self.phase.minutes_since_cbtmin())
        is_awake = awake_min >= 0 and not self._has_slept
        self.context.end_quarter(self._is_worn, is_awake)
        self.focus.step()
        is_usable = is_awake and self._is_worn and utc_min > 0 and self._is_clock_sure
        self._judge(awake_min, self.local.minute(utc_min), is_usable)
        self._is_worn = False
        self._has_slept = False

    def _judge(self, awake_min, minute_of_day, is_usable):
        energy_points = self.energy.points if awake_min >= 0 else 0.0
        context = self.context.value
        points, variance = self.focus.relative(energy_points, context, minute_of_day, awake_min)
        variance += clock_doubt(self.phase.variance_min2[0])
        self.decision.judge(points, variance, is_usable)

    def _fact(self, utc_min):
        """Why the lamp must be unknown; USUAL: it need not."""
        if self.off_wrist:
            return OFF_WRIST
        sleep = self.sleep
        if sleep.asleep:
            return ASLEEP
        if not utc_min:
            return NO_CLOCK
        if self.night.nights == 0:
            return NO_NIGHT_YET
        up_min = sleep.awake_min
        if 0 <= up_min < _INERTIA_MIN:
            return JUST_AWAKE
        if self.awake_min() < 0:
            return JUST_AWAKE if 0 <= up_min < _TOLD_MIN else NIGHT_MISSED
        return USUAL if self._is_clock_sure else BODY_CLOCK_UNSURE

    def snapshot_into(self, buffer, at):
        """Write SNAPSHOT_BYTES bytes at `at`; return where they end."""
        flags = 0
        for flag in (self._is_started, self._is_clock_sure, self._is_worn, self._has_slept):
            flags = flags << 1 | (1 if flag else 0)
        flags = flags << 1 | (1 if self.off_wrist else 0)
        struct.pack_into(_FORMAT, buffer, at, _VERSION, self._next_utc_min, flags)
        at += _OWN_BYTES
        for part in self._parts():
            at = part.snapshot_into(buffer, at)
        return at

    def restore(self, buffer, at):
        """Take over what `snapshot_into` wrote; say whether it was of this version.

        Any bytes leave a legal state."""
        version, next_utc_min, flags = struct.unpack_from(_FORMAT, buffer, at)
        if version != _VERSION:
            return False
        self._next_utc_min = next_utc_min if next_utc_min <= _MOST_UTC_MIN else 0
        self.off_wrist = flags & 1 != 0
        self._has_slept = flags & 2 != 0
        self._is_worn = flags & 4 != 0
        self._is_clock_sure = flags & 8 != 0
        self._is_started = flags & 16 != 0
        at += _OWN_BYTES
        for part in self._parts():
            at = part.restore(buffer, at)
        self._set_usual_day()  # a part that began anew does not know it
        return True

    def _parts(self):
        first = (self.sleep, self.night, self.phase, self.energy)
        return first + (self.context, self.focus, self.decision, self.reports)
