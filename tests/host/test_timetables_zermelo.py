"""A Zermelo portal's answer: versions, cancelled appointments, subjects; and what is refused."""

import json
from random import Random
from typing import Any

import pytest
from bioklok.errors import BioklokFailure
from bioklok.school.timetable import Snapshot, compare
from bioklok.timetables.zermelo import read_appointments
from hypothesis import given, settings
from hypothesis import strategies as st
from support.feeds import WINDOW, ZONE, at, local
from support.fuzz import profiles


def appointment(number: int, clock: str, **fields: object) -> dict[str, Any]:
    start = at(f"2026-11-{clock}")
    return {
        "id": 1000 + number,
        "appointmentInstance": number,
        "start": start,
        "end": start + 3000,
        "startTimeSlot": 1,
        "subjects": ["ne"],
        "teachers": ["jan"],
        "groups": ["h3a"],
        "locations": ["be012"],
        "type": "lesson",
        "remark": "hoofdstuk 3",
        "valid": True,
        "cancelled": False,
        "hidden": False,
        "changeDescription": "",
        **fields,
    }


def answer(*found: object, **response: object) -> bytes:
    total = {"status": 200, "message": "", "startRow": 0, "totalRows": len(found)}
    return json.dumps({"response": {**total, "data": found, **response}}).encode()


def read(data: bytes) -> Snapshot:
    keys = {"school_id": "oost", "student_id": "noor", "taken_at_utc_s": at("2026-11-16")}
    return read_appointments(data, **keys, **WINDOW)  # type: ignore[arg-type]


WEEK = (
    appointment(1, "16 08:30"),
    appointment(2, "16 09:20", subjects=["wisB"]),
    appointment(3, "16 10:30", cancelled=True),
    appointment(4, "16 11:20", type="exam", subjects=["en"]),
    appointment(5, "17 08:30", type="activity", subjects=["piet"]),
    appointment(6, "17 09:20", subjects=["J. Jansen", "tw", "en"]),
    appointment(7, "17 10:30", subjects=[]),
    appointment(8, "17 11:20", hidden=True),
    appointment(9, "18 08:30", valid=False),
)


def test_lessons_tests_and_the_rest() -> None:
    assert local(read(answer(*WEEK))) == [
        ("11-16 08:30", "09:20", "ne", True),
        ("11-16 09:20", "10:10", "wisb", True),
        ("11-16 11:20", "12:10", "en", False),
        ("11-17 08:30", "09:20", "", False),
        ("11-17 09:20", "10:10", "en", True),
        ("11-17 10:30", "11:20", "", True),
    ]


def test_nothing_else_is_kept() -> None:
    kept = repr(read(answer(*WEEK))).lower()
    assert not [one for one in ("jan", "be012", "h3a", "hoofdstuk", "piet") if one in kept]


def test_the_last_valid_version_counts_and_keeps_its_id() -> None:
    first = read(answer(appointment(1, "16 08:30")))
    moved = appointment(1, "20 08:30", id=2000)
    old = appointment(1, "16 08:30")
    assert read(answer(moved, old)).lessons == read(answer(old, moved)).lessons
    (change,) = compare(first, read(answer(old, moved)), ZONE).moved
    assert change.before.id == change.after.id
    gone = appointment(1, "16 08:30", id=3000, cancelled=True)
    assert read(answer(moved, gone, old)).lessons == ()


def test_an_appointment_without_an_instance_goes_by_its_id() -> None:
    assert len(read(answer(appointment(1, "16 08:30", appointmentInstance=None))).lessons) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "JSON"),
        (b"<html>", "JSON"),
        (b"\xff\xfe\x00", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"null", "did not answer"),
        (b"[]", "did not answer"),
        (b'{"response": []}', "did not answer"),
        (b'{"response": {"status": 200, "data": 1}}', "did not answer"),
        (answer(status=401, data=None), "did not answer"),
        (answer("x"), "did not answer"),
        (answer(totalRows=3), "a part"),
        (answer(appointment(1, "16 08:30", start="1")), "start"),
        (answer(appointment(1, "16 08:30", start=True)), "start"),
        (answer(appointment(1, "16 08:30", start=1.5)), "start"),
        (answer(appointment(1, "16 08:30", start=10**30)), "start"),
        (answer(appointment(1, "16 08:30", end=5)), "before it starts"),
        (answer(appointment(1, "16 08:30", end=2**32)), "after a year"),
        (answer(appointment(1, "16 08:30", id=None, appointmentInstance=None)), "id"),
        (answer(appointment(1, "16 08:30", valid="yes")), "valid"),
        (answer(appointment(1, "16 08:30", cancelled=1)), "cancelled"),
        (answer(appointment(1, "16 08:30", type=3)), "type"),
        (answer(appointment(1, "16 08:30", subjects="ne")), "subjects"),
        (answer(appointment(1, "16 08:30", subjects=[1])), "subjects"),
        (answer(*[{}] * 5_001), "5000 appointments"),
        (b" " * 2_000_001, "bytes"),
    ],
)
def test_a_bad_answer_is_refused_whole(data: bytes, why: str) -> None:
    with pytest.raises(BioklokFailure, match=why) as failure:
        read(data)
    assert "\n" not in str(failure.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@profiles(quick=40, long=4_000)
def test_any_field_may_be_anything(profile: settings) -> None:
    @profile
    @given(st.dictionaries(st.sampled_from(sorted(WEEK[0])), JSON, max_size=4), st.integers(0))
    def check(fields: dict[str, object], seed: int) -> None:
        data = bytearray(answer(*WEEK, appointment(10, "19 08:30", **fields)))
        if seed % 2:
            random = Random(seed)
            data[random.randrange(len(data))] = random.randrange(256)
        try:
            found = read(bytes(data))
        except BioklokFailure:
            return
        assert all(len(one.subject) <= 12 for one in found.lessons)

    check()
