"""How often somebody may try, and that nobody can shut a child out."""

import pytest
from bioklok.web.rates import Count, Rates, client_address, for_address
from hypothesis import given, settings
from hypothesis import strategies as st
from support.doors import OTHER_WORDS, WORDS, csrf_in, doors, is_signed_in, sign_in


@pytest.fixture
def school(tmp_path):
    with doors(tmp_path) as opened:
        opened.invited("noor")
        yield opened


def test_after_five_failures_a_wait_that_grows(school):
    client, waits = school.browser(), []
    for _ in range(5):
        assert sign_in(client, "noor", OTHER_WORDS).status_code == 403
    for _ in range(12):
        answer = sign_in(client, "noor", OTHER_WORDS)
        assert answer.status_code == 429
        waits.append(int(answer.headers["retry-after"]))
        seconds = "1 seconde" if waits[-1] == 1 else f"{waits[-1]} seconden"
        assert f"Wacht {seconds} en" in answer.text
        school.clock.pass_by(waits[-1])
        assert sign_in(client, "noor", OTHER_WORDS).status_code == 403
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_the_right_password_waits_too_and_then_all_is_forgotten(school):
    client = school.browser()
    for _ in range(5):
        sign_in(client, "noor", OTHER_WORDS)
    assert sign_in(client, "noor").status_code == 429
    school.clock.pass_by(1)
    assert sign_in(client, "noor").status_code == 303
    again = school.browser()
    for _ in range(5):
        assert sign_in(again, "noor", OTHER_WORDS).status_code == 403


def test_who_does_not_exist_waits_like_who_does(school):
    answers = {
        person: [sign_in(school.browser(), person, OTHER_WORDS).status_code for _ in range(6)]
        for person in ("noor", "nobody")
    }
    assert answers["noor"] == answers["nobody"] == [403] * 5 + [429]


def test_a_browser_of_ones_own_is_counted_apart_and_a_link_always_works(school):
    own, attacker = school.linked("noor", own="yes"), school.browser()
    token = csrf_in(own.get("/account").text)
    own.post("/sign-out", data={"csrf": token})
    for _ in range(8):
        sign_in(attacker, "noor", OTHER_WORDS)
        school.clock.pass_by(1)
    assert sign_in(attacker, "noor").status_code == 429
    assert sign_in(own, "noor").status_code == 303
    assert is_signed_in(school.linked("noor"))


def test_a_browser_of_somebody_else_is_not_known(school):
    pas = school.linked("pa", own="yes")
    token = csrf_in(pas.get("/account").text)
    pas.post("/sign-out", data={"csrf": token})
    for _ in range(6):
        answer = sign_in(pas, "noor", OTHER_WORDS)
    assert answer.status_code == 429


def test_another_person_at_the_same_address_does_not_wait(school):
    school.invited("pa")
    for _ in range(6):
        sign_in(school.browser(), "noor", OTHER_WORDS)
    assert sign_in(school.browser(), "pa", WORDS).status_code == 303


def test_an_address_has_many_tries_but_not_any_number():
    rates, counts = Rates(), [for_address("192.0.2.1")]
    assert [rates.start(counts, 0.0) for _ in range(101)] == [0] * 100 + [1]
    assert rates.start([for_address("192.0.2.2")], 0.0) == 0
    assert rates.start(counts, 900.0) == 0


def test_an_address_of_ipv6_is_the_network_of_a_household():
    assert for_address("2001:db8::1") == for_address("2001:db8::ffff:1")
    assert for_address("2001:db8::1") != for_address("2001:db8:0:1::1")
    assert for_address("testclient").key == "address testclient"


def test_tries_at_once_count_all():
    rates, counts = Rates(), [Count("person x", 5)]
    assert [rates.start(counts, 0.0) for _ in range(7)] == [0, 0, 0, 0, 0, 1, 1]


def test_a_success_gives_the_address_its_try_back():
    rates, counts = Rates(), [for_address("192.0.2.1")]
    for _ in range(1000):
        assert rates.start(counts, 0.0) == 0
        rates.succeeded(counts)


def test_what_is_remembered_is_bounded():
    rates = Rates()
    for n in range(20_100):
        rates.start([Count(f"person {n}", 5)], 0.0)
    assert len(rates._failures) == 20_000


def test_a_forwarded_address_is_believed_of_our_proxy_alone():
    assert client_address("192.0.2.1", "10.0.0.1", ()) == "192.0.2.1"
    assert client_address("192.0.2.1", "10.0.0.1", ("198.51.100.1",)) == "192.0.2.1"
    ours = ("198.51.100.1", "198.51.100.2")
    assert client_address("198.51.100.1", "6.6.6.6, 203.0.113.9", ours) == "203.0.113.9"
    assert client_address("198.51.100.1", "203.0.113.9, 198.51.100.2", ours) == "203.0.113.9"
    assert client_address("198.51.100.1", None, ours) == "198.51.100.1"
    assert client_address("198.51.100.1", "198.51.100.2", ours) == "198.51.100.1"


def test_a_forged_header_gives_no_fresh_tries(school):
    answers = [
        sign_in(school.browser(), "x", OTHER_WORDS, headers={"x-forwarded-for": f"10.0.0.{n}"})
        for n in range(6)
    ]
    assert answers[-1].status_code == 429


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2000), st.booleans()), max_size=60))
def test_no_wait_is_longer_than_a_quarter_of_an_hour_and_none_follows_a_success(steps):
    rates, counts, now_s = Rates(), [Count("person x", 5)], 0.0
    for passes_s, succeeds in steps:
        now_s += passes_s
        wait_s = rates.start(counts, now_s)
        assert 0 <= wait_s <= 900
        if wait_s == 0 and succeeds:
            rates.succeeded(counts)
            assert rates.start(counts, now_s) == 0
