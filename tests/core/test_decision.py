import gc
import struct

from biocore import decision
from biocore.decision import (
    ABOVE_USUAL,
    ASLEEP,
    BELOW_USUAL,
    LEARNING,
    LONG_STILL,
    OFF_WRIST,
    REASONS,
    STARTING,
    USUAL,
    Decision,
)
from biocore.lamp import EASY, FOCUS, PAUSE, STATES, UNKNOWN

DOUBT = 0.05  # variance of the foretold difference, in points


def hour_of(quarter):
    """A day's foretold points: high from the second to the eighth hour, low in the evening."""
    hour = quarter % 64 / 4
    if hour < 2:
        return 0.1 * (hour - 1)
    return 0.8 if hour < 8 else 0.8 - 0.25 * (hour - 8)


def taught(days=8):
    one = Decision()
    for quarter in range(64 * days):
        one.judge(hour_of(quarter), DOUBT, True)
    return one


def minutes(one, n, fact=USUAL, is_quiet=False):
    return [one.step(fact, is_quiet) for _ in range(n)]


def changes(lamps):
    return sum([lamps[i] != lamps[i - 1] for i in range(1, len(lamps))])


def test_every_reason_and_state_has_a_name():
    assert len(REASONS) <= 16 and len(set(REASONS)) == len(REASONS)
    assert len(STATES) == 4
    assert REASONS[decision.LEARNING] == "learning" and REASONS[decision.USUAL] == "usual"


def test_unknown_until_the_student_is_known():
    one = Decision()
    known_after = -1
    for quarter in range(64 * 12):
        one.judge(hour_of(quarter), DOUBT, True)
        lamp = one.step(USUAL, False)
        if not one.is_enough:
            assert (lamp, one.reason) == (UNKNOWN, LEARNING)
        elif known_after < 0:
            known_after = quarter / 64
    assert 2.3 < known_after < 8


def test_two_and_a_third_days_at_least_however_sure_the_foresight():
    one = Decision()
    for quarter in range(149):
        one.judge(hour_of(quarter), 0.0, True)
        assert not one.is_enough


def test_a_large_doubt_is_unknown_however_long_it_lasts():
    one = taught()
    one.judge(0.8, DOUBT, True)
    assert one.is_enough
    one.judge(0.8, 1.0, False)
    assert not one.is_enough
    assert one.step(USUAL, False) == UNKNOWN and one.reason == LEARNING
    flat = Decision()
    for quarter in range(64 * 20):  # a student whose days have no ups and downs
        flat.judge(0.02 * hour_of(quarter), DOUBT, True)
    assert not flat.is_enough


def test_lines_are_the_students_own_quantiles():
    one = taught(30)
    day = sorted([hour_of(quarter) for quarter in range(64)])
    assert abs(one._own[0] - day[45]) < 0.15
    assert abs(one._own[1] - day[10]) < 0.15
    moved = Decision()
    for quarter in range(64 * 30):
        moved.judge(2.0 + 1.5 * hour_of(quarter), DOUBT, True)
    assert abs(moved.spread / one.spread - 1.5) < 0.15


def test_above_usual_and_below():
    one = taught()
    one.judge(1.5, DOUBT, False)
    assert one.step(USUAL, False) == FOCUS and one.reason == ABOVE_USUAL
    one = taught()
    one.judge(-2.0, DOUBT, False)
    assert one.step(USUAL, False) == PAUSE and one.reason == BELOW_USUAL
    one = taught()
    one.judge((one._own[0] + one._own[1]) / 2, DOUBT, False)
    assert one.step(USUAL, False) == EASY and one.reason == USUAL


def test_a_long_still_spell_asks_for_a_pause_and_moving_ends_it():
    one = taught()
    one.judge(0.0, DOUBT, False)
    lamps = minutes(one, 400)
    assert set(lamps) == {EASY}
    lamps = minutes(one, 60, is_quiet=True)
    assert lamps[48] == EASY and lamps[49] == PAUSE and one.reason == LONG_STILL
    lamps = minutes(one, 20)
    assert lamps[0] == PAUSE and lamps[-1] == EASY


