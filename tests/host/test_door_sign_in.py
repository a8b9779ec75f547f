"""The ways in: invitation, link, password; once, in time, and telling nobody who is there."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from bioklok.office import accounts
from bioklok.school.people import Role
from bioklok.settings import HOME
from bioklok.store import Account
from bioklok.web import passwords
from support.doors import NOW, OTHER_WORDS, WORDS, csrf_in, doors, is_signed_in, sign_in

DAY_S = 24 * 3600


@pytest.fixture
def school(tmp_path):
    with doors(tmp_path) as opened:
        yield opened


def invitation_of(school, person="noor"):
    return accounts.invite(school.store, None, person, school.clock.now_s)


def accept(client, token, words=WORDS, **fields):
    page = client.get(f"/invite/{token}")
    filled = {"csrf": csrf_in(page.text), "password": words, "again": words, **fields}
    return client.post(f"/invite/{token}", data=filled, follow_redirects=False)


# -- invitations ---------------------------------------------------------------------------------


def test_an_invitation_says_for_whom_it_is_and_lets_them_choose_a_password(school):
    token, client = invitation_of(school), school.browser()
    text = client.get(f"/invite/{token}").text
    assert "Noor" in text and "School Oost" in text
    answer = accept(client, token)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert is_signed_in(client)
    again = school.browser()
    assert sign_in(again, "noor").status_code == 303 and is_signed_in(again)


def test_opening_an_invitation_does_not_use_it_up(school):
    token = invitation_of(school)
    for _ in range(3):
        assert school.browser().get(f"/invite/{token}").status_code == 200
    assert accept(school.browser(), token).status_code == 303


def test_an_invitation_is_good_once_and_for_fourteen_days(school):
    token = invitation_of(school)
    late, thief = school.browser(), school.browser()
    held = csrf_in(thief.get(f"/invite/{token}").text)
    assert accept(school.browser(), token).status_code == 303
    filled = {"csrf": held, "password": OTHER_WORDS, "again": OTHER_WORDS}
    assert thief.post(f"/invite/{token}", data=filled).status_code == 404
    assert not is_signed_in(thief) and sign_in(late, "noor").status_code == 303
    other = invitation_of(school, "pa")
    school.clock.pass_by(14 * DAY_S)
    gone = late.get(f"/invite/{other}")
    assert gone.status_code == 404 and "werkt niet meer" in gone.text


def test_of_two_who_take_an_invitation_at_once_one_gets_it(school):
    token = invitation_of(school)
    browsers = [school.browser() for _ in range(4)]
    forms = [csrf_in(one.get(f"/invite/{token}").text) for one in browsers]

    def take(n):
        words = f"{WORDS} {n}"
        filled = {"csrf": forms[n], "password": words, "again": words}
        return browsers[n].post(f"/invite/{token}", data=filled, follow_redirects=False)

    with ThreadPoolExecutor(4) as pool:
        statuses = [answer.status_code for answer in pool.map(take, range(4))]
    assert sorted(statuses) == [303, 404, 404, 404]
    winner = statuses.index(303)
    assert [is_signed_in(one) for one in browsers] == [n == winner for n in range(4)]
    assert sign_in(school.browser(), "noor", f"{WORDS} {winner}").status_code == 303


def test_gone_expired_and_never_made_look_the_same(school):
    used = invitation_of(school)
    assert accept(school.browser(), used).status_code == 303
    client = school.browser()
    answers = [
        client.get(f"/invite/{token}")
        for token in (used, "oost." + "A" * 43, "west." + "A" * 43, "nonsense", "oost.%00")
    ]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}


def test_a_new_invitation_ends_the_earlier_one(school):
    first = invitation_of(school)
    assert accept(school.browser(), invitation_of(school)).status_code == 303
    assert school.browser().get(f"/invite/{first}").status_code == 404


def test_a_second_invitation_replaces_the_password_and_ends_all_sessions(school):
    before = school.invited("noor")
    after = school.invited("noor", OTHER_WORDS)
    assert not is_signed_in(before) and is_signed_in(after)
    assert sign_in(school.browser(), "noor", WORDS).status_code == 403
    assert sign_in(school.browser(), "noor", OTHER_WORDS).status_code == 303


def test_an_invitation_of_a_closed_account_is_gone(school):
    token = invitation_of(school, "pa")
    accounts.close(school.store, None, "pa", NOW)
    assert school.browser().get(f"/invite/{token}").status_code == 404


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("kort", "te kort"),
        ("negen tek", "te kort"),
        ("x" * 201, "te lang"),
        ("Welkom2026!!", "raden anderen snel"),
        ("wachtwoord123", "raden anderen snel"),
        ("Noor20140102", "raden anderen snel"),
        ("1234567890", "raden anderen snel"),
        ("qwertyuiopas", "raden anderen snel"),
        ("aaaaaaaaaaaa", "raden anderen snel"),
        ("bioklok 2026", "raden anderen snel"),
    ],
)
def test_a_password_that_is_not_taken_uses_nothing_up(school, words, why):
    token, client = invitation_of(school), school.browser()
    answer = accept(client, token, words)
    assert answer.status_code == 422 and why in answer.text
    assert not is_signed_in(client)
    assert accept(client, token).status_code == 303


def test_a_password_has_to_be_typed_twice(school):
    token, client = invitation_of(school), school.browser()
    answer = accept(client, token, again=OTHER_WORDS)
    assert answer.status_code == 422 and "niet gelijk" in answer.text


def test_no_mix_of_signs_is_asked_for():
    account = Account(None, "Noor")
    for good in (
        "correct paard batterij",
        "zeven kleine geitjes",
        "тихая река ночью",
        "四つの赤い小さな鳥が飛ぶ",
    ):
        assert passwords.refusal(good, _Named("noor", "Noor")) is None, good
    assert account.name == "Noor"


class _Named:
    def __init__(self, id, name):
        self.id, self.name = id, name


# -- links ---------------------------------------------------------------------------------------


def test_a_link_signs_in_once_within_a_quarter_of_an_hour(school):
    token = accounts.make_link(school.store, "noor", school.clock.now_s)
    client = school.browser()
    page = client.get(f"/link/{token}")
    assert "Noor" in page.text and not is_signed_in(client)
    held = csrf_in(page.text)
    assert client.post(f"/link/{token}", data={"csrf": held}).status_code != 403
    assert is_signed_in(client)
    other = school.browser()
    assert other.get(f"/link/{token}").status_code == 404
    late = accounts.make_link(school.store, "noor", school.clock.now_s)
    school.clock.pass_by(15 * 60)
    assert other.get(f"/link/{late}").status_code == 404


def test_a_link_is_no_invitation_and_the_reverse(school):
    link = accounts.make_link(school.store, "noor", school.clock.now_s)
    invitation = invitation_of(school)
    client = school.browser()
    assert client.get(f"/invite/{link}").status_code == 404
    assert client.get(f"/link/{invitation}").status_code == 404


def test_at_home_a_student_signs_in_the_same_way(tmp_path):
    with doors(tmp_path, school=HOME) as home:
        assert is_signed_in(home.linked("noor"))
        home.invited("pa")
        assert sign_in(home.browser(), "pa").status_code == 303


# -- passwords -----------------------------------------------------------------------------------


def test_a_wrong_password_and_nobody_get_the_same_answer(school):
    school.invited("noor")
    school.add("new", Role.STUDENT)  # has no password yet
    answers = [
        sign_in(school.browser(), person, "een ander wachtwoord")
        for person in ("noor", "sofie", "nieuw", "a" * 41, "é\0", "", "../..")
    ]
    assert {one.status_code for one in answers} == {403}
    same = {one.text.replace(csrf_in(one.text), "") for one in answers[:1]}
    for one, person in zip(answers[:3], ("noor", "sofie", "nieuw"), strict=True):
        same.add(
            one.text.replace(csrf_in(one.text), "").replace(f'value="{person}"', 'value="noor"')
        )
    assert len(same) == 1


def test_the_time_of_an_answer_does_not_tell_who_exists(school):
    school.invited("noor")

    def took(person):
        started = time.process_time()
        assert passwords.check(school.store, person, "een ander wachtwoord") is None
        return time.process_time() - started

    took("noor"), took("nobody")  # what is made once
    pairs = [(took("noor"), took("nobody"), took("é\0")) for _ in range(9)]
    known, unknown, unusable = map(statistics.median, zip(*pairs, strict=True))
    assert 0.5 < unknown / known < 2
    assert 0.5 < unusable / known < 2


def test_where_there_are_two_schools_the_page_asks_which(school):
    assert 'name="school"' not in school.browser().get("/sign-in").text
    school.invited("noor")
    school.home.of("west").add_school("School West")
    client = school.browser()
    assert 'name="school"' in client.get("/sign-in").text
    assert sign_in(client, "noor", school="west").status_code == 403
    assert sign_in(client, "noor", school="nowhere").status_code == 403
    assert sign_in(client, "noor", school="oost").status_code == 303


def test_the_account_page_changes_the_password_soon_after_signing_in_alone(school):
    client, other = school.invited("noor"), school.browser()
    sign_in(other, "noor")
    token = csrf_in(client.get("/account").text)
    fields = {"csrf": token, "password": OTHER_WORDS, "again": OTHER_WORDS}
    assert client.post("/account/password", data=fields).status_code == 200
    assert is_signed_in(client) and not is_signed_in(other)
    assert sign_in(school.browser(), "noor", OTHER_WORDS).status_code == 303
    school.clock.pass_by(901)
    assert client.post("/account/password", data=fields).status_code == 422
    assert 'action="/account/password"' not in client.get("/account").text


def test_the_last_way_in_stays(school):
    client = school.invited("noor")
    token = csrf_in(client.get("/account").text)
    answer = client.post("/account/ways/remove", data={"csrf": token, "id": "password"})
    assert answer.status_code == 422
    assert client.post("/account/ways/remove", data={"csrf": token, "id": "x"}).status_code == 404
    assert len(school.store.credentials("noor")) == 1


def test_the_pages_of_the_door_have_no_script_and_say_so(school):
    token, client = invitation_of(school), school.browser()
    for page in ("/sign-in", f"/invite/{token}", f"/link/{token}"):
        answer = client.get(page)
        assert "<script" not in answer.text and " style=" not in answer.text
        policy = answer.headers["content-security-policy"]
        assert "script-src" not in policy and "form-action 'self'" in policy
        assert answer.headers["cache-control"] == "no-store"
