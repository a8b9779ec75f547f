from biocore import energy
from biocore.decision import (
    ABOVE_USUAL,
    ASLEEP,
    LONG_STILL,
    NO_NIGHT_YET,
    OFF_WRIST,
    REASONS,
    Decision,
)
from biocore.estimator import Estimator
from biocore.lamp import EASY, FOCUS, PAUSE, STATES, UNKNOWN
from biocore.record import EPOCH_FLAGS, NO_LIGHT_MLX, bits

DAY = (600, 3000, 300000)  # enmo_dmg, angle step, light_mlx
NIGHT = (10, 50, 0)


def live(estimator, minutes, epoch, still_hour=False):
    return [estimator.step(epoch[0], epoch[1], epoch[2], still_hour) for _ in range(minutes)]


def test_oracles_of_the_three_process_model():
    s = 7.96
    kss = []
    for minute in range(0, 31):
        w = energy.inertia(minute)
        # C at its clock phase p = 16.8 h, as the oracle has it; U left out of the device's model
        c = 2.5 * energy.cos(2 * energy.pi / 24 * (8 + minute / 60 - 16.8))
        u = -0.5 + 0.5 * energy.cos(2 * energy.pi / 12 * (8 + minute / 60 - 16.8 - 3))
        kss.append(10.6 - 0.6 * (s + c + u + w))
        s = energy.step_s(s, False)
    assert abs(kss[0] - 10.26) < 0.006
    assert abs(kss[5] - 9.84) < 0.006
    assert abs(kss[30] - 8.36) < 0.006


def test_the_steady_state_of_bed_22_up_7():
    s = 7.96
    for _ in range(14):
        for _ in range(15 * 60):
            s = energy.step_s(s, False)
        for _ in range(9 * 60):
            s = energy.step_s(s, True)
    assert abs(s - 14.023) < 0.03  # minute steps across the break at 12.2


def test_unknown_until_a_night_was_seen():
    estimator = Estimator()
    flags = live(estimator, 600, DAY)
    assert {bits(EPOCH_FLAGS, "lamp", f) for f in flags} == {UNKNOWN}
    assert bits(EPOCH_FLAGS, "reason", flags[-1]) == NO_NIGHT_YET


def test_a_day_after_a_night_shows_something():
    estimator = Estimator()
    live(estimator, 120, DAY)
    asleep = live(estimator, 540, NIGHT)
    assert bits(EPOCH_FLAGS, "asleep", asleep[-1]) == 1
    assert bits(EPOCH_FLAGS, "reason", asleep[-1]) == ASLEEP
    day = live(estimator, 840, DAY)
    shown = [bits(EPOCH_FLAGS, "lamp", f) for f in day]
    assert FOCUS in shown and EASY in shown
    assert bits(EPOCH_FLAGS, "reason", day[300]) == ABOVE_USUAL


def test_off_the_wrist_is_unknown_and_recovers():
    estimator = Estimator()
    live(estimator, 540, NIGHT)
    live(estimator, 200, DAY)
    off = live(estimator, 1, (0, 0, 0), still_hour=True)
    off += live(estimator, 30, (0, 0, 0))
    assert bits(EPOCH_FLAGS, "lamp", off[-1]) == UNKNOWN
    assert bits(EPOCH_FLAGS, "reason", off[-1]) == OFF_WRIST
    assert bits(EPOCH_FLAGS, "asleep", off[-1]) == 0
    again = live(estimator, 20, DAY)
    assert bits(EPOCH_FLAGS, "lamp", again[-1]) != UNKNOWN


def test_a_long_still_spell_asks_for_a_pause():
    decision = Decision()
    for _ in range(120):
        decision.step(False, False, 200, 12.0, False)
    for _ in range(60):
        decision.step(False, False, 260, 12.0, True)
    assert decision.lamp == PAUSE
    assert decision.reason == LONG_STILL


def test_no_flicker_on_the_edge():
    decision = Decision()
    changes = 0
    lamp = decision.lamp
    for minute in range(360):
        level = 12.0 if minute % 2 else 13.2
        decision.step(False, False, 100 + minute, level, False)
        changes += decision.lamp != lamp
        lamp = decision.lamp
    assert changes <= 360 // 15


def test_usual_is_the_mean_of_the_day_and_not_of_waking_up():
    decision = Decision()
    for awake_min in range(900):
        level = 12.0 + (0.0 if awake_min >= 45 else -5.0)
        decision.step(False, False, awake_min, level, False)
    assert abs(decision.usual - 12.0) < 0.01


def test_missing_light_is_no_error():
    estimator = Estimator()
    flags = live(estimator, 60, (600, 3000, NO_LIGHT_MLX))
    assert len(flags) == 60


def test_every_reason_and_state_has_a_name():
    assert len(REASONS) <= 16 and len(set(REASONS)) == len(REASONS)
    assert len(STATES) == 4
