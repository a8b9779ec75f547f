"""Sharing in any order of previews, shares, withdrawals and words about consent."""

import pytest
from bioklok.school.consent import Answer, ConsentEvent
from bioklok.school.people import Person
from bioklok.school.sharing import (
    Event,
    NotPreviewed,
    Part,
    Sight,
    preview,
    seen_by,
    share,
    withdraw,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.school import MENTOR, NOOR, SEM
from support.sharing import CONSENT, NOW, PARENT, TIES

WEEKS = st.sampled_from(["2026-W46", "2026-W47"])
PARTS = st.sampled_from(Part)
VIEWERS = st.sampled_from([PARENT, MENTOR])


class AnyOrder(RuleBasedStateMachine):
    """What may be seen is held against a plain set of what the student last did."""

    def __init__(self) -> None:
        super().__init__()
        self.log: tuple[Event, ...] = CONSENT
        self.now = NOW
        self.previewed: dict[tuple[str, Part, str], int] = {}
        self.open: dict[tuple[str, Part, str], int] = {}
        self.yes = {"p": True, "noor": True}

    @rule(week=WEEKS, part=PARTS, viewer=VIEWERS)
    def look_first(self, week: str, part: Part, viewer: Person) -> None:
        self.now += 1
        self.log += preview(NOOR, week, [part], [viewer], ties=TIES, now_utc_s=self.now)
        self.previewed[week, part, viewer.id] = self.now

    @rule(week=WEEKS, part=PARTS, viewer=VIEWERS)
    def share_it(self, week: str, part: Part, viewer: Person) -> None:
        self.now += 1
        key = (week, part, viewer.id)
        if key not in self.previewed:
            with pytest.raises(NotPreviewed):
                share(NOOR, week, [part], [viewer], self.log, ties=TIES, now_utc_s=self.now)
            return
        self.log += share(NOOR, week, [part], [viewer], self.log, ties=TIES, now_utc_s=self.now)
        self.open[key] = self.previewed.pop(key)

    @rule(
        week=st.none() | WEEKS,
        part=st.none() | PARTS,
        viewer_id=st.sampled_from([None, "p", "m"]),
    )
    def take_back(self, week: str | None, part: Part | None, viewer_id: str | None) -> None:
        self.log += withdraw(
            NOOR,
            self.log,
            ties=TIES,
            now_utc_s=self.now,
            week=week,
            part=part,
            viewer_id=viewer_id,
        )
        wanted = (week, part, viewer_id)
        for known in (self.open, self.previewed):
            for key in list(known):
                if all(want in (None, have) for want, have in zip(wanted, key, strict=True)):
                    del known[key]

    @rule(by=st.sampled_from(["p", "noor"]), answer=st.sampled_from(Answer))
    def speak(self, by: str, answer: Answer) -> None:
        self.now += 1
        self.log += (ConsentEvent("oost", "noor", by, answer, 1, self.now),)
        self.yes[by] = answer is Answer.AGREES
        if answer is Answer.STOPS:
            self.open.clear()
            self.previewed.clear()

    @invariant()
    def others_see_what_is_open_and_no_more(self) -> None:
        may_be = all(self.yes.values())
        for viewer in (PARENT, MENTOR):
            expected = {
                (week, part): Sight(True, as_of)
                for (week, part, who), as_of in self.open.items()
                if may_be and who == viewer.id
            }
            assert seen_by(viewer, NOOR, self.log, ties=TIES, now_utc_s=self.now) == expected
        assert seen_by(SEM, NOOR, self.log, ties=TIES, now_utc_s=self.now) == {}


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
