"""Virtual students: the same for the same seed, right on days of 23 and 25 hours, clear errors."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import numpy as np
import pytest
from bioklok.errors import BioklokFailure
from bioklok.simulator import world
from bioklok.simulator.life import live
from bioklok.simulator.run import device_seed
from bioklok.simulator.student import Student, load


def data(world):
    return np.concatenate(list(world.chunks))


def test_the_same_seed_is_the_same_life():
    first, again = (live(Student(), date(2026, 11, 16), 1, 5) for _ in range(2))
    other = live(Student(), date(2026, 11, 16), 1, 6)
    assert first.button == again.button
    one = data(first)
    assert (one == data(again)).all()
    assert not (one == data(other)).all()


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 16), 24)]
)
def test_summer_time(day, hours):
    world = live(Student(), day, 1, 1)
    assert world.n_seconds == hours * 3600
    assert len(data(world)) == hours * 3600


def test_nights_are_dark_and_still_and_days_are_not():
    mg = data(live(Student(), date(2026, 11, 18), 1, 2))
    movement = mg["mg"].astype(float).std(axis=1).mean(axis=1)
    night, lesson = slice(2 * 3600, 5 * 3600), slice(9 * 3600, 10 * 3600)
    assert mg["light_mlx"][night].max() < 1000 < mg["light_mlx"][lesson].mean()
    assert np.median(movement[night]) < np.median(movement[lesson])


def test_moments_of_the_finger_run_forward():
    moments = live(Student(marks_per_day=20.0), date(2026, 11, 16), 7, 3).button
    times = [at for at, _ in moments]
    assert times == sorted(times)
    assert [level for _, level in moments] == [0, 1] * (len(moments) // 2)


def test_nobody_presses_what_lies_on_the_charger():
    student = replace(Student(marks_per_day=60.0), off_wrist_days=("mon",))
    moments = live(student, date(2026, 11, 16), 1, 3).button
    looks = 2  # a look at the lamp may fall anywhere
    off = [at for at, level in moments if 19 * 3600_000 <= at < 20.75 * 3600_000 and level == 0]
    assert len(off) <= looks


def test_on_the_table_past_midnight_and_in_the_drawer_all_day():
    student = replace(
        Student(marks_per_day=60.0),
        off_wrist_days=("mon",),
        off_wrist=(time(20, 0), time(6, 0)),
        drawer_days=("wed",),
    )
    lived = live(student, date(2026, 11, 16), 3, 3)
    still = data(lived)["mg"].astype(float).std(axis=1).max(axis=1) < 5
    is_off = np.array([still[3600 * h : 3600 * (h + 1)].mean() > 0.999 for h in range(72)])
    # asleep the wrist stirs now and then; on a table it never does
    assert is_off[20:30].all() and is_off[48:].all()
    assert not is_off[8:20].any() and not is_off[31:46].any()
    downs_h = [at / 3_600_000 for at, level in lived.button if level == 0]
    assert sum(20 <= at < 30 or at >= 48 for at in downs_h) <= 3  # a look may fall anywhere


def test_who_is_ill_stays_in_bed_out_of_the_light():
    well, ill = Student(), replace(Student(), ill_days=(date(2026, 11, 18),))
    light = [
        data(live(one, date(2026, 11, 18), 1, 3))["light_mlx"].max() / 1000 for one in (well, ill)
    ]
    assert light[0] > 1000 and light[1] < 250
    assert ill.sleep_on(date(2026, 11, 18)) == ill.ill_sleep != ill.sleep_on(date(2026, 11, 19))


def test_habits_from_a_file(tmp_path):
    path = tmp_path / "mila.toml"
    path.write_text(
        'name = "mila"\nschool_sleep = ["21:45", "06:50"]\nmarks_per_day = 5\n'
        'sport_days = ["mon"]\ndays_off = ["2026-11-18"]\nill_days = ["2026-11-19"]\n'
        'off_wrist = ["20:00", "06:00"]\ndrawer_days = ["sun"]\n'
    )
    student = load(path)
    assert student.name == "mila" and student.marks_per_day == 5.0
    assert student.school_sleep[0].hour == 21 and student.drawer_days == ("sun",)
    assert student.ill_days == (date(2026, 11, 19),) and student.off_wrist[1] == time(6)
    assert student.is_free(date(2026, 11, 18)) and not student.is_free(date(2026, 11, 19))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nmae = 'x'", "'nmae' is unknown"),
        ("school_sleep = ['late', 'early']", "'school_sleep' cannot be read"),
        ("school_sleep = ['22:00']", "'school_sleep' cannot be read"),
        ("sport_days = ['maandag']", "write mon, tue"),
        ("marks_per_day = 'many'", "'marks_per_day' cannot be read"),
        ("= 3", "is no TOML"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path, text, says):
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(BioklokFailure) as failure:
        load(path)
    assert says in str(failure.value)


def test_an_unknown_zone_is_a_clear_line():
    with pytest.raises(BioklokFailure, match="no time zone 'Europe/Haarlem'"):
        live(replace(Student(), timezone="Europe/Haarlem"), date(2026, 11, 16), 1, 1)


def test_the_code_that_makes_worlds_has_a_say_in_who_the_device_is(tmp_path):
    """Two versions of `life` make two lives of one seed: never under one device's name."""
    folder = Path(world.__file__).parent
    for name in world.CODE:
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    before = world.code_digest(folder)
    assert world.code_digest(tmp_path) == before
    assert before in device_seed(live(Student(), date(2026, 11, 16), 1, 1))
    with (tmp_path / "life.py").open("a") as file:
        file.write("# another version")
    assert world.code_digest(tmp_path) != before


