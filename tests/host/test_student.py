"""Virtual students: the same for the same seed, right on days of 23 and 25 hours, clear errors."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from bioklok.errors import BioklokFailure
from bioklok.simulator.life import live
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


def test_habits_from_a_file(tmp_path):
    path = tmp_path / "mila.toml"
    path.write_text(
        'name = "mila"\nschool_sleep = ["21:45", "06:50"]\nmarks_per_day = 5\n'
        'sport_days = ["mon"]\ndays_off = ["2026-11-18"]\n'
    )
    student = load(path)
    assert student.name == "mila" and student.marks_per_day == 5.0
    assert student.school_sleep[0].hour == 21
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
