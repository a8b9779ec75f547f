import gc
import math

from biocore.phase import NO_LIGHT, SNAPSHOT_BYTES, Phase
from biocore.units import alpha_q18

HOUR = 60
DAY = 1440
MID_SLEEP_TO_CBTMIN = 34  # min
NOTHING = 416  # min, the SD of a clock that may stand anywhere
FLOOR = 68

DARK = 0
DIM = alpha_q18(10 * 1000)
INDOORS = alpha_q18(150 * 1000)
BRIGHT = alpha_q18(5000 * 1000)


def live(phase, minutes, alpha):
    for _ in range(minutes):
        phase.step(alpha)


def off_min(a, b):
    """How much later the clock a stands than the clock b, in (-720, 720] minutes."""
    return (a.minutes_since_cbtmin() - b.minutes_since_cbtmin() + 719) % DAY - 719


def students_clock():
    """Lights out at 23:00, as it strikes; sleeps until 7:00."""
    phase = Phase()
    phase.start(23 * HOUR, 7 * HOUR, 23 * HOUR)
    return phase


def settled_clock():
    phase = students_clock()
    for _ in range(20):
        live(phase, 8 * HOUR, DARK)
        live(phase, 16 * HOUR, INDOORS)
    return phase


def test_the_published_entrained_state():
    # 16 h of 150 lx, 8 h of dark: n at lights out is 0.45584306 (alpha of 150 lx in whole 2**-18)
    oscillator = settled_clock().oscillator
    assert abs(oscillator.light[0] / 2**28 - 0.45584306) < 2e-4
    # x = -0.0843259, xc = -1.09607546 there: 17 min of phase from the settled orbit
    x, xc, _ = oscillator.state
    assert abs(math.atan2(xc, -x) - math.atan2(-1.09607546, 0.0843259)) * 720 / math.pi < 20
    assert abs(math.sqrt(x * x + xc * xc) - 1.0993) < 0.03


def test_entrained_cbtmin_falls_about_two_hours_before_waking():
    phase = settled_clock()
    live(phase, 8 * HOUR, DARK)
    assert 90 <= phase.minutes_since_cbtmin() <= 180


def test_in_the_dark_a_day_lasts_24_2_hours():
    phase = Phase()
    live(phase, 10 * DAY, DARK)
    stands_at = phase.angle()
    live(phase, int(10 * 24.2 * HOUR), DARK)
    off = (phase.angle() - stands_at) * 720 / math.pi
    assert abs(off) <= 2, off


def test_without_readings_a_day_lasts_24_hours_and_n_stays():
    phase = settled_clock()
    n = phase.oscillator.light[0]
    stands_at = phase.minutes_since_cbtmin()
    live(phase, 3 * DAY, NO_LIGHT)
    assert abs(phase.minutes_since_cbtmin() - stands_at) <= 15
    assert phase.oscillator.light[0] == n


def shift_by_pulse(hours_after_cbtmin):
    """Minutes by which 3 h of 5000 lx put the clock forward, seen two days later."""
    lit = settled_clock()
    live(lit, 8 * HOUR, DARK)
    wait = (hours_after_cbtmin * HOUR - lit.minutes_since_cbtmin()) % DAY
    live(lit, wait, DIM)
    dark = Phase()
    page = bytearray(SNAPSHOT_BYTES)
    lit.snapshot_into(page, 0)
    dark.restore(page, 0)
    live(lit, 3 * HOUR, BRIGHT)
    live(dark, 3 * HOUR, DIM)
    live(lit, 2 * DAY, DIM)
    live(dark, 2 * DAY, DIM)
    return off_min(lit, dark)


def test_morning_light_advances_evening_light_delays_midday_light_does_little():
    assert shift_by_pulse(2) > 20
    assert shift_by_pulse(-6) < -20
    assert abs(shift_by_pulse(10)) < min(shift_by_pulse(2), -shift_by_pulse(-6)) / 2


def test_a_flight_over_six_zones_is_followed_in_days_not_at_once():
    home = settled_clock()
    away = settled_clock()
    # home sleeps at 0..8 h of its day, the traveller six hours earlier
    off = []
    for _ in range(12):
        for hour in range(24):
            live(home, HOUR, DARK if hour < 8 else INDOORS)
            live(away, HOUR, DARK if (hour + 6) % 24 < 8 else INDOORS)
        off.append(off_min(away, home))
    assert -30 < off[0] < 150
    assert off[3] > off[0]
    assert 300 < off[-1] < 400


