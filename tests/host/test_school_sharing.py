"""Who sees what: shared by name, after a preview, gone at once; everything else looks the same."""

import pytest
from bioklok.errors import BioklokFailure
from bioklok.school.consent import Answer, ConsentEvent
from bioklok.school.people import NotAllowed, Person, mentor_tie
from bioklok.school.sharing import (
    EVERYTHING,
    NOTHING,
    Event,
    NotPreviewed,
    Part,
    ShareEvent,
    Sight,
    Step,
    may_see,
    preview,
    seen_by,
    share,
    withdraw,
)
from support.school import MENTOR, NOOR, SEM, at
from support.sharing import CONSENT, NOW, OTHERS, PARENT, TIES, WEEK


def shared(
    *parts: Part, viewer: Person = MENTOR, log: tuple[Event, ...] = CONSENT
) -> tuple[Event, ...]:
    """Return the log after a preview at NOW - 60 and a share at NOW."""
    log += preview(NOOR, WEEK, parts, [viewer], ties=TIES, now_utc_s=NOW - 60)
    return log + share(NOOR, WEEK, parts, [viewer], log, ties=TIES, now_utc_s=NOW)


def sees(
    viewer: Person, log: tuple[Event, ...], part: Part = Part.LIGHT, now_utc_s: int = NOW + 1
) -> Sight:
    return may_see(viewer, NOOR, WEEK, part, log, ties=TIES, now_utc_s=now_utc_s)


def test_the_student_sees_all_of_their_own_with_or_without_consent() -> None:
    for part in Part:
        assert sees(NOOR, (), part) is EVERYTHING


@pytest.mark.parametrize("viewer", [*OTHERS, MENTOR], ids=lambda one: f"{one.school_id} {one.id}")
@pytest.mark.parametrize("part", Part)
def test_nobody_else_sees_anything_that_is_not_shared(viewer: Person, part: Part) -> None:
    assert sees(viewer, CONSENT, part) is NOTHING


@pytest.mark.parametrize("viewer", OTHERS, ids=lambda one: f"{one.school_id} {one.id}")
def test_what_is_shared_with_one_is_shared_with_nobody_else(viewer: Person) -> None:
    assert sees(viewer, shared(*Part)) is NOTHING


def test_a_share_is_of_one_part_of_one_week_as_it_was_at_the_preview() -> None:
    log = shared(Part.LIGHT)
    assert sees(MENTOR, log) == Sight(True, NOW - 60)
    assert [part for part in Part if sees(MENTOR, log, part).is_open] == [Part.LIGHT]
    for week in ("2026-W46", "2026-W48", "nonsense"):
        assert may_see(MENTOR, NOOR, week, Part.LIGHT, log, ties=TIES, now_utc_s=NOW) is NOTHING
    assert may_see(MENTOR, SEM, WEEK, Part.LIGHT, log, ties=TIES, now_utc_s=NOW) is NOTHING


def test_not_shared_not_used_withdrawn_and_not_there_are_one_answer() -> None:
    log = shared(Part.LIGHT)
    gone = log + withdraw(NOOR, log, ties=TIES, now_utc_s=NOW)
    answers = [
        sees(MENTOR, CONSENT).of(True),  # used, not shared
        sees(MENTOR, log).of(False),  # shared, not used
        sees(MENTOR, gone).of(True),
        sees(MENTOR, log, Part.RHYTHM).of(True),
        may_see(MENTOR, None, WEEK, Part.LIGHT, (), ties=TIES, now_utc_s=NOW).of(False),
        sees(SEM, log).of(True),
    ]
    assert all(answer is NOTHING for answer in answers)
    assert sees(MENTOR, log).of(True) == Sight(True, NOW - 60)


def test_lists_and_counts_hold_no_more_than_what_is_seen() -> None:
    log = shared(Part.LIGHT, Part.PRESSES)
    log += withdraw(NOOR, log, ties=TIES, now_utc_s=NOW, part=Part.PRESSES)
    seen = seen_by(MENTOR, NOOR, log, ties=TIES, now_utc_s=NOW)
    assert seen == {(WEEK, Part.LIGHT): Sight(True, NOW - 60)}
    assert seen_by(PARENT, NOOR, log, ties=TIES, now_utc_s=NOW) == {}


def test_there_is_no_share_without_a_preview_of_that_part_for_that_person() -> None:
    log = CONSENT + preview(NOOR, WEEK, [Part.LIGHT], [MENTOR], ties=TIES, now_utc_s=NOW)
    for week, part, viewer in (
        (WEEK, Part.RHYTHM, MENTOR),
        (WEEK, Part.LIGHT, PARENT),
        ("2026-W46", Part.LIGHT, MENTOR),
    ):
        with pytest.raises(NotPreviewed):
            share(NOOR, week, [part], [viewer], log, ties=TIES, now_utc_s=NOW)
    # All of it or nothing.
    with pytest.raises(NotPreviewed):
        share(NOOR, WEEK, [Part.LIGHT, Part.RHYTHM], [MENTOR], log, ties=TIES, now_utc_s=NOW)
    assert sees(MENTOR, log) is NOTHING


