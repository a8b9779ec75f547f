import gc

from biocore.sleep import (
    DOUBTFUL,
    MOTIONLESS,
    MOVING,
    SNAPSHOT_BYTES,
    STILL,
    UNKNOWN,
    Sleep,
    stillness,
)

MOVE = 3000  # cdeg
TURN = 6000
STIR = 300
TABLE = 5  # the sensor's noise


def minutes(sleep, n, angle_step_max_cdeg, off_wrist=False):
    """Step n minutes; return how many of them were scored as sleep."""
    asleep = 0
    for _ in range(n):
        sleep.step(angle_step_max_cdeg, off_wrist)
        asleep += sleep.asleep
    return asleep


def slumber(sleep, n, every=20):
    """n minutes of a sleeper, who stirs now and then and turns over sometimes."""
    asleep = 0
    for i in range(n):
        step = TURN if i % (3 * every) == every else STIR if i % every == 0 else 20
        asleep += minutes(sleep, 1, step)
    return asleep


def lcg(seed):
    """Random numbers, the same on both interpreters."""
    while True:
        seed = (seed * 4005 + 12345) & 0xFFFFF
        yield seed >> 4


def state(sleep):
    buffer = bytearray(SNAPSHOT_BYTES)
    sleep.snapshot_into(buffer, 0)
    return bytes(buffer)


def test_a_night_and_waking():
    sleep = Sleep()
    minutes(sleep, 120, MOVE)
    assert not sleep.asleep and sleep.awake_min == -1
    assert slumber(sleep, 480) > 420
    assert 470 <= sleep.asleep_min <= 481  # told late, but counted from its beginning
    minutes(sleep, 3, MOVE)
    assert not sleep.asleep
    assert 470 <= sleep.asleep_min <= 481
    assert sleep.awake_min == 3  # counted from the first movement
    minutes(sleep, 60, MOVE)
    assert sleep.awake_min == 63


def test_scattered_movement_is_waking_too():
    sleep = Sleep()
    slumber(sleep, 300)
    for _ in range(10):
        minutes(sleep, 1, MOVE)
        minutes(sleep, 3, 20)
    assert not sleep.asleep and 0 <= sleep.awake_min <= 40


def test_turning_over_is_not_waking():
    sleep = Sleep()
    slumber(sleep, 90)
    for _ in range(8):
        minutes(sleep, 1, TURN)
        assert minutes(sleep, 29, 20) == 29


def test_a_still_lesson_is_not_a_night():
    sleep = Sleep()
    minutes(sleep, 60, MOVE)
    minutes(sleep, 50, 50)
    minutes(sleep, 40, MOVE)
    assert not sleep.asleep and sleep.awake_min == -1


def test_a_nap_does_not_end_the_day():
    sleep = Sleep()
    slumber(sleep, 480)
    minutes(sleep, 300, MOVE)
    assert slumber(sleep, 90) > 0
    minutes(sleep, 10, MOVE)
    assert sleep.awake_min == 400


def test_sleep_that_goes_on_after_waking_was_one_sleep():
    sleep = Sleep()
    slumber(sleep, 150)
    minutes(sleep, 10, MOVE)
    assert not sleep.asleep and sleep.awake_min == -1
    slumber(sleep, 150)
    minutes(sleep, 10, MOVE)
    assert sleep.awake_min == 10
    assert 290 <= sleep.asleep_min <= 311


def test_off_30_minutes_is_no_sleep_and_rewear_recovers():
    """Off 30 minutes scored as sleep, and still asleep after re-wear, shipped elsewhere."""
    sleep = Sleep()
    minutes(sleep, 30, MOVE)
    assert minutes(sleep, 30, TABLE) == 0
    assert minutes(sleep, 120, MOVE) == 0


def test_hours_on_a_table_are_no_sleep_and_rewear_recovers():
    sleep = Sleep()
    minutes(sleep, 30, MOVE)
    assert minutes(sleep, 75, TABLE) == 0  # the non-wear rule needs its hour and a quarter
    assert minutes(sleep, 200, TABLE, off_wrist=True) == 0
    minutes(sleep, 1, 4000)
    assert minutes(sleep, 20, MOVE) == 0
    assert sleep.awake_min == -1
    assert slumber(sleep, 300) > 240


def test_a_table_that_is_pushed_once_is_no_sleep():
    sleep = Sleep()
    minutes(sleep, 30, MOVE)
    asleep = minutes(sleep, 40, TABLE)
    asleep += minutes(sleep, 1, MOVE)
    asleep += minutes(sleep, 30, TABLE)
    asleep += minutes(sleep, 30, MOVE)
    assert asleep == 0


def test_taken_off_when_getting_up_is_no_sleep_on_the_table():
    sleep = Sleep()
    slumber(sleep, 480)
    minutes(sleep, 3, MOVE)
    assert minutes(sleep, 75, TABLE) == 0
    assert minutes(sleep, 300, TABLE, off_wrist=True) == 0
    assert sleep.awake_min == 378


