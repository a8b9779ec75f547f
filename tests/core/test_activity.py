import struct

from biocore.activity import Activity
from biocore.record import NO_LIGHT_ALPHA, NO_LIGHT_MLX
from biocore.units import alpha_q18, ticks_add, ticks_diff


def burst(x, y, z, n=25):
    return struct.pack("<3h", x, y, z) * n


def minute(activity, xyz_of_window):
    for window in range(12):
        for _ in range(5):
            activity.add(burst(*xyz_of_window(window)), 25)
        activity.end_window()
    activity.end_epoch()


def test_a_still_minute():
    activity = Activity()
    minute(activity, lambda window: (0, 0, 1000))
    assert activity.enmo_dmg == 0
    assert activity.angle_step_median_cdeg == 0
    assert activity.angle_step_max_cdeg == 0
    assert activity.valid_s == 60
    assert not activity.clipped


def test_enmo_is_the_mean_above_one_g():
    activity = Activity()
    minute(activity, lambda window: (0, 0, 1250 if window % 2 else 1000))
    assert activity.enmo_dmg == 1250  # half the time 250 mg


def test_angle_steps_median_and_maximum():
    activity = Activity()
    # flat, then once on its side: one step of 90 degrees among eleven
    minute(activity, lambda window: (0, 0, 1000) if window < 6 else (1000, 0, 0))
    assert activity.angle_step_median_cdeg == 0
    assert abs(activity.angle_step_max_cdeg - 9000) <= 6
    # the step across the minute's edge counts in the next minute
    minute(activity, lambda window: (0, 0, 1000))
    assert abs(activity.angle_step_max_cdeg - 9000) <= 6


def test_a_minute_without_samples_is_not_still():
    activity = Activity()
    activity.end_window()
    activity.end_epoch()
    assert activity.valid_s == 0
    assert activity.angle_step_max_cdeg == 65535
    assert activity.light_mlx == NO_LIGHT_MLX
    assert activity.light_alpha_q18 == NO_LIGHT_ALPHA


def test_left_justified_samples_are_shifted():
    activity = Activity(shift=3)
    activity.add(burst(0, 0, 1500 * 8), 25)
    activity.end_window()
    activity.end_epoch()
    assert activity.enmo_dmg == 5000


def test_clipping_is_flagged():
    activity = Activity()
    activity.add(burst(0, 0, 4090), 25)
    activity.end_epoch()
    assert activity.clipped


def test_mean_light_is_exact_and_alpha_is_the_mean_of_alpha():
    activity = Activity()
    readings = [0, 1, 999, 100000, 120000000, 7, 0, 0, 0, 250001, 3, 5]
    for reading in readings:
        activity.add_light(reading)
    activity.end_epoch()
    assert activity.light_mlx == sum(readings) // 12
    assert activity.light_alpha_q18 == sum([alpha_q18(r) for r in readings]) // 12
    # mean alpha is far below the alpha of the mean: that is the point of it (models, section 3)
    assert activity.light_alpha_q18 < alpha_q18(sum(readings) // 12) // 2


def test_alpha_is_forgers():
    for lux in (0.01, 0.1, 1, 10, 100, 1000, 9500, 50000, 120000):
        expected = 0.05 * (lux / 9500) ** 0.5
        # the rest is what a step of 2**-18 and the float64 or float32 above cannot tell apart
        assert abs(alpha_q18(int(lux * 1000)) / 262144 - expected) <= 1.6 / 131072 + expected * 2e-5
    assert alpha_q18(167000000) < 65535


def test_ticks_wrap():
    last = (1 << 30) - 1
    assert ticks_diff(5, last) == 6
    assert ticks_diff(last, 5) == -6
    assert ticks_add(last, 1) == 0
