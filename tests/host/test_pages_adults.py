"""Mentors and parents: only what is shared, no numbers to talk about, consent without a look."""

import re
from dataclasses import replace

import pytest
from bioklok.office.settings import keep_settings, settings_of
from support.school_web import MONDAY, WEEK, house, lesson
from support.synthetic import utc_s

SHARED = f"/students/noor/weeks/{WEEK}"
SHARING = f"/me/weeks/{WEEK}/sharing"


@pytest.fixture
def oost(tmp_path):
    return house(tmp_path)


def share(oost, *parts, viewer="max"):
    noor = oost.browser("noor")
    chosen = {"part": list(parts), "viewer": [viewer]}
    assert noor.post(f"{SHARING}/preview", **chosen).status_code == 200
    assert noor.post(SHARING, **chosen).status_code == 303
    return noor


def test_a_mentor_sees_the_shared_parts_and_nothing_else(oost):
    share(oost, "presses")
    mentor = oost.browser("max")
    assert "Noor" in mentor.get("/students").text
    text = mentor.get(SHARED).text
    assert "scherp" in text and "Wat Noor zelf zei" in text
    for hidden in ('<svg class="day-chart', "De nachten", "Strippen die", "Mijn kaartjes"):
        assert hidden not in text
    week = mentor.api("GET", f"/students/noor/weeks/{WEEK}").json()
    assert week["marks"] and week["parts"] == ["presses"]
    assert week["nights"] == [] and week["strips"] == [] and week["metrics"] == {}
    assert week["n_moments"] == 0 and week["last_sync"] is None and week["cards"] is None


@pytest.mark.parametrize(
    ("language", "spoken_to", "named"),
    [
        ("nl", r"\b(je|jij|jou|jouw)\b", ["Wat Noor zelf zei", "Strippen die Noor vroeg"]),
        ("en", r"\b(you|your|yours)\b", ["What Noor said", "Strips that Noor asked for"]),
    ],
)
def test_a_week_that_others_see_speaks_of_the_student_not_to_them(oost, language, spoken_to, named):
    """In the preview, too: the student sees what they will read."""
    parts = ["rhythm", "sleep times", "light", "presses", "strips"]
    chosen = {"part": parts, "viewer": ["max"]}
    before = oost.browser("noor").post(f"{SHARING}/preview?lang={language}", **chosen).text
    share(oost, *parts)
    for text in (before, oost.browser("max").get(f"{SHARED}?lang={language}").text):
        body = text[text.index('id="usual"') : text.index("</main>")]
        assert not re.search(spoken_to, body, re.IGNORECASE)
        for words in named:
            assert words in body
    own = oost.browser("noor").get(f"/me/weeks/{WEEK}?lang={language}").text
    assert re.search(spoken_to, own[own.index('id="marks"') :], re.IGNORECASE)


def test_the_parent_is_another_person(oost):
    share(oost, "presses")
    assert oost.browser("pa").get(SHARED).status_code == 404
    share(oost, "light", viewer="pa")
    assert oost.browser("pa").get(SHARED).status_code == 200


def test_taken_back_is_gone_at_once_and_like_never_shared(oost):
    mentor = oost.browser("max")
    never = mentor.get(SHARED)
    noor = share(oost, "presses")
    assert mentor.get(SHARED).status_code == 200
    noor.post(f"{SHARING}/withdraw")
    after = mentor.get(SHARED)
    assert (after.status_code, after.content) == (never.status_code, never.content)
    assert "Noor" not in mentor.get("/students").text


def test_a_stop_of_the_parent_shuts_the_mentor_out(oost):
    share(oost, "presses")
    oost.browser("pa").post("/children/noor/consent", answer="stops")
    assert oost.browser("max").get(SHARED).status_code == 404


