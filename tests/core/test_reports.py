"""Graded reports: learnt once, as of the quarter of an hour that they are of, or not at all."""

from biocore import reports
from biocore.estimator import SNAPSHOT_BYTES, Estimator
from biocore.focus import COS, LEVEL, MOMENT, PRESS_VARIANCE, RATING_VARIANCE
from biocore.record import FLAG_GRADE_AGE_SHIFT
from biocore.reports import Reports, age_of, grade_of, report_of

MONDAY = 29812320  # minutes since 1970, 00:00 UTC
DAY = 1440
WAKE = 420
ASLEEP = (10, 5, 50, 0)
ABOUT = (600, 300, 3000, 1600)


def lived(until, one=None, begin=720, told=None):
    """A student who sleeps 22:00-07:00 UTC. told: minute -> report."""
    one = one or Estimator()
    for minute in range(begin, until):
        of_day = minute % DAY
        epoch = ASLEEP if of_day < WAKE or of_day >= 1320 else ABOUT
        report = told.get(minute, 0) if told else 0
        one.step(MONDAY + minute, *epoch, False, 0, -1, report)
    return one


def numbers(seed):
    """The same on every run: 0 to 65535."""
    while True:
        seed = (seed * 4005 + 12345) & 0xFFFFF
        yield seed >> 4


def state_of(one):
    state = bytearray(SNAPSHOT_BYTES)
    one.snapshot_into(state, 0)
    return bytes(state)


def test_a_report_is_one_number_and_stands_in_the_flags():
    for grade in range(1, 6):
        for age in (0, 1, 62, 63):
            report = report_of(grade, age)
            assert (grade_of(report), age_of(report)) == (grade, age)
            flags = Estimator().step(MONDAY, *ABOUT, False, 0, -1, report)
            assert flags >> FLAG_GRADE_AGE_SHIFT == age


def test_a_grade_says_more_than_a_press_and_less_than_a_rating():
    assert RATING_VARIANCE < reports.GRADE_VARIANCE < PRESS_VARIANCE
    most = reports.GRADE_VARIANCE + reports.MOMENT_VARIANCE + reports._CONTEXT_VARIANCE
    assert most < PRESS_VARIANCE  # so that a spread is learnt from grades of any age


def test_sharper_grades_raise_the_level_and_tired_ones_lower_it():
    now = 3 * DAY + 900
    levels = []
    for grade in range(1, 6):
        one = lived(now + 1, told={now: report_of(grade, 8)})
        levels.append(one.focus.weight(LEVEL)[0])
    assert levels == sorted(levels) and levels[0] < 0 < levels[4]
    assert levels[4] - levels[0] > 0.5


def test_the_older_the_less_of_todays_mood_is_learnt():
    now = 3 * DAY + 1200
    moods = []
    for age in (0, 8, 24, 48):
        one = lived(now + 1, told={now: report_of(1, age)})
        moods.append(-one.focus.weight(MOMENT)[0])
    assert moods == sorted(moods, reverse=True) and moods[3] < 0.3 * moods[0]


def test_late_is_learnt_as_of_then():
    """What a report at 09:00 says of the time of day is the same, told at once or at 17:00."""
    at = 3 * DAY + 540
    cos_at_once = lived(at + 7 + 1, told={at + 7: report_of(5, 0)}).focus.weight(COS)[0]
    late = at + 480 + 7
    cos_late = lived(late + 1, told={late: report_of(5, 32)}).focus.weight(COS)[0]
    as_of_now = lived(late + 1, told={late: report_of(5, 0)}).focus.weight(COS)[0]
    assert cos_at_once < -0.01  # at nine the cosine of the day is negative
    assert abs(cos_late - cos_at_once) < 0.35 * abs(cos_at_once)
    assert as_of_now * cos_at_once > 0 and abs(as_of_now - cos_at_once) > abs(
        cos_late - cos_at_once
    )


def test_the_energy_of_then_is_reckoned_back():
    one = lived(3 * DAY + 540)
    one.energy_points(one.awake_min(), 0)
    then = one.energy.level
    lived(3 * DAY + 1080, one, 3 * DAY + 540)
    one.energy_points(one.awake_ago_min(540), 540)
    assert abs(one.energy.level - then) < 0.05  # the clock has moved a little by the day's light
    one.energy_points(one.awake_min(), 0)
    assert abs(one.energy.level - then) > 0.2


def test_of_before_the_last_night_nothing_is_learnt_but_it_is_known():
    now = 3 * DAY + WAKE + 240  # the night is told; eleven hours ago was yesterday evening
    quiet = lived(now + 1)
    told = lived(now + 1, told={now: report_of(1, 44)})
    assert told.focus.weight(LEVEL) == quiet.focus.weight(LEVEL)
    assert not told.reports.is_new((MONDAY + now) // 15 - 44)


def test_none_is_learnt_twice_however_it_comes_back():
    now = 3 * DAY + 900
    once = lived(now + 40, told={now: report_of(2, 4)})
    again = lived(now + 40, told={now: report_of(2, 4), now + 1: report_of(2, 4)})
    later = lived(now + 40, told={now: report_of(2, 4), now + 15: report_of(5, 5)})
    assert state_of(again) == state_of(once) == state_of(later)


def test_a_snapshot_knows_what_was_learnt():
    now = 3 * DAY + 900
    one = lived(now + 2, told={now: report_of(2, 4), now + 1: report_of(4, 20)})
    restored = Estimator()
    assert restored.restore(state_of(one), 0)
    assert state_of(restored) == state_of(one)
    quarter = (MONDAY + now) // 15
    for age in (4, 20):
        assert not restored.reports.is_new(quarter - age)
    assert restored.reports.is_new(quarter - 5)


def test_without_a_clock_nothing_is_learnt():
    one = Estimator()
    one.step(0, *ABOUT, False, 0, -1, report_of(1, 3))
    assert one.reports.is_new(5) and one.focus.weight(LEVEL)[0] == 0.0


def test_what_is_new_agrees_with_a_list_of_all_there_were():
    random = numbers(4)
    for _ in range(20):
        one = Reports()
        known = set()
        now = 1000000
        for _ in range(120):
            now += next(random) % 4
            quarter = now - next(random) % 40
            newest = max(known) if known else 0
            is_late = newest - quarter > 30
            assert one.is_new(quarter) == (quarter not in known and not is_late)
            if one.is_new(quarter):
                one._note(quarter)
                known.add(quarter)


def test_nonsense_on_flash_starts_anew():
    one = Reports()
    for bad in (
        b"\xff" * 8,
        b"\x00\x00\x00\x7f\x00\x00\x00\x00",
        b"\x01\x00\x00\x00\xff\xff\xff\xff",
    ):
        assert one.restore(bad, 0) == 8
        assert one.is_new(2000000)
        assert one.is_new(1) and one._before == 0
