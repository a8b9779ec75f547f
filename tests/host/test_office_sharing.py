"""Sharing through the store: what others see, what they cannot tell, what the student can read."""

import numpy as np
import pytest
from bioklok.office import consenting, sharing
from bioklok.school.consent import Answer
from bioklok.school.looks import Handling
from bioklok.school.people import NotAllowed
from bioklok.school.sharing import NotPreviewed, Part
from bioklok.store import Store
from support.campus import BEGAN, DEVICE, NOW, campus, say
from support.synthetic import Info, Minute, pages, school_week, utc_s

WEEK = "2026-W47"
ALL = tuple(Part)


@pytest.fixture
def store(tmp_path):
    with campus(f"sqlite:///{tmp_path / 'b.sqlite'}") as opened:
        opened.commit_pages(Info(DEVICE["noor"]), school_week(end="2026-11-19T12:00"), NOW)
        yield opened


def shown(store: Store, viewer: str, student: str = "noor", week: str = WEEK, now: int = NOW + 90):
    return sharing.week_for(store, store.account(viewer), student, week, now)


def share(store: Store, parts=ALL, viewers=("m",), week: str = WEEK, now: int = NOW + 10):
    noor = store.account("noor")
    seen = sharing.preview(store, noor, week, parts, viewers, now)
    sharing.share(store, noor, week, parts, viewers, now + 1)
    return seen


def test_nobody_sees_anything_until_the_student_shares_it(store):
    for viewer in ("p", "q", "m", "n", "a", "sem", "r"):
        assert shown(store, viewer) is None
        assert sharing.weeks_for(store, store.account(viewer), NOW) == []
    with pytest.raises(NotPreviewed):
        sharing.share(store, store.account("noor"), WEEK, ALL, ["m"], NOW)
    for stranger in ("n", "a", "sem", "r"):
        with pytest.raises(NotAllowed):
            sharing.preview(store, store.account("noor"), WEEK, ALL, [stranger], NOW)


def test_what_is_seen_is_what_was_previewed_and_no_more(store):
    seen = share(store, [Part.SLEEP_TIMES])
    found = shown(store, "m")
    assert found is not None
    assert found.parts == (Part.SLEEP_TIMES,) == seen.parts
    assert found.week.nights == seen.week.nights
    assert any(night.onset for night in found.week.nights)
    assert found.week.marks == found.week.strips == ()
    assert found.week.n_moments == 0
    assert found.week.last_sync is None
    assert all(np.isnan(day.grid.activity_mg).all() for day in found.week.days)
    assert all(np.isnan(day.grid.light_lx).all() for day in found.week.days)
    assert not any(day.marks for day in found.week.days)
    of_sleep = {"sri", "msf_sc", "social_jetlag", "sleep_onset", "sleep_offset", "sleep_duration"}
    assert set(found.week.metrics) <= of_sleep
    assert shown(store, "p") is None  # another person was named


def test_a_sync_afterwards_adds_nothing_to_what_others_see(store):
    share(store, [Part.RHYTHM])
    before = shown(store, "m").week.n_moments
    later = pages(utc_s("2026-11-21T12:00"), [Minute()] * 300, journal_id=78)
    store.commit_pages(Info(DEVICE["noor"], journal_id=78), later, NOW + 5000)
    assert shown(store, "m", now=NOW + 9000).week.n_moments == before > 0
    own = sharing.own_week(store, store.account("noor"), WEEK)
    assert own.week.n_moments > before


def test_cards_that_are_rewritten_are_shared_anew_or_not(store):
    with store.desk("noor") as desk:
        desk.put_reflection(WEEK, {"noticed_words": "first"}, NOW)
    share(store, [Part.REFLECTION])
    assert shown(store, "m").cards == {"noticed_words": "first"}
    with store.desk("noor") as desk:
        desk.put_reflection(WEEK, {"noticed_words": "later, and private"}, NOW + 50)
    assert shown(store, "m") is None
    share(store, [Part.REFLECTION], now=NOW + 60)
    assert shown(store, "m").cards == {"noticed_words": "later, and private"}


def test_not_shared_not_used_and_not_there_are_one_answer(store):
    share(store, ALL, week="2026-W40")  # shared, but nothing was measured then
    assert shown(store, "m", week="2026-W40") is None
    assert shown(store, "m", "sem") is shown(store, "m", "nobody") is shown(store, "m", "p") is None
    assert sharing.weeks_for(store, store.account("m"), NOW + 90) == []
    with store.reading("noor") as desk:
        assert desk.looks() == []  # an attempt leaves nothing


def test_a_look_is_logged_for_the_student_alone(store):
    share(store, [Part.SLEEP_TIMES, Part.PRESSES])
    shown(store, "m")
    log = sharing.who_looked(store, store.account("noor"), NOW + 100)
    assert {(one.viewer_id, one.what) for one in log} == {
        ("m", part) for part in shown(store, "m").parts
    }
    assert not any(isinstance(one.what, Handling) for one in log)
    with pytest.raises(NotAllowed):
        sharing.looks.readable(store.account("m").person, store.account("noor").person, log, NOW)


def test_a_withdrawal_and_a_stop_work_at_once(store):
    share(store, ALL, ["m", "p"])
    assert shown(store, "m") is not None
    sharing.withdraw(store, store.account("noor"), NOW + 20, viewer_id="m")
    assert shown(store, "m") is None
    assert shown(store, "p") is not None
    say(store, "q", "noor", Answer.STOPS, NOW + 30)
    assert shown(store, "p") is None
    assert not consenting.verdict(store, "noor", NOW + 31).is_allowed
    say(store, "q", "noor", Answer.AGREES, NOW + 40)
    assert consenting.verdict(store, "noor", NOW + 41).since_utc_s == NOW + 40
    assert shown(store, "p") is None  # what was shared before does not come back


def test_parents_see_their_own_words_alone(store):
    mine = consenting.words(store, store.account("p").person, "noor", NOW)
    assert [one.by_id for one in mine] == ["p"]
    assert consenting.words(store, store.account("q").person, "noor", NOW) == []
    with pytest.raises(NotAllowed):
        consenting.words(store, store.account("m").person, "noor", NOW)
    assert len(consenting.words(store, store.account("noor").person, "noor", NOW)) == 2
    assert consenting.verdict(store, "noor", NOW).since_utc_s == BEGAN
