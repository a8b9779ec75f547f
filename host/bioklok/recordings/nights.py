"""The nights of a recording: as its file states them, else as the wrist's own finder finds them."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from biocore.sleep import MOTIONLESS, STILL

from bioklok.analysis import counts
from bioklok.analysis.clock import local_time
from bioklok.analysis.sleep import (
    LONGEST_GAP_MIN,
    NOON,
    SHORTEST_NIGHT_MIN,
    WORN_MIN,
    Night,
    noon_bounds_utc_s,
)
from bioklok.analysis.wear import runs
from bioklok.recordings.recording import MINUTE_S, BoolArray, FloatArray, Minutes, Recording

HANDLED_AFTER_MIN = 6 * 60
BESIDE_MIN = 10
SHORT_GAP_MIN = 15
FROM_FILE, FOUND = "file", "found"


@dataclass(frozen=True)
class Span:
    """A night in minutes of the recording, [onset, wake), and which of the two ends is known."""

    onset: int
    wake: int
    onset_known: bool
    wake_known: bool


@dataclass(frozen=True)
class Sleep:
    """asleep: 1, 0 or NaN a minute (n). nights: one for each evening with data, oldest first.

    still: what counts as sleep inside a night, (n). spans: the nights' minutes, for those that
    were found. source: where `asleep` comes from, FROM_FILE or FOUND.
    """

    asleep: FloatArray
    still: BoolArray
    nights: tuple[Night, ...]
    spans: tuple[Span, ...]
    source: str


def sleep_of(recording: Recording, minutes: Minutes, zone: ZoneInfo) -> Sleep:
    """Find the nights of a recording, and what is known of sleep minute by minute."""
    says_sleep = not bool(np.isnan(minutes.asleep).all())
    codes = counts.stillness(minutes.counts, recording.still_below)
    still = (codes == STILL) | (codes == MOTIONLESS)
    if recording.says_nights and says_sleep:
        spans = stated_spans(minutes.asleep)
        still = minutes.asleep == 1
    else:
        off_wrist = ~minutes.valid | counts.lifeless(minutes.counts)
        found = counts.found_nights(codes, off_wrist, finder=counts.finder_of_sleeps)
        spans = [_span(minutes, night) for night in found]
    by_evening: dict[date, Span] = {}
    for span in spans:
        evening = evening_of(minutes, span.onset, zone)
        longest = by_evening.get(evening)
        if longest is None or span.wake - span.onset > longest.wake - longest.onset:
            by_evening[evening] = span
    nights = _nights(minutes, by_evening, still, zone)
    kept = tuple(by_evening[evening] for evening in sorted(by_evening))
    asleep, source = minutes.asleep, FROM_FILE
    if not says_sleep:
        asleep, source = _asleep(minutes, by_evening, still, zone), FOUND
    return Sleep(asleep, still, nights, kept, source)


def evening_of(minutes: Minutes, minute: int, zone: ZoneInfo) -> date:
    """Return the evening of the night, noon to noon, in which a minute lies."""
    moment = local_time(minutes.start_utc_s + MINUTE_S * minute, zone)
    return moment.date() - timedelta(days=moment.hour < NOON)


def stated_spans(asleep: FloatArray) -> list[Span]:
    """Join what is stated as sleep over less than an hour of waking; 3 hours and more are nights.

    asleep: 1, 0 or NaN a minute (n). An end is known where the minute beyond it is stated awake.
    """
    joined: list[tuple[int, int]] = []
    for start, end, value in runs(asleep == 1):
        if not value:
            continue
        if joined and start - joined[-1][1] < LONGEST_GAP_MIN:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [
        Span(
            start,
            end,
            start > 0 and bool(asleep[start - 1] == 0),
            end < len(asleep) and bool(asleep[end] == 0),
        )
        for start, end in joined
        if end - start >= SHORTEST_NIGHT_MIN
    ]


def _span(minutes: Minutes, night: counts.FoundNight) -> Span:
    """An end beside minutes without data is not known: the true one may lie among them.

    But where they are a quarter of an hour at most, that is less than the finder's own doubt. And
    who takes a recorder off, or puts it on, is awake: where the recorder's own sensor says that it
    was taken off after six hours of sleep, the night ended then, and the same at its begin.
    """
    onset, wake = max(0, night.onset), min(night.wake, len(minutes))
    is_long = wake - onset >= HANDLED_AFTER_MIN
    before = slice(max(0, onset - BESIDE_MIN - SHORT_GAP_MIN - 1), onset)
    after = slice(wake, wake + BESIDE_MIN + SHORT_GAP_MIN + 1)
    return Span(
        onset,
        wake,
        night.onset_known
        or _is_sure(minutes.valid[before][::-1], minutes.off_wrist[before][::-1], is_long),
        night.wake_known or _is_sure(minutes.valid[after], minutes.off_wrist[after], is_long),
    )


def _is_sure(valid: BoolArray, off_wrist: BoolArray, is_long: bool) -> bool:
    """Whether an end stands although data is missing beside it; minutes (n) outwards from it."""
    if is_long and bool(off_wrist[:BESIDE_MIN].any()):
        return True
    missing = np.flatnonzero(~valid)
    return (
        0 < len(missing) <= SHORT_GAP_MIN
        and int(missing[0]) < BESIDE_MIN
        and len(valid) > BESIDE_MIN + SHORT_GAP_MIN
    )


def _cut(minutes: Minutes, evening: date, zone: ZoneInfo) -> slice:
    low, high = (
        min(max((utc_s - minutes.start_utc_s) // MINUTE_S, 0), len(minutes))
        for utc_s in noon_bounds_utc_s(evening, zone)
    )
    return slice(low, high)


def _nights(
    minutes: Minutes, spans: dict[date, Span], still: BoolArray, zone: ZoneInfo
) -> tuple[Night, ...]:
    first = evening_of(minutes, 0, zone)
    last = evening_of(minutes, len(minutes) - 1, zone)
    out = []
    for n in range((last - first).days + 1):
        evening = first + timedelta(days=n)
        cut = _cut(minutes, evening, zone)
        if not minutes.present[cut].any():
            continue
        worn = int(np.count_nonzero(minutes.valid[cut])) >= WORN_MIN
        span = spans.get(evening)
        if span is None:
            out.append(Night(evening, None, None, None, worn))
            continue
        onset, wake = (
            local_time(minutes.start_utc_s + MINUTE_S * minute, zone)
            for minute in (span.onset, span.wake)
        )
        asleep_min = int(np.count_nonzero(still[span.onset : span.wake]))
        out.append(
            Night(
                evening,
                onset if span.onset_known else None,
                wake if span.wake_known else None,
                asleep_min if span.onset_known and span.wake_known else None,
                worn,
            )
        )
    return tuple(out)


def _asleep(
    minutes: Minutes, spans: dict[date, Span], still: BoolArray, zone: ZoneInfo
) -> FloatArray:
    """Still minutes inside the nights; of a noon to noon without a night nothing is known."""
    out: FloatArray = np.full(len(minutes), np.nan)
    for evening in spans:
        out[_cut(minutes, evening, zone)] = 0.0
    for span in spans.values():
        out[span.onset : span.wake] = still[span.onset : span.wake]
    out[~minutes.valid] = np.nan
    return out
