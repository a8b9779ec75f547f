"""The pages in both languages: kind, honest, safe, and whole without script or colour."""

import re
from datetime import datetime

import pytest
from bioklok.errors import BioklokFailure
from bioklok.reports.week import week_from_pages
from bioklok.store import Student
from bioklok.web import Settings, create_app, week_html
from bioklok.web.pages import style_sheet
from fastapi.testclient import TestClient
from support.home_web import API, HOME_PAGE, WEEK, serve
from support.html_page import Page, words
from support.synthetic import school_week


@pytest.fixture
def client(tmp_path):
    with serve(tmp_path, school_week()) as opened:
        yield opened


def test_nobody_sees_anything_before_signing_in(client):
    stranger = TestClient(client.app, base_url="http://127.0.0.1", follow_redirects=False)
    for address in ("/", HOME_PAGE, WEEK):
        answer = stranger.get(address)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    answer = stranger.get(API)
    assert answer.status_code == 401 and "Noor" not in answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_weeks_of_a_student(client):
    html = client.get(HOME_PAGE).text
    assert any(link.startswith(WEEK) for link in Page(html).links)
    assert 'lang="nl"' in html


def test_no_week_is_listed_where_nothing_was_measured(tmp_path):
    with serve(tmp_path, []) as client:
        page = client.get(HOME_PAGE).text
        assert "Er zijn nog geen gegevens" in words(page)
        assert not any("W4" in link for link in Page(page).links)


def test_the_week_page_tells_what_was_measured(client):
    text = words(client.get(WEEK).text)
    assert "rust op 10.080 meetmomenten van een minuut, verspreid over 7 dagen" in text
    assert "Je drukte 14 keer op de knop" in text
    assert "Laatst opgehaald: maandag 23 november 10:01" in text
    assert "Nacht van maandag op dinsdag" in text
    assert "tussen 22:15 en 22:45" in text
    assert "ongeveer 8½ tot 9½ uur" in text
    assert "woensdag 18 november 14:00" in text
    assert "maandag 16 november scherp 10:30 moe " in text


def test_the_usual_day_and_all_days_are_drawn_with_a_sentence_and_a_table_each(client):
    page = Page(client.get(WEEK).text)
    assert [name for name in page.ids if name.endswith("-title")] == ["usual-title", "weeks-title"]
    assert page.tags.count("figcaption") == page.tags.count("caption") == 2
    assert page.tags.count("script") == 0


def test_a_day_from_close_by_is_the_one_that_is_chosen(client):
    def shown(query):
        html = client.get(WEEK + query).text
        return re.findall(r'<article class="card day" id="d([\d-]+)"', html)

    assert shown("") == []
    assert shown("?day=2026-11-19") == ["2026-11-19"]
    assert shown("?day=nonsense") == shown("?day=2026-12-24") == []
    page = Page(client.get(f"{WEEK}?day=2026-11-19").text)
    assert page.tags.count("figcaption") == page.tags.count("caption") == 3


def test_english_when_asked_or_preferred(client):
    assert "This week rests on 10,080 moments" in words(client.get(f"{WEEK}?lang=en").text)
    client.cookies.delete("bioklok-language")
    accept = {"accept-language": "en-GB,en;q=0.9,nl;q=0.5"}
    answer = client.get(WEEK, headers=accept)
    assert answer.headers["content-language"] == "en"
    assert "Night from Monday to Tuesday" in words(answer.text)
    assert client.get(f"{WEEK}?lang=nl", headers=accept).headers["content-language"] == "nl"


def test_nothing_scores_ranks_or_judges(client):
    for address in (HOME_PAGE, WEEK, f"{WEEK}?lang=en", "/account", "/nowhere"):
        html = client.get(address).text
        shown = words(html).lower()
        assert "%" not in shown
        for word in (
            *("score", "punten", "cijfer", "gemiddeld", "average", "rank", "doel", "goal"),
            *("beter", "better", "slechter", "worse", "kwaliteit", "quality", "streak", "badge"),
            *("diepe slaap", "deep sleep", "vorige week sliep", "te laat", "too late"),
        ):
            assert not re.search(rf"\b{word}\b", shown), word
    style = client.get("/static/style.css").text
    assert not re.search(r"\b(red|green)\b|(?<!-)\b(lime|crimson)\b", style.split("*/", 1)[1])


