"""The administrator's pages of people: accounts, corrections, ties, strips."""

from datetime import date

import pytest
from bioklok.school.people import Role
from support.school_web import house


@pytest.fixture
def oost(tmp_path):
    return house(tmp_path)


@pytest.fixture
def ada(oost):
    return oost.browser("ada")


def test_making_an_account_and_its_invitation(ada, oost):
    form = {"id": "lio", "name": "Lio", "role": ["student"], "born": "2015-02-03"}
    assert ada.post("/school/people", **form).headers["location"] == "/school/people/lio"
    account = oost.store.of("oost").account("lio")
    assert account.person.born == date(2015, 2, 3)
    assert account.person.roles == {Role.STUDENT}
    made = ada.post("/school/people/lio/invite").text
    link = made.split('class="secret">')[1].split("<")[0]
    assert link.startswith("http://127.0.0.1/invite/oost.")
    assert link not in ada.get("/school/people/lio").text
    assert oost.browser(None).get(link.removeprefix("http://127.0.0.1")).status_code == 200


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"id": "noor", "name": "X", "role": ["parent"]}, "id"),
        ({"id": "a b", "name": "X", "role": ["parent"]}, "id"),
        ({"id": "x", "name": "", "role": ["parent"]}, "name"),
        ({"id": "x", "name": "X"}, "role"),
        ({"id": "x", "name": "X", "role": ["king"]}, "role"),
        ({"id": "x", "name": "X", "role": ["student"], "born": "never"}, "born"),
        ({"id": "x", "name": "X", "role": ["student"], "born": "1900-01-01"}, "born"),
        ({"id": "x", "name": "X", "role": ["student"], "born": "2030-01-01"}, "born"),
        ({"id": "x", "name": "X", "role": ["student", "parent"]}, "id"),
        ({"id": "x", "name": "X", "role": ["parent"], "born": "1980-01-01"}, "id"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(ada, oost, form, field):
    before = len(oost.store.of("oost").accounts())
    answer = ada.post("/school/people", **form)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert len(oost.store.of("oost").accounts()) == before


def test_correcting_a_name_and_a_day_of_birth(ada, oost):
    store = oost.store.of("oost")
    page = ada.get("/school/people/noor").text
    assert 'name="born" type="date" value="2014-05-01"' in page
    assert 'name="born"' not in ada.get("/school/people/pa").text
    right = {"name": " Noor Bakker ", "born": "2013-05-01"}
    assert ada.post("/school/people/noor", **right).headers["location"] == "/school/people/noor"
    account = store.account("noor")
    assert (account.name, account.person.born) == ("Noor Bakker", date(2013, 5, 1))
    assert "Noor Bakker" in ada.get("/school").text
    ada.post("/school/people/pa", name="Pa Bakker", born="1980-01-01")  # of adults none is kept
    assert (store.account("pa").name, store.account("pa").person.born) == ("Pa Bakker", None)
    ada.post("/school/people/noor", name="Noor", born="")
    assert store.account("noor").person.born is None


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": "", "born": "2014-05-01"}, "name"),
        ({"name": "x" * 81, "born": ""}, "name"),
        ({"name": "Noor\u202e", "born": ""}, "name"),
        ({"name": "N", "born": "never"}, "born"),
        ({"name": "N", "born": "1900-01-01"}, "born"),
    ],
)
def test_a_correction_that_cannot_be_changes_nothing(ada, oost, form, field):
    before = oost.store.of("oost").account("noor")
    answer = ada.post("/school/people/noor", **form)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert f'value="{form[field]}"' in answer.text  # what they typed is still there
    assert oost.store.of("oost").account("noor") == before


def test_a_name_of_several_lines_is_one(ada, oost):
    store = oost.store.of("oost")
    ada.post("/school/people/pa", name="Pa\r\n de  Vries")
    assert store.account("pa").name == "Pa de Vries"
    ada.post("/school/people", id="lio", name="Lio\tB", role=["parent"])
    assert store.account("lio").name == "Lio B"


