"""Forms that another site sends, and forms without their token, change nothing."""

import pytest
from bioklok.web.csrf import form, is_foreign
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from support.doors import csrf_in, doors, is_signed_in, sign_in

SAFE = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def school(tmp_path):
    with doors(tmp_path) as opened:
        yield opened


def sign_out(client, **more):
    token = more.pop("csrf", None) or csrf_in(client.get("/account").text)
    return client.post("/sign-out", data={"csrf": token}, follow_redirects=False, **more)


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "a" * 10_000, "\0"])
def test_a_form_without_its_token_is_refused(school, token):
    client = school.linked("noor")
    answer = client.post("/sign-out", data={"csrf": token})
    assert answer.status_code == 403 and "Open de bladzijde opnieuw" in answer.text
    assert client.post("/sign-out").status_code == 403
    assert is_signed_in(client)


def test_a_token_is_good_in_its_own_session_alone(school):
    mine, theirs = school.linked("noor"), school.linked("noor")
    assert sign_out(mine, csrf=csrf_in(theirs.get("/account").text)).status_code == 403
    before = csrf_in(mine.get("/account").text)
    assert sign_out(mine).status_code == 303
    school.linked("noor", client=mine)
    assert sign_out(mine, csrf=before).status_code == 403


def test_a_token_of_the_sign_in_page_is_good_in_its_own_browser_alone(school):
    """Or somebody could be signed in as another without noticing (login CSRF)."""
    theirs = csrf_in(school.browser().get("/sign-in").text)
    client = school.browser()
    fields = {"csrf": theirs, "person": "noor", "password": "x"}
    assert client.post("/sign-in", data=fields).status_code == 403
    client.get("/sign-in")
    assert client.post("/sign-in", data=fields).status_code == 403


def test_a_token_cannot_be_a_file(school):
    client = school.linked("noor")
    token = csrf_in(client.get("/account").text)
    assert client.post("/sign-out", files={"csrf": ("x", token)}).status_code == 403


@pytest.mark.parametrize(
    "told",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "http://localhost:9999"},
        {"origin": "https://localhost"},
        {"origin": "null"},
        {"origin": "http://[::1"},
        {"origin": "http://localhost", "sec-fetch-site": "cross-site"},
    ],
)
def test_what_comes_from_another_site_is_refused_before_anything_else(school, told):
    client = school.linked("noor")
    assert sign_out(client, headers=told).status_code == 403
    assert client.post("/api/v1/nothing", headers=told).status_code == 403
    assert is_signed_in(client)
    assert client.get("/account", headers=told).status_code == 200  # a link from elsewhere


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"sec-fetch-site": "same-origin", "origin": "http://localhost"},
        {"sec-fetch-site": "none"},
        {"origin": "http://LOCALHOST"},
    ],
)
def test_what_comes_from_here_is_taken(school, told):
    assert sign_out(school.linked("noor"), headers=told).status_code == 303


def test_behind_a_proxy_the_origin_is_what_browsers_see():
    told = Headers({"origin": "https://bioklok.example", "host": "bioklok.example"})
    assert not is_foreign(told, "https") and is_foreign(told, "http")


def test_every_route_that_changes_something_asks_for_its_token(school):
    """No page without `form`; in the API what takes the cookie goes through `signed`, which asks
    for the header."""
    changing = [one for one in _routes(school.app) if not one[1].methods <= SAFE]
    assert len(changing) > 20
    for path, route in changing:
        calls = set(_calls(route.dependant))
        if path.startswith("/api/"):
            assert any(one.__module__.startswith("bioklok.web") for one in calls), path
        else:
            assert form in calls, path


def _routes(part, prefix=""):
    for one in part.routes:
        if isinstance(one, APIRoute):
            yield prefix + one.path, one
        elif hasattr(one, "original_router"):  # a router that was included, as it is kept
            yield from _routes(one.original_router, prefix + one.include_context.prefix)


def _calls(dependant):
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def test_a_form_that_is_too_long_is_refused(school):
    client = school.browser()
    token = csrf_in(client.get("/sign-in").text)
    long = {"csrf": token, "person": "n", "password": "x" * (3 << 20)}
    assert client.post("/sign-in", data=long).status_code == 413

    def pieces():  # says no length
        yield f"csrf={token}&person=n&password=".encode()
        for _ in range(48):
            yield b"x" * 65536

    told = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/sign-in", content=pieces(), headers=told).status_code == 413
    # Whoever chose a file that is too large gets a page that says so; a program gets a problem.
    for language, words in (("nl", "te groot"), ("en", "too large")):
        told = {"accept-language": language}
        page = client.post("/sign-in", data=long, headers=told)
        assert page.status_code == 413 and page.headers["content-language"] == language
        assert words in page.text.lower() and "<h1" in page.text
    program = client.post("/api/v1/me/consent", content="x" * (3 << 20))
    assert program.headers["content-type"] == "application/problem+json"
    many = {"csrf": token, **{f"f{n}": "x" for n in range(2000)}}
    assert (
        client.post("/sign-in", files=[(k, (None, v)) for k, v in many.items()]).status_code < 500
    )


def test_a_form_that_is_none_is_refused(school):
    client = school.browser()
    client.get("/sign-in")
    for kind, content in (
        ("application/json", b'{"csrf": 1}'),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
        ("application/x-www-form-urlencoded", b"\xff\xfe=%zz&csrf"),
    ):
        answer = client.post("/sign-in", content=content, headers={"content-type": kind})
        assert answer.status_code in {400, 403}, (kind, answer.status_code)


def test_a_sign_in_from_here_still_works(school):
    school.invited("noor")
    told = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert sign_in(school.browser(), "noor", headers=told).status_code == 303