def test_the_api_says_what_the_report_says(client):
    answer = client.get(API)
    expected = week_from_pages(
        school_week(),
        "noor",
        "2026-W47",
        last_sync=datetime.fromisoformat("2026-11-23T10:01:00+01:00"),
    ).to_dict()
    assert answer.json() == expected


def test_what_is_not_there(client):
    for address in ("/nowhere", "/school", "/me/weeks/2026-W99", "/link/x", "/me/weeks/"):
        answer = client.get(address)
        assert answer.status_code == 404
        if not address.startswith("/link"):
            assert "Deze bladzijde is er niet" in words(client.get(f"{address}?lang=nl").text)
            assert "This page is not here" in words(client.get(f"{address}?lang=en").text)
    for address in (API.replace("noor", "sam"), API.replace("W47", "W99"), "/api/v1/nothing"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert answer.json()["detail"]
    assert client.get("/docs").status_code == 404
    assert client.post("/", follow_redirects=False).status_code == 405


def test_headers_let_nothing_in_from_elsewhere(client):
    for address in (HOME_PAGE, WEEK, API, "/nowhere", "/static/style.css", "/healthz", "/account"):
        headers = client.get(address).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert client.get(WEEK).headers["cache-control"] == "no-store"
    for address in (HOME_PAGE, WEEK):
        for link in Page(client.get(address).text).links:
            assert link.startswith(("/", "?", "#")) and not link.startswith("//"), link
    assert "url(" not in client.get("/static/style.css").text


def test_every_link_of_a_page_leads_somewhere(client):
    for link in Page(client.get(WEEK).text).links:
        if not link.startswith("#"):
            address = WEEK + link if link.startswith("?") else link
            assert client.get(address).status_code == 200, link


def test_a_foreign_name_for_this_computer_is_refused(client):
    assert client.get(WEEK, headers={"host": "attacker.example"}).status_code == 400
    assert client.get(WEEK, headers={"host": "localhost:8000"}).status_code == 200


def test_names_are_escaped(tmp_path):
    with serve(tmp_path, school_week(), name="<script>alert(1)</script>") as client:
        for address in ("/account", WEEK):
            html = client.get(address).text
            assert "<script" not in html
            assert "<script>alert(1)</script>" in words(html)


def test_words_on_hatching_stand_out_from_its_lines():
    """At 7:1, in light and in dark (WCAG 2.2, 1.4.6)."""
    sheet = style_sheet()
    rule = re.search(
        r"\.unknown-text \{ color: var\(--(\w+)\); background[^(]*\([^(]*\(--(\w+)", sheet
    )
    for scheme in (0, 1):
        word, line = (re.findall(rf"--{name}: (#\w{{6}})", sheet)[scheme] for name in rule.groups())
        assert contrast(word, line) >= 7


def contrast(one, other):
    low, high = sorted(luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return sum(c * weight for c, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def test_bad_settings_are_one_line(tmp_path):
    with pytest.raises(BioklokFailure, match="cannot be opened"):
        create_app(Settings(database_url=f"sqlite:///{tmp_path}"))


def test_a_report_file_stands_alone():
    week = week_from_pages(school_week(), "noor", "2026-W47")
    for language in ("nl", "en"):
        html = week_html(week, Student("noor", "Noor"), language)
        page = Page(html)
        assert all(link.startswith("#") for link in page.links)
        assert "<style>" in html
        assert "&#39;" not in html.split("</style>")[0]


def test_an_error_of_ours_is_answered_with_the_headers_too(tmp_path):
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'b.sqlite'}"))

    @app.get("/broken")
    def broken():
        raise ZeroDivisionError("secret")

    with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as client:
        answer = client.get("/broken")
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"
