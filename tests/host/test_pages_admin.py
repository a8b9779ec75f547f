"""The administrator: people, devices, decisions; never whose rhythm."""

import re
from collections import Counter

import pytest
from bioklok.jobs import NAMES, run_due
from bioklok.office.results import counts_of
from bioklok.office.retention import Kept
from bioklok.office.settings import settings_of
from bioklok.school.strip_rules import Agreement
from bioklok.web.texts import LANGUAGES, texts_in
from bioklok.web.words import COUNTS, JOBS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.rules_form import RULES
from support.school_web import MONDAY, house, lesson
from support.synthetic import DEVICE_ID, utc_s

JOB_NAME, JOB_RESULT = re.compile(r'scope="row">([^<]*)'), re.compile(r'Uitkomst">([^<]*)')


@pytest.fixture
def oost(tmp_path):
    return house(tmp_path)


@pytest.fixture
def ada(oost):
    return oost.browser("ada")


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("oost"))
    return made, made.browser("ada")


def test_devices_without_whose_rhythm(ada, oost):
    text = ada.get("/school/devices").text
    assert "blauw 1" in text and "Noor" in text and "maandag 23 november 07:50" in text
    ada.post("/school/devices", device=DEVICE_ID)
    assert oost.store.of("oost").device(DEVICE_ID).student_id is None
    assert ada.post("/school/devices", device="xyz", student="sem").status_code == 422
    assert ada.post("/school/devices", device="22" * 8, student="none").status_code == 422
    assert ada.post("/school/devices", device="AB" * 8, student="sem").status_code == 303
    assert oost.store.of("oost").device("ab" * 8).student_id == "sem"


def test_the_schools_decisions_are_kept_as_written(ada, oost):
    assert ada.post("/school/rules", **RULES).status_code == 303
    kept = settings_of(oost.store.of("oost"))
    assert [one.strips for one in kept.rules.periods] == [3, 2]
    assert kept.rules.agreement is Agreement.AUTOMATIC and kept.rules.notice_s == 24 * 3600
    assert kept.rules.blocked_hours == {1, 2} and kept.rules.per_subject is None
    assert kept.overrides[0].name == "Studiedag van de school" and kept.overrides[0].is_free
    assert kept.retention.raw_days == 28 and len(kept.bell.hours) == 2
    text = ada.get("/school/rules").text
    assert "winter 2026-12-01 2027-02-28 2" in text and "Studiedag van de school" in text
    assert ada.post("/school/rules", **RULES).status_code == 303  # what is shown can be sent


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("periods", "a 2026-08-01 2026-11-30 3\nb 2026-11-30 2026-12-30 3"),
        ("periods", "a 2026-08-01 9999-12-31 3"),
        ("periods", "a 2026-08-01"),
        ("hours", ""),
        ("hours", "1 09:00 08:00"),
        ("hours", "1 08:00 09:00\n1 09:00 10:00"),
        ("overrides", "2026-12-07 2026-12-07 maybe X"),
        ("blocked_hours", "one"),
        ("raw_days", "0"),
        ("agreement", "king"),
        ("notice_h", "-1"),
    ],
)
def test_rules_that_cannot_be_change_nothing(standing, field, value):
    made, ada = standing
    before = made.store.of("oost").school().settings
    answer = ada.post("/school/rules", **{**RULES, field: value})
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert made.store.of("oost").school().settings == before


LINES = st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=4).map("\n".join)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(field=st.sampled_from(sorted(RULES)), value=LINES)
def test_hostile_rules_are_an_answer_and_never_a_crash(standing, field, value):
    made, ada = standing
    assert ada.post("/school/rules", **{**RULES, field: value}).status_code in (303, 422)
    assert ada.get("/school/rules").status_code == 200
    assert made.browser("noor").get("/me/strips").status_code == 200


def test_a_days_absences(ada, oost):
    ask_and_fetch(oost, "2")
    answer = ada.get("/school/absences.csv?day=never")
    assert answer.status_code == 422 and 'id="day-error"' in answer.text


def ask_and_fetch(oost, hour):
    """Noor asks for a lesson at nine; the day's absences name the lesson hour that it is."""
    oost.clock.now = utc_s("2026-11-16T07:00")
    noor, mentor = oost.browser("noor"), oost.browser("max")
    one = lesson(MONDAY.replace(day=17), 9, "wi")
    noor.post("/me/strips", lesson=one.id, form_id="f1", reason="rest")
    mentor.post("/requests", student="noor", request="form:f1", answer="agree")
    oost.clock.now = one.end_utc_s
    ada = oost.browser("ada")
    answer = ada.get("/school/absences.csv?day=2026-11-17")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.splitlines() == [
        "student,date,hour,status",
        f"noor,2026-11-17,{hour},geoorloofd",
    ]
    assert "lessen waarvoor een strip gold" in oost.browser("noor").get("/me/data").text


