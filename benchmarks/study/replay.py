"""Hands one person's minutes and ratings to the wrist's step functions, in the order they happened.

Sensors on glasses: the waking head moves less often than a wrist, so a moving minute speaks for its
neighbours, and the finder of nights runs that much behind.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from biocore.context import Context
from biocore.energy import Energy
from biocore.focus import RATING_VARIANCE, Focus, points_of_kss
from biocore.night import Night
from biocore.phase import Phase
from biocore.record import NO_LIGHT_ALPHA
from biocore.sleep import MOVING, STILL, UNKNOWN
from biocore.units import alpha_q18
from bioklok.analysis.counts import LOOK_AHEAD_MIN, stillness
from numpy.typing import NDArray

from benchmarks.study.melidos import MINUTE_S, Person, Rating

SPREAD_MIN = 10  # how far a moving minute speaks for its neighbours
LATE_MIN = LOOK_AHEAD_MIN + SPREAD_MIN
QUARTER_MIN = 15
# Adults who are not asked: 23 to 07 h, corrected by the first nights seen.
USUAL_BED_H, USUAL_WAKE_H = 23, 7
# Somebody "awake" for longer slept in a night that the sensor missed: the energy is then unknown.
LONGEST_DAY_MIN = 20 * 60
# Asleep now, for the yardsticks only: what the wrist's quick view asks of half an hour.
NOW_MIN, NOW_STILL_MIN = 30, 24


@dataclass(frozen=True)
class Foretold:
    """What was expected of a rating before it was seen, and its SD with a rating's own noise."""

    kss: float
    sd: float


class Replay:
    """One person. `minute` for every minute from the first, `rating` for every rating between."""

    def __init__(self, person: Person, zone: ZoneInfo, start_min: int) -> None:
        self._person = person
        self._offset = person.start_utc_s // MINUTE_S
        self._codes = _codes(person)
        self.night = Night()
        self.phase = Phase()
        self.energy = Energy()
        self.context = Context()
        self.focus = Focus()
        self._still: list[bool] = []
        self._worn_min = 0
        self._asleep_min = 0
        self._since_measured = LONGEST_DAY_MIN
        ahead = datetime.fromtimestamp(start_min * MINUTE_S, zone).utcoffset()
        ahead_min = int(ahead.total_seconds()) // 60 if ahead else 0
        bed, wake = (hour * 60 - ahead_min for hour in (USUAL_BED_H, USUAL_WAKE_H))
        self.phase.start(bed % 1440, wake % 1440, start_min % 1440)

    def minute(self, utc_min: int) -> None:
        """Take the minute that ends now, and what is known by now of earlier ones."""
        at = utc_min - self._offset
        known_at = at - LATE_MIN
        code = int(self._codes[known_at]) if 0 <= known_at < len(self._codes) else int(UNKNOWN)
        is_whole = self.night.known() or self.night.nights == 0
        if self.night.step(code, False):
            self._tell_night(is_whole)
        self._still = [*self._still[1 - NOW_MIN :], code >= STILL]
        is_asleep = sum(self._still) >= NOW_STILL_MIN
        self._asleep_min += is_asleep
        self._take_light_and_activity(at)
        if (utc_min + 1) % QUARTER_MIN == 0:
            self._end_quarter(is_asleep)

    def _take_light_and_activity(self, at: int) -> None:
        alpha = int(NO_LIGHT_ALPHA)
        self._since_measured += 1
        if 0 <= at < len(self._codes) and np.isfinite(self._person.activity[at]):
            lux = self._person.light_lx[at]
            if np.isfinite(lux):
                alpha = alpha_q18(min(max(int(lux * 1000), 0), 167_000_000))
            self.context.step(max(int(self._person.activity[at]), 0), alpha)
            self._worn_min += 1
            self._since_measured = 0
        self.phase.step(alpha)

    def _end_quarter(self, is_asleep: bool) -> None:
        awake_min = -1 if is_asleep else self.awake_min()
        self.energy.step(awake_min, self.phase.minutes_since_cbtmin())
        self.context.end_quarter(self._worn_min > 0, self._asleep_min == 0)
        self.focus.step()
        self._worn_min = 0
        self._asleep_min = 0

    def awake_min(self) -> int:
        """Minutes since the last night's end; -1 where it is not known."""
        if self.night.nights == 0 or self._since_measured > 60:
            return -1
        awake = max(self.night.wake_min() + LATE_MIN - SPREAD_MIN, 0)
        return awake if awake <= LONGEST_DAY_MIN else -1

    def _tell_night(self, is_whole: bool) -> None:
        onset = self.night.onset_min() + LATE_MIN + SPREAD_MIN
        wake = max(self.night.wake_min() + LATE_MIN - SPREAD_MIN, 0)
        self.energy.tell_night(onset, wake, is_whole)
        self.phase.observe_sleep(onset, wake)

    def rating(self, rating: Rating) -> Foretold:
        """Foretell a rating from what came before, then learn from it.

        That somebody answers is known before the answer: who answers is up.
        """
        is_whole = self.night.known() or self.night.nights == 0
        if self.night.mark_up():
            self._tell_night(is_whole)
        awake_min = self.awake_min()
        points = 0.0
        if awake_min >= 0:
            self.energy.refresh(awake_min, self.phase.minutes_since_cbtmin())
            points = self.energy.points
        situation = (points, self.context.value, rating.minute_of_day, awake_min)
        mean, doubt = self.focus.predict(*situation)
        sd = math.hypot(doubt, self.focus.spread * math.sqrt(RATING_VARIANCE))
        self.focus.learn(points_of_kss(rating.kss), RATING_VARIANCE, *situation)
        return Foretold(float(points_of_kss(mean)), sd)  # 5 - (5 - KSS)


def _codes(person: Person) -> NDArray[np.int8]:
    codes = stillness(person.activity)
    moving = np.pad((codes == MOVING).astype(np.int64), SPREAD_MIN)
    near = np.convolve(moving, np.ones(2 * SPREAD_MIN + 1, np.int64), mode="valid") > 0
    out: NDArray[np.int8] = np.where(near & (codes != UNKNOWN), MOVING, codes).astype(np.int8)
    return out


def foretell(person: Person, zone: ZoneInfo) -> list[Foretold]:
    """Foretell all ratings of one person, each from the minutes and ratings before it."""
    waiting = list(person.ratings)
    first = min(person.start_utc_s, waiting[0].utc_s) // MINUTE_S
    replay = Replay(person, zone, first)
    out = []
    for utc_min in range(first, waiting[-1].utc_s // MINUTE_S + 1):
        # A rating is answered within its minute: that minute is not yet known.
        while waiting and waiting[0].utc_s // MINUTE_S == utc_min:
            out.append(replay.rating(waiting.pop(0)))
        replay.minute(utc_min)
    return out
