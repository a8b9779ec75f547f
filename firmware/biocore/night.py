"""The last night's window, found as the minutes go by: sleep onset and wake, once it is over.

Two stories of the minutes so far are kept: "asleep now" and "awake now". Each minute's evidence
favours one of them, changing sides costs evidence, and the better story of each kind survives
(Viterbi 1967, with two states; the margin between them is Page's cumulative sum, 1954, bounded at
both ends). No minute is stored; a step is a few additions of small integers.

A still minute is HDCZA's (van Hees et al. 2018, Scientific Reports 8:12975) on the device, and
Oakley's activity scoring for imported counts (bioklok.analysis.counts).
"""

import struct
from array import array

from biocore.sleep import DOUBTFUL, MOTIONLESS, MOVING, UNKNOWN

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Half of HDCZA's longest gap inside a night (60 min): the evidence that changing sides costs.
SWITCH_MIN = const(30)
# Ours: shorter is a lesson, a film or a nap; the limit of the report's nights, too.
SHORTEST_NIGHT_MIN = const(180)
# Ours: two long sleeps with less between them are of one day; the longer is its night.
SAME_DAY_MIN = const(600)
# Deep sleep can meet the non-wear rule, and lasts on. Of 214 nights of 24 sleepers 97 in 100 had no
# longer stretch without a count (docs/estimator.md). Sleep on both sides of it was one sleep.
BRIDGE_MIN = const(120)
# An edge so near to minutes that were not measured may truly lie among them.
EDGE_MIN = const(5)

_NONE = const(-1)
_AGE_NONE = const(65535)
_AGE_MAX = const(65534)
_NOW_AFTER_RESTORE = const(65536)  # no age reaches back below 0

# A story, twice in one array: as it is, and as it was when the wrist was last seen to stir.
_MARGIN = const(0)  # of "asleep" over "awake", in minutes of evidence
_ONSET = const(1)  # if asleep now: since when
_ONSET_KNOWN = const(2)
_LAST_ONSET = const(3)  # if awake now: the last sleep
_LAST_ONSET_KNOWN = const(4)
_LAST_WAKE = const(5)  # _NONE: there is none, or it has been told
_LAST_WAKE_KNOWN = const(6)
_PARTS = const(7)

_FORMAT = "<11HbbHH"
SNAPSHOT_BYTES = struct.calcsize(_FORMAT)


