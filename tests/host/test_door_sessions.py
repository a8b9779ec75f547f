"""Sessions: how long they last, how they end, and that nobody else's is one's own."""

import hashlib

import pytest
from bioklok.office import accounts
from bioklok.store.access import INVITATION, SESSION
from bioklok.web.settings import Sessions
from support.doors import WORDS, csrf_in, doors, is_signed_in, sign_in

HOUR_S, DAY_S = 3600, 24 * 3600


@pytest.fixture
def school(tmp_path):
    with doors(tmp_path) as opened:
        yield opened


def test_a_page_without_a_session_leads_to_the_door_and_the_api_says_401(school):
    client = school.browser()
    answer = client.get("/me/weeks?lang=en", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/me/weeks%3Flang%3Den"


def test_the_cookie_cannot_be_read_by_scripts_and_has_no_domain(school):
    answer = sign_in_answer(school)
    cookie = cookie_of(answer, "bioklok")
    assert "httponly" in cookie.lower() and "samesite=lax" in cookie.lower()
    assert "path=/" in cookie.lower() and "domain" not in cookie.lower()
    assert "max-age" not in cookie.lower()  # the browser forgets it when it is closed


def test_over_https_the_cookie_is_secure_and_bound_to_this_host(tmp_path):
    with doors(tmp_path, base="https://localhost", https=True) as school:
        answer = sign_in_answer(school)
        cookie = cookie_of(answer, "__Host-bioklok")
        assert "secure" in cookie.lower()
        assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_the_database_has_no_secret_of_a_session(school, tmp_path):
    client = school.linked("noor")
    secret = client.cookies["bioklok"].split(".")[1]
    files = list(tmp_path.glob("b.sqlite*"))
    assert files and all(secret.encode() not in one.read_bytes() for one in files if one.is_file())


def test_twelve_hours_without_a_request_end_a_session(school):
    client = school.linked("mila", own="yes")  # an adult: their own device or not
    school.clock.pass_by(11 * HOUR_S)
    assert is_signed_in(client)
    school.clock.pass_by(11 * HOUR_S)
    assert is_signed_in(client)
    school.clock.pass_by(12 * HOUR_S + 1)
    assert not is_signed_in(client)


def test_a_student_stays_longer_on_their_own_device_alone(school):
    shared, own = school.linked("noor"), school.linked("noor", own="yes")
    school.clock.pass_by(29 * DAY_S)
    assert is_signed_in(own) and not is_signed_in(shared)
    school.clock.pass_by(29 * DAY_S)
    assert is_signed_in(own)
    school.clock.pass_by(30 * DAY_S)
    assert not is_signed_in(own)


def test_ninety_days_end_every_session(school):
    client = school.linked("noor", own="yes")
    for _ in range(89):
        school.clock.pass_by(DAY_S)
        assert is_signed_in(client)
    school.clock.pass_by(DAY_S)
    assert not is_signed_in(client)


def test_a_session_in_use_is_written_once_an_hour(school):
    client = school.linked("noor")
    before = school.store.tickets(SESSION, "noor")[0].expires_at_utc_s
    school.clock.pass_by(HOUR_S - 1)
    client.get("/account")
    assert school.store.tickets(SESSION, "noor")[0].expires_at_utc_s == before
    school.clock.pass_by(1)
    client.get("/account")
    assert school.store.tickets(SESSION, "noor")[0].expires_at_utc_s == before + HOUR_S


def test_times_are_settings(tmp_path):
    with doors(tmp_path, sessions=Sessions(idle_s=60)) as school:
        client = school.linked("noor")
        school.clock.pass_by(61)
        assert not is_signed_in(client)


def test_signing_in_makes_a_new_session_and_ends_the_one_before(school):
    """Session fixation: what somebody planted in the browser opens nothing afterwards."""
    planted = school.linked("pa").cookies["bioklok"]
    client = school.browser_with(bioklok=planted)
    school.linked("noor", client=client)
    assert client.cookies["bioklok"] != planted
    assert "Noor" in client.get("/account").text
    assert not is_signed_in(school.browser_with(bioklok=planted))


def test_a_planted_cookie_without_a_session_is_not_taken_over(school):
    planted = "oost." + "A" * 43
    client = school.browser_with(bioklok=planted)
    school.linked("noor", client=client)
    assert not is_signed_in(school.browser_with(bioklok=planted))


def test_signing_out_ends_the_session_also_for_a_copied_cookie(school):
    client = school.linked("noor")
    copied = client.cookies["bioklok"]
    token = csrf_in(client.get("/account").text)
    answer = client.post("/sign-out", data={"csrf": token}, follow_redirects=False)
    assert answer.headers["location"] == "/sign-in"
    assert "bioklok" not in client.cookies
    assert not is_signed_in(school.browser_with(bioklok=copied))


def test_signing_out_everywhere(school):
    clients = [school.linked("noor") for _ in range(3)]
    other = school.linked("pa")
    token = csrf_in(clients[0].get("/account").text)
    clients[0].post("/account/sign-out-everywhere", data={"csrf": token})
    assert not any(map(is_signed_in, clients))
    assert school.n_sessions("noor") == 0 and is_signed_in(other)


def test_one_session_ends_from_another_but_nobody_elses_does(school):
    here, there, other = school.linked("noor"), school.linked("noor"), school.linked("pa")
    token = csrf_in(here.get("/account").text)
    digests = [one.digest for one in school.store.tickets(SESSION, "noor")]
    theirs = school.store.tickets(SESSION, "pa")[0].digest
    for digest in (theirs, "nonsense", "%00"):
        answer = here.post(f"/account/sessions/{digest}/end", data={"csrf": token})
        assert answer.status_code == 404
    assert is_signed_in(other)
    mine = hashlib.sha256(here.cookies["bioklok"].split(".")[1].encode()).hexdigest()
    digests.remove(mine)
    here.post(f"/account/sessions/{digests[0]}/end", data={"csrf": token})
    assert is_signed_in(here) and not is_signed_in(there)
    here.post(f"/account/sessions/{mine}/end", data={"csrf": token})
    assert not is_signed_in(here)


def test_a_cookie_of_another_school_or_of_no_shape_opens_nothing(school):
    secret = school.linked("noor").cookies["bioklok"].split(".")[1]
    west = school.home.of("west")
    west.add_school("School West")
    for cookie in (f"west.{secret}", f"home.{secret}", secret, "oost.", "oost.x", "..", "é.x"):
        client = school.browser(headers={"cookie": f"bioklok={cookie}".encode()})
        assert not is_signed_in(client), cookie


def test_a_ticket_of_another_kind_is_no_session(school):
    token = accounts.invite(school.store, None, "noor", school.clock.now_s)
    assert not is_signed_in(school.browser_with(bioklok=token))
    assert school.store.tickets(INVITATION, "noor")


def test_a_closed_account_is_out_at_once(school):
    client = school.linked("pa")
    assert is_signed_in(client)
    accounts.close(school.store, None, "pa", school.clock.now_s)
    assert not is_signed_in(client)
    assert sign_in(school.browser(), "pa").status_code == 403


def test_the_start_is_what_somebody_is_there_for(school):
    for person, page in (
        ("noor", "/me"),
        ("mila", "/students"),
        ("pa", "/children"),
        ("ada", "/school"),
    ):
        answer = school.linked(person).get("/", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, page)


def test_who_has_not_the_role_sees_what_does_not_exist(school):
    client = school.linked("ada")
    for page in ("/me", "/children"):
        hidden, missing = client.get(page), client.get("/nowhere")
        assert (hidden.status_code, hidden.content) == (404, missing.content), page


def sign_in_answer(school):
    token = accounts.invite(school.store, None, "noor", school.clock.now_s)
    client = school.browser()
    page = client.get(f"/invite/{token}")
    filled = {"csrf": csrf_in(page.text), "password": WORDS, "again": WORDS}
    return client.post(f"/invite/{token}", data=filled, follow_redirects=False)


def cookie_of(answer, name):
    set_ = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    return set_[-1]
