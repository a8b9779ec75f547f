"""The light clock: where the body's own day stands, from light, held in place by sleep.

The oscillator is Forger, Jewett & Kronauer's of 1999. Chosen over Hannay et al. 2019 because the
record carries Forger's alpha; because on school weeks a wrist that sees ten times too little light
moves it by 5 minutes, and Hannay's by 55 (docs/estimator.md); and because its step has no sine,
exponential or 1 / R.

Phase is the angle of the oscillator (x, xc), 0 at CBTmin, the body temperature's minimum;
melatonin sets in (DLMO) about 7 h before. The state is a point in the plane, so it cannot unwind.

How sure it is, as a standard deviation of the time of CBTmin:
- never better than 68 min: Murray et al. 2021 (doi 10.1038/s41598-021-89924-8), 154 patients,
  light-driven model against measured DLMO, root mean square error 68 min (58 % within 1 h, 95 %
  within 2 h);
- without light it grows by 30 min a day (as a random walk): a weekend of sleeping in moves DLMO by
  42 min (Taylor, Wright & Lack 2008), which is 30 a day over two days;
- with light it grows by 12 min a day, the spread of the intrinsic period (24.15 h, SD 0.2, 157
  people, Duffy et al. 2011), and shrinks as the light entrains the clock;
- never worse than 416 min: every time of day equally likely.
"""

import struct
from array import array
from math import sqrt

from biocore._oscillator import DAY_MIN, LIGHTS_OUT_TO_CBTMIN_MIN, QUARTER_MIN, Oscillator

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


NO_LIGHT = const(-1)
_DAY_QUARTERS = const(96)
_MANY_QUARTERS = const(35136)  # a year, after which nothing is known anyway
_USUAL_ALPHA_Q18 = const(1647)  # 150 lx, indoors

# CBTmin from sleep: 34 min after mid-sleep (Martin & Eastman 2002: 26 people, mid-sleep 5:14, DLMO
# 22:48, CBTmin 7 h later). The rule "DLMO 2 h before onset" says 30 for nine hours of sleep.
_MID_SLEEP_TO_CBTMIN_MIN = const(34)
# Five nights give DLMO within 1 h in 80 % of 208 children of 9-17 (Crowley et al. 2006): SD 47 min.
# A person's offset is the same every night, so five nights together must not claim more than that.
_SLEEP_VAR_MIN2 = 5 * 47.0 * 47.0
_TOLD_VAR_MIN2 = 94.0 * 94.0  # told by heart, for weekdays and weekends alike: twice 47
_SHORT_SLEEP_MIN = const(180)  # less is a nap, and naps come at any phase
_LONG_SLEEP_MIN = const(960)

_FLOOR_VAR_MIN2 = 68.0 * 68.0
_CEILING_VAR_MIN2 = 1440.0 * 1440.0 / 12
_GROWTH_MISSING_MIN2 = 30.0 * 30.0 / 96
_GROWTH_LIGHT_MIN2 = 12.0 * 12.0 / 96
# A wrong phase decays by 0.10 per unit of drive and hour (measured on this model over two school
# weeks at a hundredth to ten times their light: 0.098-0.110), its variance by twice that.
_ENTRAINMENT = 2 * 0.10 * 0.25

_MINUTE = const(3)  # its place in `oscillator.light`
_FORMAT = "<4fIIiB"
SNAPSHOT_BYTES = const(29)


def wrap_min(minutes):
    """Minutes wrapped into [-720, 720)."""
    return (minutes + 720) % DAY_MIN - 720


