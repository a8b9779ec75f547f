import gc
import sys

from biocore import usual
from biocore.decision import (
    ASLEEP,
    BODY_CLOCK_UNSURE,
    JUST_AWAKE,
    LEARNING,
    NIGHT_MISSED,
    NO_CLOCK,
    NO_NIGHT_YET,
    OFF_WRIST,
)
from biocore.estimator import SNAPSHOT_BYTES, Estimator
from biocore.lamp import FOCUS, UNKNOWN
from biocore.record import EPOCH_FLAGS, MARK_SHARP, MARK_TIRED, NO_LIGHT_ALPHA, bits

MONDAY = 29812320  # minutes since 1970: 2026-09-07 00:00 UTC
BED, UP = 22 * 60, 7 * 60
PRESSES = (9 * 60, 14 * 60, 20 * 60 + 30)
# enmo_dmg, median and largest angle step, alpha
ABOUT = (600, 300, 3000, 1600)
READING = (120, 20, 700, 1200)
EVENING = (300, 100, 2000, 300)
SLEEPING = (10, 5, 50, 0)
STIRRING = (30, 10, 300, 0)
TABLE = (0, 0, 5, 0)


def epoch_of(minute):
    of_day = minute % 1440
    if of_day < UP or of_day >= BED:
        return STIRRING if minute % 23 == 0 else SLEEPING
    if of_day > 19 * 60:
        return EVENING
    return READING if minute % 60 < 20 else ABOUT


def step(one, minute, epoch, still_hour=False, marks=0, clock=True):  # noqa: PLR0917
    return one.step(
        MONDAY + minute if clock else 0,
        epoch[0],
        epoch[1],
        epoch[2],
        epoch[3],
        still_hour,
        marks,
    )


def mark_of(minute):
    return MARK_SHARP if minute % 1440 < 17 * 60 else MARK_TIRED


def live(one, begin, end, clock=True, epoch=None, presses=()):  # noqa: PLR0917
    """Minutes [begin, end) from Monday 00:00 UTC of an ordinary student; their flags."""
    return [
        step(
            one,
            minute,
            epoch or epoch_of(minute),
            marks=mark_of(minute) if minute % 1440 in presses else 0,
            clock=clock,
        )
        for minute in range(begin, end)
    ]


def lamp(flags):
    return bits(EPOCH_FLAGS, "lamp", flags)


def reason(flags):
    return bits(EPOCH_FLAGS, "reason", flags)


def days(n, one=None):
    one = one or Estimator()
    live(one, 12 * 60, 1440)
    for day in range(1, n):
        live(one, 1440 * day, 1440 * (day + 1))
    return one


def test_unknown_until_a_night_was_seen():
    flags = live(Estimator(), 12 * 60, BED)
    assert {lamp(f) for f in flags} == {UNKNOWN}
    assert {reason(f) for f in flags} == {NO_NIGHT_YET}


def test_without_a_clock_it_is_unknown_and_says_so():
    one = days(6)
    flags = live(one, 6 * 1440, 6 * 1440 + 900, clock=False)
    assert {lamp(f) for f in flags} == {UNKNOWN}
    assert reason(flags[-1]) == NO_CLOCK


def test_the_first_days_are_for_learning_and_then_there_are_states():
    one = Estimator()
    flags = live(one, 12 * 60, 3 * 1440, presses=PRESSES)
    assert {lamp(f) for f in flags} == {UNKNOWN}
    assert {reason(f) for f in flags} == {NO_NIGHT_YET, ASLEEP, JUST_AWAKE, LEARNING}
    for at in range(3, 12):
        live(one, 1440 * at, 1440 * (at + 1), presses=PRESSES)
    day = live(one, 12 * 1440, 14 * 1440, presses=PRESSES)
    shown = [lamp(f) for f in day[UP:BED] + day[1440 + UP : 1440 + BED]]
    assert FOCUS in shown and len(set(shown)) >= 3
    known = [state for state in shown if state != UNKNOWN]
    assert len(known) / len(shown) > 0.7
    # three tenths of all hours when days are alike, more while presses still raise the day
    assert 0.15 < known.count(FOCUS) / len(known) < 0.65