class Night:
    """`step` once a minute; it returns True when the last night is new or has become another.

    `nights`: nights seen. `onset_min()` and `wake_min()`: minutes from now back to the edges of the
    last one, -1 before the first. `onset_known`, `wake_known`: False where that edge touches
    minutes that were not measured on the wrist, so that the true one may lie among them. `known()`:
    False too when a later night may have passed unmeasured.
    """

    same_day_min = SAME_DAY_MIN  # the host's, for recordings, is shorter

    def __init__(self):
        self.nights = 0
        self.onset_known = False
        self.wake_known = False
        self._now = 0  # minutes stepped; every moment below is such a number
        self._night_onset = 0
        self._night_wake = 0
        self._is_hidden = False
        self._gap_at = _NONE
        self._gap_end = 0
        self._gap_told = False  # the gap was too long to bridge, and the sleep before it is told
        self._motionless_at = _NONE
        self._story = array("i", [0] * (2 * _PARTS))
        self._forget(0)

    def onset_min(self):
        """Minutes since the last night's sleep onset; -1: no night yet."""
        return self._now - self._night_onset if self.nights else -1

    def wake_min(self):
        """Minutes since the last night's end; -1: no night yet."""
        return self._now - self._night_wake if self.nights else -1

    def known(self):
        """Whether the last night seen is the last night there was, with both its edges."""
        return self.nights > 0 and not self._is_hidden and self.onset_known and self.wake_known

    def step(self, minute, off_wrist):
        """Take one minute: UNKNOWN to MOTIONLESS. Off the wrist is never sleep.

        The first minute off the wrist takes back everything since the wrist was last seen to stir:
        the non-wear rule tells an hour and more afterwards.
        """
        self._now += 1
        if off_wrist or minute == UNKNOWN:
            return self._step_gap(1, off_wrist)
        if self._gap_at != _NONE:
            self._end_gap()
        if minute != MOTIONLESS:
            self._motionless_at = _NONE
        elif self._motionless_at == _NONE:
            self._motionless_at = self._now - 1
            self._copy_story(0, _PARTS)
        story = self._story
        if minute == MOVING:
            margin = story[_MARGIN] - 1
        elif minute == DOUBTFUL:
            margin = story[_MARGIN]
        else:
            margin = story[_MARGIN] + 1
        is_new = False
        if margin <= -SWITCH_MIN:  # even who is asleep now was awake until now
            margin = -SWITCH_MIN
            is_new = self._tell()
            story[_ONSET] = self._now
            story[_ONSET_KNOWN] = 1 if self._now - self._gap_end >= EDGE_MIN else 0
        elif margin >= SWITCH_MIN and minute != DOUBTFUL:
            margin = SWITCH_MIN  # even who is awake now was asleep until now
            story[_LAST_ONSET] = story[_ONSET]
            story[_LAST_ONSET_KNOWN] = story[_ONSET_KNOWN]
            story[_LAST_WAKE] = self._now
            story[_LAST_WAKE_KNOWN] = 1
        story[_MARGIN] = margin
        return is_new

    def skip(self, minutes):
        """Take `minutes` (0 to 65535) of which nothing is known: the device was down."""
        minutes = min(max(minutes, 0), _AGE_NONE)
        if minutes == 0:
            return False
        self._now += minutes
        return self._step_gap(minutes, False)

    def mark_bed(self):
        """The button says "going to bed": no sleep before now belongs to the coming night.

        Ignored once a night's length of sleep has passed: somebody who pressed at night.
        """
        if self._story[_MARGIN] > 0 and self._now - self._story[_ONSET] >= SHORTEST_NIGHT_MIN:
            return False
        return self._settle()

    def mark_up(self):
        """The button says "up": the night is over, and is told at once."""
        return self._settle()

    def _settle(self):
        is_new = self._tell()
        self._forget(self._now)
        self._story[_ONSET_KNOWN] = 1
        return is_new

    def _forget(self, onset):
        """Awake for certain, with nothing left to tell."""
        story = self._story
        story[_MARGIN] = -SWITCH_MIN
        story[_ONSET] = onset
        story[_ONSET_KNOWN] = 0
        story[_LAST_WAKE] = _NONE
        self._motionless_at = _NONE

    def _copy_story(self, source, target):
        story = self._story
        for i in range(_PARTS):
            story[target + i] = story[source + i]

    def _step_gap(self, minutes, off_wrist):
        """`minutes` up to now are not known, or off the wrist."""
        if self._gap_at == _NONE:
            self._gap_at = self._now - minutes
        if off_wrist and self._motionless_at != _NONE:
            self._gap_at = self._motionless_at
            self._motionless_at = _NONE
            self._copy_story(_PARTS, 0)
        story = self._story
        gap_min = self._now - self._gap_at
        if gap_min >= EDGE_MIN and self._gap_at - story[_LAST_WAKE] < EDGE_MIN:
            story[_LAST_WAKE_KNOWN] = 0
        is_new = False
        if gap_min > BRIDGE_MIN and not self._gap_told:
            self._gap_told = True
            is_new = self._tell()
            self._forget(self._now)
        if self._now - max(self._gap_at, self._night_wake + SAME_DAY_MIN) >= SHORTEST_NIGHT_MIN:
            self._is_hidden = True
        return is_new

    def _end_gap(self):
        measured_at = self._now - 1
        story = self._story
        if measured_at - self._gap_at >= EDGE_MIN:
            self._gap_end = measured_at
            if story[_MARGIN] == -SWITCH_MIN:
                story[_ONSET] = measured_at
                story[_ONSET_KNOWN] = 0
        self._gap_at = _NONE
        self._gap_told = False

    def _tell(self):
        """The sleep of "awake now" is past changing: it is the night if it is long enough."""
        story = self._story
        wake = story[_LAST_WAKE]
        onset = story[_LAST_ONSET]
        story[_LAST_WAKE] = _NONE
        if wake == _NONE or wake - onset < SHORTEST_NIGHT_MIN:
            return False
        if self.nights and onset - self._night_wake < self.same_day_min:
            if wake - onset <= self._night_wake - self._night_onset:
                return False
        elif self.nights < _AGE_MAX:
            self.nights += 1
        self._night_onset = onset
        self._night_wake = wake
        self.onset_known = story[_LAST_ONSET_KNOWN] == 1
        self.wake_known = story[_LAST_WAKE_KNOWN] == 1
        self._is_hidden = False
        return True

    # -- snapshot: moments as ages, 16 bits each

    def _age(self, moment):
        return _AGE_NONE if moment == _NONE else min(self._now - moment, _AGE_MAX)

    def snapshot_into(self, buffer, at):
        """Write SNAPSHOT_BYTES into `buffer` from `at` on; return the place behind them."""
        story = self._story
        flags = 0
        for known in (
            story[_ONSET_KNOWN],
            story[_LAST_ONSET_KNOWN],
            story[_LAST_WAKE_KNOWN],
            story[_PARTS + _ONSET_KNOWN],
            story[_PARTS + _LAST_ONSET_KNOWN],
            story[_PARTS + _LAST_WAKE_KNOWN],
            self.onset_known,
            self.wake_known,
            self._is_hidden,
            self._gap_told,
        ):
            flags = flags << 1 | (1 if known else 0)
        struct.pack_into(
            _FORMAT,
            buffer,
            at,
            self._age(story[_ONSET]),
            self._age(story[_LAST_ONSET]),
            self._age(story[_LAST_WAKE]),
            self._age(story[_PARTS + _ONSET]),
            self._age(story[_PARTS + _LAST_ONSET]),
            self._age(story[_PARTS + _LAST_WAKE]),
            self._age(self._gap_at),
            self._age(self._gap_end),
            self._age(self._motionless_at),
            self._age(self._night_onset),
            self._age(self._night_wake),
            story[_MARGIN],
            story[_PARTS + _MARGIN],
            self.nights,
            flags,
        )
        return at + SNAPSHOT_BYTES

    def restore(self, buffer, at):
        """Take over what `snapshot_into` wrote; return the place behind it.

        Any bytes leave a legal state. Tell the minutes since with `skip`.
        """
        values = struct.unpack_from(_FORMAT, buffer, at)
        self._now = _NOW_AFTER_RESTORE
        moments = [_NONE if age == _AGE_NONE else self._now - age for age in values[:11]]
        flags = values[14]
        story = self._story
        for part in range(2):
            base = part * _PARTS
            story[base + _MARGIN] = min(max(values[11 + part], -SWITCH_MIN), SWITCH_MIN)
            story[base + _ONSET] = max(moments[3 * part], 0)
            story[base + _LAST_ONSET] = max(moments[3 * part + 1], 0)
            story[base + _LAST_WAKE] = moments[3 * part + 2]
            story[base + _ONSET_KNOWN] = flags >> (9 - 3 * part) & 1
            story[base + _LAST_ONSET_KNOWN] = flags >> (8 - 3 * part) & 1
            story[base + _LAST_WAKE_KNOWN] = flags >> (7 - 3 * part) & 1
        self._gap_at = moments[6]
        self._gap_end = max(moments[7], 0)
        self._motionless_at = moments[8]
        self._night_onset = max(moments[9], 0)
        self._night_wake = max(moments[10], self._night_onset)
        self.nights = min(values[13], _AGE_MAX)
        self.onset_known = flags >> 3 & 1 == 1
        self.wake_known = flags >> 2 & 1 == 1
        self._is_hidden = flags >> 1 & 1 == 1
        self._gap_told = flags & 1 == 1
        return at + SNAPSHOT_BYTES