def test_tokens_are_shown_once_and_revoked(ada, oost):
    text = ada.post("/school/tokens", label="zolder", purpose="hub").text
    secret = text.split('class="secret">')[1].split("<")[0]
    assert secret not in ada.get("/school/tokens").text
    told = {"Authorization": f"Bearer {secret}"}
    nobody = oost.browser(None).client
    assert nobody.post("/api/v1/sync/journals", headers=told, json={}).status_code == 422
    digest = oost.store.of("oost").tickets("hub")[0].digest
    assert ada.post("/school/tokens/revoke", token=digest).status_code == 303
    assert nobody.post("/api/v1/sync/journals", headers=told, json={}).status_code == 401
    assert ada.post("/school/tokens", label="", purpose="hub").status_code == 422
    assert ada.post("/school/tokens", label="x", purpose="session").status_code == 422


def test_a_token_page_revokes_no_session_of_a_person(ada, oost):
    oost.browser("noor")
    session = oost.store.of("oost").tickets("session", "noor")[0]
    assert ada.post("/school/tokens/revoke", token=session.digest).status_code == 404
    assert oost.store.of("oost").tickets("session", "noor")


def test_jobs(ada, oost):
    assert "Er is nog geen taak gedaan" in ada.get("/school/jobs").text
    store = oost.store.of("oost")
    store.note_job("retention", utc_s("2026-11-22T03:00"), "emptied 12 pages")  # an earlier version
    text = ada.get("/school/jobs").text
    assert "zondag 22 november 03:00" in text and "emptied 12 pages" in text
    result = "pages 5, months_waiting 1, new_thing 4"  # a later version counts more
    store.note_job("retention", utc_s("2026-11-22T03:00"), result)
    said = "blokken metingen gewist: 5, de tabel van volgende maand komt morgen, new_thing: 4"
    assert said in ada.get("/school/jobs").text
    store.note_job("erase 0f", utc_s("2026-11-22T03:00"), "log")  # no job, and nobody's business
    done = list(run_due(oost.store, lambda: oost.clock.now))
    assert {one.job for one in done} == set(NAMES)
    text = ada.get("/school/jobs").text
    assert [one.findall(text) for one in (JOB_NAME, JOB_RESULT)] == [
        [
            "Wissen wat oud genoeg is, 3:00",
            "Strippen: wat verviel of begon",
            "Scherpe uren, 4:00",
            "Roosters ophalen",
            "Weekcijfers, vrijdag 15:00",
        ],
        ["blokken metingen gewist: 0", "bijgeschreven: 2", *["leerlingen: 2"] * 3],
    ]
    names = [one["name"] for one in ada.api("GET", "/school/jobs").json()]
    assert names == sorted(NAMES)


def test_every_count_of_a_job_is_said_in_both_languages():
    assert set(JOBS) == set(NAMES)
    all_there_is = Kept(Counter(look=1), 1, 1, 1, 1, 1).counts(months_waiting=True)
    counted = {name for name, _ in counts_of(all_there_is)}
    assert len(counted) == 7
    counted |= {name for name, _ in counts_of(Kept(months=None).counts())}
    assert counted <= set(COUNTS)
    for language in LANGUAGES:
        for key in (*JOBS.values(), *COUNTS.values()):
            assert texts_in(language)(key)


SHORT = "2026-11-17 2026-11-18\n9 08:30 09:00\n8 09:00 09:50\n2026-12-18 2026-12-18\n1 08:30 09:00"


def test_days_with_other_lesson_hours_are_kept_and_count_in_the_absences(ada, oost):
    assert ada.post("/school/rules", **RULES, exceptions=SHORT).status_code == 303
    kept = settings_of(oost.store.of("oost")).bell.exceptions
    assert [(str(first), str(last)) for first, last, _ in kept] == [
        ("2026-11-17", "2026-11-18"),
        ("2026-12-18", "2026-12-18"),
    ]
    assert [one.number for one in kept[0][2]] == [9, 8] and len(kept[1][2]) == 1
    for language, legend in (("nl", "Dagen met andere lesuren"), ("en", "Days with other lesson")):
        text = ada.get(f"/school/rules?lang={language}").text
        assert legend in text and SHORT in text  # what is shown can be sent
    ask_and_fetch(oost, "8")


@pytest.mark.parametrize(
    "lines",
    [
        "1 08:30 09:20",
        "2026-12-18 2026-12-18",
        "2026-12-18 2026-12-18\n2026-12-19 2026-12-19\n1 08:30 09:00",
        "2026-12-18 2026-12-17\n1 08:30 09:00",
        "2026-12-18 2026-12-18\n1 08:30 09:00\n1 09:00 09:30",
        "2026-12-18 2026-12-18\n1 09:30 09:00",
        "2026-12-18 2026-12-18 1 08:30 09:00",
        "2026-12-18 2026-12-18\n1 08:30 09:00\nvrij",
        "1999-12-18 1999-12-18\n1 08:30 09:00",
    ],
)
def test_other_lesson_hours_that_cannot_be_change_nothing(standing, lines):
    made, ada = standing
    before = made.store.of("oost").school().settings
    answer = ada.post("/school/rules", **RULES, exceptions=lines)
    assert answer.status_code == 422 and 'id="exceptions-error"' in answer.text
    assert lines in answer.text  # nothing that was written is lost
    assert made.store.of("oost").school().settings == before
