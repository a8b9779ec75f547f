"""The timetable as data: lessons, what changed between two snapshots, lesson hours.

Of a lesson only start, end, subject code and lesson or not are kept; teachers, rooms and names of
tests are dropped where feeds are read (school.md, Timetable and calendar). A test is "not a lesson"
here, so that no strip covers it and nobody has to store that it is a test.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from bioklok.school.days import local_day, utc_s_at

LESSONS_A_DAY = 5  # fewer can well be cancelled all at once


@dataclass(frozen=True, order=True)
class Lesson:
    """One appointment in one student's timetable. Times in Unix seconds UTC, end excluded.

    `id` is the feed's own for this occurrence. Feeds that number anew at each fetch are matched by
    content: see `compare`. Raises ValueError where it does not end after it starts.
    """

    start_utc_s: int
    end_utc_s: int
    subject: str
    id: str
    is_lesson: bool = True

    def __post_init__(self) -> None:
        if self.end_utc_s <= self.start_utc_s:
            raise ValueError("a lesson ends after it starts")


@dataclass(frozen=True)
class Snapshot:
    """What a feed said at one moment; (school_id, student_id, taken_at_utc_s) is the key.

    It speaks of [from, until) only: a lesson outside that is not known to be gone. Lessons are
    sorted, those without their start in the window left out. Raises ValueError where two have one
    id.
    """

    school_id: str
    student_id: str
    taken_at_utc_s: int
    from_utc_s: int
    until_utc_s: int
    lessons: tuple[Lesson, ...]

    def __post_init__(self) -> None:
        inside = sorted(one for one in self.lessons if self.speaks_of(one))
        if len({one.id for one in inside}) != len(inside):
            raise ValueError("two lessons of one id")
        object.__setattr__(self, "lessons", tuple(inside))

    def speaks_of(self, lesson: Lesson) -> bool:
        """Say whether the lesson's start is in the window of this snapshot."""
        return self.from_utc_s <= lesson.start_utc_s < self.until_utc_s


@dataclass(frozen=True)
class Move:
    """The same lesson before and after."""

    before: Lesson
    after: Lesson


@dataclass(frozen=True)
class Changes:
    """How one snapshot became the next. What is in none of the three stayed as it was.

    `relabelled` stayed too, under another id.
    """

    school_id: str
    student_id: str
    added: tuple[Lesson, ...] = ()
    removed: tuple[Lesson, ...] = ()
    moved: tuple[Move, ...] = ()
    relabelled: tuple[Move, ...] = ()


def compare(before: Snapshot, after: Snapshot, zone: ZoneInfo) -> Changes:
    """Compare two snapshots of one student where both speak; feeds drop what is cancelled silently.

    A lesson is the same one where, in this order:
    1. id, subject and lesson-or-not are the same (moved, if its times are not);
    2. times, subject and lesson-or-not are the same (the feed numbered it anew);
    3. subject, lesson-or-not and local day are, the nearest in time first (moved).
    A lesson that leaves the common window is not removed, one that enters it is not added, unless
    case 1 knows it on both sides. Raises ValueError where the snapshots are not of one student.
    """
    key = (before.school_id, before.student_id)
    if key != (after.school_id, after.student_id):
        raise ValueError("snapshots of two students")
    pairs = _paired(before.lessons, after.lessons, lambda one: (one.id, _kind(one)))
    gone, new = _left(before, after, pairs)
    same_time = _paired(gone, new, lambda one: (one.start_utc_s, one.end_utc_s, _kind(one)))
    pairs += same_time
    gone, new = _left(before, after, pairs)
    # From here on what is on one side alone: only where the other side speaks is that news.
    gone = [one for one in gone if after.speaks_of(one)]
    new = [one for one in new if before.speaks_of(one)]
    nearest = _nearest_of_a_day(gone, new, zone)
    pairs += nearest
    return Changes(
        *key,
        added=tuple(one for one in new if one not in {pair.after for pair in nearest}),
        removed=tuple(one for one in gone if one not in {pair.before for pair in nearest}),
        moved=tuple(one for one in pairs if _times(one.before) != _times(one.after)),
        relabelled=tuple(one for one in same_time if one.before != one.after),
    )


def is_believable(before: Snapshot, after: Snapshot) -> bool:
    """Say whether a new snapshot may be taken at its word.

    A feed that suddenly has nothing where there were a day's lessons or more is more likely broken
    than a school without lessons; nobody's strips are released for it.
    """
    expected = [one for one in before.lessons if after.speaks_of(one)]
    found = [one for one in after.lessons if before.speaks_of(one)]
    return bool(found) or len(expected) < LESSONS_A_DAY


def in_force_since(snapshots: Sequence[Snapshot], at_utc_s: int) -> Sequence[Snapshot]:
    """Return what the timetable said at a moment and since: the last snapshot up to it, and later.

    `snapshots` are of one student, oldest first. Where all are later than the moment, all of them.
    """
    n_up_to = sum(one.taken_at_utc_s <= at_utc_s for one in snapshots)
    return snapshots[max(n_up_to - 1, 0) :]