def test_a_rest_without_stirs_is_believed_once_the_non_wear_rule_had_its_say():
    sleep = Sleep()
    minutes(sleep, 30, MOVE)
    assert minutes(sleep, 77, TABLE) == 0
    assert minutes(sleep, 20, TABLE) == 20
    assert sleep.asleep_min == 95  # the two minutes after so much movement do not count


def test_an_unknown_angle_is_not_still():
    sleep = Sleep()
    assert minutes(sleep, 300, 65535) == 0


def test_one_still_hour_in_deep_sleep_does_not_lose_the_night():
    sleep = Sleep()
    minutes(sleep, 60, MOVE)
    slumber(sleep, 300)
    minutes(sleep, 60, 20)
    minutes(sleep, 10, 20, off_wrist=True)  # the non-wear rule met an hour of deep sleep
    assert not sleep.asleep and 70 <= sleep.awake_min <= 95
    minutes(sleep, 1, TURN)
    slumber(sleep, 150)
    assert sleep.asleep
    minutes(sleep, 20, MOVE)
    assert not sleep.asleep and sleep.awake_min == 20


def test_taken_off_asleep_the_night_counts_and_ended_there():
    sleep = Sleep()
    slumber(sleep, 400)
    minutes(sleep, 60, TABLE)
    minutes(sleep, 200, TABLE, off_wrist=True)
    minutes(sleep, 60, MOVE)
    assert not sleep.asleep
    assert 300 <= sleep.awake_min <= 345


def test_a_restart_lets_a_sleep_go_on_and_a_longer_hole_ends_it():
    sleep = Sleep()
    slumber(sleep, 300)
    before = sleep.asleep_min
    sleep.skip(3)
    assert sleep.asleep and sleep.asleep_min == before + 3
    sleep.skip(40)
    assert not sleep.asleep and sleep.asleep_min == before + 3
    assert sleep.awake_min == 40
    sleep.skip(99999)
    sleep.skip(-1)
    assert sleep.awake_min == 32767


def test_what_a_minute_says():
    assert stillness(65535, 65535) == UNKNOWN
    assert stillness(51, 100) == MOVING
    assert stillness(50, 100) == DOUBTFUL
    assert stillness(14, 60) == DOUBTFUL
    assert stillness(2, 501) == MOVING  # a turn
    assert stillness(13, 500) == STILL
    assert stillness(2, 101) == STILL
    assert stillness(2, 100) == MOTIONLESS
    assert stillness(0, 0) == MOTIONLESS


def test_a_snapshot_at_any_minute_changes_nothing():
    one = Sleep()
    random = lcg(7)
    buffer = bytearray(SNAPSHOT_BYTES + 3)
    other = one
    for i in range(3000):
        step = 20 if next(random) % 16 else next(random) % 3000
        off = i % 900 > 850
        one.step(step, off)
        other.step(step, off)
        assert other.asleep == one.asleep and other.awake_min == one.awake_min
        if i % 11 == 0:
            assert one.snapshot_into(buffer, 3) == 3 + SNAPSHOT_BYTES
            other = Sleep()
            assert other.restore(buffer, 3) == 3 + SNAPSHOT_BYTES
            assert state(other) == state(one)
    assert one.awake_min >= 0


def test_any_bytes_and_any_input_leave_a_legal_state():
    random = lcg(99)
    for seed in range(60):
        sleep = Sleep()
        fill = 0 if seed == 0 else 255
        raw = bytes([next(random) & 255 if seed > 1 else fill for _ in range(SNAPSHOT_BYTES)])
        sleep.restore(raw, 0)
        for _ in range(200):
            sleep.step(next(random) if next(random) & 1 else TABLE, next(random) % 40 == 0)
            assert sleep.asleep in (True, False)
            assert 0 <= sleep.asleep_min <= 32767
            assert -1 <= sleep.awake_min <= 32767
        after = state(sleep)
        other = Sleep()
        other.restore(after, 0)
        assert state(other) == after


def allocated_in(sleep, n):
    """Bytes that n steps allocate; what the measuring itself takes is left out."""
    moves = (MOVE, TABLE, STIR, TURN, 20)
    before = gc.mem_alloc()
    nothing = gc.mem_alloc() - before
    before = gc.mem_alloc()
    for i in range(n):
        sleep.step(moves[i % 97 % 5] if i % 700 < 200 else 20, i % 700 > 600)
    return gc.mem_alloc() - before - nothing


def test_a_step_allocates_nothing():
    if not hasattr(gc, "mem_alloc"):
        assert SNAPSHOT_BYTES <= 20  # only MicroPython counts its bytes
        return
    gc.collect()
    gc.disable()
    try:
        sleep = Sleep()
        assert allocated_in(sleep, 3) <= 64  # the loop's own
        few = allocated_in(sleep, 100)
        assert allocated_in(sleep, 2100) == few
    finally:
        gc.enable()
