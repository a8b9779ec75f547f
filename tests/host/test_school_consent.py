"""No consent, no data stored: who has to say yes, and what a stop does."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from bioklok.school.consent import (
    WITHDRAWAL_EFFECTS,
    Answer,
    ConsentEvent,
    Reason,
    Verdict,
    may_store,
    say,
)
from bioklok.school.people import NotAllowed, Person, Role, Tie, mentor_tie, parent_tie
from hypothesis import given
from hypothesis import strategies as st

TIMEZONE = "Europe/Amsterdam"
YES, STOP = Answer.AGREES, Answer.STOPS


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(TIMEZONE)).timestamp())


NOW = at("2026-11-16 10:00")
STUDENT = Person("oost", "noor", frozenset({Role.STUDENT}), TIMEZONE, date(2014, 3, 1))
ANNE = Person("oost", "anne", frozenset({Role.PARENT}), TIMEZONE)
BO = Person("oost", "bo", frozenset({Role.PARENT}), TIMEZONE)
MENTOR = Person("oost", "m", frozenset({Role.MENTOR}), TIMEZONE)
PEOPLE = {"noor": STUDENT, "anne": ANNE, "bo": BO}
TIES = (
    parent_tie(ANNE, STUDENT, NOW - 1000),
    parent_tie(BO, STUDENT, NOW - 1000),
    mentor_tie(MENTOR, STUDENT, (), NOW - 1000),
)


@dataclass
class Family:
    """A log that is written as people speak, a second apart."""

    ties: tuple[Tie, ...] = TIES
    student: Person = STUDENT
    log: list[ConsentEvent] = field(default_factory=list)

    def says(self, who: Person, answer: Answer, at_utc_s: int | None = None, text: int = 1) -> None:
        when = NOW + len(self.log) if at_utc_s is None else at_utc_s
        who = self.student if who is STUDENT else who
        self.log.append(
            say(who, self.student, answer, text_version=text, ties=self.ties, now_utc_s=when)
        )

    def verdict(self, now_utc_s: int = NOW + 500, oldest_text: int = 1) -> Verdict:
        return may_store(self.student, self.log, self.ties, now_utc_s, oldest_text=oldest_text)


def agreed() -> Family:
    family = Family()
    family.says(ANNE, YES)
    family.says(STUDENT, YES)
    return family


def test_without_a_word_nothing_is_stored() -> None:
    assert Family().verdict() == Verdict(False, Reason.NO_STUDENT)


def test_parent_and_child_both_have_to_say_yes() -> None:
    family = Family()
    family.says(STUDENT, YES)
    assert family.verdict() == Verdict(False, Reason.NO_PARENT)
    family.says(ANNE, YES)
    assert family.verdict() == Verdict(True, Reason.AGREED, NOW + 1)
    alone = Family()
    alone.says(ANNE, YES)
    assert alone.verdict() == Verdict(False, Reason.NO_STUDENT)


@pytest.mark.parametrize(
    ("who", "reason"), [(ANNE, Reason.PARENT_STOPPED), (STUDENT, Reason.STUDENT_STOPPED)]
)
def test_either_stops_and_takes_it_back(who: Person, reason: Reason) -> None:
    family = agreed()
    family.says(who, STOP)
    assert family.verdict() == Verdict(False, reason)
    family.says(who, YES)
    # What the device recorded during the pause stays out, also after it.
    assert family.verdict() == Verdict(True, Reason.AGREED, NOW + 3)


def test_one_parent_s_no_stands_whatever_the_other_says() -> None:
    family = agreed()
    family.says(BO, STOP)
    family.says(ANNE, YES)
    assert family.verdict() == Verdict(False, Reason.PARENT_STOPPED)
    family.says(BO, YES)
    assert family.verdict() == Verdict(True, Reason.AGREED, NOW + 4)


def test_the_word_of_who_is_no_parent_any_more_counts_no_longer() -> None:
    family = agreed()
    family.ties = (TIES[0].ended(NOW + 100), TIES[1])
    assert family.verdict(NOW + 99).is_allowed
    assert family.verdict(NOW + 100) == Verdict(False, Reason.NO_PARENT)


def test_a_no_ends_with_the_tie_of_who_said_it_and_the_pause_stays_out() -> None:
    family = agreed()
    family.says(BO, STOP)
    family.ties = (TIES[0], TIES[1].ended(NOW + 100))
    assert family.verdict(NOW + 99) == Verdict(False, Reason.PARENT_STOPPED)
    assert family.verdict(NOW + 200) == Verdict(True, Reason.AGREED, NOW + 100)


def test_a_parent_tied_anew_is_asked_anew() -> None:
    family = agreed()
    family.ties = (TIES[0].ended(NOW + 100), parent_tie(ANNE, STUDENT, NOW + 200))
    assert family.verdict(NOW + 300) == Verdict(False, Reason.NO_PARENT)
    family.says(ANNE, YES, NOW + 300)
    assert family.verdict(NOW + 301) == Verdict(True, Reason.AGREED, NOW + 300)


def test_a_new_text_needs_new_words_of_both() -> None:
    family = agreed()
    assert family.verdict(oldest_text=2) == Verdict(False, Reason.NEW_TEXT)
    family.says(STUDENT, YES, text=2)
    assert family.verdict(oldest_text=2) == Verdict(False, Reason.NEW_TEXT)
    family.says(ANNE, YES, text=2)
    assert family.verdict(oldest_text=2) == Verdict(True, Reason.AGREED, NOW + 3)
    assert [(one.text_version, one.at_utc_s) for one in family.log] == [
        (1, NOW),
        (1, NOW + 1),
        (2, NOW + 2),
        (2, NOW + 3),
    ]


def test_a_clock_set_back_brings_no_old_yes_back() -> None:
    family = agreed()
    family.says(STUDENT, STOP, NOW - 900)
    assert family.verdict() == Verdict(False, Reason.STUDENT_STOPPED)


def test_nobody_else_has_a_word() -> None:
    for who in (MENTOR, replace(ANNE, id="stranger"), replace(ANNE, school_id="west")):
        with pytest.raises(NotAllowed):
            Family().says(who, YES)


def test_words_in_the_log_that_nobody_had_a_right_to_are_passed_over() -> None:
    mine = agreed().log
    forged = [
        replace(mine[0], by_id="m"),
        replace(mine[0], school_id="west", answer=STOP),
        replace(mine[0], student_id="sem", answer=STOP),
        replace(mine[0], by_id="stranger", answer=STOP),
        replace(mine[0], at_utc_s=NOW - 5000, answer=STOP),  # before there was a tie
    ]
    assert may_store(STUDENT, [*mine, *forged], TIES, NOW + 500).is_allowed
    assert not may_store(STUDENT, [mine[1], *forged], TIES, NOW + 500).is_allowed


SIXTEEN = at("2030-03-01 00:00")


def test_from_sixteen_on_the_student_decides_alone() -> None:
    family = Family()
    with pytest.raises(NotAllowed, match="alone"):
        family.says(ANNE, YES, SIXTEEN)
    family.says(ANNE, STOP, SIXTEEN - 1)
    family.says(STUDENT, YES, SIXTEEN)
    assert family.verdict(SIXTEEN + 1) == Verdict(True, Reason.AGREED, SIXTEEN)
    family.says(STUDENT, STOP, SIXTEEN + 2)
    assert family.verdict(SIXTEEN + 3) == Verdict(False, Reason.STUDENT_STOPPED)


def test_the_birthday_alone_changes_nothing() -> None:
    family = agreed()
    assert family.verdict(SIXTEEN - 1) == family.verdict(SIXTEEN)
    assert family.verdict(SIXTEEN).is_allowed
    family.says(ANNE, STOP, SIXTEEN - 1)
    assert family.verdict(SIXTEEN) == Verdict(False, Reason.PARENT_STOPPED)


def test_without_a_date_of_birth_a_parent_is_needed() -> None:
    family = Family(student=replace(STUDENT, born=None))
    family.says(STUDENT, YES, SIXTEEN)
    assert family.verdict(SIXTEEN + 1) == Verdict(False, Reason.NO_PARENT)


def test_what_a_stop_does_is_said_in_words() -> None:
    assert len(WITHDRAWAL_EFFECTS) == 6
    assert all(len(effect.value.split()) >= 3 for effect in WITHDRAWAL_EFFECTS)


WORDS = st.lists(st.tuples(st.sampled_from(["noor", "anne", "bo"]), st.sampled_from(Answer)))


@given(words=WORDS)
def test_whatever_was_said_the_last_word_of_each_decides(words: list[tuple[str, Answer]]) -> None:
    family = Family()
    for name, answer in words:
        family.says(PEOPLE[name], answer)
    last = dict(words)
    parents = {last.get("anne"), last.get("bo")}
    expected = last.get("noor") is YES and YES in parents and STOP not in parents
    verdict = family.verdict()
    assert verdict.is_allowed == expected
    assert (verdict.since_utc_s is None) == (not expected)


@given(words=WORDS.filter(bool))
def test_data_from_before_the_present_consent_stay_out(words: list[tuple[str, Answer]]) -> None:
    """Replayed: `since` is never before the moment from which on every verdict was a yes."""
    family = Family()
    allowed_from: int | None = None
    for name, answer in words:
        family.says(PEOPLE[name], answer)
        moment = family.log[-1].at_utc_s
        if not family.verdict(moment).is_allowed:
            allowed_from = None
        elif allowed_from is None:
            allowed_from = moment
    since_utc_s = family.verdict().since_utc_s
    assert (since_utc_s is None) == (allowed_from is None)
    if since_utc_s is not None and allowed_from is not None:
        assert since_utc_s == allowed_from
