import struct

from biocore import energy
from biocore.energy import Energy

P_H = 16.8  # clock time of C's peak in adults


def level(s, hour, awake_h):
    after_peak_h = hour - P_H
    return (
        energy.process_s_awake(s, awake_h)
        + energy.process_c(after_peak_h)
        + energy.process_u(after_peak_h)
        + energy.process_w(awake_h)
    )


def close(a, b, within):
    return abs(a - b) <= within


def test_oracle_of_waking_at_eight():
    for minutes, kss in ((0, 10.26), (5, 9.84), (30, 8.36)):
        awake_h = minutes / 60
        assert close(energy.kss(level(7.96, 8 + awake_h, awake_h)), kss, 0.006)


def test_oracle_of_the_steady_state():
    s = 14.0
    for _ in range(20):
        s = energy.process_s_asleep(energy.process_s_awake(s, 15), 9)
    assert close(s, 14.023, 0.001)
    for hour, kss in ((8.5, 3.77), (10, 3.41), (12, 3.33), (14, 3.20), (16, 3.04), (20, 3.75)):
        assert close(energy.kss(level(s, hour, hour - 7)), kss, 0.006)


def test_sleep_rises_straight_to_the_break_and_then_bends():
    below = energy.process_s_asleep(8.0, 2.0)
    assert close(below, 8.0 + 2 * 0.800848, 1e-4)
    # The same in one step or in many, across the break at 12.2.
    s = 8.0
    for _ in range(32):
        s = energy.process_s_asleep(s, 0.25)
    assert close(energy.process_s_asleep(8.0, 8.0), s, 1e-4)
    assert 12.2 < s < 14.3


def test_debt_balances_at_eight_hours_and_carries_a_short_week_into_the_weekend():
    debt = 0.0
    for _ in range(60):
        debt = energy.debt_asleep(energy.debt_awake(debt, 16), 8)
    rested = debt  # on waking; as far above the balance at bedtime
    assert abs(rested + energy.debt_awake(rested, 16)) < 0.1
    for _ in range(5):
        debt = energy.debt_asleep(energy.debt_awake(debt, 18), 6)
    week = debt
    # A step towards 6.03 with a time constant of 4.06 days: 0.708 of the way after five.
    assert close(week - rested, 0.708 * 6.03, 0.35)
    debt = energy.debt_asleep(energy.debt_awake(debt, 14), 10)
    assert rested < debt < week
    assert debt - rested > 0.3 * (week - rested)  # one long night does not pay it all


def test_debt_explains_what_five_short_nights_did_to_ratings():
    def afternoon(nights):
        s, debt = energy.S_START, 0.0
        for night_h in [8] * 10 + [4] * nights:
            s = energy.process_s_asleep(energy.process_s_awake(s, 24 - night_h), night_h)
            debt = energy.debt_asleep(energy.debt_awake(debt, 24 - night_h), night_h)
        total = 0.0
        for awake_h in (1, 7, 13):  # 08, 14 and 20 h
            total += energy.process_s_awake(s, awake_h)
            total -= energy.DEBT_LEVEL * max(energy.debt_awake(debt, awake_h), 0.0)
        return energy.kss(total / 3)

    # Axelsson et al. 2008: 0.64 KSS points a day, five nights of 4 h.
    assert close(afternoon(5) - afternoon(0), 5 * 0.64, 0.15)


def day(one, quarters, awake_min=-1, since_cbtmin_min=600):
    for _ in range(quarters):
        if awake_min >= 0:
            awake_min += 15
        since_cbtmin_min += 15
        one.step(awake_min, since_cbtmin_min)


def test_a_told_night_equals_one_stepped_through():
    s, debt = energy.S_START, 0.0
    for quarter in range(96):
        asleep = 60 <= quarter < 94
        s = (energy.process_s_asleep if asleep else energy.process_s_awake)(s, 0.25)
        debt = (energy.debt_asleep if asleep else energy.debt_awake)(debt, 0.25)
    told = Energy()
    day(told, 96)
    assert told.s < s - 3
    told.tell_night(36 * 15, 2 * 15, True)
    assert close(told.s, s, 1e-3)
    assert close(told.debt, debt, 1e-2)


