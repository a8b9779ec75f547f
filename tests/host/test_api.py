"""The API: what it gives, how it refuses, and that nothing sent to it makes it fall over."""

import base64

import pytest
from bioklok.office.settings import settings_of
from bioklok.reports.week import week_from_pages
from bioklok.school.people import Role
from bioklok.store.access import EXPORT, HUB
from support.school_web import MONDAY, NOW, SEPTEMBER, WEEK, house, lesson
from support.synthetic import DEVICE_ID, JOURNAL_ID, Minute, local_minutes, pages, utc_s

WEEKS = f"/me/weeks/{WEEK}"
SHARE = {"parts": ["presses"], "viewers": ["max"]}
INFO = {"device": DEVICE_ID, "journal": JOURNAL_ID, "boot": 1, "n_pages": 0, "oldest": 0}
INFO |= {"next": 1000}
HOUR = {"number": 1, "start": "08:30", "end": "09:20"}
NOTE = {"info": INFO, "started_utc_s": NOW, "ended_utc_s": NOW, "frames": 1, "bytes": 1}
NOTE |= {"pages_new": 0, "epochs_new": 0, "result": "done"}


@pytest.fixture
def oost(tmp_path):
    return house(tmp_path)


@pytest.fixture
def noor(oost):
    return oost.browser("noor")


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return house(tmp_path_factory.mktemp("oost"))


def test_the_session_tells_the_token_and_who_it_is(noor):
    found = noor.api("GET", "/session").json()
    assert found == {
        "school": "oost",
        "id": "noor",
        "name": "Noor",
        "roles": ["student"],
        "csrf": noor.csrf(),
    }


def test_ones_own_week_is_what_the_report_says(noor, oost):
    found = noor.api("GET", f"/students/noor/weeks/{WEEK}").json()
    store = oost.store.of("oost")
    expected = week_from_pages(store.pages_of("noor", 0, NOW), "noor", WEEK).to_dict()
    assert found.pop("last_sync") == "2026-11-23T07:50:10+01:00"
    expected.pop("last_sync")
    assert found == expected


