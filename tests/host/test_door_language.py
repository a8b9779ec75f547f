"""The language of the pages: kept with the account, chosen above a page, gone at sign-out."""

import html
import re

import pytest
from support.doors import WORDS, csrf_in, doors


@pytest.fixture
def school(tmp_path):
    with doors(tmp_path) as opened:
        yield opened


def test_the_language_is_kept(school):
    client = school.linked("noor")
    token = csrf_in(client.get("/account").text)
    client.post("/account/language", data={"csrf": token, "language": "en"})
    assert "Where you are signed in" in client.get("/account").text
    client.post("/account/language", data={"csrf": token, "language": "fr"})
    assert school.store.account("noor").language is None


def language_link(page: str) -> str | None:
    found = re.search(r'<a class="language" href="([^"]*)"', page)
    return html.unescape(found[1]) if found else None


def test_what_is_chosen_above_a_page_holds_for_the_next_until_one_signs_out(school):
    school.invited("noor")
    client = school.browser()
    page = client.get("/sign-in?next=/me/weeks&lang=en").text
    filled = {"person": "noor", "csrf": csrf_in(page), "next": "/me/weeks"}
    wrong = client.post("/sign-in", data={**filled, "password": "no"})
    assert wrong.headers["content-language"] == "en"
    page = client.post("/sign-in", data={**filled, "password": WORDS}).text
    assert "Sign out" in page
    assert "Sign out" in client.get("/me").text
    # For good is what is said at the account, whatever was chosen above a page.
    client.post("/account/language", data={"csrf": csrf_in(page), "language": "nl"})
    assert "Uitloggen" in client.get("/me").text
    client.get("/me?lang=en")
    gone = client.post("/sign-out", data={"csrf": csrf_in(page)}, follow_redirects=False)
    assert "bioklok-language" not in client.cookies
    assert gone.status_code == 303


def test_the_language_that_another_chose_on_this_browser_is_not_the_next_one_s(school):
    school.invited("noor")
    school.store.set_language("noor", "nl")
    client = school.browser()
    page = client.get("/sign-in?lang=en").text
    filled = {"person": "noor", "password": WORDS, "csrf": csrf_in(page)}
    assert "Uitloggen" in client.post("/sign-in", data=filled).text


def test_the_link_to_the_other_language_keeps_the_address_and_is_not_on_answers_to_a_form(school):
    client = school.linked("noor")
    page = client.get("/me/weeks/2026-W47?day=2026-11-19&lang=en").text
    assert language_link(page) == "?day=2026-11-19&lang=nl"
    answer = client.post("/me/sharp", data={"csrf": csrf_in(page)})
    assert answer.status_code == 422
    assert language_link(answer.text) is None
