"""Every role at every address: what docs/access.md says is what the app answers.

Addresses come from the app itself: a new one without a row in the table, and without a request
here, fails. What is another's and what does not exist are one answer, byte for byte.
"""

import statistics
import time

import pytest
from bioklok.web import access_table as table
from fastapi.routing import iter_route_contexts
from support.asked import ASKED
from support.school_web import NOW, WEEK, house

V1 = table.V1

# Who -> (role in the table, person, school). Everybody else is nobody.
VISITORS = {
    "nobody": ("", None, "oost"),
    "student": (table.STUDENT, "noor", "oost"),
    "another student": (table.STUDENT, "sem", "oost"),
    "parent": (table.PARENT, "pa", "oost"),
    "mentor": (table.MENTOR, "max", "oost"),
    "administrator": (table.ADMINISTRATOR, "ada", "oost"),
    "student elsewhere": (table.STUDENT, "wil", "west"),
}

ROWS = {f"{row.method} {row.path}": row for row in (*table.PAGES, *table.API)}


def ask(browser, key):
    address, sent, _ = ASKED[key]
    method = key.split(" ")[0]
    if address.startswith(V1):
        return browser.api(method, address.removeprefix(V1), json=sent)
    return browser.get(address) if method == "GET" else browser.post(address, **sent)


@pytest.fixture(scope="module")
def oost(tmp_path_factory):
    return house(tmp_path_factory.mktemp("oost"))


def test_every_address_of_the_app_stands_in_the_table_and_is_asked_here(oost):
    found = {
        f"{method} {one.path}"
        for one in iter_route_contexts(oost.app.routes)
        for method in one.methods or ()
    }
    assert found == {f"{row.method} {row.path}" for row in table.TABLE}
    assert set(ASKED) | {f"GET {V1}/openapi.json"} == set(ROWS)


@pytest.mark.parametrize("visitor", list(VISITORS))
def test_every_role_at_every_address(tmp_path, visitor):
    role, person, school = VISITORS[visitor]
    browser = house(tmp_path).browser(person, school)
    wrong = []
    for key, (address, _sent, good) in ASKED.items():
        who = ROWS[key].who
        is_api = address.startswith(V1)
        if role and (who == table.SIGNED_IN or role in who.split(", ")):
            expected = good
        elif not role or who == table.HUB_TOKEN:
            expected = {401} if is_api else {303}
        else:
            expected = {404}
        if visitor == "student elsewhere" and expected is good:
            # Nobody to share with, no device, no such lesson there: never anything of Oost.
            expected = good | {404, 422}
        answer = ask(browser, key)
        is_told = "Noor" in answer.text and not _may_name(visitor)
        if answer.status_code not in expected or is_told:
            wrong.append((key, answer.status_code, expected))
        if not role and not is_api:
            assert answer.headers["location"].startswith("/sign-in?next="), key
        if is_api and answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", key
            assert answer.json()["status"] == answer.status_code
    assert wrong == []


def _may_name(visitor):
    return visitor in ("student", "parent", "mentor", "administrator")


def test_a_token_opens_its_own_door_alone(oost):
    store = oost.store.of("oost")
    hub = store.issue("hub", None, 10**8, now_s=NOW)
    export = store.issue("export", "ada", 10**8, now_s=NOW)
    for secret, own in ((hub, table.HUB_TOKEN), (export, table.EXPORT_TOKEN)):
        for key, (address, sent, good) in ASKED.items():
            if not address.startswith(V1):
                continue
            told = {"Authorization": f"Bearer {secret}"}
            answer = oost.browser(None).client.request(
                key.split(" ")[0], address, headers=told, json=sent
            )
            may = own in ROWS[key].who.split(", ")
            assert answer.status_code in (good if may else {401}), (own, key)
    store.revoke_all("ada", "export")
    told = {"Authorization": f"Bearer {export}"}
    revoked = oost.browser(None).client.get(f"{V1}/school/absences?day=2026-11-17", headers=told)
    assert revoked.status_code == 401