@pytest.mark.parametrize(
    "text",
    [
        "jitter_min = -5",
        "jitter_min = nan",
        "jitter_min = 1000",
        "marks_per_day = -1",
        "marks_per_day = nan",
        "marks_per_day = 1e9",
        "sharpest_awake_h = inf",
        'off_wrist = ["20:00", "20:00"]',
        'drawer_days = ["maandag"]',
        'ill_days = ["yesterday"]',
        'school_sleep = ["13:00", "12:40"]',
        'free_sleep = ["05:00", "03:00"]',
        'school_hours = ["15:00", "08:00"]',
    ],
)
def test_habits_that_nobody_has_are_refused_by_name(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(BioklokFailure, match=f"'{text.split()[0]}' cannot be read"):
        load(path)


@pytest.mark.parametrize("zone", ["Europe", "Nowhere/Else", "/etc/hostname", ""])
def test_a_zone_that_is_none_is_refused_when_the_file_is_read(tmp_path, zone):
    path = tmp_path / "x.toml"
    path.write_text(f'timezone = "{zone}"')
    with pytest.raises(BioklokFailure, match="no time zone"):
        load(path)


def test_who_goes_to_bed_after_midnight_is_up_when_the_world_ends(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text('school_sleep = ["03:00", "10:00"]\nmarks_per_day = 150')
    lived = live(load(path), date(2026, 11, 16), 1, 1)
    assert lived.button
    assert max(at for at, _level in lived.button) < 24 * 3600_000 + 10_000


def test_whoever_hardly_gets_up_presses_nothing(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text('school_sleep = ["12:00", "04:00"]\nfree_sleep = ["02:00", "11:30"]')
    assert live(load(path), date(2026, 11, 15), 1, 1).button == []


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1), date(1970, 12, 31)])
def test_days_that_the_device_cannot_count_are_refused(day):
    with pytest.raises(BioklokFailure, match="1971 to 2105"):
        live(Student(), day, 1, 1)
    with pytest.raises(BioklokFailure, match="1971 to 2105"):
        live(Student(), date(2105, 12, 31), 2, 1)
