"""Where the lessons come from: a feed, a file; what is refused is said, and no address is shown."""

import pytest
from bioklok.errors import BioklokFailure
from bioklok.feeds import refresh, use_ical
from bioklok.office.consenting import answer
from bioklok.school.consent import Answer
from support.feeds import event, feed
from support.school_web import NOW, house

SECRET = "0f8fad5b-d9cb-469f-a165-70867728950e/7c9e6679-7425-40de-944b-e07fc1f90ae7"
ADDRESS = f"https://elo.somtoday.nl/services/webdav/calendarfeed/{SECRET}"
PAGE = "/me/timetable"
FEED = feed(
    event(
        "UID:les-1",
        "DTSTART;TZID=Europe/Amsterdam:20261124T103000",
        "DTEND;TZID=Europe/Amsterdam:20261124T112000",
        "SUMMARY:wi - jns - 1a - 104",
    )
)


class Feeds:
    """What the servers of timetables answer, and whom they were asked for."""

    def __init__(self) -> None:
        self.data = FEED
        self.asked: list[str] = []

    def __call__(self, address, token) -> bytes:
        self.asked.append(address.secret())
        if not self.data:
            raise BioklokFailure("the timetable at elo.somtoday.nl cannot be reached")
        return self.data


@pytest.fixture
def feeds() -> Feeds:
    return Feeds()


@pytest.fixture
def oost(tmp_path, feeds):
    return house(tmp_path, fetch_feed=feeds)


@pytest.fixture
def noor(oost):
    return oost.browser("noor")


def test_a_feed_is_read_at_once_and_its_address_never_shown(noor, oost, feeds, tmp_path):
    assert noor.post(f"{PAGE}/feed", address=ADDRESS).status_code == 303
    assert feeds.asked == [ADDRESS]
    text = noor.get(PAGE).text
    assert "elo.somtoday.nl" in text
    assert "dinsdag 24 november 10:30-11:20 wi" in text
    assert SECRET[:8] not in text
    oost.store.close()
    assert all(
        SECRET[:8].encode() not in file.read_bytes()
        for file in tmp_path.glob("b.sqlite*")
        if file.is_file()
    )
    assert noor.post(f"{PAGE}/forget").status_code == 303
    assert "elo.somtoday.nl" not in noor.get(PAGE).text


def test_a_server_that_does_not_answer_is_said_and_nothing_is_lost(noor, feeds):
    feeds.data = b""
    assert noor.post(f"{PAGE}/feed", address=ADDRESS).status_code == 303
    text = noor.get(PAGE).text
    assert "lukte het ophalen niet" in text
    assert "wi" in text  # of the timetable from before


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://127.0.0.1/x",
        "https://evil.example/feed",
        ADDRESS.replace("https", "file"),
        "x" * 600,
    ],
)
def test_another_address_is_refused_beside_the_field(noor, feeds, address):
    answered = noor.post(f"{PAGE}/feed", address=address)
    assert answered.status_code == 422
    assert 'id="address-error"' in answered.text
    assert feeds.asked == []


def test_zermelo_wants_a_portal_and_a_token(noor, feeds):
    feeds.data = b'{"response":{"status":200,"data":[]}}'
    assert noor.post(f"{PAGE}/zermelo", portal="a/b", token="abc").status_code == 422
    assert feeds.asked == []
    assert noor.post(f"{PAGE}/zermelo", portal="oost", token="abc123def456").status_code == 303
    text = noor.get(PAGE).text
    assert "oost.zportal.nl" in text
    assert "abc123def456" not in text


def upload(noor, data: bytes):
    fields = {"csrf": noor.csrf()}
    return noor.client.post(f"{PAGE}/file", data=fields, files={"file": ("rooster.ics", data)})


def test_a_file_is_read_and_one_that_is_none_is_not(noor):
    assert upload(noor, FEED).status_code == 303
    assert "10:30-11:20 wi" in noor.get(PAGE).text
    for wrong in (b"", b"BEGIN:VCALENDAR", b"\xff" * 1000):
        answered = upload(noor, wrong)
        assert answered.status_code == 422
        assert 'id="file-error"' in answered.text
    assert "10:30-11:20 wi" in noor.get(PAGE).text


def test_without_consent_no_timetable_is_kept(noor, oost, feeds):
    store = oost.store.of("oost")
    answer(store, store.account("noor").person, "noor", Answer.STOPS, NOW - 5)
    zermelo = noor.post(f"{PAGE}/zermelo", portal="oost", token="token12345")
    for refused in (upload(noor, FEED), noor.post(f"{PAGE}/feed", address=ADDRESS), zermelo):
        assert refused.status_code == 409 and "Zonder ieders ja wordt niets bewaard" in refused.text
    assert feeds.asked == []
    with store.reading("noor") as desk:
        assert desk.feed() is None


def test_a_stop_while_the_server_is_waited_for_keeps_its_answer_out(oost):
    store = oost.store.of("oost")
    with store.reading("noor") as desk:
        before = desk.snapshots()

    def stops(address, token) -> bytes:
        answer(store, store.account("noor").person, "noor", Answer.STOPS, NOW)
        return FEED

    use_ical(store, store.account("noor"), ADDRESS, NOW)
    assert refresh(store, store.account("noor"), NOW + 1, stops) is None
    with store.reading("noor") as desk:
        assert desk.snapshots() == before
