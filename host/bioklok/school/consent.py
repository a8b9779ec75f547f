"""Consent: no consent, no data stored (school.md, Privacy; AVG art. 6, 7 and 8).

Under 16 a parent consents and the child assents; either stops it at any time. Every word is kept,
with the version of the text it was said to and its time, in a log that only grows. What holds now
is folded from it in the order of the log: a clock that was set back brings no old word back.

Each person's last word counts. With two parents one yes is enough and one no stops it, whatever
the other says: the no stands until who said it takes it back or is no longer the child's parent.

From the 16th birthday on the student's own word counts alone. Until they say one, it stays as it
was (EDPB Guidelines 05/2020 on consent, section 7.1.4); a parent's word no longer changes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bioklok.school.people import (
    Act,
    NotAllowed,
    Person,
    Role,
    Tie,
    decides_alone,
    require,
    still_tied,
)


class Answer(StrEnum):
    """What somebody said. A first "no" and a later "stop" are the same word."""

    AGREES = "agrees"
    STOPS = "stops"


class Reason(StrEnum):
    """Why data may be stored or not, in plain words: for the student and the parents alone."""

    AGREED = "everybody whose yes is needed said yes"
    NO_PARENT = "no parent or carer has said yes yet"
    NO_STUDENT = "the student has not said yes yet"
    PARENT_STOPPED = "a parent or carer has said stop"
    STUDENT_STOPPED = "the student has said stop"
    NEW_TEXT = "the text has changed, and not everybody has said yes to the new one yet"


class Effect(StrEnum):
    """What a stop does, at once; to be said in these words before somebody confirms it."""

    SYNC_REFUSED = "nothing more is fetched from the device, and the sync says so kindly"
    GAP_KEPT = "what the device records meanwhile is not stored later either"
    SHARING_ENDED = "nobody else sees anything, also not when consent comes back"
    DATA_KEPT = "what was stored stays the student's to see, to export and to erase"
    STRIPS_KEPT = "strips that were agreed stay agreed"
    NOBODY_TOLD = "nobody is told"


WITHDRAWAL_EFFECTS = tuple(Effect)


@dataclass(frozen=True)
class ConsentEvent:
    """One word of one person; its key is its place in the log of (school_id, student_id).

    `text_version` is the text that was on the screen, 1 and up; `at_utc_s` Unix seconds.
    `alone`: whether the student decided alone by the day of birth that was known then; None of
    words from before this was kept.
    """

    school_id: str
    student_id: str
    by_id: str
    answer: Answer
    text_version: int
    at_utc_s: int
    alone: bool | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether data may be stored now, and why (not).

    `since_utc_s`: from when on the consent stands without a break; what the device recorded before
    stays out, or the pause of somebody who said stop would be fetched after it. None: no consent.
    """

    is_allowed: bool
    reason: Reason
    since_utc_s: int | None = None


def say(
    by: Person,
    student: Person,
    answer: Answer,
    *,
    text_version: int,
    ties: Sequence[Tie],
    now_utc_s: int,
) -> ConsentEvent:
    """Return a word to add to the log: a parent's consent, a student's assent, a stop of either.

    Raises NotAllowed for anybody else, and for a parent once the student decides alone.
    """
    is_student = (by.school_id, by.id) == (student.school_id, student.id)
    require(by, Act.ASSENT if is_student else Act.CONSENT, student, ties, now_utc_s)
    alone = decides_alone(student, now_utc_s)
    if not is_student and alone:
        raise NotAllowed("from 16 on the student decides alone")
    return ConsentEvent(
        student.school_id, student.id, by.id, answer, text_version, now_utc_s, alone
    )


def counted_when_said(event: ConsentEvent, student: Person, ties: Sequence[Tie]) -> bool:
    """Say whether a word was the student's own, or that of who was then a parent with a say.

    A parent's stop counts whatever the student's age is said to have been by now: a day of birth
    that is corrected must not undo it.
    """
    if (event.school_id, event.student_id) != (student.school_id, student.id):
        return False
    if event.by_id == student.id:
        return True
    at_utc_s = event.at_utc_s
    has_a_say = event.answer is Answer.STOPS or not decides_alone(student, at_utc_s)
    return has_a_say and still_tied(event.by_id, Act.CONSENT, student, ties, (at_utc_s,))


