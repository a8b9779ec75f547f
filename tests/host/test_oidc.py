"""Signing in through the school's service: a real issuer over HTTP, and each way it can be lied."""

import dataclasses

import pytest
from bioklok.errors import BioklokFailure
from bioklok.office import accounts
from bioklok.web.oidc import CLAIMS, Service
from bioklok.web.settings import Oidc
from joserfc.jwk import OctKey, RSAKey
from support.doors import doors, is_signed_in
from support.issuer import CLIENT, SECRET, issuing

BACK = "/sign-in/service/back"


@pytest.fixture
def issuer():
    with issuing() as opened:
        yield opened


@pytest.fixture
def school(tmp_path, issuer):
    service = Oidc(issuer.address, CLIENT, SECRET)
    with doors(tmp_path, oidc=service) as opened:
        issuer.now_s = opened.clock.now_s
        opened.store.set_subject("noor", "s-123")
        yield opened


def to_issuer(client):
    answer = client.get("/sign-in/service", follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def come_back(client, address):
    return client.get(address, follow_redirects=False)


def through(school, issuer, subject="s-123"):
    client = school.browser()
    _, back = issuer.visit(to_issuer(client), subject)
    return client, come_back(client, back)


def test_who_is_known_by_the_service_gets_in(school, issuer):
    client, answer = through(school, issuer)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Noor" in client.get("/account").text


def test_it_asks_for_openid_and_three_claims(school, issuer):
    import json

    asked, back = issuer.visit(to_issuer(school.browser()), "s-123")
    assert list(json.loads(asked["claims"])["id_token"]) == list(CLAIMS)
    assert asked["redirect_uri"] == f"http://localhost{BACK}" and back
    assert 43 <= len(asked["code_challenge"]) <= 128


def test_who_is_not_known_here_gets_no_account(school, issuer):
    before = len(school.store.accounts())
    client, answer = through(school, issuer, "s-999")
    assert answer.status_code == 403 and not is_signed_in(client)
    assert len(school.store.accounts()) == before


def test_a_closed_account_stays_closed(school, issuer):
    accounts.close(school.store, None, "noor", school.clock.now_s)
    client, answer = through(school, issuer)
    assert answer.status_code == 403 and not is_signed_in(client)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": ["bioklok", "somebody else"]},
        {"aud": None},
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"azp": "somebody else"},
        {"sub": None},
        {"sub": ""},
        {"sub": 123},
        {"sub": ["s-123", "s-124"]},
        {"sub": "s-123\0"},
        {"at_hash": "wrong", "sub": {"a": 1}},
    ],
    ids=str,
)
def test_a_token_that_says_something_wrong_is_not_believed(school, issuer, claims):
    issuer.claims = claims
    client, answer = through(school, issuer)
    assert answer.status_code == 403 and not is_signed_in(client)
    assert "lukte niet" in answer.text


def test_a_token_is_good_until_its_end_and_two_minutes(school, issuer):
    issuer.claims = {"exp": school.clock.now_s - 60}
    assert through(school, issuer)[1].status_code == 303
    issuer.claims = {"exp": school.clock.now_s - 121}
    assert through(school, issuer)[1].status_code == 403


def test_an_unsigned_token_is_not_believed(school, issuer):
    issuer.header = {"alg": "none"}
    assert through(school, issuer)[1].status_code == 403


def test_a_token_signed_with_something_public_is_not_believed(school, issuer):
    """The old trick: HMAC with the text of the public key as its secret."""
    public = issuer.key.as_pem(private=False)
    issuer.header = {"alg": "HS256", "kid": "one"}
    issuer.key = OctKey.import_key(public.hex())
    assert through(school, issuer)[1].status_code == 403


def test_a_token_signed_with_another_key_is_not_believed(school, issuer):
    issuer.key = RSAKey.generate_key(2048, {"kid": "one"})
    assert through(school, issuer)[1].status_code == 403


def test_new_keys_are_fetched_once_a_minute_at_most(school, issuer):
    assert through(school, issuer)[1].status_code == 303
    issuer.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    issuer.published, issuer.header = [issuer.key], {"alg": "RS256", "kid": "two"}
    assert through(school, issuer)[1].status_code == 403
    fetched = issuer.requests.count("/keys")
    assert through(school, issuer)[1].status_code == 403
    assert issuer.requests.count("/keys") == fetched == 1
    school.clock.pass_by(60)
    issuer.now_s = school.clock.now_s
    assert through(school, issuer)[1].status_code == 303
    assert issuer.requests.count("/keys") == 2


def test_an_answer_is_good_once_in_its_own_browser_and_for_ten_minutes(school, issuer):
    client, other = school.browser(), school.browser()
    to_issuer(other)
    _, back = issuer.visit(to_issuer(client), "s-123")
    assert come_back(other, back).status_code == 403  # somebody else's: login CSRF
    assert come_back(client, back).status_code == 403  # and then it was used up
    _, back = issuer.visit(to_issuer(client), "s-123")
    school.clock.pass_by(600)
    assert come_back(client, back).status_code == 403
    assert not is_signed_in(client) and not is_signed_in(other)


@pytest.mark.parametrize(
    "query", ["", "?state=x&code=y", "?state=oost." + "A" * 43 + "&code=y", "?error=access_denied"]
)
def test_an_answer_that_nobody_asked_for(school, query):
    client = school.browser()
    client.get("/sign-in")
    assert come_back(client, BACK + query).status_code == 403


def test_a_subject_of_another_school_opens_nothing(school, issuer):
    west = school.home.of("west")
    west.add_school("School West")
    client = school.browser()
    answer = client.get("/sign-in/service", params={"school": "west"}, follow_redirects=False)
    _, back = issuer.visit(answer.headers["location"], "s-123")
    assert come_back(client, back).status_code == 403
    assert client.get("/sign-in/service", params={"school": "nowhere"}).url.path == "/sign-in"


@pytest.mark.parametrize(
    "facts",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"token_endpoint": 7},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"authorization_endpoint": ""},
    ],
    ids=str,
)
def test_a_service_that_describes_itself_strangely_is_not_used(school, issuer, facts):
    issuer.facts = facts
    assert come_back(school.browser(), "/sign-in/service").status_code == 403


def test_redirects_of_the_service_are_not_followed(school, issuer):
    issuer.redirects = True
    assert come_back(school.browser(), "/sign-in/service").status_code == 403
    assert issuer.requests == ["/.well-known/openid-configuration"]


def test_another_claim_can_be_who_somebody_is(tmp_path, issuer):
    service = dataclasses.replace(Oidc(issuer.address, CLIENT, SECRET), claim="uid")
    with doors(tmp_path, oidc=service) as school:
        issuer.now_s = school.clock.now_s
        school.store.set_subject("noor", "noor@oost")
        assert through(school, issuer)[1].status_code == 403
        issuer.claims = {"uid": ["noor@oost"]}
        assert through(school, issuer)[1].status_code == 303


def test_without_a_service_there_is_no_such_page(tmp_path):
    with doors(tmp_path) as school:
        assert come_back(school.browser(), "/sign-in/service").status_code == 404
        assert come_back(school.browser(), BACK).status_code == 404
        assert "/sign-in/service" not in school.browser().get("/sign-in").text


def test_an_issuer_without_tls_is_refused():
    for address in ("http://login.example", "ftp://x", "https://", ""):
        with pytest.raises(BioklokFailure, match="https://"):
            Service(Oidc(address, CLIENT, SECRET))
    assert SECRET not in repr(Oidc("https://x", CLIENT, SECRET))
