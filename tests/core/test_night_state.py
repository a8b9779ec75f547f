import gc

from biocore.night import SNAPSHOT_BYTES, Night
from biocore.sleep import DOUBTFUL, MOTIONLESS, MOVING
from night_minutes import day, slumber


def lcg(seed):
    """Random numbers, the same on both interpreters."""
    while True:
        seed = (seed * 4005 + 12345) & 0xFFFFF
        yield seed >> 4


def state(night):
    buffer = bytearray(SNAPSHOT_BYTES)
    night.snapshot_into(buffer, 0)
    return bytes(buffer)


def test_a_snapshot_at_any_minute_changes_nothing():
    random = lcg(3)
    one = Night()
    other = one
    buffer = bytearray(SNAPSHOT_BYTES + 2)
    for i in range(9000):
        asleep = i % 1440 >= 960
        often, seldom = (MOTIONLESS, MOVING) if asleep else (MOVING, MOTIONLESS)
        minute = often if next(random) % 5 else seldom if next(random) % 2 else DOUBTFUL
        off = 3000 < i < 3900 or 6900 < i < 6980
        assert one.step(minute, off) == other.step(minute, off)
        if i % 53 == 0:
            assert one.snapshot_into(buffer, 2) == SNAPSHOT_BYTES + 2
            other = Night()
            assert other.restore(buffer, 2) == SNAPSHOT_BYTES + 2
            assert state(other) == state(one)
            assert other.known() == one.known()
    assert one.nights >= 4
    assert (one.onset_min(), one.wake_min()) == (other.onset_min(), other.wake_min())


def test_any_bytes_and_any_input_leave_a_legal_state():
    random = lcg(17)
    for seed in range(60):
        night = Night()
        fill = 0 if seed == 0 else 255
        raw = bytes([next(random) & 255 if seed > 1 else fill for _ in range(SNAPSHOT_BYTES)])
        night.restore(raw, 0)
        for i in range(300):
            if i % 50 == 49:
                night.skip(next(random))
            elif i % 80 == 79:
                night.mark_bed()
                night.mark_up()
            calm = MOTIONLESS if seed % 2 else MOVING
            night.step(next(random) % 5 if i % 9 == 0 else calm, i % 100 > 90)
            assert 0 <= night.nights <= 65535
            assert (night.nights == 0) == (night.wake_min() == -1)
            if night.nights:
                assert night.onset_min() >= night.wake_min() >= 0
        after = state(night)
        other = Night()
        other.restore(after, 0)
        assert state(other) == after


def test_years_without_a_night_fit_the_snapshot():
    night = Night()
    day(night, 600)
    slumber(night, 480)
    day(night, 60)
    for _ in range(40):
        night.skip(65535)
    other = Night()
    other.restore(state(night), 0)
    assert other.nights == 1 and not other.known()
    assert other.wake_min() == other.onset_min() == 65534
    slumber(other, 480)
    day(other, 60)
    assert other.nights == 2 and other.wake_min() == 60


def test_a_step_allocates_nothing():
    assert SNAPSHOT_BYTES <= 40
    if not hasattr(gc, "mem_alloc"):  # only MicroPython counts its bytes
        return
    night = Night()
    gc.collect()
    gc.disable()
    try:
        few = allocated_in(night, 100)
        assert few <= 64  # the counting's own
        assert allocated_in(night, 4000) == few
    finally:
        gc.enable()
    assert night.nights >= 2


def allocated_in(night, n):
    before = gc.mem_alloc()
    for i in range(n):
        asleep = i % 1400 > 900
        night.step(MOTIONLESS if asleep and i % 13 else MOVING, 800 < i % 1400 < 850)
    return gc.mem_alloc() - before
