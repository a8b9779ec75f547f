from biocore.sleep import Sleep


def minutes(sleep, n, angle_step_max_cdeg, off_wrist=False):
    for _ in range(n):
        sleep.step(angle_step_max_cdeg, off_wrist)


def test_a_night_and_waking():
    sleep = Sleep()
    minutes(sleep, 120, 3000)
    assert not sleep.asleep and sleep.awake_min == -1
    minutes(sleep, 480, 100)
    assert sleep.asleep
    minutes(sleep, 16, 3000)
    assert not sleep.asleep
    assert sleep.nights == 1
    assert 14 <= sleep.awake_min <= 18  # counted from the first movement
    minutes(sleep, 60, 3000)
    assert 74 <= sleep.awake_min <= 78


def test_turning_over_is_not_waking():
    sleep = Sleep()
    minutes(sleep, 60, 100)
    for _ in range(8):
        minutes(sleep, 1, 6000)
        minutes(sleep, 29, 100)
        assert sleep.asleep


def test_a_still_lesson_is_not_a_night():
    sleep = Sleep()
    minutes(sleep, 60, 3000)
    minutes(sleep, 50, 100)
    minutes(sleep, 40, 3000)
    assert not sleep.asleep
    assert sleep.nights == 0 and sleep.awake_min == -1


def test_off_the_wrist_is_never_sleep_and_rewear_recovers():
    """Off 30 minutes scored as sleep, and still asleep after re-wear, shipped elsewhere."""
    sleep = Sleep()
    minutes(sleep, 30, 3000)
    minutes(sleep, 60, 0)  # on the table; the non-wear rule needs its hour
    minutes(sleep, 200, 0, off_wrist=True)
    assert not sleep.asleep
    minutes(sleep, 1, 4000)
    minutes(sleep, 20, 3000)
    assert not sleep.asleep
    assert sleep.nights == 0 and sleep.awake_min == -1


def test_an_unknown_angle_is_not_still():
    sleep = Sleep()
    minutes(sleep, 300, 65535)
    assert not sleep.asleep


def test_one_still_hour_in_deep_sleep_does_not_lose_the_night():
    sleep = Sleep()
    minutes(sleep, 60, 3000)
    minutes(sleep, 300, 100)
    minutes(sleep, 10, 50, off_wrist=True)  # the non-wear rule met an hour of deep sleep
    assert not sleep.asleep
    minutes(sleep, 1, 4000)  # turning over shows that somebody wears it
    minutes(sleep, 150, 100)
    assert sleep.asleep
    minutes(sleep, 20, 3000)
    assert not sleep.asleep and sleep.nights == 1
    assert sleep.awake_min < 25


def test_taken_off_after_a_night_the_night_counts_and_ended_there():
    sleep = Sleep()
    minutes(sleep, 400, 100)
    minutes(sleep, 60, 0)  # on the table
    minutes(sleep, 200, 0, off_wrist=True)
    minutes(sleep, 60, 3000)
    assert not sleep.asleep and sleep.nights == 1
    assert 300 <= sleep.awake_min <= 330


def test_an_hour_on_the_table_alone_is_no_night():
    sleep = Sleep()
    minutes(sleep, 60, 3000)
    minutes(sleep, 200, 0)  # a table, before the rule could say so
    minutes(sleep, 300, 0, off_wrist=True)
    minutes(sleep, 60, 3000)
    assert sleep.nights == 0
