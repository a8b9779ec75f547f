"""The audit log: every look of somebody else, readable by the student alone."""

import pytest
from bioklok.school.looks import Handling, Look, look_at, look_at_week, readable
from bioklok.school.people import NotAllowed
from bioklok.school.sharing import (
    EVERYTHING,
    NOTHING,
    Part,
    Sight,
)
from support.school import MENTOR, NOOR
from support.sharing import NOW, OTHERS, WEEK


def test_every_look_is_logged_before_it_is_shown_and_nothing_else_is() -> None:
    sight = Sight(True, NOW)
    looks = look_at_week(MENTOR, NOOR, WEEK, Part.LIGHT, sight, now_utc_s=NOW + 9)
    assert looks == (Look("oost", "noor", "m", Part.LIGHT, WEEK, NOW + 9),)
    assert look_at_week(MENTOR, NOOR, WEEK, Part.LIGHT, NOTHING, now_utc_s=NOW) == ()
    assert look_at_week(NOOR, NOOR, WEEK, Part.LIGHT, EVERYTHING, now_utc_s=NOW) == ()


def test_the_student_reads_every_look_at_theirs_and_nobody_else_does() -> None:
    log = [
        Look("oost", "noor", "m", Part.LIGHT, WEEK, NOW),
        Look("oost", "sem", "m", Part.LIGHT, WEEK, NOW),
        look_at(OTHERS[3], "noor", Handling.ABSENCES, NOW),
        Look("west", "noor", "m", Part.LIGHT, WEEK, NOW),
    ]
    assert readable(NOOR, NOOR, log, NOW) == (log[0], log[2])
    for reader in (*OTHERS, MENTOR):
        with pytest.raises(NotAllowed):
            readable(reader, NOOR, log, NOW)
