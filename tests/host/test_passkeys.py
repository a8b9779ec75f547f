"""Passkeys, with a real key and real signatures: made, used, and refused where anything is off."""

import html
import json
import re
from importlib.resources import files

import pytest
from bioklok.office import accounts
from bioklok.web import passkeys
from bioklok.web.passkeys import NotGood, Site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.authenticator import USER_PRESENT, Authenticator, b64
from support.doors import csrf_in, doors, is_signed_in

SITE = Site("localhost", "http://localhost")


@pytest.fixture
def school(tmp_path):
    with doors(tmp_path) as opened:
        yield opened


def options_in(text):
    return html.unescape(re.search(r'data-options="([^"]*)"', text)[1])


def invite_with(school, key, client=None, person="noor"):
    """Take an invitation with a new passkey; the last answer."""
    client = client or school.browser()
    token = accounts.invite(school.store, None, person, school.clock.now_s)
    held = csrf_in(client.get(f"/invite/{token}").text)
    page = client.post(f"/invite/{token}/passkey", data={"csrf": held})
    filled = {"csrf": held, "passkey": key.create(options_in(page.text))}
    return client.post(f"/invite/{token}", data=filled, follow_redirects=False)


def asked(client):
    """Ask to sign in with a passkey; the token of the form and the options."""
    held = csrf_in(client.get("/sign-in").text)
    page = client.post("/sign-in/passkey/ask", data={"csrf": held, "next": "/account"})
    assert page.status_code == 200
    return held, options_in(page.text), page


def sign_in_with(client, answer, held, **more):
    filled = {"csrf": held, "passkey": answer, "next": "/account", **more}
    return client.post("/sign-in/passkey", data=filled, follow_redirects=False)


def test_a_passkey_instead_of_a_password_by_invitation(school):
    key, client = Authenticator(), school.browser()
    assert invite_with(school, key, client).status_code == 303
    assert is_signed_in(client)
    assert [one.kind for one in school.store.credentials("noor")] == ["passkey"]


def test_signing_in_without_a_name_and_on_to_ones_page(school):
    key, client = Authenticator(), school.browser()
    invite_with(school, key)
    held, options, page = asked(client)
    answer = sign_in_with(client, key.get(options), held)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "Noor" in client.get("/account").text
    # The one page with a script, of ours, and only there.
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert 'src="/static/passkey.js"' in page.text and 'id="passkey-script"' in page.text
    assert "script-src" not in client.get("/account").headers["content-security-policy"]


def test_a_challenge_serves_once(school):
    key, client = Authenticator(), school.browser()
    invite_with(school, key)
    held, options, _ = asked(client)
    answer = key.get(options)
    assert sign_in_with(client, answer, held).status_code == 303
    again = school.browser()
    held_2, _, _ = asked(again)
    assert sign_in_with(again, answer, held_2).status_code == 403
    assert not is_signed_in(again)


def test_a_challenge_is_good_for_five_minutes(school):
    key, client = Authenticator(), school.browser()
    invite_with(school, key)
    held, options, _ = asked(client)
    school.clock.pass_by(passkeys.LASTS_S)
    assert sign_in_with(client, key.get(options), held).status_code == 403


def test_an_answer_is_good_in_the_browser_that_asked(school):
    key, client, other = Authenticator(), school.browser(), school.browser()
    invite_with(school, key)
    _, options, _ = asked(client)
    held, _, _ = asked(other)
    assert sign_in_with(other, key.get(options), held).status_code == 403


@pytest.mark.parametrize("what", ["key", "origin", "site", "owner", "unknown"])
def test_what_is_off_is_refused(school, what):
    key, client = Authenticator(), school.browser()
    invite_with(school, key)
    held, options, _ = asked(client)
    if what == "key":
        key.key = Authenticator().key
    elif what == "origin":
        key.origin = "http://localhost.evil.example"
    elif what == "site":
        key.name = "evil.example"
    elif what == "owner":
        key.flags = USER_PRESENT  # without PIN, finger or face
    else:
        key = Authenticator()
    assert sign_in_with(client, key.get(options), held).status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize("what", ["origin", "site", "owner"])
