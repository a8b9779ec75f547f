"""A student's timetable is refreshed from outside, and what cannot be believed changes nothing."""

import pytest
from bioklok import feeds
from bioklok.jobs import TIMETABLES, run_one
from bioklok.school.consent import Answer
from bioklok.store import Store
from bioklok.timetables.address import AccessToken, FeedAddress
from support.campus import NOW, campus, say
from support.feeds import event, feed

ADDRESS = "https://calendar.magister.net/api/icalendar/feeds/0123456789abcdef"


@pytest.fixture
def store(database_url):
    with campus(database_url) as opened:
        yield opened


def lesson(day: int, hour: int, subject: str = "netl") -> str:
    return event(
        f"UID:{day}-{hour}-{subject}",
        f"DTSTART;TZID=Europe/Amsterdam:202611{day:02}T{hour:02}0000",
        f"DTEND;TZID=Europe/Amsterdam:202611{day:02}T{hour:02}5000",
        f"SUMMARY:1 {subject} - JAN",
    )


WEEK = [lesson(day, hour) for day in range(16, 21) for hour in (9, 10, 11)]


class Publisher:
    """What is behind an address, and who asked for it."""

    def __init__(self, *events: str) -> None:
        self.data = feed(*events)
        self.asked: list[FeedAddress] = []

    def __call__(self, address: FeedAddress, token: AccessToken | None) -> bytes:
        self.asked.append(address)
        return self.data


def snapshots(store: Store):
    with store.reading("noor") as desk:
        return desk.snapshots()


def test_a_timetable_is_fetched_and_kept_where_it_changed(store):
    feeds.use_ical(store, store.account("noor"), ADDRESS, NOW)
    publisher = Publisher(*WEEK)
    done = run_one(store, TIMETABLES, lambda: NOW, publisher)
    assert done and (done.result, done.failure) == ("students 3", "")
    assert [one.secret() for one in publisher.asked] == [ADDRESS]
    assert len(snapshots(store)[-1].lessons) == 15
    n_before = len(snapshots(store))
    run_one(store, TIMETABLES, lambda: NOW + 4 * 3600, publisher)
    assert len(snapshots(store)) == n_before  # the same again
    publisher.data = feed(*WEEK[1:])
    run_one(store, TIMETABLES, lambda: NOW + 8 * 3600, publisher)
    assert len(snapshots(store)) == n_before + 1
    with store.reading("noor") as desk:
        row, _ = desk.feed()
    assert (row.fetched_at_utc_s, row.failure) == (NOW + 8 * 3600, "")


@pytest.mark.parametrize(
    ("data", "said"),
    [(feed(), "suddenly has no lessons"), (b"<html>", "calendar"), (feed(*WEEK)[:-40], "")],
    ids=["empty", "a page", "cut off"],
)
def test_what_cannot_be_believed_changes_nothing(store, data, said):
    noor = store.account("noor")
    feeds.use_ical(store, noor, ADDRESS, NOW)
    publisher = Publisher(*WEEK)
    assert feeds.refresh(store, noor, NOW, publisher) is None
    before = snapshots(store)
    publisher.data = data
    problem = feeds.refresh(store, noor, NOW + 60, publisher)
    assert problem is not None and said in problem and "0123456789abcdef" not in problem
    assert snapshots(store) == before
    with store.reading("noor") as desk:
        row, _ = desk.feed()
    assert (row.fetched_at_utc_s, row.failure) == (NOW, problem)


def test_without_consent_nothing_is_fetched(store):
    feeds.use_ical(store, store.account("noor"), ADDRESS, NOW - 60)
    say(store, "p", "noor", Answer.STOPS, NOW - 30)
    publisher = Publisher(*WEEK)
    assert feeds.refresh(store, store.account("noor"), NOW, publisher) is None
    assert publisher.asked == []


def test_a_zermelo_portal_is_asked_with_its_token(store):
    noor = store.account("noor")
    feeds.use_zermelo(store, noor, "Oost", "token12345", NOW)
    asked: list[tuple[str, str]] = []

    def portal(address: FeedAddress, token: AccessToken | None) -> bytes:
        asked.append((address.host, token.header()))
        return b'{"response": {"status": 200, "data": []}}'

    with store.desk("noor") as desk:
        n_before = len(desk.snapshots())
    assert "suddenly" in (feeds.refresh(store, noor, NOW, portal) or "")
    assert asked == [("oost.zportal.nl", "Bearer token12345")]
    assert len(snapshots(store)) == n_before


def test_a_feed_that_was_changed_meanwhile_is_left_alone(store):
    noor = store.account("noor")
    feeds.use_ical(store, noor, ADDRESS, NOW)

    def slow(_address: FeedAddress, _token: AccessToken | None) -> bytes:
        with store.desk("noor") as desk:  # no transaction of ours is in its way
            desk.drop_feed()
        return feed(*WEEK)

    before = snapshots(store)
    assert feeds.refresh(store, noor, NOW, slow) is None
    assert snapshots(store) == before
