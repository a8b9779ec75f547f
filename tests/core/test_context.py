import gc

from biocore import context
from biocore.context import Context, log2_q4

NO_LIGHT = 65535
ALPHA_DIM = 400  # about 10 lx
ALPHA_DAY = 6000  # about 2000 lx


AWAKE, ASLEEP, OFF_WRIST = (True, True), (True, False), (False, False)


def quarters(one, n, activity, alpha, wearer=AWAKE):
    for _ in range(n):
        for _ in range(15):
            one.step(activity, alpha)
        one.end_quarter(*wearer)


def usual_days(one):
    """Half of the quarter hours lively and bright, half quiet and dim."""
    for _ in range(40):
        quarters(one, 2, 1000, ALPHA_DAY)
        quarters(one, 2, 30, ALPHA_DIM)


def test_logarithm():
    for power in range(29):
        assert log2_q4((1 << power) - 1) == power << 4
    assert log2_q4(2) == 16 + 8
    assert log2_q4(5) == 32 + 8
    assert log2_q4((1 << 29) - 1) == log2_q4(1 << 29) == 29 << 4
    assert log2_q4(-7) == 0
    before = 0
    for value in range(5000):
        assert log2_q4(value) >= before
        before = log2_q4(value)


def test_nothing_is_said_before_there_is_an_own_usual():
    one = Context()
    quarters(one, 7, 10, ALPHA_DIM)  # less than two hours
    quarters(one, 1, 4000, ALPHA_DAY)
    assert one.value == 0.0
    quarters(one, 1, 4000, ALPHA_DAY)
    assert one.value > 0.5


def test_lively_and_bright_is_above_and_still_and_dim_below():
    one = Context()
    usual_days(one)
    quarters(one, 2, 3000, ALPHA_DAY)
    lively = one.value
    quarters(one, 2, 10, ALPHA_DIM)
    assert 0.5 < lively <= 2.0
    assert -2.0 <= one.value < -0.5


def test_the_unit_of_activity_does_not_matter():
    values = []
    for scale in (1, 16):
        one = Context()
        for step in range(60):
            quarters(one, 1, (200 + 37 * step % 700) * scale, ALPHA_DIM)
        quarters(one, 2, 850 * scale, ALPHA_DIM)
        values.append(one.value)
    assert values[0] > 0.3
    assert abs(values[0] - values[1]) < 0.06


def test_only_the_last_half_hour_counts():
    one = Context()
    usual_days(one)
    quarters(one, 1, 3000, ALPHA_DAY)
    quarters(one, 2, 170, 1550)  # the middle, in logarithms
    assert abs(one.value) < 0.25


def test_missing_light_leaves_activity():
    one = Context()
    usual_days(one)
    quarters(one, 2, 3000, NO_LIGHT)
    assert 0.3 < one.value <= 1.0  # half of at most two spreads


def test_off_the_wrist_says_nothing_and_sleep_is_not_learnt():
    one = Context()
    usual_days(one)
    quarters(one, 2, 3000, ALPHA_DAY)
    before = one.value
    quarters(one, 400, 0, 0, ASLEEP)
    quarters(one, 1, 0, 0, OFF_WRIST)
    assert one.value == 0.0
    quarters(one, 2, 3000, ALPHA_DAY)
    assert abs(one.value - before) < 0.1


def test_snapshot_in_the_middle_of_a_quarter_goes_on_exactly():
    one = Context()
    usual_days(one)
    for _ in range(7):
        one.step(500, ALPHA_DAY)
    buffer = bytearray(context.SNAPSHOT_BYTES + 1)
    assert one.snapshot_into(buffer, 1) == 1 + context.SNAPSHOT_BYTES
    other = Context()
    assert other.restore(buffer, 1) == 1 + context.SNAPSHOT_BYTES
    assert other.value == one.value
    for step in range(300):
        for context_ in (one, other):
            context_.step(step * 97 % 3000, step * 611 % 65536)
            if step % 15 == 7:
                context_.end_quarter(True, step % 4 > 0)
        assert one.value == other.value


def test_nonsense_leaves_a_legal_state():
    state = 12345
    for _ in range(200):
        noise = bytearray(context.SNAPSHOT_BYTES)
        for i in range(len(noise)):
            state = (state * 1103 + 12345) & 0xFFFFFF
            noise[i] = state >> 8 & 0xFF
        one = Context()
        one.restore(noise, 0)
        quarters(one, 9, 1 << 28, 65534)
        quarters(one, 1, -5, -7)
        assert -2.0 <= one.value <= 2.0
        assert abs(sum(one._own)) < 1e4


def test_a_minute_allocates_nothing():
    if not hasattr(gc, "mem_alloc"):
        assert Context().value == 0.0  # CPython counts no bytes: MicroPython's own test
        return
    one = Context()
    usual_days(one)
    one.step(300, ALPHA_DAY)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    one.step(300, ALPHA_DAY)
    one.step(70000, NO_LIGHT)
    one.step(0, ALPHA_DIM)
    after = gc.mem_alloc()
    gc.enable()
    assert after == before