def test_a_passkey_that_is_made_wrongly_uses_no_invitation_up(school, what):
    key, client = Authenticator(), school.browser()
    setattr(
        key,
        *{
            "origin": ("origin", "http://evil.example"),
            "site": ("name", "evil.example"),
            "owner": ("flags", USER_PRESENT),
        }[what],
    )
    answer = invite_with(school, key, client)
    assert answer.status_code == 422 and not is_signed_in(client)
    assert school.store.credentials("noor") == []


def test_a_copied_authenticator_is_noticed_by_its_count(school):
    key, client = Authenticator(), school.browser()
    invite_with(school, key)
    held, options, _ = asked(client)
    key.count = 7
    assert sign_in_with(client, key.get(options), held).status_code == 303
    other = school.browser()
    held, options, _ = asked(other)
    key.count = 3
    assert sign_in_with(other, key.get(options), held).status_code == 403


def test_a_passkey_of_a_closed_account_opens_nothing(school):
    key, client = Authenticator(), school.browser()
    invite_with(school, key, person="pa")
    held, options, _ = asked(client)
    accounts.close(school.store, None, "pa", school.clock.now_s)
    assert sign_in_with(client, key.get(options), held).status_code == 403


def test_a_second_passkey_on_the_account_page_and_removing_the_first(school):
    first, second, client = Authenticator(), Authenticator(), school.browser()
    invite_with(school, first, client)
    held = csrf_in(client.get("/account").text)
    page = client.post("/account/passkeys/ask", data={"csrf": held})
    filled = {"csrf": held, "passkey": second.create(options_in(page.text))}
    assert client.post("/account/passkeys", data=filled).status_code == 200
    ids = {one.id for one in school.store.credentials("noor")}
    assert ids == {b64(first.id), b64(second.id)}
    assert client.post("/account/passkeys", data=filled).status_code == 422  # used up
    client.post("/account/ways/remove", data={"csrf": held, "id": b64(first.id)})
    other = school.browser()
    for key, status in ((first, 403), (second, 303)):
        held, options, _ = asked(other)
        assert sign_in_with(other, key.get(options), held).status_code == status


def test_a_challenge_for_one_person_makes_no_passkey_for_another(school):
    noor, pa = (school.store.account(one) for one in ("noor", "pa"))
    now = school.clock.now_s
    options = passkeys.ask_new(school.store, noor, SITE, "browser", now)
    answer = Authenticator().create(options)
    with pytest.raises(NotGood):
        passkeys.checked_new(school.store, pa, SITE, "browser", answer, now)


def test_nobody_is_offered_a_passkey_where_browsers_make_none(school):
    for name, origin, has in (
        ("localhost", "http://localhost:8000", True),
        ("127.0.0.1", "http://127.0.0.1:8000", False),
        ("[::1]", "https://[::1]", False),
        ("bioklok.example", "https://bioklok.example", True),
        ("bioklok.example", "http://bioklok.example", False),
    ):
        assert Site(name, origin).has_passkeys is has, name
    assert "passkey" in school.browser().get("/sign-in").text
    assert "passkey" not in school.browser(base_url="http://127.0.0.1").get("/sign-in").text


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "signature"])
                | st.text(max_size=5),
                inner,
                max_size=5,
            )
        ),
    ).map(json.dumps)
    | st.text(max_size=50)
)
def test_no_answer_of_any_shape_is_more_than_refused(school, answer):
    with pytest.raises(NotGood):
        passkeys.check(school.store, SITE, "browser", answer, school.clock.now_s)


def test_no_change_of_a_true_answer_is_more_than_refused(school):
    key = Authenticator()
    invite_with(school, key)
    now = school.clock.now_s
    for name in ("clientDataJSON", "authenticatorData", "signature"):
        for value in ("", "AA", "é", None, 7, [], {"a": 1}):
            given_ = json.loads(key.get(passkeys.ask(school.store, SITE, "b", now)))
            given_["response"][name] = value
            with pytest.raises(NotGood):
                passkeys.check(school.store, SITE, "b", json.dumps(given_), now)


def test_the_script_sends_nothing_anywhere_but_the_form():
    script = (files("bioklok.web") / "static" / "passkey.js").read_text(encoding="utf-8")
    for word in ("fetch", "XMLHttpRequest", "eval", "innerHTML", "http:", "https:", "import"):
        assert word not in script, word
