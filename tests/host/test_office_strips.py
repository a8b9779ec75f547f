"""The strip card through the store: dashboard, device, mentor and absence list agree."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from biocore.record import EPOCH_MARKS
from bioklok.device_facts import DeviceStatus
from bioklok.office import strips
from bioklok.office.intake import Intake, NotWelcome
from bioklok.office.settings import keep_settings, settings_of
from bioklok.reports.week import weeks_with_data
from bioklok.school.consent import Answer
from bioklok.school.days import SchoolYear
from bioklok.school.ledger import Account, Cause, State
from bioklok.school.people import NotAllowed
from bioklok.school.reasons import StripReason
from bioklok.school.strip_rules import Agreement
from bioklok.store import Store
from bioklok.store.base import ANY_JOURNAL
from support.campus import DEVICE, NOW, add_timetable, campus, lessons, say
from support.school import at
from support.synthetic import Info, Minute, pages

STRIP = 1 << next(low for name, low, _, _ in EPOCH_MARKS if name == "strip")
YEAR = SchoolYear(2026)
LESSONS = lessons()


@pytest.fixture
def store(database_url):
    with campus(database_url) as opened:
        yield opened


@pytest.fixture
def noor(store):
    return store.account("noor")


def press_at(text: str, journal_id: int = 5) -> tuple[Info, list[bytes]]:
    """What a device sends that was held long at this minute, and just once."""
    minutes = [Minute()] * 3 + [Minute(marks=STRIP)] + [Minute()] * 3
    start = at(text) - 180
    return Info(DEVICE["noor"], journal_id), pages(start, minutes, journal_id=journal_id)


def ask(store: Store, n: int, **more: object):
    return strips.ask(store, store.account("noor").person, "noor", LESSONS[n].id, NOW, **more)


def ledger_of(store: Store, student_id: str = "noor"):
    with store.reading(student_id) as desk:
        return desk.ledger(YEAR)


def test_from_asking_to_the_absence_list(store, noor):
    assert strips.card(store, noor, NOW).left == 3
    asked = ask(store, 2, reason=StripReason.REST)
    assert asked.state is State.ASKED
    (waiting,) = strips.waiting_for(store, store.account("m"), NOW)
    assert (waiting.student.id, waiting.request.lesson.subject) == ("noor", "bi")
    for nosy in ("p", "a", "n"):
        assert strips.waiting_for(store, store.account(nosy), NOW) == []
        with pytest.raises(NotAllowed):
            strips.answer(store, store.account(nosy).person, "noor", asked.request_id, True, NOW)
    strips.answer(store, store.account("m").person, "noor", asked.request_id, True, NOW + 60)
    card = strips.card(store, noor, NOW + 61)
    assert (card.left, card.requests[0].state) == (2, State.AGREED)
    assert card.reasons == {asked.request_id: StripReason.REST}
    later = at("2026-11-16T15:00")
    export = strips.absences(store, store.account("a").person, date(2026, 11, 16), later)
    assert [(one.student_id, one.hour, one.status) for one in export.absences] == [
        ("noor", 4, "geoorloofd")
    ]
    assert strips.card(store, noor, later).requests[0].state is State.USED
    with pytest.raises(NotAllowed):
        strips.absences(store, store.account("m").person, date(2026, 11, 16), later)


def test_a_form_sent_twice_asks_once_and_a_strip_taken_back_is_free(store, noor):
    first = ask(store, 2, form_id="f1")
    assert ask(store, 2, form_id="f1") == first
    assert strips.card(store, noor, NOW).left == 2
    strips.withdraw(store, noor.person, "noor", first.request_id, NOW + 5)
    assert strips.card(store, noor, NOW + 6).left == 3
    assert ask(store, 2).state is State.ASKED
    assert ask(store, 2).cause is Cause.SAME_LESSON


def test_lessons_on_offer_are_those_that_would_be_granted(store, noor):
    card = strips.card(store, noor, NOW)
    assert [one.id for one in card.lessons] == [one.id for one in LESSONS]
    ask(store, 0)
    ask(store, 1)
    ask(store, 2)
    assert strips.card(store, noor, NOW).lessons == ()
    assert ask(store, 3).cause is Cause.NO_STRIP


def test_a_press_without_a_network_settles_at_the_next_sync(store, noor):
    intake = Intake(store, lambda: at("2026-11-17T18:00"))
    info, made = press_at("2026-11-16T09:30")
    intake.open_journal(info)
    assert intake.commit_pages(info, made, at("2026-11-17T18:00")) == made
    assert intake.commit_pages(info, made, at("2026-11-17T18:01")) == []
    (request,) = strips.card(store, noor, at("2026-11-17T18:02")).requests
    assert (request.lesson.subject, request.state) == ("ne", State.ASKED)
    assert intake.orders(info).strips == 2


def test_a_lesson_that_is_cancelled_gives_its_strip_back(store, noor):
    ask(store, 5)
    without = [one for one in LESSONS if one != LESSONS[5]]
    add_timetable(store, "noor", NOW + 100, without)
    (request,) = strips.card(store, noor, NOW + 200).requests
    assert (request.state, request.cause) == (State.RELEASED, Cause.LESSON_GONE)
    assert strips.card(store, noor, NOW + 200).left == 3


def test_no_consent_no_data(store):
    info = Info(DEVICE["tuur"])
    made = pages(NOW, [Minute()] * 60)
    intake = Intake(store, lambda: NOW)
    for welcome in (
        lambda: intake.open_journal(info),
        lambda: intake.commit_pages(info, made, NOW),
    ):
        with pytest.raises(NotWelcome, match="stay on it"):
            welcome()
    with pytest.raises(NotWelcome, match="handed to nobody"):
        intake.open_journal(Info("ff" * 8))
    assert store.n_epochs(DEVICE["tuur"]) == 0
    say(store, "r", "tuur", Answer.AGREES, NOW)
    say(store, "tuur", "tuur", Answer.AGREES, NOW + 1200)
    # From the consent on, and nothing from before: its place alone is known.
    intake = Intake(store, lambda: NOW + 1300)
    assert len(made) == 2
    intake.open_journal(info)
    assert intake.commit_pages(info, made, NOW + 9000) == made[1:]
    assert intake.commit_pages(info, made, NOW + 9000) == []
    assert store.n_epochs(DEVICE["tuur"]) == 30
    assert len(store.pages_of("tuur", 0, 2**31)) == 1


def test_a_device_that_is_handed_on_is_wiped_first(store):
    info = Info(DEVICE["noor"])
    intake = Intake(store, lambda: NOW)
    intake.open_journal(info)
    intake.commit_pages(info, pages(NOW, [Minute()] * 30), NOW)
    store.hand_out(DEVICE["noor"], "sem")
    assert intake.open_journal(info) == info.next  # nothing is fetched any more
    assert intake.orders(info).wipe
    intake.wiped(info)
    after = Info(DEVICE["noor"], journal_id=info.journal_id + 1)
    assert intake.open_journal(after) == after.oldest
    assert not intake.orders(after).wipe
    assert len(store.pages_of("noor", 0, 2**31)) == 1
    assert store.pages_of("sem", 0, 2**31) == []


def test_a_sync_that_is_under_way_does_not_undo_a_hand_out(store):
    info = Info(DEVICE["noor"])
    intake = Intake(store, lambda: NOW)
    intake.open_journal(info)
    store.change_device(info.device_id, lambda row: setattr(row, "label", "of noor"))
    store.hand_out(info.device_id, "sem")
    intake.note_status(info, DeviceStatus(3900, 0, 0, 0, 257))
    intake.wiped(Info(info.device_id, info.journal_id + 7))
    device = store.device(info.device_id)
    assert (device.student_id, device.wipe_journal) == ("sem", ANY_JOURNAL)
    assert (device.label, device.battery_mv) == ("", 3900)


def test_a_page_of_the_next_century_has_no_time(store):
    info = Info(DEVICE["noor"])
    intake = Intake(store, lambda: NOW)
    intake.open_journal(info)
    intake.commit_pages(info, pages(2**32 - 4000, [Minute()] * 30), NOW)
    assert weeks_with_data(store, "noor") == []


def test_a_strip_more_takes_no_leftovers_away(store, noor):
    settings = settings_of(store)
    kept = replace(settings.rules, keeps_leftovers=True)
    keep_settings(store, None, replace(settings, rules=kept))
    later = at("2027-03-01T09:00")
    assert strips.card(store, noor, NOW).left == 3
    before = strips.card(store, noor, later).left
    strips.give_more(store, store.account("a").person, "noor", 1, "g1", NOW)
    assert strips.card(store, noor, later).left == before + 1


def what_clients_do(store: Store, seed: int) -> list[Callable[[], object]]:
    """What one client does, in an order of its own: ask, answer, take back, sync, settle."""
    random = Random(seed)
    info, made = press_at("2026-11-16T08:30", journal_id=seed % 3 + 1)
    noor, mentor = store.account("noor").person, store.account("m").person

    def requests() -> list[str]:
        return list(ledger_of(store).requests())

    def one() -> object:
        deed = random.randrange(6)
        n = random.randrange(8)
        if deed == 0:
            return ask(store, n, form_id=f"form-{random.randrange(6)}")
        if deed == 1:
            return Intake(store, lambda: NOW).commit_pages(info, made, NOW)
        if deed == 2:
            return strips.settle_all(store, NOW + random.randrange(9000))
        known = requests()
        if not known:
            return None
        chosen = random.choice(known)
        if deed == 3:
            return strips.withdraw(store, noor, "noor", chosen, NOW)
        return strips.answer(store, mentor, "noor", chosen, random.random() < 0.7, NOW)

    return [one] * 12


@pytest.mark.parametrize("agreement", list(Agreement))
@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.soak) for n in range(2, 30))]
)
def test_eight_clients_at_once_spend_no_strip_twice_and_lose_no_request(
    database_url, seed, agreement
):
    with campus(database_url, agreement) as store:
        answered: list[str] = []

        def client(n: int) -> None:
            for deed in what_clients_do(store, 100 * seed + n):
                with suppress(strips.strips.NotPossible, NotAllowed):
                    done = deed()
                    if hasattr(done, "request_id"):
                        answered.append(done.request_id)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(client, range(8)))
        ledger = ledger_of(store)
        assert min(ledger.total(account) for account in Account if account != "issued") >= 0
        assert ledger.total(Account.ISSUED) == -3  # the period's, once
        requests = ledger.requests()
        assert set(answered) <= set(requests)
        presses = [one for one in requests if one.startswith("press:")]
        assert len(presses) == 3  # one a journal, however often it was synced
        taken = [one.lesson for one in requests.values() if one.state is not State.RELEASED]
        assert len(taken) == len(set(taken)) <= 3
        assert ledger.balance(date(2026, 11, 16)) == 3 - len(taken)
