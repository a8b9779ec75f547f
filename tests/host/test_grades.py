"""How sharp a student says they are: their own, of today, sealed, and told to the wrist once more
than once, which does no harm."""

import re
from itertools import pairwise

import pytest
from bioklok.errors import NotFound
from bioklok.office import grades, wearing
from bioklok.office.consenting import answer
from bioklok.office.grades import NotToday
from bioklok.office.intake import Intake
from bioklok.office.retention import retention
from bioklok.office.wearing import Wishes
from bioklok.school.consent import Answer
from bioklok.store.school_tables import GradeRow, WishRow
from sqlmodel import select
from support.campus import DEVICE, SCHOOL, build, say
from support.campus import NOW as CAMPUS_NOW
from support.school_web import NOW, SEPTEMBER, house
from support.synthetic import Info, utc_s

DAY_S = 86_400
QUARTER = 900
MIDNIGHT = utc_s("2026-11-23T00:00")


@pytest.fixture
def oost(tmp_path):
    return house(tmp_path)


@pytest.fixture
def noor(oost):
    return oost.browser("noor")


def said(oost, student="noor"):
    with oost.store.of("oost").reading(student) as desk:
        return desk.grades()


def test_what_is_said_now_is_kept_and_shown_in_words(noor, oost):
    assert "Hoe scherp ben je?" in noor.get("/me").text
    assert noor.post("/me/sharp", sharp="4").status_code == 303
    assert said(oost) == {NOW // QUARTER * QUARTER: 4}
    text = noor.get("/me").text
    assert "Vandaag zei je" in text and "08:00 best scherp" in text


def test_the_newer_stands_within_a_quarter_and_a_time_of_today_can_be_given(noor, oost):
    for grade in ("4", "2"):
        noor.post("/me/sharp", sharp=grade)
    noor.post("/me/sharp", sharp="5", sharp_at="07:20")
    earlier = utc_s("2026-11-23T07:15")
    assert said(oost) == {earlier: 5, NOW // QUARTER * QUARTER: 2}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sharp": "6"}, "Kies een van de mogelijkheden"),
        ({"sharp": ""}, "Kies een van de mogelijkheden"),
        ({}, "Kies een van de mogelijkheden"),
        ({"sharp": "3", "sharp_at": "23:00"}, "tijd van vandaag"),
        ({"sharp": "3", "sharp_at": "25:00"}, "zoals 21:00"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(noor, oost, fields, words):
    answered = noor.post("/me/sharp", **fields)
    assert answered.status_code == 422 and words in answered.text
    assert said(oost) == {}


def test_without_consent_nothing_is_kept(noor, oost):
    oost_store = oost.store.of("oost")
    answer(oost_store, oost_store.account("noor").person, "noor", Answer.STOPS, int(NOW) - 60)
    refused = noor.post("/me/sharp", sharp="4")
    assert refused.status_code == 409 and "Zonder ieders ja" in refused.text
    assert noor.api("POST", "/me/grades", json={"grade": 4}).status_code == 409
    assert said(oost) == {}


def test_the_api_says_the_same(noor, oost):
    assert noor.api("POST", "/me/grades", json={"grade": 2}).status_code == 204
    at = utc_s("2026-11-23T06:00")
    assert noor.api("POST", "/me/grades", json={"grade": 5, "at_utc_s": at}).status_code == 204
    told = noor.api("GET", "/me/grades").json()
    assert told == [{"grade": 5, "at_utc_s": at}, {"grade": 2, "at_utc_s": NOW}]
    for bad in ({"grade": 0}, {"grade": 6}, {"grade": 3, "at_utc_s": -1}, {"grade": 3, "x": 1}, {}):
        assert noor.api("POST", "/me/grades", json=bad).status_code == 422
    for moment in (at - DAY_S, NOW + 60):
        wrong = noor.api("POST", "/me/grades", json={"grade": 3, "at_utc_s": moment})
        assert wrong.status_code == 422 and list(wrong.json()["errors"]) == ["at_utc_s"]
    assert len(said(oost)) == 2


def test_the_api_reads_and_changes_what_was_decided(noor):
    given = {"dark_from_min": 1200, "dark_until_min": 400, "wrist": "right", "has_glow": True}
    given |= {"bed_min": 1300, "wake_min": 410, "paused_until_utc_s": NOW + DAY_S}
    assert noor.api("PUT", "/me/bioklok", json=given).status_code == 204
    told = noor.api("GET", "/me/bioklok").json()
    assert {one: told[one] for one in given} == given
    for field, value in (
        ("paused_until_utc_s", NOW + 63 * DAY_S),
        ("wake_min", 1310),
        ("wake_min", None),
        ("bed_min", 1440),
        ("paused_until_utc_s", -1),
    ):
        wrong = noor.api("PUT", "/me/bioklok", json={**given, field: value})
        assert wrong.status_code == 422, field
        assert any(field in one or one == "wake_min" for one in wrong.json()["errors"])
    assert noor.api("GET", "/me/bioklok").json() == told


def test_a_day_begins_and_ends_where_the_student_is(oost):
    store = oost.store.of("oost")
    noor = store.account("noor").person
    first = MIDNIGHT
    grades.keep(store, noor, 1, first, first)
    with pytest.raises(NotToday):
        grades.keep(store, noor, 1, first - 1, first)
    assert grades.of_today(store, noor, first + 10) == {first: 1}
    assert grades.of_today(store, noor, first - 10) == {first: 1}  # yesterday's page shows no less
    assert grades.of_today(store, noor, first + DAY_S) == {}


def test_nobody_says_it_for_another(oost):
    store = oost.store.of("oost")
    for adult in ("pa", "max", "ada"):
        with pytest.raises(NotFound, match="no student"):
            grades.keep(store, store.account(adult).person, 3, NOW, NOW)
        assert oost.browser(adult).post("/me/sharp", sharp="3").status_code in (403, 404)
    assert said(oost) == {}


def test_neither_grade_nor_wish_lies_open_in_the_database(noor, oost):
    noor.post("/me/sharp", sharp="5")
    wishes = Wishes(bed_min=1234, wake_min=456)
    store = oost.store.of("oost")
    wearing.decide(store, store.account("noor").person, wishes, NOW)
    with store._read() as session:
        (grade,) = session.exec(select(GradeRow)).all()
        (wish,) = session.exec(select(WishRow)).all()
    assert len(grade.sealed) == 12 + 1 + 16
    assert b"1234" not in wish.sealed and b"bed" not in wish.sealed


def test_raw_grades_are_forgotten_with_the_minutes(noor, oost):
    noor.post("/me/sharp", sharp="5")
    store = oost.store.of("oost")
    retention(store, NOW + 41 * DAY_S)
    assert len(said(oost)) == 1
    retention(store, NOW + 43 * DAY_S)
    assert said(oost) == {}


def test_a_sync_takes_along_what_the_wrist_can_still_learn_and_what_was_decided(oost):
    store = oost.store.of("oost")
    noor = store.account("noor").person
    for hours, grade in ((17, 1), (15, 2), (1, 4)):
        at = NOW - hours * 3600
        grades.keep(store, noor, grade, at, at)
    intake = Intake(store, lambda: NOW)
    orders = intake.orders(Info())
    assert orders.reports == tuple(
        ((NOW - hours * 3600) // QUARTER, grade) for hours, grade in ((15, 2), (1, 4))
    )
    assert orders.settings == Wishes().settings(NOW)
    pause = Wishes(bed_min=1305, wake_min=420, has_glow=True, paused_until_utc_s=NOW + 60)
    wearing.decide(store, noor, pause, NOW)
    told = intake.orders(Info()).settings
    assert (told.bed_min, told.glow, told.paused_until_utc_s) == (1305, 1, NOW + 60)
    assert Intake(store, lambda: NOW + 60).orders(Info()).settings.paused_until_utc_s == 0
    answer(store, noor, "noor", Answer.STOPS, NOW)
    assert Intake(store, lambda: NOW + 1).orders(Info()).reports == ()


def test_what_a_former_wearer_chose_is_not_the_next_ones(tmp_path):
    from bioklok.store import open_store

    with open_store(f"sqlite:///{tmp_path / 'b.sqlite'}") as home:
        store = home.of(SCHOOL)
        build(store)
        for by in ("p", "noor"):
            say(store, by, "noor", Answer.AGREES, SEPTEMBER)
        noor = store.account("noor").person
        wearing.decide(store, noor, Wishes(has_glow=True, bed_min=1320, wake_min=400), CAMPUS_NOW)
        store.hand_out(DEVICE["noor"], "sem")
        sem = wearing.worn_by(store, store.account("sem"))
        assert sem is not None and sem.wishes == Wishes()
        assert wearing.worn_by(store, store.account("noor")) is None
        store.hand_out("0" * 15 + "9", "noor")
        again = wearing.worn_by(store, store.account("noor"))
        assert again is not None and again.wishes.has_glow


def test_no_page_of_grades_has_a_number_for_them(noor):
    """The pressure rules: no score, for the student neither."""
    for grade in "12345":
        noor.post("/me/sharp", sharp=grade)
    text = noor.get("/me").text
    start = text.index("Hoe scherp ben je?")
    section = text[start : text.index("</form>", start)]
    plain = re.sub(r"<[^>]*>", " ", section)
    assert not re.search(r"\b[1-5]\b", plain), plain
    words = re.findall(r"<span>([^<]+)</span>", section)
    assert len(words) == 5 and all(a != b for a, b in pairwise(words))