def test_start_stands_where_the_usual_sleep_says_at_any_time_of_day():
    for bed, wake in ((22 * HOUR, 7 * HOUR), (30, 9 * HOUR + 30), (14 * HOUR, 22 * HOUR)):
        middle = bed + ((wake - bed) % DAY) // 2
        for now in (0, 3 * HOUR + 7, 8 * HOUR, 13 * HOUR + 14, 20 * HOUR, 1439):
            phase = Phase()
            phase.start(bed, wake, now)
            told = (now - middle - MID_SLEEP_TO_CBTMIN) % DAY
            assert abs((phase.minutes_since_cbtmin() - told + 720) % DAY - 720) <= 1
            assert phase.cbtmin_sd_min() == 94


def test_started_by_day_it_agrees_with_started_by_night():
    by_night = Phase()
    by_night.start(22 * HOUR, 7 * HOUR, 22 * HOUR)
    live(by_night, 9 * HOUR, DARK)
    live(by_night, 8 * HOUR, INDOORS)
    by_day = Phase()
    by_day.start(22 * HOUR, 7 * HOUR, 15 * HOUR)
    assert abs(by_night.angle() - by_day.angle()) < 0.1
    assert abs(off_min(by_night, by_day)) < 25


def test_a_usual_sleep_that_cannot_be_is_refused():
    for bed, wake in ((600, 600), (600, 700), (600, 599)):
        try:
            Phase().start(bed, wake, 0)
        except ValueError:
            continue
        raise AssertionError("took %d to %d for a usual sleep" % (bed, wake))


def test_it_grows_less_sure_without_light_and_surer_with_it():
    phase = Phase()
    assert phase.cbtmin_sd_min() == NOTHING
    phase = settled_clock()
    assert phase.cbtmin_sd_min() == FLOOR
    live(phase, 3 * DAY, NO_LIGHT)
    after_3_days = phase.cbtmin_sd_min()
    assert after_3_days == 86  # sqrt(68^2 + 3 * 30^2)
    live(phase, 8 * HOUR, DARK)
    assert phase.cbtmin_sd_min() == after_3_days  # a dark sensor says nearly nothing
    live(phase, 16 * HOUR, INDOORS)
    assert FLOOR <= phase.cbtmin_sd_min() < after_3_days
    phase.skip(600 * DAY)
    assert phase.cbtmin_sd_min() == NOTHING


def test_few_minutes_of_light_in_a_quarter_are_none():
    seen = settled_clock()
    unseen = settled_clock()
    for clock, lit in ((seen, 8), (unseen, 7)):
        live(clock, lit, INDOORS)
        live(clock, 14 - lit, NO_LIGHT)
        assert clock.step(NO_LIGHT)
    assert seen.cbtmin_sd_min() == unseen.cbtmin_sd_min() == FLOOR
    assert seen.variance_min2[0] == FLOOR * FLOOR
    assert unseen.variance_min2[0] > FLOOR * FLOOR


def test_a_skip_is_as_many_steps_without_light():
    for minutes in (0, 1, 14, 15, 100, 1439, DAY + 15, 9 * DAY + 77):
        for head in (0, 4, 9, 14):
            skipped = students_clock()
            stepped = students_clock()
            live(skipped, head, INDOORS)
            live(stepped, head, INDOORS)
            skipped.skip(minutes)
            live(stepped, minutes, NO_LIGHT)
            limit_min = 1 if minutes < 2 * DAY else 5  # whole days are left out
            assert abs(off_min(skipped, stepped)) <= limit_min, (minutes, head)
            assert abs(skipped.angle() - stepped.angle()) * 720 / math.pi < limit_min + 1
            assert skipped.cbtmin_sd_min() == stepped.cbtmin_sd_min()
            assert skipped.oscillator.light[3] == stepped.oscillator.light[3]


def test_a_night_pulls_gently():
    phase = settled_clock()
    live(phase, 10 * HOUR, DARK)
    since = phase.minutes_since_cbtmin()
    # a night whose middle says: CBTmin was an hour earlier than the clock thinks
    middle_ago = since + MID_SLEEP_TO_CBTMIN + HOUR
    moved = phase.observe_sleep(middle_ago + 240, middle_ago - 240)
    assert 15 <= moved <= 20
    assert since + 15 <= phase.minutes_since_cbtmin() <= since + 20
    # and now one as much later
    assert -30 < phase.observe_sleep(middle_ago - 120 + 200, middle_ago - 120 - 200) < -15


