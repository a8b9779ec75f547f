"""A student's own pages: today, sharing step by step, cards, strips, what is theirs."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from bioklok.office import sharing, wearing
from bioklok.office.settings import keep_settings, usual
from bioklok.school.consent import Answer
from bioklok.school.sharing import Part
from bioklok.school.strip_rules import Agreement
from support.html_page import words
from support.school_web import MONDAY, NOW, WEEK, house, lesson
from support.synthetic import utc_s

SHARING = f"/me/weeks/{WEEK}/sharing"
CARDS = f"/me/weeks/{WEEK}/cards"
BEFORE_LESSONS = utc_s("2026-11-16T07:00")


@pytest.fixture
def oost(tmp_path):
    return house(tmp_path)


@pytest.fixture
def noor(oost):
    return oost.browser("noor")


def seen(oost):
    student = oost.store.of("oost").account("noor")
    return sharing.shared_with(oost.store.of("oost"), student, NOW)


def test_today_says_what_the_lamp_said_and_why_and_until_when(noor, oost):
    text = noor.get("/me").text
    assert "weet ik nog niet" in text  # the synthetic pages carry no lamp: 0 is unknown
    assert "De Bioklok begint net" in text
    assert "Bekend tot maandag 23 november 12:00" in text
    assert "Er is nog niets opgehaald" in oost.browser("sem").get("/me").text


@pytest.mark.parametrize("rest", ["", "/report.pdf", "/cards", "/sharing"])
def test_a_week_that_has_not_begun_is_not_there(noor, oost, rest):
    """It is Monday of week 48, by the student's own clock."""
    assert noor.get(f"/me/weeks/2026-W48{rest}").status_code == 200
    never = noor.get(f"/me/weeks/2026-W99{rest}")
    for week in ("2026-W49", "2027-W20"):
        answer = noor.get(f"/me/weeks/{week}{rest}")
        assert answer.status_code == 404
        assert words(answer.text) == words(never.text)
    for now, status in (("2026-11-29T23:59", 404), ("2026-11-30T00:00", 200)):
        oost.clock.now = utc_s(now)
        assert oost.browser("noor").get(f"/me/weeks/2026-W49{rest}").status_code == status


def test_from_week_to_week_it_goes_up_to_this_one(noor):
    assert 'href="/me/weeks/2026-W48" rel="next"' in noor.get(f"/me/weeks/{WEEK}").text
    now = noor.get("/me/weeks/2026-W48").text
    assert 'rel="next"' not in now and 'rel="prev"' in now


def test_what_was_measured_is_there_where_the_clock_of_the_host_is_behind(noor, oost):
    oost.clock.now = utc_s("2026-11-02T12:00")
    assert noor.get(f"/me/weeks/{WEEK}").status_code == 200
    assert noor.get("/me/weeks/2026-W49").status_code == 404


def test_nothing_is_shared_before_it_was_looked_at(noor, oost):
    answer = noor.post(SHARING, part=["rhythm"], viewer=["max"])
    assert answer.status_code == 422 and "Bekijk eerst wat zij zien" in answer.text
    assert seen(oost) == {"pa": {}, "max": {}}


def test_a_preview_shows_the_chosen_parts_alone_and_then_it_is_shared(noor, oost):
    answer = noor.post(f"{SHARING}/preview", part=["presses", "strips"], viewer=["max"])
    assert "scherp" in answer.text and "woensdag 18 november 14:00" in answer.text
    assert "De nachten" not in answer.text and "<figure>" not in answer.text
    assert seen(oost)["max"] == {}
    assert noor.post(SHARING, part=["presses"], viewer=["max"]).status_code == 303
    assert set(seen(oost)["max"]) == {(WEEK, Part.PRESSES)}
    assert seen(oost)["pa"] == {}
    assert "hoe ik me voelde" in noor.get(SHARING).text


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"viewer": "max", "part": "presses"}, {"max": {"strips"}, "pa": {"presses", "strips"}}),
        ({"viewer": "max"}, {"max": set(), "pa": {"presses", "strips"}}),
        ({}, {"max": set(), "pa": set()}),
        ({"weeks": "all"}, {"max": set(), "pa": set()}),
        ({"viewer": "eva"}, {"max": {"presses", "strips"}, "pa": {"presses", "strips"}}),
        ({"part": "nonsense"}, {"max": {"presses", "strips"}, "pa": {"presses", "strips"}}),
    ],
)
def test_taking_back(noor, oost, fields, left):
    chosen = {"part": ["presses", "strips"], "viewer": ["max", "pa"]}
    noor.post(f"{SHARING}/preview", **chosen)
    noor.post(SHARING, **chosen)
    assert noor.post(f"{SHARING}/withdraw", **fields).status_code == 303
    found = {one: {part.value for _, part in keys} for one, keys in seen(oost).items()}
    assert found == left


