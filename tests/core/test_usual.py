from biocore import usual
from biocore.estimator import SNAPSHOT_BYTES, Estimator

# a minute of Monday noon UTC, moving about in the light
NOON = (29812320 + 720, 600, 300, 3000, 1600, False, 0)


def test_codes_of_the_usual_sleep():
    for bed, wake in ((1290, 420), (0, 480), (1425, 405), (60, 600)):
        code = usual.sleep_code(bed, wake)
        assert 0 < code < 1 << 16
        assert (usual.bed_min_of(code), usual.wake_min_of(code)) == (bed, wake)
    assert (usual.bed_min_of(0), usual.wake_min_of(60000)) == (1290, 420)
    assert usual.sleep_code(600, 600) == usual.DEFAULT == usual.sleep_code(60, 1290)
    assert not usual.is_sleep(65535) and not usual.is_sleep(0)
    assert [usual.offset_quarters(m) for m in (0, 60, 345, -210, 99999, -99999)] == [
        0,
        4,
        23,
        -14,
        127,
        -128,
    ]


def test_untold_it_is_utc_and_the_default_sleep():
    local = usual.Local()
    assert (local.bed_min(), local.wake_min(), local.minute(1500)) == (1290, 420, 60)


def test_told_it_says_whether_the_sleep_is_another():
    local = usual.Local()
    code = usual.sleep_code(1425, 405)
    assert local.set(-14, code)
    assert (local.bed_min(), local.wake_min()) == (1425, 405)
    assert local.minute(1500) == 1500 - 210 and local.minute(100) == 1440 - 110
    assert not local.set(4, code) and local.minute(1500) == 120
    assert local.set(4, usual.DEFAULT) and local.bed_min() == 1290


def test_the_usual_sleep_starts_the_clock_in_local_time():
    early, late = Estimator(), Estimator()
    early.set_local(0, usual.sleep_code(20 * 60, 6 * 60))
    late.set_local(-8, usual.sleep_code(20 * 60, 6 * 60))  # two hours west
    for one in (early, late):
        one.step(*NOON)
    difference = early.phase.minutes_since_cbtmin() - late.phase.minutes_since_cbtmin()
    assert 100 < difference < 140
    untold = Estimator()
    untold.step(*NOON)
    assert untold.phase.cbtmin_sd_min() < 120


def test_what_was_told_outlives_a_restored_state():
    """The snapshot does not hold it, and a focus that began anew has to hear it again."""
    one, other = Estimator(), Estimator()
    code = usual.sleep_code(20 * 60, 6 * 60)
    for each in (one, other):
        each.set_local(0, code)
    buffer = bytearray(SNAPSHOT_BYTES)
    one.snapshot_into(buffer, 0)
    for at in range(6, SNAPSHOT_BYTES):  # all but its version: what no part can take for a state
        buffer[at] = 0xFF
    assert other.restore(buffer, 0)
    other.set_local(0, code)
    fresh = Estimator()
    fresh.set_local(0, code)
    at = (0.0, 0.0, 600, 240)
    assert other.focus.relative(*at) == fresh.focus.relative(*at)
    assert fresh.focus.relative(*at) != Estimator().focus.relative(*at)