def test_unknown_comes_at_once_and_pauses_do_not_count_through_sleep():
    one = taught()
    one.judge(1.5, DOUBT, False)
    minutes(one, 30, is_quiet=True)
    assert one.step(OFF_WRIST, True) == UNKNOWN and one.reason == OFF_WRIST
    minutes(one, 300, ASLEEP, is_quiet=True)
    assert one.step(USUAL, True) == FOCUS


def test_at_most_six_changes_in_any_eight_hours():
    """Whatever comes: levels, stillness, sleep and wear at random."""
    state = 1
    for stride in (1, 7, 40, 90):
        one = taught()
        lamps = []
        fact, quiet = USUAL, False
        for minute in range(5 * 1440):
            if minute % stride == 0:
                state = (state * 4005 + 12345) & 0xFFFFF
                fact = (USUAL, USUAL, OFF_WRIST, ASLEEP)[state >> 6 & 3]
                quiet = state >> 9 & 3 > 0
                one.judge((state >> 11 & 7) - 4.0, DOUBT, False)
            lamps.append(one.step(fact, quiet))
        assert len(set(lamps)) >= 3
        recent = []
        for minute in range(1, len(lamps)):
            if lamps[minute] != lamps[minute - 1]:
                recent = [at for at in recent if at > minute - 480] + [minute]
                assert len(recent) <= 6


def test_no_flicker_on_the_edge():
    one = taught()
    line = one._own[0]
    lamps = []
    for quarter in range(200):
        one.judge(line + (0.02 if quarter % 2 else -0.02), DOUBT, False)
        lamps += minutes(one, 15)
    assert changes(lamps) <= 1


def test_snapshot_goes_on_exactly():
    one = taught()
    other = one
    buffer = bytearray(decision.SNAPSHOT_BYTES + 3)
    for quarter in range(300):
        if quarter % 9 == 0:
            assert one.snapshot_into(buffer, 3) == 3 + decision.SNAPSHOT_BYTES
            other = Decision()
            assert other.restore(buffer, 3) == 3 + decision.SNAPSHOT_BYTES
        for each in (one, other):
            each.judge(hour_of(quarter) + quarter % 7 - 3, DOUBT, quarter % 3 > 0)
        for _ in range(15):
            fact = ASLEEP if quarter % 40 > 30 else USUAL
            quiet = quarter % 10 > 3
            assert one.step(fact, quiet) == other.step(fact, quiet)
            assert one.reason == other.reason


def test_nonsense_starts_anew():
    fresh = bytearray(decision.SNAPSHOT_BYTES)
    Decision().snapshot_into(fresh, 0)
    for fill in (0xFF, 0x7F, 0xC3):
        one = Decision()
        one.restore(bytes([fill]) * decision.SNAPSHOT_BYTES, 0)
        after = bytearray(decision.SNAPSHOT_BYTES)
        one.snapshot_into(after, 0)
        assert after == fresh
    for high in (float("nan"), float("inf")):
        one = Decision()
        one.restore(struct.pack("<2fHHBBBb", high, 0, 400, 0, 0, 0, 0, 0), 0)
        assert abs(one.spread - 0.5) < 1e-6
    one.restore(struct.pack("<2fHHBBBb", 1, 0, 400, 0, FOCUS | OFF_WRIST << 2, 0, 0, 0), 0)
    assert (one.lamp, one.reason) == (UNKNOWN, STARTING)  # no lamp has that reason


def test_a_minute_allocates_nothing():
    one = taught()
    facts = (USUAL, OFF_WRIST, ASLEEP, USUAL)
    minutes(one, 5)
    if not hasattr(gc, "mem_alloc"):
        return  # CPython does not say
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for i in range(2000):
        one.step(facts[i >> 7 & 3], i & 64 == 0)
    after = gc.mem_alloc()
    gc.enable()
    assert after == before