def test_at_most_six_changes_in_a_school_day():
    one = days(6)
    for day in range(6, 12):
        flags = live(one, 1440 * day, 1440 * (day + 1), presses=(600, 700, 900))
        states = [lamp(f) for f in flags[480:961]]
        assert sum([states[i] != states[i - 1] for i in range(1, len(states))]) <= 6


def test_asleep_is_told_and_ends():
    one = days(2)
    flags = live(one, 2 * 1440, 3 * 1440)
    assert reason(flags[3 * 60]) == ASLEEP and bits(EPOCH_FLAGS, "asleep", flags[180]) == 1
    assert bits(EPOCH_FLAGS, "asleep", flags[UP + 30]) == 0
    assert reason(flags[UP + 30]) in (JUST_AWAKE, LEARNING)


def test_off_the_wrist_is_unknown_and_a_stir_brings_it_back():
    one = days(8)
    noon = 8 * 1440 + 12 * 60
    live(one, 8 * 1440, noon)
    live(one, noon, noon + 75, epoch=TABLE)
    flags = step(one, noon + 75, TABLE, still_hour=True)
    assert (lamp(flags), reason(flags)) == (UNKNOWN, OFF_WRIST)
    assert bits(EPOCH_FLAGS, "still_hour", flags) == 1
    off = live(one, noon + 76, noon + 120, epoch=TABLE)
    assert {reason(f) for f in off} == {OFF_WRIST}
    assert {bits(EPOCH_FLAGS, "asleep", f) for f in off} == {0}
    again = live(one, noon + 120, noon + 300)
    assert reason(again[0]) != OFF_WRIST
    assert lamp(again[-1]) != UNKNOWN


def test_a_night_off_the_wrist_is_a_night_missed():
    one = days(8)
    live(one, 8 * 1440, 8 * 1440 + 20 * 60)
    evening = 8 * 1440 + 20 * 60
    for minute in range(evening, evening + 12 * 60):
        step(one, minute, TABLE, still_hour=minute % 15 == 0 and minute > evening + 70)
    flags = live(one, evening + 12 * 60, evening + 16 * 60)
    assert {lamp(f) for f in flags} == {UNKNOWN}
    assert reason(flags[-1]) == NIGHT_MISSED


def test_who_sleeps_at_another_time_than_told_has_a_body_clock_unsure():
    one = Estimator()
    one.set_local(40, usual.DEFAULT)  # ten hours east, says the device: sleep from 8 to 17 h
    days(3, one)
    assert one.phase.cbtmin_sd_min() > 120
    flags = live(one, 3 * 1440, 3 * 1440 + 900)
    assert {reason(f) for f in flags[600:]} == {BODY_CLOCK_UNSURE}
    one.skip(60 * 1440)
    assert one.phase.cbtmin_sd_min() > 300


def state(one):
    buffer = bytearray(SNAPSHOT_BYTES)
    assert one.snapshot_into(buffer, 0) == SNAPSHOT_BYTES
    return buffer


def test_missing_minutes_are_found_and_skipped():
    one, other = days(4), days(4)
    live(one, 4 * 1440 + 25, 4 * 1440 + 60)
    other.skip(25)
    for minute in range(4 * 1440 + 25, 4 * 1440 + 60):
        step(other, minute, epoch_of(minute))
    assert state(one) == state(other)


def test_a_gap_without_a_clock_is_made_up_when_there_is_one():
    one = days(4)
    before = one.phase.minutes_since_cbtmin()
    live(one, 4 * 1440 + 200, 4 * 1440 + 230, clock=False)
    live(one, 4 * 1440 + 230, 4 * 1440 + 231)
    told = days(4)
    live(told, 4 * 1440 + 200, 4 * 1440 + 231)
    drift = abs(one.phase.minutes_since_cbtmin() - told.phase.minutes_since_cbtmin())
    assert drift <= 2 and before != one.phase.minutes_since_cbtmin()