def test_a_preview_serves_once() -> None:
    log = shared(Part.LIGHT)
    with pytest.raises(NotPreviewed):
        share(NOOR, WEEK, [Part.LIGHT], [MENTOR], log, ties=TIES, now_utc_s=NOW + 5)
    gone = log + withdraw(NOOR, log, ties=TIES, now_utc_s=NOW)
    with pytest.raises(NotPreviewed):
        share(NOOR, WEEK, [Part.LIGHT], [MENTOR], gone, ties=TIES, now_utc_s=NOW + 5)


def test_a_share_that_was_written_without_a_preview_shows_nothing() -> None:
    forged = ShareEvent("oost", "noor", WEEK, Part.LIGHT, "m", Step.SHARED, NOW)
    assert sees(MENTOR, (*CONSENT, forged)) is NOTHING


def test_looking_again_changes_nothing_until_it_is_shared_again() -> None:
    log = shared(Part.LIGHT)
    log += preview(NOOR, WEEK, [Part.LIGHT], [MENTOR], ties=TIES, now_utc_s=NOW + 100)
    assert sees(MENTOR, log) == Sight(True, NOW - 60)
    log += share(NOOR, WEEK, [Part.LIGHT], [MENTOR], log, ties=TIES, now_utc_s=NOW + 110)
    assert sees(MENTOR, log, now_utc_s=NOW + 111) == Sight(True, NOW + 100)


def test_only_a_parent_or_the_mentor_can_be_named() -> None:
    for viewer in (*OTHERS[:1], *OTHERS[2:]):
        with pytest.raises(NotAllowed):
            preview(NOOR, WEEK, [Part.LIGHT], [viewer], ties=TIES, now_utc_s=NOW)
    with pytest.raises(BioklokFailure, match="no week"):
        preview(NOOR, "2026-W54", [Part.LIGHT], [MENTOR], ties=TIES, now_utc_s=NOW)


def test_a_withdrawal_works_at_once_even_by_a_clock_that_was_set_back() -> None:
    log = shared(Part.LIGHT)
    assert sees(MENTOR, log, now_utc_s=NOW).is_open
    gone = log + withdraw(NOOR, log, ties=TIES, now_utc_s=NOW - 4000)
    assert sees(MENTOR, gone, now_utc_s=NOW) is NOTHING


def test_a_withdrawal_takes_what_it_names_and_no_more() -> None:
    log = shared(Part.LIGHT, Part.PRESSES)
    log = shared(Part.LIGHT, viewer=PARENT, log=log)
    one = log + withdraw(NOOR, log, ties=TIES, now_utc_s=NOW, part=Part.LIGHT, viewer_id="m")
    assert [sees(MENTOR, one).is_open, sees(PARENT, one).is_open] == [False, True]
    assert sees(MENTOR, one, Part.PRESSES).is_open
    everything = one + withdraw(NOOR, one, ties=TIES, now_utc_s=NOW)
    assert [sees(who, everything, part) for who in (MENTOR, PARENT) for part in Part] == [
        NOTHING
    ] * (2 * len(Part))
    assert withdraw(NOOR, everything, ties=TIES, now_utc_s=NOW) == ()
    assert withdraw(NOOR, log, ties=TIES, now_utc_s=NOW, week="2026-W01") == ()


def test_what_the_mentor_was_shown_ends_with_the_tie() -> None:
    log = shared(Part.LIGHT)
    assert sees(MENTOR, log, now_utc_s=at("2027-07-31 23:59:59")).is_open
    assert sees(MENTOR, log, now_utc_s=at("2027-08-01 00:00")) is NOTHING


def test_a_mentor_tied_anew_does_not_see_what_was_shared_before() -> None:
    log = shared(Part.LIGHT)
    ties = (*TIES, mentor_tie(MENTOR, NOOR, TIES, at("2027-08-01 00:00")))
    now_utc_s = at("2027-09-01 10:00")
    assert may_see(MENTOR, NOOR, WEEK, Part.LIGHT, log, ties=ties, now_utc_s=now_utc_s) is NOTHING


@pytest.mark.parametrize("by", ["p", "noor"])
def test_a_stop_of_the_consent_ends_sharing_and_a_new_consent_does_not_bring_it_back(
    by: str,
) -> None:
    log = shared(Part.LIGHT)
    log += (ConsentEvent("oost", "noor", by, Answer.STOPS, 1, NOW + 1),)
    assert sees(MENTOR, log, now_utc_s=NOW + 2) is NOTHING
    log += (ConsentEvent("oost", "noor", by, Answer.AGREES, 1, NOW + 3),)
    assert sees(MENTOR, log, now_utc_s=NOW + 4) is NOTHING
    again = preview(NOOR, WEEK, [Part.LIGHT], [MENTOR], ties=TIES, now_utc_s=NOW + 5)
    log += again
    log += share(NOOR, WEEK, [Part.LIGHT], [MENTOR], log, ties=TIES, now_utc_s=NOW + 6)
    assert sees(MENTOR, log, now_utc_s=NOW + 7) == Sight(True, NOW + 5)


def test_a_stop_by_somebody_without_a_say_ends_nothing() -> None:
    log = (*shared(Part.LIGHT), ConsentEvent("oost", "noor", "m", Answer.STOPS, 1, NOW))
    assert sees(MENTOR, log).is_open


def test_sharing_shows_nothing_without_consent() -> None:
    assert sees(MENTOR, shared(Part.LIGHT, log=())) is NOTHING
    assert sees(MENTOR, shared(Part.LIGHT, log=CONSENT[:1])) is NOTHING