class Phase:
    """A light-driven clock for one person; knows nothing (SD 416 min) until told or shown.

    All durations are whole minutes. Its numbers: `oscillator.state`, `oscillator.light` and
    `variance_min2`, 36 bytes.
    """

    def __init__(self):
        self.oscillator = Oscillator()
        self.variance_min2 = array("f", [_CEILING_VAR_MIN2])

    def start(self, bed_min, wake_min, now_min):
        """Begin from the usual sleep, as entrained to it, at any time of day.

        bed_min, wake_min, now_min: minutes of the day, all in the same zone (UTC). Runs over the
        day so far, in 150 lx awake: up to 96 quarters. Raises ValueError for less than 3 or more
        than 16 h in bed.
        """
        in_bed_min = (wake_min - bed_min) % DAY_MIN
        if not _SHORT_SLEEP_MIN <= in_bed_min <= _LONG_SLEEP_MIN:
            raise ValueError("usual sleep of less than 3 or more than 16 hours")
        oscillator = self.oscillator
        oscillator.reset()
        cbtmin_min = bed_min + in_bed_min // 2 + _MID_SLEEP_TO_CBTMIN_MIN
        passed_min = (now_min - (cbtmin_min - LIGHTS_OUT_TO_CBTMIN_MIN)) % DAY_MIN
        passed_min -= passed_min % QUARTER_MIN  # a quarter begins now
        for at_min in range(now_min - passed_min, now_min):
            asleep = (at_min - bed_min) % DAY_MIN < in_bed_min
            if oscillator.minute(0 if asleep else _USUAL_ALPHA_Q18):
                oscillator.quarter()
        oscillator.turn(wrap_min(now_min - cbtmin_min - oscillator.since_cbtmin_min()))
        self.variance_min2[0] = _TOLD_VAR_MIN2

    def step(self, light_alpha_q18):
        """A minute passes. `light_alpha_q18`: the epoch's mean alpha in 2**-18, a whole number.

        Anything but 0..65534 means that there was no light reading. Returns True at the end of a
        quarter of an hour, when the clock has moved; every other minute allocates nothing. A
        quarter with less than 8 minutes of light coasts: the clock keeps 24-hour days, its
        sensitivity stays as it was, and it grows less sure.
        """
        if not self.oscillator.minute(light_alpha_q18):
            return False
        self.end_quarter()
        return True

    def end_quarter(self):
        """The quarter's minutes are in the oscillator's light: move the clock, and its doubt."""
        drive = self.oscillator.quarter()
        variance = self.variance_min2[0]
        if drive >= 0:
            self._set_variance((variance + _GROWTH_LIGHT_MIN2) * (1 - _ENTRAINMENT * drive))
        else:
            self._set_variance(variance + _GROWTH_MISSING_MIN2)

    def skip(self, minutes):
        """`minutes` pass unseen (the device was off); costs at most two days' steps, however many.

        The same as that many steps without light, but for whole days after the first, over which a
        clock of 24-hour days is left where it is: a few minutes off at most.
        """
        while minutes > 0 and not self.step(NO_LIGHT):
            minutes -= 1
        minutes -= 1  # the one that ended a quarter
        if minutes <= 0:
            return
        quarters = minutes // QUARTER_MIN
        # of many days only the first, in which the orbit settles
        days = quarters // _DAY_QUARTERS
        for _ in range(quarters - (days - 1) * _DAY_QUARTERS if days > 1 else quarters):
            self.oscillator.coast()
        if quarters > _MANY_QUARTERS:
            quarters = _MANY_QUARTERS
        self._set_variance(self.variance_min2[0] + quarters * _GROWTH_MISSING_MIN2)
        for _ in range(minutes % QUARTER_MIN):
            self.step(NO_LIGHT)

    def observe_sleep(self, onset_ago_min, wake_ago_min):
        """Correct the clock by a main sleep that is over; return the minutes it was put forward.

        A scalar Kalman step with Huber's limit at one SD: a night pulls by about 0.3 of what it
        disagrees, at most 37 min once the clock has settled. A night more than two SD off (a
        night of travel or of work) does not pull. Beyond one SD, half of the excess is laid to
        the clock, which grows less sure by it. Sleeps under 3 h and over 16 h are not used.
        """
        length_min = onset_ago_min - wake_ago_min
        if wake_ago_min < 0 or not _SHORT_SLEEP_MIN <= length_min <= _LONG_SLEEP_MIN:
            return 0
        seen_ago_min = wake_ago_min + length_min // 2 - _MID_SLEEP_TO_CBTMIN_MIN
        off_min = wrap_min(seen_ago_min - self.oscillator.since_cbtmin_min())
        variance = self.variance_min2[0]
        expected_var = variance + _SLEEP_VAR_MIN2
        expected_sd = sqrt(expected_var)
        gain = variance / expected_var
        size = abs(off_min)
        if size <= expected_sd:
            move_min = gain * off_min
            self._set_variance(variance * (1 - gain))
        else:
            move_min = 0.0
            if size <= 2 * expected_sd:
                move_min = gain * expected_sd if off_min > 0 else -gain * expected_sd
            half = (size - expected_sd) / 2
            self._set_variance(variance + half * half)
        self.oscillator.turn(move_min)
        return int(move_min)

    def minutes_since_cbtmin(self):
        """Minutes since the last CBTmin, 0..1814; over 1440 while today's is late."""
        return int(self.oscillator.since_cbtmin_min())

    def cbtmin_sd_min(self):
        """Standard deviation of the time of CBTmin in minutes, 68..416."""
        return int(sqrt(self.variance_min2[0]) + 0.5)

    def minute_of_quarter(self):
        """Minutes of the quarter under way, 0..14."""
        return self.oscillator.light[_MINUTE]

    def angle(self):
        """The oscillator's phase in (-pi, pi], 0 at CBTmin, growing with time."""
        return self.oscillator.angle()

    def snapshot_into(self, buffer, at):
        """Write SNAPSHOT_BYTES into `buffer` at `at`; return the offset after them."""
        x, xc, since_min = self.oscillator.state
        n_q28, drive_q21, moment_q21, minute, lit = self.oscillator.light
        variance = self.variance_min2[0]
        packed = minute | lit << 4
        struct.pack_into(
            _FORMAT, buffer, at, x, xc, since_min, variance, n_q28, drive_q21, moment_q21, packed
        )
        return at + SNAPSHOT_BYTES

    def restore(self, buffer, at):
        """Take up a snapshot; what cannot be a state leaves a clock that knows nothing."""
        x, xc, since_min, variance, n_q28, drive_q21, moment_q21, packed = struct.unpack_from(
            _FORMAT, buffer, at
        )
        if _FLOOR_VAR_MIN2 <= variance <= _CEILING_VAR_MIN2 and self.oscillator.set(
            x, xc, since_min, n_q28, drive_q21, moment_q21, packed & 15, packed >> 4
        ):
            self.variance_min2[0] = variance
        else:
            self.oscillator.reset()
            self.variance_min2[0] = _CEILING_VAR_MIN2
        return at + SNAPSHOT_BYTES

    def _set_variance(self, variance):
        if variance < _FLOOR_VAR_MIN2:
            variance = _FLOOR_VAR_MIN2
        elif variance > _CEILING_VAR_MIN2:
            variance = _CEILING_VAR_MIN2
        self.variance_min2[0] = variance
