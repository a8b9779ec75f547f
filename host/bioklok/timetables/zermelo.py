"""A student's appointments as a Zermelo portal gives them, down to a snapshot of lessons.

`GET https://NAME.zportal.nl/api/v3/appointments?user=~me&start=..&end=..` answers with
`{"response": {"status": 200, "data": [..]}}`; an appointment is there in versions, of which the
valid one counts. Teachers, rooms, groups and remarks are not read.
"""

import json
from collections.abc import Collection
from typing import Any

from bioklok.school.timetable import Lesson, Snapshot
from bioklok.timetables.ical import LONGEST_LESSON_S, lesson_id
from bioklok.timetables.limits import DAY_S, USUAL, Limits, check_window
from bioklok.timetables.lines import refused
from bioklok.timetables.subjects import as_code

LESSON, TESTS = "lesson", ("exam", "oralexam", "test")
_LAST_S = 2**33  # the year 2242


def read_appointments(
    data: bytes,
    *,
    school_id: str,
    student_id: str,
    taken_at_utc_s: int,
    from_utc_s: int,
    until_utc_s: int,
    limits: Limits = USUAL,
) -> Snapshot:
    """Return what a portal says of a window: start, end, subject code and whether it is a lesson.

    Raises BioklokFailure where the answer is not whole, goes over a limit, or has an appointment
    that cannot be read; ValueError where the window is empty or too long.
    """
    check_window(from_utc_s, until_utc_s, limits)
    versions: dict[int, tuple[int, Lesson | None]] = {}
    for one in _appointments(data, limits):
        if not _flag(one, "valid", True):
            continue
        version, instance = _whole(one, "id"), _whole(one, "appointmentInstance", "id")
        if instance not in versions or version > versions[instance][0]:
            versions[instance] = (version, _lesson(one, instance))
    lessons = [lesson for _, lesson in versions.values() if lesson is not None]
    return Snapshot(school_id, student_id, taken_at_utc_s, from_utc_s, until_utc_s, tuple(lessons))


def _appointments(data: bytes, limits: Limits) -> Collection[dict[str, Any]]:
    if len(data) > limits.bytes:
        raise refused(f"it has more than {limits.bytes} bytes")
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        raise refused("it is not JSON") from None
    response = answer.get("response") if isinstance(answer, dict) else None
    found = response.get("data") if isinstance(response, dict) else None
    if not isinstance(response, dict) or response.get("status", 200) != 200:
        raise refused("the portal did not answer with appointments")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise refused("the portal did not answer with appointments")
    total = response.get("totalRows")
    if type(total) is int and total > len(found):
        raise refused("the portal sent a part of the appointments")
    if len(found) > limits.events:
        raise refused(f"it has more than {limits.events} appointments")
    return found


def _lesson(one: dict[str, Any], instance: int) -> Lesson | None:
    start_utc_s, end_utc_s = _whole(one, "start"), _whole(one, "end")
    if end_utc_s < start_utc_s or end_utc_s - start_utc_s > 366 * DAY_S:
        raise refused("it has an appointment that ends before it starts, or after a year")
    if _flag(one, "cancelled", False) or _flag(one, "hidden", False) or start_utc_s == end_utc_s:
        return None
    kind = one.get("type", one.get("appointmentType", LESSON))
    if not isinstance(kind, str):
        raise refused("it has an appointment of no known type")
    is_lesson = kind.lower() == LESSON and end_utc_s - start_utc_s <= LONGEST_LESSON_S
    subject = _subject(one) if is_lesson or kind.lower() in TESTS else ""
    return Lesson(start_utc_s, end_utc_s, subject, lesson_id(f"zermelo {instance}"), is_lesson)


def _subject(one: dict[str, Any]) -> str:
    """Return the first subject by the alphabet, so that the order in which they come is nothing."""
    subjects = one.get("subjects") or []
    if not isinstance(subjects, list) or not all(isinstance(name, str) for name in subjects):
        raise refused("it has an appointment with subjects that are none")
    return min((code for name in subjects if (code := as_code(name))), default="")


def _whole(one: dict[str, Any], *names: str) -> int:
    """Return the first of some fields that is there: a whole number within reason."""
    value = next((one[name] for name in names if one.get(name) is not None), None)
    if type(value) is not int or not 0 <= value < _LAST_S:  # True is an int too
        raise refused(f"it has an appointment without a {names[0]}")
    return value


def _flag(one: dict[str, Any], name: str, otherwise: bool) -> bool:
    value = one.get(name)
    if value is None:
        return otherwise
    if not isinstance(value, bool):
        raise refused(f"it has an appointment whose {name} is neither true nor false")
    return value