def test_hours_unseen_count_as_hours_awake():
    seen, unseen = Energy(), Energy()
    day(seen, 40)
    unseen.skip(40 * 15)
    assert (unseen.s, unseen.debt) == (seen.s, seen.debt)
    unseen.skip(1 << 29)
    assert 2.4 <= unseen.s < 2.5


def test_after_a_hole_an_ordinary_night_is_assumed():
    one = Energy()
    day(one, 200)  # fifty hours in which a night went unseen
    one.tell_night(500, 20, False)
    assert close(one.s, energy.process_s_awake(energy.S_START, 1 / 3), 1e-3)
    later = Energy()
    later.tell_night(600, 10, True)  # began before the device did
    assert close(later.s, energy.process_s_awake(energy.S_START, 1 / 6), 1e-3)


def test_a_short_night_lowers_the_day():
    levels = []
    for night_min in (540, 240):
        one = Energy()
        day(one, 96)
        one.tell_night(night_min + 120, 120, True)
        one.refresh(120, 500)
        levels.append(one.level)
    assert levels[1] < levels[0] - 0.5


def test_inertia_is_there_on_waking_and_gone_by_noon():
    one = Energy()
    one.refresh(0, 240)
    just_up = one.level
    one.refresh(-1, 240)
    unknown = one.level
    assert -3.5 < just_up - unknown < -2.5
    one.refresh(300, 240)
    assert close(one.level, unknown, 0.01)


def test_standing_is_measured_against_own_days():
    one = Energy()
    standings = []
    for _ in range(14):
        day(one, 60, 0, 180)
        standings.append(one.standing)
        day(one, 36)
        one.tell_night(36 * 15, 0, True)
    # A long week of the same days: evening lies below the own mean, and it stays there.
    assert standings[-1] < -0.5
    assert close(standings[-1], standings[-2], 0.1)
    one.refresh(9 * 60, 12 * 60)
    assert one.standing > 0.3
    assert close(one.points / one.standing, energy.KSS_PER_LEVEL * 0.9, 0.3)


def test_snapshot_goes_on_exactly():
    one = Energy()
    day(one, 70, 0)
    one.tell_night(400, 10, True)
    buffer = bytearray(energy.SNAPSHOT_BYTES + 5)
    assert one.snapshot_into(buffer, 3) == 3 + energy.SNAPSHOT_BYTES
    other = Energy()
    assert other.restore(buffer, 3) == 3 + energy.SNAPSHOT_BYTES
    for step in range(200):
        assert one.step(step, 15 * step) == other.step(step, 15 * step)
        if step % 50 == 49:
            one.tell_night(500, 30, True)
            other.tell_night(500, 30, True)
    assert (one.s, one.debt, one.standing) == (other.s, other.debt, other.standing)


def test_nonsense_leaves_a_finite_state():
    fresh = Energy()
    for fill in (0xFF, 0x7F, 0x00, 0xC3):
        one = Energy()
        one.restore(bytes([fill]) * energy.SNAPSHOT_BYTES, 0)
        assert (one.s, one.debt) == (fresh.s, fresh.debt)
    nan = struct.pack("<4fHH", 14, float("nan"), 12, 1, 100, 0)
    one = Energy()
    one.restore(nan, 0)
    assert one.debt == 0.0


def test_years_of_anything_stay_in_bounds():
    for night_min in (0, 300, 65535):
        one = Energy()
        for step in range(6000):
            one.step(step % 3000 - 1, step * 17 % 1801)
            if step % 96 == 0:
                one.tell_night(night_min, 7, step % 5 > 0)
        one.tell_night(0, 0, True)
        one.tell_night(60000, 65535, False)
        assert 2.3 <= one.s <= 14.4
        assert -48.3 <= one.debt <= 24.2
        assert abs(one.standing) < 50
