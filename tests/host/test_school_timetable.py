"""Lessons, snapshots and lesson hours: in local time, in both weeks when clocks change."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from bioklok.school.timetable import (
    Bell,
    Changes,
    Lesson,
    LessonHour,
    Move,
    Snapshot,
    compare,
    in_force_since,
    is_believable,
    next_lesson,
    trace,
)
from hypothesis import given
from hypothesis import strategies as st

ZONE = ZoneInfo("Europe/Amsterdam")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def lesson(text: str, subject: str = "wi", name: str | None = None, minutes: int = 50) -> Lesson:
    start = at(f"2026-11-{text}")
    return Lesson(start, start + 60 * minutes, subject, name or f"{subject} {text}")


def snapshot(*lessons: Lesson, taken: str = "16 07:00", since: str = "01 00:00") -> Snapshot:
    return Snapshot(
        "oost", "noor", at(f"2026-11-{taken}"), at(f"2026-11-{since}"), at("2026-12-01"), lessons
    )


MATHS, DUTCH, GYM = lesson("16 09:00"), lesson("16 10:00", "ne"), lesson("17 09:00", "lo")
FIRST = snapshot(MATHS, DUTCH, GYM)


def changes(**parts: tuple[Lesson, ...] | tuple[Move, ...]) -> Changes:
    return Changes("oost", "noor", **parts)  # type: ignore[arg-type]


def test_nothing_changed() -> None:
    assert compare(FIRST, snapshot(GYM, MATHS, DUTCH, taken="16 08:00"), ZONE) == changes()


def test_what_is_gone_was_removed_and_what_is_new_was_added() -> None:
    extra = lesson("18 09:00", "en")
    assert compare(FIRST, snapshot(MATHS, GYM, extra), ZONE) == changes(
        removed=(DUTCH,), added=(extra,)
    )


def test_a_lesson_at_another_time_under_its_id_moved_also_to_another_day() -> None:
    later = replace(DUTCH, start_utc_s=at("2026-11-20 14:00"), end_utc_s=at("2026-11-20 14:50"))
    assert compare(FIRST, snapshot(MATHS, later, GYM), ZONE) == changes(moved=(Move(DUTCH, later),))


def test_a_feed_that_numbers_anew_changes_nothing() -> None:
    anew = [replace(one, id=f"new {one.id}") for one in FIRST.lessons]
    found = compare(FIRST, snapshot(*anew), ZONE)
    assert (found.added, found.removed, found.moved) == ((), (), ())
    assert [one.after.id for one in found.relabelled] == [one.id for one in anew]


def test_without_its_id_a_lesson_is_found_on_its_day_and_not_on_another() -> None:
    same_day = lesson("16 13:00", "ne", "x")
    assert compare(FIRST, snapshot(MATHS, same_day, GYM), ZONE) == changes(
        moved=(Move(DUTCH, same_day),)
    )
    next_day = lesson("17 13:00", "ne", "x")
    assert compare(FIRST, snapshot(MATHS, next_day, GYM), ZONE) == changes(
        removed=(DUTCH,), added=(next_day,)
    )


def test_of_two_lessons_of_a_subject_the_one_that_was_dropped_is_missed() -> None:
    second = lesson("16 11:00", "wi", "b")
    before = snapshot(MATHS, second)
    assert compare(before, snapshot(second), ZONE) == changes(removed=(MATHS,))
    # Numbered anew as well.
    assert compare(before, snapshot(replace(second, id="z")), ZONE).removed == (MATHS,)


def test_a_lesson_that_became_a_test_is_gone() -> None:
    test = replace(DUTCH, is_lesson=False)
    found = compare(FIRST, snapshot(MATHS, test, GYM), ZONE)
    assert (found.removed, found.added) == ((DUTCH,), (test,))


def test_what_left_the_window_is_not_removed_and_what_entered_it_not_added() -> None:
    after = snapshot(GYM, taken="17 07:00", since="17 00:00")
    assert compare(FIRST, after, ZONE) == changes()
    assert compare(after, FIRST, ZONE) == changes()


def test_a_past_lesson_is_not_taken_for_the_new_one_of_its_day() -> None:
    new = lesson("16 14:00", "wi", "x")
    after = snapshot(DUTCH, GYM, new, taken="16 09:30", since="16 09:30")
    assert compare(FIRST, after, ZONE) == changes(added=(new,))


def test_two_students_are_not_compared() -> None:
    with pytest.raises(ValueError, match="two students"):
        compare(FIRST, replace(FIRST, student_id="sem"), ZONE)
    with pytest.raises(ValueError, match="two students"):
        compare(FIRST, replace(FIRST, school_id="west"), ZONE)


def test_a_feed_that_suddenly_has_nothing_is_not_believed() -> None:
    week = snapshot(*[lesson(f"{day} 09:00") for day in range(16, 21)])
    assert not is_believable(week, snapshot())
    assert is_believable(week, snapshot(lesson("16 09:00")))
    assert is_believable(FIRST, snapshot())  # three lessons can be cancelled
    assert is_believable(snapshot(), week)


def test_impossible_lessons_are_refused() -> None:
    with pytest.raises(ValueError, match="ends after"):
        Lesson(5, 5, "wi", "a")
    with pytest.raises(ValueError, match="one id"):
        snapshot(MATHS, replace(DUTCH, id=MATHS.id))


LESSONS = st.lists(
    st.builds(
        lambda day, hour, subject, name, is_lesson: Lesson(
            at(f"2026-11-{day} {hour:02}:00"),
            at(f"2026-11-{day} {hour:02}:50"),
            subject,
            name,
            is_lesson,
        ),
        st.integers(16, 18),
        st.integers(8, 12),
        st.sampled_from(["wi", "ne"]),
        st.sampled_from("abcdefgh"),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


@given(old=LESSONS, new=LESSONS)
def test_the_changes_make_one_snapshot_out_of_the_other(
    old: list[Lesson], new: list[Lesson]
) -> None:
    before, after = snapshot(*old), snapshot(*new)
    found = compare(before, after, ZONE)
    made = set(old) - set(found.removed) | set(found.added)
    for pair in (*found.moved, *found.relabelled):
        made.remove(pair.before)
    made |= {pair.after for pair in (*found.moved, *found.relabelled)}
    assert made == set(new)
    for pair in found.moved:
        assert pair.before.subject == pair.after.subject
        assert pair.before.is_lesson == pair.after.is_lesson


@given(old=LESSONS, new=LESSONS)
def test_the_way_back_is_the_way_there_reversed_in_size(
    old: list[Lesson], new: list[Lesson]
) -> None:
    there = compare(snapshot(*old), snapshot(*new), ZONE)
    back = compare(snapshot(*new), snapshot(*old), ZONE)
    assert set(there.added) == set(back.removed)
    assert set(there.removed) == set(back.added)


# -- which lesson ----------------------------------------------------------------------------------


def test_the_timetable_in_force_is_the_last_one_up_to_then() -> None:
    snapshots = [snapshot(taken=taken) for taken in ("14 07:00", "15 07:00", "16 07:00")]
    assert in_force_since(snapshots, at("2026-11-15 06:59")) == snapshots
    assert in_force_since(snapshots, at("2026-11-15 07:00")) == snapshots[1:]
    assert in_force_since(snapshots, at("2027-01-01")) == snapshots[2:]
    assert in_force_since(snapshots, 0) == snapshots
    assert in_force_since([], 0) == []


def test_the_next_lesson_is_the_first_to_begin_up_to_a_day() -> None:
    day = date(2026, 11, 16)
    test = replace(lesson("16 08:00", "en"), is_lesson=False)
    known = snapshot(*FIRST.lessons, test)
    for moment, last_day, expected in (
        ("16 07:00", day, MATHS),
        ("16 09:00", day, MATHS),
        ("16 09:01", day, DUTCH),
        ("16 10:01", day, None),
        ("16 10:01", day + timedelta(days=1), GYM),
    ):
        assert next_lesson(known, at(f"2026-11-{moment}"), last_day, ZONE) == expected


def test_a_lesson_is_followed_over_several_snapshots() -> None:
    moved = replace(DUTCH, start_utc_s=at("2026-11-16 11:00"), end_utc_s=at("2026-11-16 11:50"))
    again = replace(moved, start_utc_s=at("2026-11-16 12:00"), end_utc_s=at("2026-11-16 12:50"))
    relabelled = replace(again, id="other")
    series = [
        FIRST,
        snapshot(MATHS, moved, GYM),
        snapshot(MATHS, again, GYM),
        snapshot(MATHS, relabelled, GYM),
    ]
    assert trace(DUTCH, series, ZONE) == relabelled
    assert trace(DUTCH, series[:2], ZONE) == moved
    assert trace(DUTCH, series[:1], ZONE) == DUTCH
    # Asked again about what was found, the answer stays.
    assert trace(again, series, ZONE) == relabelled
    assert trace(relabelled, series, ZONE) == relabelled
    assert trace(DUTCH, [*series, snapshot(MATHS, GYM)], ZONE) is None
    # A feed that lost it for a while and has it again.
    assert trace(MATHS, [FIRST, snapshot(GYM), FIRST], ZONE) == MATHS
    assert trace(lesson("19 09:00"), series, ZONE) == lesson("19 09:00")


# -- local time ------------------------------------------------------------------------------------

BELL = Bell(
    "oost",
    tuple(
        LessonHour(number, time(hour, minute), time(hour + (minute + 50) // 60, (minute + 50) % 60))
        for number, hour, minute in ((1, 8, 30), (2, 9, 20), (3, 10, 30), (4, 11, 20))
    ),
)


@pytest.mark.parametrize(
    "day", ["2026-03-28", "2026-03-29", "2026-03-30", "2026-10-24", "2026-10-25", "2026-10-26"]
)
def test_the_third_hour_is_the_third_hour_before_and_after_the_clocks_change(day: str) -> None:
    start = at(f"{day} 10:30")
    assert BELL.hours_of(Lesson(start, start + 3000, "wi", "a"), ZONE) == (3,)


def test_an_hour_of_which_half_is_taken_is_taken() -> None:
    for start, minutes, hours in (
        ("16 08:30", 50, (1,)),
        ("16 08:30", 100, (1, 2)),
        ("16 08:55", 50, (1, 2)),
        ("16 08:56", 49, (2,)),
        ("16 10:30", 20, (3,)),  # half of none: of which it takes most
        ("16 09:00", 30, (1,)),
        ("16 10:12", 10, (3,)),  # in a break: the one that starts nearest
        ("16 13:00", 50, (4,)),
    ):
        assert BELL.hours_of(lesson(start, minutes=minutes), ZONE) == hours, start


def test_days_with_short_lessons_have_their_own_hours() -> None:
    short = (LessonHour(1, time(8, 30), time(9, 0)), LessonHour(2, time(9, 0), time(9, 30)))
    day = date(2026, 11, 16)
    bell = replace(BELL, exceptions=((day, day, short),))
    assert bell.hours_of(lesson("16 08:45", minutes=30), ZONE) == (1, 2)
    assert bell.hours_of(lesson("17 08:45", minutes=30), ZONE) == (1,)
    with pytest.raises(ValueError, match="without"):
        Bell("oost", ())