def next_lesson(
    snapshot: Snapshot,
    earliest_utc_s: int,
    last_day: date,
    zone: ZoneInfo,
    is_free: Callable[[date], bool] = lambda _day: False,
) -> Lesson | None:
    """Return the first lesson that starts at a moment or later, up to a local day; or None.

    is_free: says of a local day that no lesson of it counts.
    """
    return next(
        (
            one
            for one in snapshot.lessons
            if one.is_lesson
            and one.start_utc_s >= earliest_utc_s
            and local_day(one.start_utc_s, zone) <= last_day
            and not is_free(local_day(one.start_utc_s, zone))
        ),
        None,
    )


def trace(lesson: Lesson, snapshots: Sequence[Snapshot], zone: ZoneInfo) -> Lesson | None:
    """Say what became of a lesson; None: it was removed. `snapshots` are oldest first.

    It is followed from the last snapshot that has a lesson of its subject at its times, so that one
    may ask again about what was found: nothing is lost where an answer was not kept. A lesson that
    no snapshot has stays as it is.
    """
    for n in reversed(range(len(snapshots))):
        found = next((one for one in snapshots[n].lessons if is_same(one, lesson)), None)
        if found is not None:
            return _followed(found, snapshots[n:], zone)
    return lesson


def is_same(one: Lesson, other: Lesson) -> bool:
    """Say whether two lessons are of one subject at the same times, whatever their ids."""
    return (_times(one), _kind(one)) == (_times(other), _kind(other))


def _followed(lesson: Lesson, snapshots: Sequence[Snapshot], zone: ZoneInfo) -> Lesson | None:
    for before, after in pairwise(snapshots):
        changes = compare(before, after, zone)
        if lesson in changes.removed:
            return None
        known = {one.before: one.after for one in changes.moved + changes.relabelled}
        lesson = known.get(lesson, lesson)
    return lesson


@dataclass(frozen=True)
class LessonHour:
    """One lesson hour ("lesuur") by the school's bell, local time."""

    number: int
    start: time
    end: time


@dataclass(frozen=True)
class Bell:
    """A school's lesson hours, and other ones on some days (short lessons): first, last, hours.

    Of two exceptions for one day the later in the list counts. Raises ValueError without hours.
    """

    school_id: str
    hours: tuple[LessonHour, ...]
    exceptions: tuple[tuple[date, date, tuple[LessonHour, ...]], ...] = ()

    def __post_init__(self) -> None:
        if not self.hours or not all(hours for _, _, hours in self.exceptions):
            raise ValueError("a day without lesson hours")

    def hours_of(self, lesson: Lesson, zone: ZoneInfo) -> tuple[int, ...]:
        """Return the numbers of the hours of which the lesson takes half or more.

        Where it takes half of none, that of which it takes most, or else the one that starts
        nearest: an absence that was agreed has to be recorded under some hour, or the student
        stands as a truant.
        """
        day = local_day(lesson.start_utc_s, zone)
        hours = self.hours
        for first, last, other in self.exceptions:
            if first <= day <= last:
                hours = other
        taken, second_best = [], []
        for hour in hours:
            start_utc_s, end_utc_s = (utc_s_at(day, one, zone) for one in (hour.start, hour.end))
            shared_s = min(lesson.end_utc_s, end_utc_s) - max(lesson.start_utc_s, start_utc_s)
            if 2 * shared_s >= end_utc_s - start_utc_s:
                taken.append(hour.number)
            away_s = abs(lesson.start_utc_s - start_utc_s)
            second_best.append((-max(shared_s, 0), away_s, hour.number))
        return tuple(taken) or (min(second_best)[2],)


def _times(lesson: Lesson) -> tuple[int, int]:
    return lesson.start_utc_s, lesson.end_utc_s


def _kind(lesson: Lesson) -> tuple[str, bool]:
    # A lesson that became a test is another: what was agreed for the first does not cover it.
    return lesson.subject, lesson.is_lesson


def _left(
    before: Snapshot, after: Snapshot, pairs: Iterable[Move]
) -> tuple[list[Lesson], list[Lesson]]:
    old = {one.before for one in pairs}
    new = {one.after for one in pairs}
    return (
        [one for one in before.lessons if one not in old],
        [one for one in after.lessons if one not in new],
    )


def _paired(
    old: Iterable[Lesson], new: Iterable[Lesson], key: Callable[[Lesson], Hashable]
) -> list[Move]:
    """Pair lessons of one key in the order of their times, each once."""
    waiting: dict[Hashable, deque[Lesson]] = {}
    for one in new:
        waiting.setdefault(key(one), deque()).append(one)
    return [Move(one, waiting[key(one)].popleft()) for one in old if waiting.get(key(one))]


def _nearest_of_a_day(old: list[Lesson], new: list[Lesson], zone: ZoneInfo) -> list[Move]:
    candidates = sorted(
        (abs(one.start_utc_s - other.start_utc_s), one, other)
        for one in old
        for other in new
        if _kind(one) == _kind(other)
        and local_day(one.start_utc_s, zone) == local_day(other.start_utc_s, zone)
    )
    taken: set[Lesson] = set()
    pairs = []
    for _, one, other in candidates:
        if one not in taken and other not in taken:
            taken |= {one, other}
            pairs.append(Move(one, other))
    return pairs
