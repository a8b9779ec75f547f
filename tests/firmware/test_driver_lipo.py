"""The cell: millivolts through a divider, and one of three words."""

from drivers.lipo import FULL, GOOD, LEVELS, LOW, NOT_KNOWN, UNKNOWN, Lipo, percent
from sensor_world import pairs
from sim.cell import Cell


def behind(mv, upper=470, lower=470, noise_uv=(0,), trim=1000):
    cell = Cell(mv, upper, lower, noise_uv)
    return Lipo(cell.read_uv, upper, lower, trim), cell


def test_millivolts_come_through_any_divider():
    for upper, lower in ((470, 470), (100, 220), (680, 330), (1000, 1000)):
        for mv in (2600, 3000, 3701, 4200):
            lipo, _ = behind(mv, upper, lower)
            assert abs(lipo.read_mv() - mv) <= 1, (upper, lower, mv)


def test_noise_and_one_pull_of_the_radio_do_not_count():
    lipo, cell = behind(3800, noise_uv=(4000, -4000, 2000, -2000))
    cell.kick_mv = -900
    assert abs(lipo.read_mv() - 3800) <= 2


def test_a_board_can_be_trimmed():
    lipo, _ = behind(3800, trim=1012)
    assert abs(lipo.read_mv() - 3846) <= 1


def test_what_no_cell_can_be_at_is_not_known():
    for mv in (0, 1200, 2499, 4501, 6600):
        lipo, _ = behind(mv)
        assert lipo.read_mv() == NOT_KNOWN
        assert lipo.level() == UNKNOWN


def test_the_curve_rises_from_empty_to_full():
    values = [percent(mv) for mv in range(2900, 4300)]
    assert values[0] == 0 and values[-1] == 100
    assert all(a <= b <= a + 1 for a, b in pairs(values))
    assert percent(3820) == 50


def test_the_words_do_not_flicker_at_a_border():
    lipo, cell = behind(4200)
    words = []
    # down, with 8 mV of up and down at each step
    for mv in range(4200, 3300, -4):
        for swing in (4, -4):
            cell.mv = mv + swing
            words.append(LEVELS[lipo.level()])
    changes = [(a, b) for a, b in pairs(words) if a != b]
    assert changes == [("full", "good"), ("good", "low")]
    cell.mv = 3850
    assert lipo.level() == GOOD
    cell.mv = 4200
    assert lipo.level() == FULL
    cell.mv = 3400
    assert lipo.level() == LOW
