from biocore.night import SHORTEST_NIGHT_MIN, Night
from biocore.sleep import DOUBTFUL, MOVING, STILL, UNKNOWN
from night_minutes import day, live, slumber, table


def test_a_night_is_told_within_an_hour_of_its_end_to_the_minute():
    night = Night()
    day(night, 600)
    assert slumber(night, 480) == 0
    assert night.nights == 0 and night.onset_min() == -1 and night.wake_min() == -1
    assert not night.known()
    assert day(night, 59) == 0
    assert day(night, 1) == 1
    assert night.nights == 1
    assert (night.onset_min(), night.wake_min()) == (540, 60)
    assert night.known()
    day(night, 100)
    assert (night.onset_min(), night.wake_min()) == (640, 160)


def test_every_night_is_told_once():
    night = Night()
    told = 0
    for _ in range(10):
        told += day(night, 960) + slumber(night, 480)
    told += day(night, 60)
    assert told == 10 and night.nights == 10


def test_waking_for_less_than_an_hour_is_inside_the_night():
    night = Night()
    day(night, 600)
    slumber(night, 200)
    assert day(night, 50) == 0
    slumber(night, 230)
    assert day(night, 60) == 1
    assert (night.onset_min(), night.wake_min()) == (540, 60)


def test_a_longer_waking_splits_it_and_the_longer_part_is_the_night():
    night = Night()
    day(night, 600)
    slumber(night, 190)
    assert day(night, 70) == 1
    assert night.onset_min() - night.wake_min() == 190
    slumber(night, 240)
    assert day(night, 60) == 1
    assert night.nights == 1
    assert (night.onset_min(), night.wake_min()) == (300, 60)


def test_a_nap_and_a_film_are_no_night():
    night = Night()
    day(night, 600)
    slumber(night, SHORTEST_NIGHT_MIN - 1)
    day(night, 300)
    assert night.nights == 0
    slumber(night, 480)
    day(night, 400)
    slumber(night, 200)  # a long nap, not ten hours after the night
    day(night, 60)
    assert night.nights == 1 and night.wake_min() == 660


def test_a_still_lesson_does_not_move_the_night():
    night = Night()
    day(night, 600)
    slumber(night, 480)
    day(night, 45)
    live(night, 40, STILL)
    day(night, 200)
    assert night.wake_min() == 285
    day(night, 500)
    live(night, 45, STILL)
    day(night, 120)
    slumber(night, 500)
    day(night, 60)
    assert (night.onset_min(), night.wake_min()) == (560, 60)


def test_doubtful_minutes_decide_nothing():
    night = Night()
    day(night, 600)
    slumber(night, 300)
    live(night, 400, DOUBTFUL)
    assert night.nights == 0
    day(night, 60)
    assert night.nights == 1 and night.wake_min() == 460


def test_a_device_on_a_table_is_not_asleep():
    for put_down in range(60, 76):
        night = Night()
        day(night, 600)
        table(night, 30)
        day(night, 600)
        table(night, 500, put_down)
        day(night, 600)
        assert night.nights == 0


def test_taken_off_at_bedtime_the_night_is_unknown():
    night = Night()
    day(night, 600)
    slumber(night, 480)
    day(night, 900)
    assert night.known()
    table(night, 540)
    day(night, 120)
    assert night.nights == 1 and not night.known()
    day(night, 700)
    slumber(night, 480)
    day(night, 60)
    assert night.nights == 2 and night.known()


def test_off_for_a_morning_hides_no_night():
    night = Night()
    day(night, 600)
    slumber(night, 480)
    day(night, 60)
    table(night, 300)
    day(night, 300)
    assert night.known()


def test_taken_off_at_waking_the_end_is_there_but_not_known():
    night = Night()
    day(night, 600)
    slumber(night, 480)
    live(night, 2, MOVING)
    table(night, 300)
    day(night, 60)
    assert night.nights == 1
    assert (night.onset_min(), night.wake_min()) == (842, 362)
    assert night.onset_known and not night.wake_known and not night.known()


def test_taken_off_a_while_after_waking_the_end_is_known():
    night = Night()
    day(night, 600)
    slumber(night, 480)
    day(night, 10)
    table(night, 300)
    assert night.known()
    assert night.wake_min() == 310


def test_put_on_asleep_the_beginning_is_not_known():
    night = Night()
    day(night, 600)
    table(night, 200)
    live(night, 2, MOVING)
    slumber(night, 400)
    day(night, 60)
    assert night.nights == 1 and night.wake_min() == 60
    assert not night.onset_known and night.wake_known


def test_the_table_before_bed_is_not_part_of_the_night():
    night = Night()
    day(night, 600)
    table(night, 130)
    day(night, 10)
    slumber(night, 480)
    day(night, 60)
    assert night.known()
    assert (night.onset_min(), night.wake_min()) == (540, 60)


def test_deep_sleep_that_meets_the_non_wear_rule_is_bridged():
    night = Night()
    day(night, 600)
    slumber(night, 201)
    table(night, 80)
    live(night, 1, STILL)
    slumber(night, 198)
    day(night, 60)
    assert night.known()
    assert (night.onset_min(), night.wake_min()) == (540, 60)


def test_a_restart_in_the_night_keeps_it_and_a_long_one_does_not():
    night = Night()
    day(night, 600)
    slumber(night, 200)
    night.skip(20)
    slumber(night, 260)
    day(night, 60)
    assert night.known() and night.onset_min() == 540
    night = Night()
    day(night, 600)
    slumber(night, 200)
    assert night.skip(300) is True  # the part before is a night whose end is not known
    assert night.nights == 1 and not night.wake_known
    day(night, 60)
    assert not night.known()


def test_minutes_without_samples_are_unknown():
    night = Night()
    day(night, 600)
    live(night, 500, UNKNOWN)
    day(night, 100)
    assert night.nights == 0
    assert night.skip(0) is False and night.skip(-5) is False


def test_marks_bound_the_window():
    night = Night()
    day(night, 600)
    slumber(night, 50)  # reading in bed
    night.mark_bed()
    slumber(night, 450)
    day(night, 10)
    assert night.mark_up() is True
    assert night.known()
    assert (night.onset_min(), night.wake_min()) == (460, 10)
    assert day(night, 100) == 0


def test_lying_awake_after_the_up_press_is_not_the_night():
    night = Night()
    day(night, 600)
    slumber(night, 400)
    assert night.mark_up() is True
    slumber(night, 100)
    day(night, 100)
    assert night.nights == 1 and night.wake_min() == 200


def test_marks_at_other_times_do_no_harm():
    night = Night()
    day(night, 300)
    assert night.mark_up() is False
    night.mark_bed()
    day(night, 300)
    slumber(night, 240)
    assert night.mark_bed() is False  # pressed in the middle of the night
    slumber(night, 240)
    day(night, 60)
    assert (night.onset_min(), night.wake_min()) == (540, 60)