def test_a_night_of_travel_does_not_pull_but_makes_less_sure():
    phase = settled_clock()
    live(phase, 12 * HOUR, DARK)
    stands_at = phase.angle()
    middle_ago = phase.minutes_since_cbtmin() + MID_SLEEP_TO_CBTMIN + 6 * HOUR
    assert phase.observe_sleep(middle_ago + 240, middle_ago - 240) == 0
    assert phase.angle() == stands_at
    assert phase.cbtmin_sd_min() > 120


def test_a_clock_that_knows_nothing_learns_it_from_a_few_nights():
    phase = Phase()
    for _ in range(4):
        # wakes now, after 9 h: mid-sleep was 4.5 h ago
        phase.observe_sleep(9 * HOUR, 0)
        phase.skip(DAY)
    assert abs(phase.minutes_since_cbtmin() - (270 - MID_SLEEP_TO_CBTMIN)) < 20
    assert phase.cbtmin_sd_min() < 90


def test_naps_and_nonsense_are_not_nights():
    phase = settled_clock()
    page = bytearray(SNAPSHOT_BYTES)
    phase.snapshot_into(page, 0)
    for onset_ago, wake_ago in ((60, 0), (0, 60), (1440, 0), (400, -20)):
        assert phase.observe_sleep(onset_ago, wake_ago) == 0
    after = bytearray(SNAPSHOT_BYTES)
    phase.snapshot_into(after, 0)
    assert after == page


def test_a_reboot_at_any_minute_changes_nothing():
    phase = students_clock()
    twin = Phase()
    random = 1
    page = bytearray(SNAPSHOT_BYTES + 5)
    for _ in range(400):
        random = (random * 1103515245 + 12345) % 2147483648
        alpha = random >> 15
        assert phase.snapshot_into(page, 3) == 3 + SNAPSHOT_BYTES
        twin = Phase()
        assert twin.restore(page, 3) == 3 + SNAPSHOT_BYTES
        phase.step(alpha)
        twin.step(alpha)
        assert list(twin.oscillator.state) == list(phase.oscillator.state)
        assert list(twin.oscillator.light) == list(phase.oscillator.light)
        assert twin.variance_min2[0] == phase.variance_min2[0]
    assert page[:3] == b"\0\0\0"


def test_rubbish_is_not_a_state():
    for filler in (0x00, 0xFF, 0x7F, 0xC0):
        phase = settled_clock() if filler else Phase()
        phase.restore(bytes([filler]) * SNAPSHOT_BYTES, 0)
        assert phase.cbtmin_sd_min() == NOTHING
        live(phase, 60, INDOORS)
        assert -math.pi < phase.angle() <= math.pi


def test_any_light_leaves_a_finite_wrapped_state():
    phase = Phase()
    random = 7
    for _ in range(3000):
        random = (random * 1103515245 + 12345) % 2147483648
        draw = random >> 12
        kind = draw % 8
        alpha = (0, 65534, 65535, -1, DIM, BRIGHT, 1, draw % 65536)[kind]
        live(phase, 1 + (draw >> 8) % 45, alpha)
        if draw % 97 == 0:
            phase.skip(draw)
        if draw % 89 == 0:
            phase.observe_sleep(draw % 3000, draw % 700)
        x, xc, since = phase.oscillator.state
        assert 0.09 < math.sqrt(x * x + xc * xc) < 2.01
        assert 0 <= phase.oscillator.light[0] < 2**28
        assert 0 <= since <= 1800
        assert -math.pi < phase.angle() <= math.pi
        assert FLOOR <= phase.cbtmin_sd_min() <= NOTHING


def test_a_minute_allocates_nothing():
    if not hasattr(gc, "mem_alloc"):
        return  # CPython does not count
    phase = students_clock()
    alphas = (INDOORS, BRIGHT, 65534, 65535, DARK, 1, DIM)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for alpha in alphas:
        phase.step(alpha)
        phase.step(alpha)
    used = gc.mem_alloc() - before
    gc.enable()
    assert used == 0, used