def test_a_clock_put_back_skips_nothing():
    one = days(4)
    night = one.night.wake_min()
    step(one, 4 * 1440 - 50, ABOUT)
    assert one.night.wake_min() == night + 1


def test_presses_are_learnt_and_say_who_is_up():
    silent, sharp = days(4), days(4)
    live(silent, 4 * 1440, 5 * 1440)
    live(sharp, 4 * 1440, 5 * 1440, presses=(600,))
    at = (0.0, 0.0, 600, 180)
    assert sharp.focus.predict(*at)[0] > silent.focus.predict(*at)[0] + 0.1
    both = days(4)
    live(both, 4 * 1440, 4 * 1440 + 600)
    step(both, 4 * 1440 + 600, ABOUT, marks=MARK_SHARP | MARK_TIRED)
    live(both, 4 * 1440 + 601, 5 * 1440)
    assert abs(both.focus.predict(*at)[0] - silent.focus.predict(*at)[0]) < 1e-6
    up = days(2)
    live(up, 2 * 1440, 2 * 1440 + UP)
    assert up.sleep.asleep and up.night.wake_min() > 1000
    step(up, 2 * 1440 + UP, ABOUT, marks=MARK_TIRED)
    assert not up.sleep.asleep and up.night.wake_min() < 30


def test_missing_light_is_no_error():
    one = Estimator()
    for minute in range(720, 3 * 1440):
        epoch = epoch_of(minute)
        flags = step(one, minute, (epoch[0], epoch[1], epoch[2], NO_LIGHT_ALPHA))
    assert lamp(flags) == UNKNOWN and one.context.value <= 2


def test_a_snapshot_at_any_minute_changes_nothing():
    one = days(5)
    buffer = bytearray(SNAPSHOT_BYTES + 9)
    other = None
    for minute in range(5 * 1440, 7 * 1440):
        if minute % 97 == 0:
            assert one.snapshot_into(buffer, 9) == SNAPSHOT_BYTES + 9
            other = Estimator()
            assert other.restore(buffer, 9)
        marks = MARK_TIRED if minute % 500 == 13 else 0
        epoch = epoch_of(minute)
        flags = step(one, minute, epoch, marks=marks)
        if other:
            assert step(other, minute, epoch, marks=marks) == flags
    assert state(one) == state(other)


def test_a_snapshot_of_another_version_is_refused():
    one = Estimator()
    buffer = state(days(2))
    buffer[0] = 99
    assert not one.restore(buffer, 0)
    assert state(one) == state(Estimator())


def test_the_snapshot_fits_a_page_of_flash():
    assert SNAPSHOT_BYTES <= 248  # with sequence number and CRC 256


def test_a_minute_allocates_nothing_and_the_state_is_small():
    """2 kB on a chip of 32 bits; a 64-bit build needs 1.4 to 2 times as much for the same."""
    if not hasattr(gc, "mem_alloc"):
        return  # CPython does not say
    gc.collect()
    before = gc.mem_alloc()
    one = Estimator()
    gc.collect()
    bytes_ram = gc.mem_alloc() - before
    assert bytes_ram <= (2867 if sys.maxsize > 1 << 31 else 2048)
    live(one, 12 * 60, 5 * 1440)
    allocated = set()
    gc.collect()
    gc.disable()
    for minute in range(5 * 1440, 5 * 1440 + 300):
        epoch = epoch_of(minute)
        utc_min = MONDAY + minute
        before = gc.mem_alloc()
        one.step(utc_min, epoch[0], epoch[1], epoch[2], epoch[3], False, 0)
        after = gc.mem_alloc()
        if one.phase.minute_of_quarter() != 0 and one.night.wake_min() != 0:
            allocated.add(after - before)
        elif minute % 90 == 0:
            gc.collect()
    gc.enable()
    assert allocated == {0}