def test_nobody_can_be_named_who_is_neither_parent_nor_mentor(noor, oost):
    answer = noor.post(f"{SHARING}/preview", part=["presses"], viewer=["eva"])
    assert answer.status_code == 422 and "Kruis er minstens een aan" in answer.text
    assert oost.browser("sem").post(f"{SHARING}/preview", part=[], viewer=[]).status_code == 422


def test_cards_are_kept_and_the_experiment_comes_back_the_week_after(noor):
    fields = {"noticed": ["morning"], "experiment": "hard_first", "experiment_words": "eerst wi"}
    assert noor.post(CARDS, **fields, noticed_words="rustig <b>").status_code == 303
    text = noor.get(CARDS).text
    assert "rustig &lt;b&gt;" in text and 'value="morning" checked' in text
    later = noor.get("/me/weeks/2026-W48/cards").text
    assert "Dit koos je de week ervoor" in later and "eerst wi" in later
    assert "Dit koos je de week ervoor" not in text


def test_a_card_that_is_too_long_is_said_beside_the_field_and_nothing_is_lost(noor):
    answer = noor.post(CARDS, noticed_words="a" * 601)
    assert answer.status_code == 422
    assert 'id="noticed_words-error"' in answer.text and "a" * 600 in answer.text
    assert 'value="morning" checked' not in noor.get(CARDS).text
    assert noor.post(CARDS, experiment="nonsense").status_code == 422


def test_asking_for_a_strip_and_taking_it_back(noor, oost):
    oost.clock.now = BEFORE_LESSONS
    assert "Je hebt nog 3 strippen" in noor.get("/me/strips").text
    asked = lesson(MONDAY, 9, "wi").id
    assert asked not in noor.get("/me/strips").text  # it begins within the school's notice
    other = lesson(MONDAY.replace(day=17), 9, "wi").id
    for _ in range(2):  # the same form twice
        form = {"lesson": other, "form_id": "f1", "reason": "together"}
        assert noor.post("/me/strips", **form).status_code == 303
    text = noor.get("/me/strips").text
    assert text.count("Je mentor antwoordt nog") == 1
    assert "Je hebt nog 2 strippen" in text
    assert '<option value="together" selected>' in text
    noor.post("/me/strips/reason", request="form:f1", reason="rest")
    assert '<option value="rest" selected>' in noor.get("/me/strips").text
    noor.post("/me/strips/withdraw", request="form:f1")
    assert "Je nam het terug" in noor.get("/me/strips").text
    assert noor.post("/me/strips/withdraw", request="form:none").status_code == 404


def test_a_lesson_that_began_cannot_be_taken_back(noor, oost):
    store = oost.store.of("oost")
    oost.clock.now = BEFORE_LESSONS
    settings = usual("oost", MONDAY)
    automatic = replace(settings.rules, agreement=Agreement.AUTOMATIC)
    keep_settings(store, None, replace(settings, rules=automatic))
    one = lesson(MONDAY.replace(day=17), 9, "wi")
    noor.post("/me/strips", lesson=one.id, form_id="f1")
    assert "Afgesproken." in noor.get("/me/strips").text
    oost.clock.now = one.start_utc_s + 60
    noor = oost.browser("noor")  # the day before, the session ended
    answer = noor.post("/me/strips/withdraw", request="form:f1")
    assert answer.status_code == 409 and "Die les is begonnen" in answer.text
    oost.clock.now = one.end_utc_s + 60
    assert "Gebruikt." in noor.get("/me/strips").text