def test_with_a_new_consent_text_nobody_sees_until_it_is_agreed_to(oost, monkeypatch):
    monkeypatch.setattr("bioklok.office.settings.CONSENT_TEXT", 2)
    share(oost, "presses")
    store = oost.store.of("oost")
    keep_settings(store, None, replace(settings_of(store), oldest_text=2))
    assert oost.browser("max").get(SHARED).status_code == 404
    assert "Noor" not in oost.browser("max").get("/students").text
    keep_settings(store, None, replace(settings_of(store), oldest_text=1))
    assert oost.browser("max").get(SHARED).status_code == 200


def test_the_sheet_to_talk_about_has_questions_and_no_numbers(oost):
    share(oost, "rhythm", "light", "presses")
    text = oost.browser("max").get(SHARED).text
    sheet = re.search(r'<section class="card talk">(.*?)</section>', text, re.DOTALL)[1]
    assert "Wanneer voelde je je het helderst?" in sheet
    assert not re.search(r"\d", re.sub(r"</?h2>", "", sheet))


def test_cards_are_shown_when_shared(oost):
    noor = oost.browser("noor")
    noor.post(f"/me/weeks/{WEEK}/cards", noticed_words="na de gym", experiment="same_bed")
    share(oost, "reflection")
    text = oost.browser("max").get(SHARED).text
    assert "na de gym" in text and "rond dezelfde tijd naar bed" in text


@pytest.mark.parametrize(("answer", "said"), [("agree", "Afgesproken"), ("not", "deze keer niet")])
def test_a_mentor_answers_a_request_without_its_reason(oost, answer, said):
    oost.clock.now = utc_s("2026-11-16T07:00")
    noor, mentor = oost.browser("noor"), oost.browser("max")
    one = lesson(MONDAY.replace(day=17), 9, "wi")
    noor.post("/me/strips", lesson=one.id, form_id="f1", reason="together")
    text = mentor.get("/requests").text
    assert "dinsdag 17 november 09:00-09:50 wi" in text and "Noor" in text
    assert "samen zijn" not in text and "together" not in text
    form = {"student": "noor", "request": "form:f1"}
    assert mentor.post("/requests", **form, answer=answer).status_code == 303
    assert said.lower() in noor.get("/me/strips").text.replace("vond het ", "").lower()
    assert "Er wacht nu geen vraag" in mentor.get("/requests").text
    again = mentor.post("/requests", **form, answer="not" if answer == "agree" else "agree")
    assert again.status_code == 409 and "wacht niet meer" in again.text
    assert mentor.post("/requests", **form, answer="maybe").status_code == 422
    assert oost.browser("eva").post("/requests", **form, answer=answer).status_code == 404


def test_a_parent_says_yes_or_stop_and_sees_their_own_words_alone(oost):
    parent = oost.browser("pa")
    assert "Jij zei ja." in parent.get("/children").text
    assert "Noor zei" not in parent.get("/children").text
    assert "Er wordt niets meer opgehaald" in parent.get("/children/noor/stop").text
    assert parent.post("/children/noor/consent", answer="stops").status_code == 303
    text = parent.get("/children").text
    assert "Ja, voor Noor" in text and "zei stop (tekst 1)" in text
    assert parent.post("/children/noor/consent", answer="x").status_code == 422
    assert "een ouder of verzorger heeft stop" in oost.browser("noor").get("/me/data").text.lower()


def test_from_16_on_the_parent_has_no_say(oost):
    oost.clock.now = utc_s("2030-06-01T12:00")
    given = oost.store.of("oost").issue("session", "pa", 10**6, now_s=int(oost.clock.now))
    parent = oost.browser(None)
    parent.client.cookies.set("bioklok", given)
    text = parent.get("/children").text
    assert "Noor is 16 of ouder" in text and "Stoppen voor" not in text
    assert parent.get("/children/noor/stop").status_code == 404
    assert parent.post("/children/noor/consent", answer="stops").status_code == 404


def test_nobody_tied_sees_an_empty_page(oost):
    eva = oost.browser("eva")
    assert "Er is geen kind aan jou gekoppeld" in eva.get("/children").text
    assert "Er wacht nu geen vraag" in eva.get("/requests").text
