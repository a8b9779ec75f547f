"""Which addresses may be fetched, and that an address never shows."""

import copy
import pickle
import traceback

import pytest
from bioklok.errors import BioklokFailure
from bioklok.timetables.address import (
    AccessToken,
    FeedAddress,
    appointments_address,
    feed_address,
    own_source,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fuzz import profiles

A, B = "58405be0-0000-4aba-be66-000000000000", "4fc988ad-0000-4c2a-aaf0-111111111111"
SOMTODAY = f"https://elo.somtoday.nl/services/webdav/calendarfeed/{A}/{B}"
MAGISTER = f"webcal://calendar.magister.net/api/icalendar/feeds/{A}"


@pytest.mark.parametrize(
    ("given", "secret"),
    [
        (SOMTODAY, SOMTODAY),
        (f"  {SOMTODAY}\n", SOMTODAY),
        (SOMTODAY.replace("https", "WebCal").replace("elo.", "ELO."), SOMTODAY),
        (SOMTODAY.replace(".nl/", ".nl:443/"), SOMTODAY),
        (SOMTODAY.replace("//elo", "//oost-elo"), SOMTODAY.replace("//elo", "//oost-elo")),
        (MAGISTER, MAGISTER.replace("webcal", "https")),
        (f"https://api.somtoday.nl/rest/v1/icalendar/stream/{A}/{B}",) * 2,
    ],
)
def test_known_addresses_become_https(given: str, secret: str) -> None:
    assert feed_address(given).secret() == secret


@pytest.mark.parametrize(
    "text",
    [
        "",
        "elo.somtoday.nl",
        SOMTODAY.replace("https", "http"),
        SOMTODAY.replace("https", "file"),
        SOMTODAY.replace("https://", "https:/"),
        SOMTODAY.replace("https://", "https:\\\\"),
        SOMTODAY.replace("//", "//user:word@"),
        SOMTODAY.replace("//elo.somtoday.nl", "//elo.somtoday.nl@evil.example"),
        SOMTODAY.replace(".nl/", ".nl:8443/"),
        SOMTODAY.replace(".nl/", ".nl:/"),
        SOMTODAY.replace(".nl/", ".nl./"),
        SOMTODAY.replace(".nl/", ".nl.evil.example/"),
        SOMTODAY.replace("elo.somtoday.nl", "evil-elo.somtoday.nl.evil.example"),
        SOMTODAY.replace("elo.", "evil.elo."),
        SOMTODAY.replace("elo.somtoday.nl", "127.0.0.1"),
        SOMTODAY.replace("elo.somtoday.nl", "2130706433"),
        SOMTODAY.replace("elo.somtoday.nl", "0x7f.1"),
        SOMTODAY.replace("elo.somtoday.nl", "[::1]"),
        SOMTODAY.replace("elo.somtoday.nl", "localhost"),
        SOMTODAY.replace("somtoday", "s\u043emtoday"),  # a Cyrillic o
        SOMTODAY.replace("somtoday", "xn--smtoday-9ig"),
        SOMTODAY.replace("elo.somtoday", "elo\u3002somtoday"),
        SOMTODAY.replace("somtoday.nl", "som\ttoday.nl"),
        SOMTODAY.replace(A, "../../../admin"),
        SOMTODAY.replace(A, f"%2e%2e/{A}"),
        SOMTODAY.replace(f"/{A}", f"//{A}"),
        SOMTODAY + "?x=1",
        SOMTODAY + "#x",
        SOMTODAY + "\r\nHost: evil.example",
        SOMTODAY + "/x",
        MAGISTER + "/../../admin",
        MAGISTER.replace(A, "x"),
        "https://" + "a" * 600,
    ],
)
def test_others_are_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(BioklokFailure) as failure:
        feed_address(text)
    assert A not in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_school_adds_its_host_in_data() -> None:
    own = (own_source("Rooster.School.example", "/ical/"),)
    address = feed_address("webcal://rooster.school.example/ical/x.ics?key=a-b_c", own)
    assert address.secret() == "https://rooster.school.example/ical/x.ics?key=a-b_c"
    for text in (
        "https://rooster.school.example/other/x.ics",
        "https://rooster.school.example/ical/../other/x.ics",
        "https://rooster.school.example/ical/..",
        "https://roosterxschool.example/ical/x.ics",
        "https://a.rooster.school.example/ical/x.ics",
    ):
        with pytest.raises(BioklokFailure):
            feed_address(text, own)
    with pytest.raises(BioklokFailure):
        feed_address("https://rooster.school.example/ical/x.ics")


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("localhost", "/"),
        ("10.0.0.1", "/"),
        ("[::1]", "/"),
        ("school", "/"),
        ("xn--schol-jua.example", "/"),
        ("a..example", "/"),
        ("school.example:8443", "/"),
        ("school.example", "ical/"),
        ("school.example", "/ical"),
        ("school.example", "/../"),
        ("school.example", "/.*/"),
    ],
)
def test_a_schools_host_is_checked(host: str, path: str) -> None:
    with pytest.raises(BioklokFailure):
        own_source(host, path)


def test_zermelo() -> None:
    address = appointments_address("Oost-1", 1, 2)
    assert address.shown() == "oost-1.zportal.nl"
    assert address.target() == "/api/v3/appointments?user=~me&start=1&end=2&valid=true"
    for portal in ("", "a.b", "a/b", "evil.example#", "xn--a", "-a", "a b", "a" * 64, "a@b"):
        with pytest.raises(BioklokFailure):
            appointments_address(portal, 1, 2)


def test_addresses_and_tokens_do_not_show() -> None:
    address, token = feed_address(SOMTODAY), AccessToken("s3cret-token")
    for shown in (
        *(repr(address), str(address), f"{address}", f"{[address]!r}", address.shown()),
        *(repr(token), f"{token}", f"{(token,)}"),
    ):
        assert A not in shown and B not in shown and "s3cret" not in shown
    assert not hasattr(address, "__dict__") and not hasattr(token, "__dict__")
    for hidden in (address, token):
        with pytest.raises(TypeError):
            pickle.dumps(hidden)
        with pytest.raises(TypeError):
            copy.copy(hidden)
    assert token.header() == "Bearer s3cret-token"
    assert address == feed_address(SOMTODAY) and hash(address) == hash(feed_address(SOMTODAY))
    assert address != feed_address(MAGISTER)


def test_a_bad_token_is_not_repeated() -> None:
    for text in ("", "short", "with blank s3cret", "s3cret\r\nHost: x", "s3cret\u00e9" * 3):
        with pytest.raises(BioklokFailure) as failure:
            AccessToken(text)
        assert "s3cret" not in "".join(traceback.format_exception_only(failure.value))


@profiles(quick=60, long=10_000)
def test_any_text_is_an_address_of_a_known_host_or_refused(profile: settings) -> None:
    near = st.from_regex(r"(https|webcal)://(elo\.somtoday\.nl|calendar\.magister\.net)[ -~]{0,60}")

    @profile
    @given(st.text(max_size=80) | near)
    def check(text: str) -> None:
        try:
            address = feed_address(text)
        except BioklokFailure:
            return
        assert isinstance(address, FeedAddress)
        assert address.host in ("elo.somtoday.nl", "calendar.magister.net")

    check()
