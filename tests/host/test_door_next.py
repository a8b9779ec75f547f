"""Where one is led after signing in, and that no input at the door is an error of ours."""

import pytest
from bioklok.web.next_page import ours
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.doors import WORDS, csrf_in, doors, sign_in

_LOOSE = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def school(tmp_path):
    with doors(tmp_path) as opened:
        yield opened


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%0d%0aset-cookie:x=y\r\n",
    " //evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/me\\..\\x",
    "",
    "/" + "x" * 600,
    "/é",
    "\0",
    "/sign-out",
    "/link/x",
]


@pytest.mark.parametrize("given_", ELSEWHERE)
def test_nobody_is_led_elsewhere(school, given_):
    school.invited("noor")
    answer = sign_in(school.browser(), "noor", next=given_)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    signed = school.linked("noor")
    answer = signed.get("/sign-in", params={"next": given_}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_one_is_led_back_to_ones_page(school):
    school.invited("noor")
    client = school.browser()
    page = client.get("/me/weeks?lang=en")
    assert page.url.path == "/sign-in"
    filled = {"person": "noor", "password": WORDS, "csrf": csrf_in(page.text)}
    answer = client.post(
        "/sign-in", data={**filled, "next": "/me/weeks?lang=en"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/me/weeks?lang=en"
    assert 'value="/me/weeks?lang=en"' in page.text


@settings(max_examples=500)
@given(st.text() | st.from_regex(r"[/\\]{0,3}[a-z:.@/\\]*[\t\r\n]?[a-z]*", fullmatch=True))
def test_what_is_ours_begins_with_one_slash_and_holds_no_tricks(text):
    found = ours(text)
    assert found in {"/", text}
    assert found.isascii() and found.isprintable() and " " not in found and "\\" not in found
    assert found[0] == "/" and found[1:2] not in {"/", "\\"}


@_LOOSE
@given(
    st.dictionaries(
        st.sampled_from(["person", "password", "school", "next", "own", "passkey", "again", "id"]),
        st.text(max_size=200),
    ),
    st.sampled_from(["/sign-in", "/sign-in/passkey", "/sign-in/passkey/ask", "/sign-out"]),
)
def test_no_form_at_the_door_is_an_error_of_ours(school, fields, page):
    client = school.browser()
    token = csrf_in(client.get("/sign-in").text)
    answer = client.post(page, data={**fields, "csrf": token}, follow_redirects=False)
    assert answer.status_code in {200, 303, 403, 429}
    school.clock.pass_by(3600)


@_LOOSE
@given(st.text(max_size=80), st.sampled_from(["invite", "link"]))
def test_no_address_of_a_link_is_an_error_of_ours(school, token, kind):
    from urllib.parse import quote

    answer = school.browser().get(f"/{kind}/{quote(token, safe='')}", follow_redirects=False)
    assert answer.status_code in {303, 404}
    assert school.browser().get("/sign-in", params={"next": token}).status_code == 200
