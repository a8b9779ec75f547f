"""Sharing: who may see which part of which week (school.md, Rules that follow, 1).

Deny by default. Nobody but the student sees anything until the student has shared that part of that
week with that person by name, after a preview. A withdrawal works at once and nobody is told.
Whatever is not to be seen gives one answer, `NOTHING`: not shared, withdrawn, not used, no such
student, no such week.

A share shows what the host had received when the student looked at the preview (`as_of_utc_s`): a
sync afterwards adds nothing to what others see that the student did not see first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from bioklok.errors import BioklokFailure
from bioklok.school.consent import Answer, ConsentEvent, counted_when_said, may_store
from bioklok.school.days import checked_week
from bioklok.school.people import Act, Person, Tie, may, require, still_tied


class NotPreviewed(BioklokFailure):
    """Show the preview first: what is shared was seen by the student before."""


class Part(StrEnum):
    """The parts of a week that are shared one by one. Reasons of strips are in none of them."""

    RHYTHM = "rhythm"
    SLEEP_TIMES = "sleep times"
    LIGHT = "light"
    PRESSES = "presses"
    REFLECTION = "reflection"
    STRIPS = "strips"


class Step(StrEnum):
    """What the student did about one part of one week and one person."""

    PREVIEWED = "previewed"
    SHARED = "shared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ShareEvent:
    """One step; its key is its place in the log of (school_id, student_id)."""

    school_id: str
    student_id: str
    week: str
    part: Part
    viewer_id: str
    step: Step
    at_utc_s: int


# One log a student holds both, in the order in which they came: a stop of the consent ends what was
# shared before it.
Event = ShareEvent | ConsentEvent


@dataclass(frozen=True)
class Sight:
    """What somebody may see of one part of one week.

    `as_of_utc_s`: of what the host had received by then. None with `is_open`: of everything.
    """

    is_open: bool
    as_of_utc_s: int | None = None

    def of(self, is_there: bool) -> "Sight":
        """Return this sight where there is something to show, else NOTHING.

        To be asked before anything is shown, counted or logged: a week that was shared but not
        used has to look like one that was not shared.
        """
        return self if is_there else NOTHING


NOTHING = Sight(False)
EVERYTHING = Sight(True)


def preview(
    student: Person,
    week: str,
    parts: Iterable[Part],
    viewers: Iterable[Person],
    *,
    ties: Sequence[Tie],
    now_utc_s: int,
) -> tuple[ShareEvent, ...]:
    """Return what to add to the log once the student has been shown what these people would see.

    Raises NotAllowed where one of them is no parent or mentor of the student now, BioklokFailure
    for a week that does not exist.
    """
    checked_week(week)
    named = list(viewers)
    for viewer in named:
        require(viewer, Act.BE_SHOWN, student, ties, now_utc_s)
    return tuple(
        _event(student, (week, part, viewer.id), Step.PREVIEWED, now_utc_s)
        for part, viewer in product(parts, named)
    )


def share(
    student: Person,
    week: str,
    parts: Iterable[Part],
    viewers: Iterable[Person],
    events: Sequence[Event],
    *,
    ties: Sequence[Tie],
    now_utc_s: int,
) -> tuple[ShareEvent, ...]:
    """Return what to add to the log so that these people see these parts; all of it or nothing.

    Each preview serves once. Raises NotPreviewed, NotAllowed.
    """
    states = _fold(student, events, ties)
    new = []
    for part, viewer in product(parts, list(viewers)):
        require(viewer, Act.BE_SHOWN, student, ties, now_utc_s)
        if states.get((week, part, viewer.id), _UNTOUCHED).previewed_utc_s is None:
            raise NotPreviewed(f"look first at what {viewer.id} would see of {week}: {part.value}")
        new.append(_event(student, (week, part, viewer.id), Step.SHARED, now_utc_s))
    return tuple(new)


def withdraw(
    student: Person,
    events: Sequence[Event],
    *,
    ties: Sequence[Tie],
    now_utc_s: int,
    week: str | None = None,
    part: Part | None = None,
    viewer_id: str | None = None,
) -> tuple[ShareEvent, ...]:
    """Return what to add to the log so that it is no longer shared; None means every one.

    What is not shared needs no withdrawal: then nothing comes back, and that is no error.
    """
    return tuple(
        _event(student, key, Step.WITHDRAWN, now_utc_s)
        for key, state in _fold(student, events, ties).items()
        if state != _UNTOUCHED
        and all(
            wanted in (None, found)
            for wanted, found in zip((week, part, viewer_id), key, strict=True)
        )
    )


def may_see(
    viewer: Person,
    student: Person | None,
    week: str,
    part: Part,
    events: Sequence[Event],
    *,
    ties: Sequence[Tie],
    now_utc_s: int,
    oldest_text: int = 1,
) -> Sight:
    """Say what a person may see of one part of one student's week at this moment.

    `oldest_text`: see `consent.may_store`; without consent to the text that holds nobody sees.
    `student` is None where there is none of that name. The student sees all of their own, with or
    without consent. Anybody else has to be named in a share that stands, tied to the student since
    before it, and the consent has to stand.
    """
    if student is not None and may(viewer, Act.SEE_OWN, student, ties, now_utc_s):
        return EVERYTHING
    if student is None or not may(viewer, Act.BE_SHOWN, student, ties, now_utc_s):
        return NOTHING
    state = _fold(student, events, ties).get((week, part, viewer.id), _UNTOUCHED)
    if state.shared_utc_s is None or not still_tied(
        viewer.id, Act.BE_SHOWN, student, ties, (state.shared_utc_s, now_utc_s)
    ):
        return NOTHING
    words = [event for event in events if isinstance(event, ConsentEvent)]
    if not may_store(student, words, ties, now_utc_s, oldest_text).is_allowed:
        return NOTHING
    return Sight(True, state.as_of_utc_s)


def seen_by(
    viewer: Person,
    student: Person,
    events: Sequence[Event],
    *,
    ties: Sequence[Tie],
    now_utc_s: int,
    oldest_text: int = 1,
) -> dict[tuple[str, Part], Sight]:
    """Return all that another person may see of a student: their lists and counts hold no more."""
    keys = {(one.week, one.part): None for one in events if isinstance(one, ShareEvent)}
    found = {
        (week, part): may_see(
            viewer,
            student,
            week,
            part,
            events,
            ties=ties,
            now_utc_s=now_utc_s,
            oldest_text=oldest_text,
        )
        for week, part in sorted(keys)
    }
    return {key: sight for key, sight in found.items() if sight.is_open}


@dataclass(frozen=True)
class _State:
    previewed_utc_s: int | None = None
    shared_utc_s: int | None = None
    as_of_utc_s: int | None = None


_UNTOUCHED = _State()
_Key = tuple[str, Part, str]


def _fold(student: Person, events: Sequence[Event], ties: Sequence[Tie]) -> dict[_Key, _State]:
    states: dict[_Key, _State] = {}
    for event in _of(student, events):
        if isinstance(event, ConsentEvent):
            if event.answer is Answer.STOPS and counted_when_said(event, student, ties):
                states.clear()
            continue
        key = (event.week, event.part, event.viewer_id)
        states[key] = _after(states.get(key, _UNTOUCHED), event)
    return states


def _after(state: _State, event: ShareEvent) -> _State:
    if event.step is Step.WITHDRAWN:
        return _UNTOUCHED
    if event.step is Step.PREVIEWED:
        return _State(event.at_utc_s, state.shared_utc_s, state.as_of_utc_s)
    if state.previewed_utc_s is None:  # a share that nobody looked at first shows nothing
        return state
    return _State(None, event.at_utc_s, state.previewed_utc_s)


def _of(student: Person, events: Sequence[Event]) -> Iterator[Event]:
    for event in events:
        if (event.school_id, event.student_id) == (student.school_id, student.id):
            yield event


def _event(student: Person, key: _Key, step: Step, at_utc_s: int) -> ShareEvent:
    return ShareEvent(student.school_id, student.id, *key, step, at_utc_s)
