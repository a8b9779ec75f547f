"""Weeks with little in them, days of 25 hours, an empty store, the ends of the calendar."""

import re

import pytest
from bioklok.store import open_store
from bioklok.web import Settings, create_app
from fastapi.testclient import TestClient
from support.home_web import API, HOME_PAGE, START, WEEK, serve, signed_in
from support.html_page import Page, words
from support.synthetic import DEVICE_ID, Info, Minute, local_minutes, pages, school_week, utc_s


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ([], "Van deze week is niets gemeten"),
        (pages(utc_s("2026-11-18T00:00"), [Minute()] * 1440), "verspreid over 1 dag."),
        (
            pages(utc_s("2026-11-16T00:00"), [Minute("table", still_hour=True)] * 10080),
            "Van deze week is niets gemeten",
        ),
    ],
    ids=["empty", "one day", "never worn"],
)
def test_weeks_with_little_in_them(tmp_path, made, said):
    with serve(tmp_path, made) as client:
        text = words(client.get(WEEK).text)
        assert said in text
        assert "te weinig gegevens" in text.lower()
        assert client.get(HOME_PAGE).status_code == 200
        assert client.get(API).status_code == 200


def test_little_measured_is_not_called_nothing_measured(tmp_path):
    """465 minutes say too little to name an hour, but they were measured."""
    made = pages(utc_s("2026-11-17T08:00"), [Minute()] * 465)
    with serve(tmp_path, made) as client:
        for language, little, nothing in (
            ("nl", "te weinig gegevens", "niet gemeten"),
            ("en", "too little data", "not measured"),
        ):
            html = client.get(f"{WEEK}?lang={language}").text
            rows = re.findall(r'<tr><th scope="row">.*?</tr>', html)
            assert len(rows) == 7  # the nights' rows begin on a line of their own
            found = [(words(row).count(little), words(row).count(nothing)) for row in rows]
            assert found == [(0, 4), (4, 0), *[(0, 4)] * 5]


@pytest.mark.parametrize(("language", "said"), [("nl", "7 dagen onder"), ("en", "7 days below")])
def test_an_empty_week_has_seven_rows_and_says_seven(tmp_path, language, said):
    with serve(tmp_path, []) as client:
        text = words(client.get(f"{WEEK}?lang={language}").text)
        assert said in text and said.replace("7", "0", 1) not in text


def test_a_day_of_25_hours(tmp_path):
    first, end = utc_s("2026-10-25T00:00"), utc_s("2026-10-26T00:00")
    made = pages(first, local_minutes(first, end, lambda _moment: Minute()))
    with serve(tmp_path, made) as client:
        html = client.get("/me/weeks/2026-W43?day=2026-10-25").text
        assert "1.500 meetmomenten" in words(html)
        # once in the usual day, twice in the day itself
        usual, day = html.split('id="d2026-10-25"')
        assert "usual" in usual and day.count('<th scope="row">02:00</th>') == 2


def test_a_week_is_told_in_the_students_own_time(tmp_path):
    with serve(tmp_path, school_week()) as client:
        with open_store(f"sqlite:///{tmp_path / 'b.sqlite'}") as store:
            store.ensure_student("ana", "Ana", "America/New_York")
            store.commit_pages(Info(journal_id=78), pages(START, [Minute()] * 60, journal_id=78), 1)
            store.assign(DEVICE_ID, "ana")
        ana = signed_in(client.app, "ana")
        week = ana.get("/api/v1/students/ana/weeks/2026-W46").json()
        # Sunday 05:00 UTC is midnight in New York.
        assert week["timezone"] == "America/New_York"
        assert [day["n_moments"] for day in week["days"]] == [0, 0, 0, 0, 0, 0, 60]


def test_an_empty_store(tmp_path):
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'b.sqlite'}"))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert "Inloggen" in words(client.get("/").text)
        assert client.get("/healthz").json() == {"status": "ok"}


def test_weeks_at_the_ends_of_the_calendar(tmp_path):
    with serve(tmp_path, school_week(), clock=lambda: utc_s("2105-12-31T12:00")) as client:
        _weeks_at_the_ends(client)


def _weeks_at_the_ends(client):
    for week in ("9999-W52", "0001-W01"):
        for address in (WEEK, API):
            answer = client.get(address.replace("2026-W47", week))
            assert answer.status_code == 404
            assert "content-security-policy" in answer.headers
    for week in ("1971-W01", "2105-W53"):
        page = client.get(WEEK.replace("2026-W47", week))
        assert page.status_code == 200
        for link in Page(page.text).links:
            assert "1970-W" not in link and "2106-W" not in link
