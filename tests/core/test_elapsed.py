"""What passed between two epochs: the uptime's word against a clock that hosts set."""

from biocore.estimator import Estimator
from biocore.replay import Elapsed

NOON = 29_900_000 // 1440 * 1440 + 720  # minutes since 1970


def test_within_one_start_the_uptime_tells():
    elapsed = Elapsed()
    assert elapsed.missing_min(1, 0, True) == -1  # before it, another start
    assert elapsed.missing_min(1, 60, True) == 0
    assert elapsed.missing_min(1, 60 + 5 * 60, True) == 4
    assert elapsed.missing_min(1, 60 + 6 * 60 + 29, True) == 0  # put to the minute by a new clock
    assert elapsed.missing_min(2, 0, True) == -1


def test_who_is_told_the_time_learns_how_long_it_was_off():
    elapsed = Elapsed()
    assert elapsed.missing_min(1, 0, False) == -1
    assert elapsed.missing_min(1, 60, False) == -1
    assert elapsed.missing_min(1, 120, True) == -1
    assert elapsed.missing_min(1, 180, True) == 0


def live(clock_off_min):
    """Twelve waking hours; the clock is off by `clock_off_min(hour)`."""
    estimator = Estimator()
    elapsed = Elapsed()
    for minute in range(720):
        utc_min = NOON + minute + clock_off_min(minute // 60)
        missing_min = elapsed.missing_min(1, 60 * minute, True)
        estimator.step(utc_min, 900, 200, 2500, 1500, False, 0, missing_min)
    return estimator


def test_two_hosts_that_do_not_agree_move_no_body_clock():
    steady = live(lambda hour: 0)
    pushed = live(lambda hour: 50 * (hour & 1))
    since = steady.phase.minutes_since_cbtmin()
    assert abs(pushed.phase.minutes_since_cbtmin() - since) <= 1
    assert pushed.phase.cbtmin_sd_min() == steady.phase.cbtmin_sd_min()