# Who asks, for something that is there but not theirs, and for something that is not there.
TWINS = [
    ("max", "GET", f"/students/noor/weeks/{WEEK}", f"/students/none/weeks/{WEEK}"),
    ("max", "GET", f"/students/noor/weeks/{WEEK}", f"/students/sem/weeks/{WEEK}"),
    ("max", "GET", f"/students/noor/weeks/{WEEK}", "/students/noor/weeks/2026-W30"),
    ("max", "GET", f"/students/wil/weeks/{WEEK}", f"/students/none/weeks/{WEEK}"),
    ("pa", "GET", f"/students/noor/weeks/{WEEK}", f"/students/none/weeks/{WEEK}"),
    ("eva", "GET", f"/students/noor/weeks/{WEEK}", f"/students/none/weeks/{WEEK}"),
    ("ada", "GET", f"/students/noor/weeks/{WEEK}", "/nowhere"),
    ("sem", "GET", f"/students/noor/weeks/{WEEK}", "/nowhere"),
    ("pa", "GET", "/children/sem/stop", "/children/none/stop"),
    ("ada", "GET", "/school/people/wil", "/school/people/none"),
    ("sem", "GET", f"{V1}/students/noor/weeks/{WEEK}", f"{V1}/students/none/weeks/{WEEK}"),
    ("max", "GET", f"{V1}/students/noor/weeks/{WEEK}", f"{V1}/students/none/weeks/{WEEK}"),
    ("ada", "GET", f"{V1}/students/noor/weeks/{WEEK}", f"{V1}/students/none/weeks/{WEEK}"),
    ("ada", "GET", f"{V1}/school/people/wil", f"{V1}/school/people/none"),
    ("sem", "GET", f"{V1}/school/people", f"{V1}/nowhere"),
]


@pytest.mark.parametrize(("person", "method", "there", "not_there"), TWINS)
def test_not_shared_and_not_there_are_one_answer(oost, person, method, there, not_there):
    browser = oost.browser(person)
    one, other = (browser.client.request(method, at) for at in (there, not_there))
    assert (one.status_code, one.content) == (other.status_code, other.content)
    assert one.status_code == 404
    assert dict(one.headers) == dict(other.headers)


@pytest.mark.parametrize("student", ["noor", "sem", "none"])
def test_answering_for_somebody_elses_student_is_one_answer(oost, student):
    eva = oost.browser("eva")
    form = {"answer": "agree", "student": student, "request": "form:f"}
    body = {"student": student, "request": "form:f", "agree": True}
    page, api = eva.post("/requests", **form), eva.api("POST", "/requests/answer", json=body)
    assert page.content == eva.post("/nowhere").content
    assert (api.status_code, api.json()["detail"]) == (
        404,
        "there is nothing here for you: check the address",
    )
    consent = eva.post(f"/children/{student}/consent", answer="agrees")
    assert (consent.status_code, consent.content) == (404, page.content)


def test_not_shared_takes_about_as_long_as_not_there(oost):
    """Of the processor, which a machine that is busy with other things changes little."""
    browser = oost.browser("max")
    took = {"noor": [], "none": []}
    for _ in range(25):
        for student, times in took.items():
            start = time.process_time()
            browser.get(f"{V1}/students/{student}/weeks/{WEEK}")
            times.append(time.process_time() - start)
    noor, none = (statistics.median(times) for times in took.values())
    assert abs(noor - none) < 0.03


def test_lists_hold_nobody_who_shared_nothing(oost):
    for person in ("max", "pa", "eva"):
        browser = oost.browser(person)
        assert browser.api("GET", "/students").json() == {"items": [], "next": None}
        assert "Er is nu niets met jou gedeeld" in browser.get("/students").text


def test_a_form_without_its_token_changes_nothing(oost):
    noor = oost.browser("noor")
    for key, (address, sent, _) in ASKED.items():
        if ROWS[key].who != table.STUDENT or key.startswith("GET"):
            continue
        if address.startswith(V1):
            method = key.split(" ")[0]
            answer = noor.client.request(method, address, json=sent)
        else:
            answer = noor.client.post(address, data=sent)
        assert answer.status_code == 403, key
    assert oost.store.of("oost").spans_of("noor")
