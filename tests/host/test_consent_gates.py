"""No consent, nothing stored: every way in asks at the desk that stores, also while somebody says
stop at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, get_ident

import pytest
from bioklok import feeds, jobs
from bioklok.office import reflection, wearing
from bioklok.office import weekly as weekly_figures
from bioklok.office.consenting import NoConsent
from bioklok.office.intake import Intake, NotWelcome
from bioklok.office.reflection import Cards, Noticed
from bioklok.office.wearing import Wishes
from bioklok.office.weekly import make_weekly
from bioklok.reports.week import build_week
from bioklok.school import consent
from bioklok.school.consent import Answer
from bioklok.store import Desk, Store, open_store
from bioklok.store.base import ANY_JOURNAL
from sqlalchemy import event as of_engine
from sqlmodel import Session, SQLModel, select
from support.campus import DEVICE, NOW, campus, say
from support.feeds import event, feed
from support.synthetic import Info, Minute, pages

WEEK = "2026-W46"
ADDRESS = "https://calendar.magister.net/api/icalendar/feeds/0123456789abcdef"
LESSONS = feed(event("UID:a", "DTSTART:20261117T080000Z", "DURATION:PT50M", "SUMMARY:1 netl - JAN"))
NOTE = {"started_utc_s": NOW, "ended_utc_s": NOW, "frames": 1, "bytes": 1} | dict.fromkeys(
    ("pages_new", "epochs_new"), 0
)
INFO = Info(DEVICE["noor"])
CARDS = Cards(noticed=(Noticed.MORNING,), noticed_words="ik was wakker")


def keep_cards(store: Store) -> None:
    reflection.keep(store, store.account("noor").person, WEEK, CARDS, NOW)


def use_ical(store: Store) -> None:
    feeds.use_ical(store, store.account("noor"), ADDRESS, NOW)


def use_zermelo(store: Store) -> None:
    feeds.use_zermelo(store, store.account("noor"), "oost", "token12345", NOW)


def take_file(store: Store) -> None:
    feeds.take_file(store, store.account("noor"), LESSONS, NOW)


def weekly(store: Store) -> None:
    make_weekly(store, store.account("noor"), WEEK, NOW)


def bring_pages(store: Store) -> None:
    Intake(store, lambda: NOW).commit_pages(INFO, pages(NOW - 3600, [Minute()] * 30), NOW)


def note_session(store: Store) -> None:
    Intake(store, lambda: NOW).note_session(INFO, **NOTE)


def note_failure(store: Store) -> None:
    class Unheard:  # a sync that failed before the device said which journal it keeps
        device_id, journal_id = DEVICE["noor"], None

    Intake(store, lambda: NOW).note_session(Unheard(), **NOTE, result="the link was lost")


def decide(store: Store) -> None:
    wearing.decide(store, store.account("noor").person, Wishes(bed_min=1290, wake_min=420), NOW)


DEEDS = (
    decide,
    keep_cards,
    use_ical,
    use_zermelo,
    take_file,
    weekly,
    bring_pages,
    note_session,
    note_failure,
)


@pytest.fixture
def store(database_url):
    with campus(database_url) as opened:
        yield opened


def rows(store: Store) -> dict[str, list[object]]:
    """Every row there is, but those of the log in which words of consent stand."""
    with Session(store.engine) as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in SQLModel.metadata.sorted_tables
            if table.name != "share_log"
        }


def refused(deed: Callable[[Store], None], store: Store) -> None:
    before = rows(store)
    with pytest.raises((NoConsent, NotWelcome)):
        deed(store)
    assert rows(store) == before, deed


def test_after_a_stop_nothing_is_stored_and_with_consent_it_is(store):
    say(store, "p", "noor", Answer.STOPS, NOW - 60)
    for deed in DEEDS:
        refused(deed, store)
    say(store, "p", "noor", Answer.AGREES, NOW - 30)
    for deed in DEEDS:
        before = rows(store)
        deed(store)
        assert rows(store) != before, deed


def test_of_a_stop_at_the_same_moment_one_waits_for_the_other(store):
    """Each has asked all that it asks before its transaction when the stop is stored."""
    waits, main = Event(), get_ident()

    def on_statement(_connection, _cursor, statement, *_more):
        wants_lock = "BEGIN IMMEDIATE" in statement or "pg_advisory_xact_lock" in statement
        if wants_lock and get_ident() != main:
            waits.set()

    def stop(desk: Desk) -> None:
        parent = store.account("p").person
        told = {"text_version": 1, "ties": desk.ties(), "now_utc_s": NOW - 1}
        desk.add_events([consent.say(parent, desk.student, Answer.STOPS, **told)])

    of_engine.listen(store.engine, "before_cursor_execute", on_statement)
    for deed in DEEDS:
        say(store, "p", "noor", Answer.AGREES, NOW - 1)
        before = rows(store)
        waits.clear()
        with ThreadPoolExecutor(1) as pool:
            with store.desk("noor") as desk:
                stop(desk)
                doing = pool.submit(deed, store)
                assert waits.wait(60)
            with pytest.raises((NoConsent, NotWelcome)):
                doing.result(60)
        assert rows(store) == before, deed


def test_a_corrected_day_of_birth_waits_for_who_asked_the_consent(store):
    """Whose word counts follows from it: it comes before or after what is stored, like a stop."""
    waits, main = Event(), get_ident()

    def on_statement(_connection, _cursor, statement, told, *_more):
        is_student = "student noor" in repr(told) or "BEGIN IMMEDIATE" in statement
        if is_student and get_ident() != main:
            waits.set()

    of_engine.listen(store.engine, "before_cursor_execute", on_statement)
    before = store.account("noor")
    with ThreadPoolExecutor(1) as pool:
        with store.desk("noor"):
            doing = pool.submit(store.put_told, "noor", "Noortje", None)
            assert waits.wait(60)
            assert store.account("noor") == before
        assert doing.result(60).name == "Noortje"


def test_figures_that_were_being_made_at_a_stop_are_not_kept(store, monkeypatch):
    def and_then_stop(*given, **more):
        built = build_week(*given, **more)
        say(store, "noor", "noor", Answer.STOPS, NOW)
        return built

    monkeypatch.setattr(weekly_figures, "build_week", and_then_stop)
    assert jobs.weekly_of(store, "noor", [WEEK], NOW)
    with store.reading("noor") as desk:
        assert desk.weekly(WEEK) is None


def test_a_file_that_was_being_read_at_a_stop_is_not_kept(store, monkeypatch):
    read = feeds._from_ical

    def and_then_stop(*given):
        found = read(*given)
        say(store, "noor", "noor", Answer.STOPS, NOW)
        return found

    monkeypatch.setattr(feeds, "_from_ical", and_then_stop)
    with store.reading("noor") as desk:
        before = desk.snapshots()
    with pytest.raises(NoConsent):
        take_file(store)
    with store.reading("noor") as desk:
        assert desk.snapshots() == before


def test_what_was_written_may_be_emptied_without_anybodys_yes(store):
    keep_cards(store)
    say(store, "p", "noor", Answer.STOPS, NOW)
    reflection.keep(store, store.account("noor").person, WEEK, Cards(), NOW + 1)
    with store.reading("noor") as desk:
        assert desk.reflection(WEEK) == {}
        assert desk.weeks() == [WEEK]
    reflection.keep(store, store.account("noor").person, "2026-W47", Cards(), NOW + 1)
    with store.reading("noor") as desk:  # that there is nothing is not stored either
        assert desk.weeks() == [WEEK]


def test_at_home_nobody_is_asked(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'b.sqlite'}") as home:
        home.ensure_student("noor")
        for deed in (keep_cards, weekly, use_ical, take_file, note_session, bring_pages):
            deed(home)
        with home.reading("noor") as desk:
            assert desk.reflection(WEEK) and desk.weekly(WEEK) and desk.snapshots()
        assert len(home.sessions(9)) == 1 and home.n_epochs(DEVICE["noor"]) == 30


def orders(store: Store, info: Info) -> object:
    return Intake(store, lambda: NOW).end(info, **NOTE)


def test_a_device_that_is_to_be_wiped_is_told_without_a_note(store):
    bring_pages(store)
    store.hand_out(DEVICE["noor"], "tuur")  # who has no consent
    Intake(store, lambda: NOW).open_journal(INFO)
    before = rows(store)
    assert orders(store, INFO).wipe
    assert rows(store) == before
    newer = Info(DEVICE["noor"], journal_id=78)  # what it began after the wipe
    with pytest.raises(NotWelcome, match="no consent"):
        orders(store, newer)
    assert rows(store) == before


def test_a_device_of_somebody_who_was_erased_is_wiped(store):
    bring_pages(store)

    def to_go(device):
        device.wipe_journal, device.student_id = ANY_JOURNAL, None

    store.change_device(DEVICE["noor"], to_go)
    with pytest.raises(NotWelcome):  # which journal is to go is known once one was opened
        orders(store, INFO)
    Intake(store, lambda: NOW).open_journal(INFO)
    assert orders(store, INFO).wipe and store.sessions(9) == []


def test_a_note_is_kept_and_answered_with_the_balance(store):
    told = orders(store, INFO)
    assert (told.strips, told.wipe) == (3, False)
    assert [one.device_id for one in store.sessions(9)] == [DEVICE["noor"]]