def test_who_has_to_say_yes_anew_finds_where(ada, oost):
    """A parent said stop and took it back; then the child turns out to decide alone."""
    pa, noor = oost.browser("pa"), oost.browser("noor")
    for answer in ("stops", "agrees"):
        pa.post("/children/noor/consent", answer=answer)
    button = '<input type="hidden" name="answer" value="agrees">'
    assert button not in noor.get("/me/data").text
    ada.post("/school/people/noor", name="Noor", born="2009-05-01")
    page = noor.get("/me/data").text
    assert button in page and "Zeg nog eens ja als je wilt meedoen" in page
    noor.post("/me/data/consent", answer="agrees")
    assert "zei ja. Je gegevens worden bewaard" in noor.get("/me/data").text


def test_a_parent_who_is_tied_anew_finds_where_to_say_yes(ada, oost):
    pa = oost.browser("pa")
    assert "/children/noor/consent" not in pa.get("/children").text
    ada.post("/school/people/noor/ties", adult="pa", role="parent", end="yes")
    oost.clock.now += 60
    ada.post("/school/people/noor/ties", adult="pa", role="parent")
    assert "/children/noor/consent" in oost.browser("pa").get("/children").text


def test_what_is_not_said_anew_stays(ada, oost):
    """A day of birth of before the rule of ages does not stand in the way of a name."""
    store = oost.store.of("oost")
    store.put_told("noor", "Noor", date(1999, 5, 1))
    ada.post("/school/people/noor", name="Noor B", born="1999-05-01")
    account = store.account("noor")
    assert (account.name, account.person.born) == ("Noor B", date(1999, 5, 1))


def test_an_account_that_is_closed_or_without_its_key(ada, oost):
    store = oost.store.of("oost")
    ada.post("/school/people/max/close", sure="yes")
    assert "Naam verbeteren" in ada.get("/school/people/max").text
    assert ada.post("/school/people/max", name="Maxime").status_code == 303
    assert store.account("max").name == "Maxime"
    store.vault.destroy("oost", "noor")
    answer = ada.post("/school/people/noor", name="Noor", born="")
    assert answer.status_code == 422
    assert "De sleutel van dit account is er niet meer" in answer.text
    body = {"name": "Noor", "born": None}
    assert ada.api("PUT", "/school/people/noor", json=body).status_code == 404


def test_correcting_by_the_api(ada, oost):
    store = oost.store.of("oost")
    body = {"name": "Noortje", "born": "2013-05-01"}
    answer = ada.api("PUT", "/school/people/noor", json=body)
    assert (answer.status_code, answer.json()["born"]) == (200, "2013-05-01")
    account = store.account("noor")
    assert (account.name, account.person.born) == ("Noortje", date(2013, 5, 1))
    for wrong in ({"name": "N"}, {**body, "born": "1900-01-01"}, {**body, "name": "a\nb"}):
        assert ada.api("PUT", "/school/people/noor", json=wrong).status_code == 422
    assert store.account("noor") == account


def test_ties_and_strips_and_closing(ada, oost):
    store = oost.store.of("oost")
    assert ada.post("/school/people/sem/ties", adult="pa", role="parent").status_code == 303
    assert any(tie.adult_id == "pa" for tie in store.ties("sem"))
    second = ada.post("/school/people/sem/ties", adult="eva", role="mentor")
    assert second.status_code == 422 and "heeft de leerling al een mentor" in second.text
    ada.post("/school/people/sem/ties", adult="pa", role="parent", end="yes")
    assert not [
        tie for tie in store.ties("sem") if tie.adult_id == "pa" and tie.holds(oost.clock.now)
    ]
    for _ in range(2):
        given = ada.post("/school/people/sem/strips", strips="2", form_id="g")
    assert "de strippen staan op de kaart" in ada.get(given.headers["location"]).text
    assert "Je hebt nog 5 strippen" in oost.browser("sem").get("/me/strips").text
    assert ada.post("/school/people/sem/strips", strips="0", form_id="g").status_code == 422
    assert ada.post("/school/people/max/close").status_code == 422
    assert ada.post("/school/people/max/close", sure="yes").status_code == 303
    assert oost.browser("max").get("/requests").status_code == 303  # to the sign-in page
    assert ada.post("/school/people/ada/close", sure="yes").status_code == 422