def test_sharing_needs_its_preview_and_is_taken_back(noor, oost):
    assert noor.api("POST", f"{WEEKS}/sharing", json=SHARE).status_code == 409
    shown = noor.api("POST", f"{WEEKS}/sharing/preview", json=SHARE).json()
    assert shown["parts"] == ["presses"] and shown["nights"] == []
    assert noor.api("POST", f"{WEEKS}/sharing", json=SHARE).status_code == 204
    mentor = oost.browser("max")
    assert mentor.api("GET", f"/students/noor/weeks/{WEEK}").json() == shown
    assert mentor.api("GET", "/students").json()["items"] == [
        {"id": "noor", "name": "Noor", "weeks": [WEEK]}
    ]
    sees = {one["id"]: one["sees"] for one in noor.api("GET", f"{WEEKS}/sharing").json()}
    assert sees == {"max": ["presses"], "pa": []}
    looks = noor.api("GET", "/me/looks").json()["items"]
    assert [(one["viewer"], one["what"]) for one in looks] == [("max", "presses")]
    assert noor.api("POST", "/me/sharing/withdraw", json={"viewer": "max"}).status_code == 204
    assert mentor.api("GET", f"/students/noor/weeks/{WEEK}").status_code == 404
    stranger = {"parts": ["presses"], "viewers": ["eva"]}
    none = {"parts": ["presses"], "viewers": ["none"]}
    answers = [noor.api("POST", f"{WEEKS}/sharing/preview", json=one) for one in (stranger, none)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_cards_come_back_as_they_were_sent(noor):
    cards = {"noticed": ["morning"], "noticed_words": "é", "experiment": "same_bed"}
    cards |= {"experiment_words": "", "looking_back": ""}
    assert noor.api("PUT", f"{WEEKS}/cards", json=cards).status_code == 204
    assert noor.api("GET", f"{WEEKS}/cards").json() == cards | {"tried": None, "tried_words": ""}
    after = noor.api("GET", "/me/weeks/2026-W48/cards").json()
    assert after["tried"] == "same_bed" and after["noticed"] == []


def test_a_strip_from_asking_to_the_absence(noor, oost):
    oost.clock.now = utc_s("2026-11-16T07:00")
    noor, mentor = oost.browser("noor"), oost.browser("max")
    one = lesson(MONDAY.replace(day=17), 10, "ne")
    body = {"lesson": one.id, "form": "f1", "reason": "rest"}
    first, second = (noor.api("POST", "/me/strips", json=body).json() for _ in range(2))
    assert first["state"] == "asked" and first["id"] == second["id"]
    card = noor.api("GET", "/me/strips").json()
    assert card["left"] == 2 and card["requests"][0]["reason"] == "rest"
    waiting = mentor.api("GET", "/requests").json()
    assert waiting[0]["student"] == "noor" and waiting[0]["request"]["reason"] is None
    answer = {"student": "noor", "request": first["id"], "agree": True}
    assert mentor.api("POST", "/requests/answer", json=answer).status_code == 204
    oost.clock.now = one.end_utc_s
    key = oost.store.of("oost").issue(EXPORT, "ada", 10**6, now_s=SEPTEMBER + 10**7)
    told = {"Authorization": f"Bearer {key}"}
    at = "/api/v1/school/absences?day=2026-11-17"
    found = oost.browser(None).client.get(at, headers=told).json()
    expected = {"student": "noor", "date": "2026-11-17", "status": "geoorloofd"}
    assert found == [expected | {"hour": 3}]
    late = oost.browser("noor").api("POST", "/me/strips/withdraw", json={"request": first["id"]})
    assert late.status_code == 409


def test_lists_come_in_parts(oost):
    ada = oost.browser("ada")
    found, cursor = [], ""
    while True:
        part = ada.api("GET", f"/school/people?limit=2&cursor={cursor}").json()
        found += [one["id"] for one in part["items"]]
        assert len(part["items"]) <= 2
        if part["next"] is None:
            break
        cursor = part["next"]
    assert found == ["ada", "eva", "max", "noor", "pa", "sem"]
    assert ada.api("GET", "/school/people?limit=0").status_code == 422


def test_the_schools_settings_go_there_and_back(oost):
    ada = oost.browser("ada")
    settings = ada.api("GET", "/school/settings").json()
    settings["rules"]["notice_s"] = 3600
    assert ada.api("PUT", "/school/settings", json=settings).status_code == 204
    assert settings_of(oost.store.of("oost")).rules.notice_s == 3600
    for wrong in (
        {"rules": settings["rules"] | {"school_id": "west"}},
        {"rules": settings["rules"] | {"notice_s": 10**12}},
        {"retention": {"raw_days": 0}},
        {"bell": {"school_id": "oost", "hours": []}},
        {"bell": settings["bell"] | {"hours": [HOUR, HOUR]}},
        {"bell": settings["bell"] | {"hours": [HOUR | {"end": "08:30"}]}},
        {"bell": settings["bell"] | {"exceptions": [["2026-12-18", "2026-12-17", [HOUR]]]}},
    ):
        answer = ada.api("PUT", "/school/settings", json=settings | wrong)
        assert answer.status_code == 422, wrong
    assert settings_of(oost.store.of("oost")).rules.notice_s == 3600


def test_a_hub_brings_pages_once_and_no_damaged_ones(oost):
    store = oost.store.of("oost")
    told = {"Authorization": f"Bearer {store.issue(HUB, None, 10**7, now_s=NOW)}"}
    hub = oost.browser(None).client

    def post(what, body):
        return hub.post(f"/api/v1/sync/{what}", headers=told, json=body)

    start = post("journals", INFO).json()["next"]
    first = utc_s("2026-11-23T12:00")
    made = pages(first, local_minutes(first, first + 3600, lambda _: Minute()), sequence=start)
    sent = {"info": INFO, "pages": [base64.b64encode(one).decode() for one in made]}
    before = store.n_epochs(DEVICE_ID)
    assert post("pages", sent).json() == {"n_new": len(made)}
    assert post("pages", sent).json() == {"n_new": 0}
    assert store.n_epochs(DEVICE_ID) == before + 60
    broken = base64.b64encode(made[0][:-1] + bytes([made[0][-1] ^ 1])).decode()
    answer = post("pages", {"info": INFO, "pages": [broken]})
    assert answer.status_code == 422 and answer.json()["errors"]["pages"]
    assert post("pages", {"info": INFO | {"journal": 5}, "pages": sent["pages"]}).status_code == 422
    times = dict.fromkeys(("started_utc_s", "ended_utc_s"), NOW)
    note = {"info": INFO, **times, "frames": 1, "bytes": 1, "pages_new": 2, "epochs_new": 60}
    orders = post("sessions", note | {"result": "done"}).json()
    asked = ("strips", "dark_from_min", "dark_until_min", "bed_min", "wake_min", "wipe")
    assert [orders[one] for one in asked] == [3, 1260, 420, 1290, 420, False]
    stranger = post("journals", INFO | {"device": "99" * 8})
    assert stranger.status_code == 409 and "handed to nobody" in stranger.json()["detail"]


def hub_of(oost):
    """How a hub elsewhere sends something to the API."""
    told = {"Authorization": f"Bearer {oost.store.of('oost').issue(HUB, None, 10**7, now_s=NOW)}"}
    hub = oost.browser(None).client
    return lambda what, body: hub.post(f"/api/v1/sync/{what}", headers=told, json=body)


def sent(made):
    return {"info": INFO, "pages": [base64.b64encode(one).decode() for one in made]}


def test_without_consent_a_hub_is_refused_kindly(oost):
    store = oost.store.of("oost")
    oost.browser("noor").api("POST", "/me/consent", json={"answer": "stops"})
    post = hub_of(oost)
    before = store.n_epochs(DEVICE_ID), len(store.sessions(99))
    made = pages(NOW, [Minute()] * 30, sequence=900)
    for what, body in (("journals", INFO), ("pages", sent(made)), ("sessions", NOTE)):
        answer = post(what, body)
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        # Who stands at the hub is told that there is none, not whose word is missing.
        assert "There is no consent" in answer.json()["detail"]
    assert (store.n_epochs(DEVICE_ID), len(store.sessions(99))) == before


def test_a_device_to_be_wiped_hears_so_without_consent(oost):
    store = oost.store.of("oost")
    store.hand_out(DEVICE_ID, "sem")
    post = hub_of(oost)
    n_before = len(store.sessions(99))
    assert post("journals", INFO).json() == {"next": INFO["next"]}  # nothing of it is fetched
    assert post("sessions", NOTE).json()["wipe"] is True
    assert len(store.sessions(99)) == n_before


def test_pages_with_other_bytes_than_before_are_a_conflict(oost):
    store = oost.store.of("oost")
    post = hub_of(oost)
    first = pages(NOW, [Minute()] * 30, sequence=900)
    other = pages(NOW, [Minute("asleep")] * 30, sequence=900)
    more = pages(NOW + 1800, [Minute()] * 30, sequence=901)
    assert post("pages", sent(first)).status_code == 200
    n_before = store.n_epochs(DEVICE_ID)
    for made in ([*other, *more], [*more, *first, *other]):
        answer = post("pages", sent(made))
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        detail = answer.json()["detail"]
        assert f"{DEVICE_ID} sent page 900 with other bytes" in detail and "\n" not in detail
        assert store.n_epochs(DEVICE_ID) == n_before


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nowhere", 404),
        ("POST", "/session", 405),
        ("GET", "/students/noor/weeks/2026-W99", 404),
        ("GET", "/students/noor/weeks/9999-W52", 404),
        ("GET", "/students/noor/weeks/47", 422),
        ("GET", "/students/noor/weeks/2026-W53", 200),
        ("GET", "/students/a%20b/weeks/2026-W47", 422),
        ("PUT", "/me/bioklok", 422),
        ("GET", "/students/noor%00/weeks/2026-W47", 404),
    ],
)
def test_every_error_is_a_problem(standing, method, address, status):
    answer = standing.browser("noor").api(method, address)
    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == status and told["title"] and told["detail"]


def test_an_administrator_who_is_none_any_more_has_no_token(oost):
    store = oost.store.of("oost")
    store.add_person("bo", "Bo", {Role.ADMINISTRATOR})
    key = store.issue(EXPORT, "bo", 10**7, now_s=NOW)
    told = {"Authorization": f"Bearer {key}"}
    nobody = oost.browser(None).client
    assert nobody.get("/api/v1/school/absences?day=2026-11-17", headers=told).status_code == 200
    oost.browser("ada").api("POST", "/school/people/bo/close")
    assert nobody.get("/api/v1/school/absences?day=2026-11-17", headers=told).status_code == 401