def may_store(
    student: Person,
    log: Sequence[ConsentEvent],
    ties: Sequence[Tie],
    now_utc_s: int,
    oldest_text: int = 1,
) -> Verdict:
    """Say whether data of this student may be stored now.

    `oldest_text` is the oldest version that still describes what is done: a yes to an older one is
    none. The order of `log` counts, not its times.
    """
    said = [event for event in log if counted_when_said(event, student, ties)]
    own = [event for event in said if event.by_id == student.id]
    if decides_alone(student, now_utc_s) and own and decides_alone(student, own[-1].at_utc_s):
        of_age = _of_age(student, said)
        if not of_age and own[-1].answer is Answer.STOPS:
            return Verdict(False, Reason.STUDENT_STOPPED)
        return _judged(of_age, oldest_text, Reason.STUDENT_STOPPED, Reason.NO_STUDENT)
    assent = _judged(own, oldest_text, Reason.STUDENT_STOPPED, Reason.NO_STUDENT)
    consent = _parents_judged(student, said, ties, now_utc_s, oldest_text)
    if assent.since_utc_s is None or consent.since_utc_s is None:
        return consent if assent.is_allowed else assent
    return Verdict(True, Reason.AGREED, max(assent.since_utc_s, consent.since_utc_s))


def _of_age(student: Person, said: Sequence[ConsentEvent]) -> list[ConsentEvent]:
    """Return the student's words that count alone.

    After a parent's stop that is a word said as one who decides alone: where the day of birth was
    corrected since, what was said and recorded during the stop stays what it was.
    """
    stops = [n for n, event in enumerate(said) if _is_parents_stop(event)]
    return [
        event
        for event in (said[stops[-1] :] if stops else said)
        if event.by_id == student.id
        and decides_alone(student, event.at_utc_s)
        and (event.alone is not False or not stops)
    ]


def _is_parents_stop(event: ConsentEvent) -> bool:
    return event.answer is Answer.STOPS and event.by_id != event.student_id


def _judged(
    words: Sequence[ConsentEvent], oldest_text: int, stopped: Reason, missing: Reason
) -> Verdict:
    """Judge the words of one person, in the order in which they were said."""
    if not words:
        return Verdict(False, missing)
    if words[-1].answer is Answer.STOPS:
        return Verdict(False, stopped)
    n_old = max((n for n, word in enumerate(words, 1) if word.answer is Answer.STOPS), default=0)
    standing = [word for word in words[n_old:] if word.text_version >= oldest_text]
    if not standing:
        return Verdict(False, Reason.NEW_TEXT)
    return Verdict(True, Reason.AGREED, standing[0].at_utc_s)


def _parents_judged(
    student: Person,
    said: Sequence[ConsentEvent],
    ties: Sequence[Tie],
    now_utc_s: int,
    oldest_text: int,
) -> Verdict:
    by_parent: dict[str, list[ConsentEvent]] = {}
    for word in said:
        if word.by_id != student.id and still_tied(
            word.by_id, Act.CONSENT, student, ties, (word.at_utc_s, now_utc_s)
        ):
            by_parent.setdefault(word.by_id, []).append(word)
    verdicts = [
        _judged(words, oldest_text, Reason.PARENT_STOPPED, Reason.NO_PARENT)
        for words in by_parent.values()
    ]
    for reason in (Reason.PARENT_STOPPED, Reason.AGREED, Reason.NEW_TEXT):
        found = [one for one in verdicts if one.reason is reason]
        if found:
            break
    else:
        return Verdict(False, Reason.NO_PARENT)
    if reason is not Reason.AGREED:
        return found[0]
    first_yes_utc_s = min(one.since_utc_s or 0 for one in found)
    return Verdict(True, reason, max([first_yes_utc_s, *_ends_of_stops(student, said, ties)]))


def _ends_of_stops(
    student: Person, said: Sequence[ConsentEvent], ties: Sequence[Tie]
) -> Iterator[int]:
    """Yield for each stop of a parent when it was taken back, or when that parent's tie ended."""
    for n, stop in enumerate(said):
        if not _is_parents_stop(stop):
            continue
        taken_back = (
            word.at_utc_s
            for word in said[n:]
            if word.by_id == stop.by_id and word.answer is Answer.AGREES
        )
        tie_ends = (
            tie.until_utc_s
            for tie in ties
            if (tie.school_id, tie.student_id, tie.adult_id)
            == (stop.school_id, stop.student_id, stop.by_id)
            and tie.role is Role.PARENT
            and tie.holds(stop.at_utc_s)
            and tie.until_utc_s is not None
        )
        yield next(taken_back, None) or next(tie_ends, stop.at_utc_s)
