import struct

from biocore import _kernels_layout as at
from biocore.activity import Activity
from biocore.wear import Wear


def run(wear, activity, minutes, samples_of_second):
    """Feed minutes; return the minutes (counted from 1) at which the hour was still."""
    found = []
    for m in range(1, minutes + 1):
        for second in range(60):
            activity.add(samples_of_second(second), 25)
            if second % 5 == 4:
                activity.end_window()
        activity.end_epoch()
        if wear.step(activity.state):
            found.append(m)
    return found


FLAT = struct.pack("<3h", 10, -20, 1000) * 25
MOVING = struct.pack("<3h", 10, -20, 1000) * 24 + struct.pack("<3h", 80, 60, 900)
# still on two axes, restless on the third
ONE_AXIS = struct.pack("<3h", 10, -20, 1000) * 12 + struct.pack("<3h", 200, -20, 1000) * 13
# within 50 mg but with an SD of about 17 mg: breathing hard against the table
RESTLESS = (struct.pack("<3h", 0, 0, 1000) + struct.pack("<3h", 34, 34, 1034)) * 12 + struct.pack(
    "<3h", 0, 0, 1000
)


def test_an_hour_on_a_table_is_found_at_its_end_and_every_quarter_after():
    assert run(Wear(), Activity(), 90, lambda s: FLAT) == [60, 75, 90]


def test_a_moving_wrist_is_worn():
    assert run(Wear(), Activity(), 60, lambda s: MOVING) == []


def test_two_still_axes_are_enough():
    assert run(Wear(), Activity(), 60, lambda s: ONE_AXIS) == [60]


def test_small_but_restless_is_worn():
    assert run(Wear(), Activity(), 60, lambda s: RESTLESS) == []


def test_a_table_that_hums_is_off_the_wrist():
    """A fan, a phone: +-10 mg on every axis, an SD below 13."""
    hum = (struct.pack("<3h", 10, -10, 1010) + struct.pack("<3h", -10, 10, 990)) * 12
    hum += struct.pack("<3h", 0, 0, 1000)
    assert run(Wear(), Activity(), 60, lambda s: hum) == [60]


def test_put_down_at_any_minute_it_is_told_within_75():
    for worn in (1, 8, 14):
        wear = Wear()
        activity = Activity()
        run(wear, activity, worn, lambda s: MOVING)
        first = run(wear, activity, 80, lambda s: FLAT)[0]
        assert first == 75 - worn


def test_a_slow_drift_over_the_hour_is_not_still():
    wear = Wear()
    activity = Activity()
    found = []
    for m in range(60):
        sample = struct.pack("<3h", m, -m, 1000 + m) * 25  # range 59 mg in the hour, 14 a block
        for second in range(60):
            activity.add(sample, 25)
            if second % 5 == 4:
                activity.end_window()
        activity.end_epoch()
        found.append(wear.step(activity.state))
    assert not any(found)


def test_putting_it_on_again_ends_it():
    wear = Wear()
    activity = Activity()
    assert run(wear, activity, 60, lambda s: FLAT) == [60]
    assert run(wear, activity, 15, lambda s: MOVING) == []


def test_a_block_without_samples_says_nothing():
    wear = Wear()
    activity = Activity()
    run(wear, activity, 45, lambda s: FLAT)
    found = []
    for _ in range(15):
        activity.end_epoch()
        found.append(wear.step(activity.state))
    assert not any(found)
    assert activity.state[at.N_BLOCK] == 0