def test_what_one_decides_about_the_bioklok_waits_for_the_sync(noor, oost):
    form = {"dark_from": "20:30", "dark_until": "07:15", "wrist": "right", "pause": "yes"}
    assert noor.post("/me/bioklok", **form).status_code == 303
    text = noor.get("/me/bioklok").text
    assert 'value="20:30"' in text and "Je pauze duurt tot maandag 30 november 00:00" in text
    with oost.store.of("oost").reading("noor") as desk:
        first = wearing.wishes_at(desk)
    assert first.dark_from_min == 1230 and first.paused_until_utc_s == utc_s("2026-11-30T00:00")
    oost.clock.now += 3600  # something else is chosen: the pause is not made longer by it
    noor.post("/me/bioklok", **form, glow="yes", bed="21:45", wake="07:00")
    with oost.store.of("oost").reading("noor") as desk:
        then = wearing.wishes_at(desk)
    assert then == replace(first, has_glow=True, bed_min=1305, wake_min=420)
    wrong = noor.post("/me/bioklok", **{**form, "bed": "21:00", "wake": "22:00"})
    assert wrong.status_code == 422 and "3 tot 16 uur" in wrong.text
    assert noor.post("/me/bioklok", **form, bed="21:00").status_code == 422
    noor.post("/me/bioklok", **{one: form[one] for one in form if one != "pause"})
    assert "Je pauze duurt" not in noor.get("/me/bioklok").text
    bad = noor.post("/me/bioklok", **{**form, "dark_from": "25:00"})
    assert bad.status_code == 422 and "Vul een tijd in" in bad.text
    assert "Je hebt nog geen Bioklok" in oost.browser("sem").get("/me/bioklok").text
    assert oost.browser("sem").post("/me/bioklok", **form).status_code == 404


def test_stopping_says_first_what_it_does(noor, oost):
    text = noor.get("/me/data/stop").text
    assert "Er wordt niets meer opgehaald" in text and "Niemand krijgt er bericht van" in text
    assert "Iedereen die ja moet zeggen" in noor.get("/me/data").text
    noor.post("/me/data/consent", answer=Answer.STOPS.value)
    assert "Jij hebt stop gezegd" in noor.get("/me/data").text
    assert "Jij hebt stop gezegd" in noor.get("/me").text
    noor.post("/me/data/consent", answer=Answer.AGREES.value)
    assert "stop gezegd" not in noor.get("/me").text
    assert "Iedereen die ja moet zeggen" in noor.get("/me/data").text
    assert noor.post("/me/data/consent", answer="perhaps").status_code == 422


def test_what_was_said_in_another_year_is_said_with_its_year(noor, oost):
    this_year = noor.get("/me/data").text
    assert "zei ja" in this_year and " 2026 " not in this_year
    oost.clock.now = utc_s("2027-02-01T12:00")
    assert re.search(r" 2026 \d\d:\d\d: ", oost.browser("noor").get("/me/data").text)


def test_who_looked_is_the_students_to_read(noor, oost):
    assert "Nog niemand." in noor.get("/me/data").text
    noor.post(f"{SHARING}/preview", part=["light"], viewer=["max"])
    noor.post(SHARING, part=["light"], viewer=["max"])
    oost.browser("max").get(f"/students/noor/weeks/{WEEK}")
    assert "maandag 23 november 08:00: Max Mentor keek naar licht" in noor.get("/me/data").text


def test_what_somebody_saw_at_once_is_one_line(noor, oost):
    parts = ["rhythm", "light", "sleep times"]
    noor.post(f"{SHARING}/preview", part=parts, viewer=["max"])
    noor.post(SHARING, part=parts, viewer=["max"])
    oost.browser("max").get(f"/students/noor/weeks/{WEEK}")
    oost.clock.now += 60
    oost.browser("max").get(f"/students/noor/weeks/{WEEK}")
    text = noor.get("/me/data").text
    seen = "Max Mentor keek naar beweging en ritme, slaaptijden, licht (Week 47"
    assert [f"{at}: {seen}" in text for at in ("08:00", "08:01")] == [True, True]
    assert text.count("Max Mentor keek") == 2


def test_taking_everything_along(noor):
    answer = noor.post("/me/data/export")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        assert any(name.endswith(".html") for name in packed.namelist())


def test_erasing_needs_to_be_sure(noor, oost):
    assert noor.post("/me/data/erase").status_code == 422
    assert oost.store.of("oost").spans_of("noor")
    assert noor.post("/me/data/erase", sure="yes").status_code == 303
    assert not oost.store.of("oost").spans_of("noor")
    assert noor.get("/me").status_code == 303  # nobody is signed in any more


def test_hours_are_told_only_when_they_are_known(noor, oost):
    text = noor.get("/me/hours").text
    assert "te weinig gegevens" in text and "14 keer" not in text.split("Tot nu toe")[0]
    assert "zei jij het 16 keer" in text  # eight days, sharp and tired once each
