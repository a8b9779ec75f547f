"""The doors on a school board's server: the same rules, with several who come at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from bioklok.office import accounts
from bioklok.school.people import Role
from bioklok.store import place_of, upgrade
from support.doors import OTHER_WORDS, WORDS, Doors, csrf_in, is_signed_in, sign_in
from support.postgresql import new_database


@pytest.fixture
def school(tmp_path, monkeypatch):
    monkeypatch.setenv("BIOKLOK_MASTER_KEY", "00" * 32)
    monkeypatch.setenv("BIOKLOK_KEYS", str(tmp_path / "keys"))
    url = new_database("doors")
    upgrade(place_of(url))
    opened = Doors(url)
    opened.add("noor", Role.STUDENT)
    yield opened
    opened.home.close()


def test_in_and_out(school):
    client = school.invited("noor")
    assert is_signed_in(client)
    assert sign_in(school.browser(), "noor", OTHER_WORDS).status_code == 403
    assert sign_in(school.browser(), "no\0body", OTHER_WORDS).status_code == 403
    other = school.browser()
    assert sign_in(other, "noor").status_code == 303
    token = csrf_in(other.get("/account").text)
    other.post("/account/sign-out-everywhere", data={"csrf": token})
    assert not is_signed_in(client) and not is_signed_in(other)


def test_a_cookie_opens_its_own_school_alone(school):
    school.home.of("west").add_school("School West")
    secret = school.linked("noor").cookies["bioklok"].split(".")[1]
    assert is_signed_in(school.browser_with(bioklok=f"oost.{secret}"))
    for name in ("west", "home", "nowhere"):
        assert not is_signed_in(school.browser_with(bioklok=f"{name}.{secret}"))


def test_of_eight_who_take_an_invitation_at_once_one_gets_it(school):
    token = accounts.invite(school.store, None, "noor", school.clock.now_s)
    browsers = [school.browser() for _ in range(8)]
    forms = [csrf_in(one.get(f"/invite/{token}").text) for one in browsers]

    def take(n):
        filled = {"csrf": forms[n], "password": WORDS, "again": WORDS}
        return browsers[n].post(f"/invite/{token}", data=filled, follow_redirects=False)

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(take, range(8)))
    assert statuses == [303] + [404] * 7 and school.n_sessions("noor") == 1
