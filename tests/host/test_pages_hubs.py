"""The administrator's hubs, and how long things are kept: never how much somebody wears."""

import inspect
import re

import pytest
from biocore import errors as core_errors
from biocore import transport
from bioklok import collect, session, sync
from bioklok.office.hubs import LOW_MV, SIGNS, Cause, cause_of, overview
from bioklok.office.retention import retention
from bioklok.radio import link
from bioklok.school.people import NotAllowed
from bioklok.store import SYNC_STOPPED
from bioklok.store.access import EXPORT, HUB
from bioklok.store.inventory import INVENTORY
from bioklok.web.pages_hubs import CAUSES, KEPT
from support.rules_form import RULES
from support.school_web import NOW, house
from support.synthetic import DEVICE_ID, Info, utc_s

OTHER_DEVICE = "ab" * 8
DAY = 86_400
LOST = "The connection to the device was lost (gone)."


@pytest.fixture
def oost(tmp_path):
    return house(tmp_path)


@pytest.fixture
def ada(oost):
    return oost.browser("ada")


def note(oost, ended_utc_s, result="done", device_id=DEVICE_ID, n=1):
    """Note a sync that brought `n` pages."""
    oost.store.of("oost").log_session(
        Info(device_id),
        started_utc_s=ended_utc_s - 9,
        ended_utc_s=ended_utc_s,
        frames=n,
        bytes=n,
        pages_new=n,
        epochs_new=n,
        result=result,
    )


def part(text, heading):
    """The words of a card, from its heading on."""
    found = text.split(f"<h2>{heading}")[1].split("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def seen_by(oost):
    store = oost.store.of("oost")
    return overview(store, store.account("ada").person, int(oost.clock()))


def test_a_hub_is_added_shown_once_used_and_revoked(ada, oost):
    assert "nog geen hubs" in ada.get("/school/hubs").text
    text = ada.post("/school/hubs", label="zolder").text
    secret = text.split('class="secret">')[1].split("<")[0]
    text = ada.get("/school/hubs").text
    assert secret not in text and "zolder" in text and "laatst gebruikt: nog niet" in text
    oost.clock.now = utc_s("2026-11-23T11:12")
    told = {"Authorization": f"Bearer {secret}"}
    hub = oost.browser(None).client
    assert hub.post("/api/v1/sync/journals", headers=told, json={}).status_code == 422
    ada = oost.browser("ada")
    text = ada.get("/school/hubs").text
    assert "laatst gebruikt: maandag 23 november 11:12" in text
    digest = oost.store.of("oost").tickets(HUB)[0].digest
    assert digest in text
    assert ada.post("/school/hubs/revoke", token=digest).status_code == 303
    assert hub.post("/api/v1/sync/journals", headers=told, json={}).status_code == 401
    assert "zolder" not in ada.get("/school/hubs").text
    assert ada.post("/school/hubs", label=" ").status_code == 422
    assert ada.post("/school/hubs/revoke", token=digest).status_code == 404


def test_that_a_token_is_used_is_noted_now_and_then_and_lengthens_nothing(ada, oost):
    store = oost.store.of("oost")
    secret = ada.post("/school/hubs", label="zolder").text.split('class="secret">')[1].split("<")[0]
    made = store.tickets(HUB)[0]
    hub, told = oost.browser(None).client, {"Authorization": f"Bearer {secret}"}
    seen = []
    for later_s in (60, 120, 659, 660, 1260):
        oost.clock.now = NOW + later_s
        hub.post("/api/v1/sync/journals", headers=told, json={})
        seen.append(store.tickets(HUB)[0].seen_at_utc_s - NOW)
    assert seen == [60, 60, 60, 660, 1260]
    assert store.tickets(HUB)[0].expires_at_utc_s == made.expires_at_utc_s
    store.revoke(made.digest)
    assert hub.post("/api/v1/sync/journals", headers=told, json={}).status_code == 401
    assert store.tickets(HUB) == []  # noting it brings none back


def test_an_exports_token_is_no_hub(ada, oost):
    ada.post("/school/tokens", label="administratie", purpose=EXPORT)
    assert "administratie" not in ada.get("/school/hubs").text
    assert "administratie" in ada.get("/school/tokens").text


def test_who_came_and_when_last_and_no_more(ada, oost):
    ada.post("/school/devices", device=OTHER_DEVICE, label="rood 7", student="sem")
    note(oost, NOW - 15 * DAY, device_id=OTHER_DEVICE)
    before = part(ada.get("/school/hubs").text, "Opgehaald in de laatste 14 dagen")
    assert "blauw 1 maandag 23 november 07:50" in before and "rood 7" not in before
    note(oost, NOW - 14 * DAY, device_id=OTHER_DEVICE)
    text = part(ada.get("/school/hubs").text, "Opgehaald in de laatste 14 dagen")
    assert "rood 7 maandag 9 november 08:00" in text
    assert text.index("blauw 1") < text.index("rood 7")  # newest first


def test_the_page_is_the_same_however_much_was_brought(ada, oost):
    """The same devices at the same times: one brought a page a day, the other nothing but that."""
    note(oost, NOW - 60, n=1)
    little = re.sub('value="[^"]*"', "", ada.get("/school/hubs").text)
    for hours in range(1, 200):
        note(oost, NOW - 60 - 3600 * hours, n=48)
    assert re.sub('value="[^"]*"', "", ada.get("/school/hubs").text) == little


def test_what_went_wrong_by_reason_with_what_to_do(ada, oost):
    ada.post("/school/devices", device=OTHER_DEVICE, label="rood 7", student="sem")
    assert "Er ging niets mis" in ada.get("/school/hubs").text
    note(oost, NOW - 300, LOST)
    note(oost, NOW - 200, LOST.replace("(gone)", "(broken pipe)"), OTHER_DEVICE)
    note(oost, NOW - 400, "The device does not know this computer's key: provision it again.")
    note(oost, NOW - 100, "<b>Noor sleeps</b> 480 min")  # of a hub that says what it likes
    note(oost, NOW - 50, SYNC_STOPPED)
    note(oost, NOW - 15 * DAY, "The device speaks another version of the protocol: update it.")
    found = seen_by(oost).troubles
    assert [(one.cause, one.names, NOW - one.last_utc_s) for one in found] == [
        (Cause.OTHER, ("blauw 1",), 100),
        (Cause.RADIO, ("blauw 1", "rood 7"), 200),
        (Cause.KEY, ("blauw 1",), 400),
    ]
    page = ada.get("/school/hubs").text
    text = part(page, "Niet gelukt in de laatste 14 dagen")
    assert "De verbinding brak af" in text and "Zet de hub dichterbij" in text
    assert "Bij: blauw 1, rood 7. Laatst: maandag 23 november 07:56" in text
    assert "broken pipe" not in page and "sleeps" not in page and "480" not in page
    english = part(ada.get("/school/hubs?lang=en").text, "Went wrong in the last 14 days")
    assert "The key did not fit" in english and "Provision the Bioklok again" in english


def test_almost_empty_devices(ada, oost):
    assert "Bijna leeg" not in ada.get("/school/hubs").text
    for battery_mv, is_told in ((LOW_MV, False), (LOW_MV - 1, True)):

        def drain(device, battery_mv=battery_mv):
            device.battery_mv = battery_mv

        oost.store.of("oost").change_device(DEVICE_ID, drain)
        assert (seen_by(oost).low == ("blauw 1",)) is is_told
    assert "blauw 1" in part(ada.get("/school/hubs").text, "Bijna leeg")


def test_every_sign_of_a_cause_is_what_a_sync_can_end_with():
    said = "".join(inspect.getsource(one) for one in (collect, session, sync, link, transport))
    assert core_errors.PeerRefused  # of which `transport` says "speaks protocol"
    said = re.sub(r'"\s*\n\s*f?"', "", said)  # a text over two lines is one
    for sign, cause in SIGNS:
        assert sign in said, sign
        assert cause_of(f"Device 12 {sign} (3).") is cause
    assert cause_of("") is Cause.OTHER
    assert set(CAUSES) == set(Cause)


def test_the_api_says_the_same_and_only_to_an_administrator(ada, oost):
    note(oost, NOW - 60, LOST)
    ada.post("/school/hubs", label="zolder")
    found = ada.api("GET", "/school/hubs").json()
    assert found == {
        "came": [{"device": DEVICE_ID, "name": "blauw 1", "last_utc_s": NOW - 590}],
        "troubles": [{"cause": "radio", "names": ["blauw 1"], "last_utc_s": NOW - 60}],
        "low": [],
    }
    assert ada.api("GET", "/school/tokens").json()[0]["seen_at_utc_s"] is None
    store = oost.store.of("oost")
    for person in ("noor", "max", "pa"):
        assert oost.browser(person).api("GET", "/school/hubs").status_code == 404
        with pytest.raises(NotAllowed):
            overview(store, store.account(person).person, NOW)


def test_of_another_school_nothing(oost):
    oost.store.of("west").hand_out(OTHER_DEVICE, "wil", "west 1")
    note(oost, NOW - 60, LOST, OTHER_DEVICE)
    assert "west 1" not in oost.browser("ada").get("/school/hubs").text
    assert overview_names(oost) == {"blauw 1", "abab"}  # this school has no name for it


def overview_names(oost):
    found = seen_by(oost)
    return {one.name for one in found.came} | {n for one in found.troubles for n in one.names}


# -- how long things are kept --------------------------------------------------------------------


def test_everything_that_is_kept_is_named():
    assert {table for _, _, tables in KEPT for table in tables} == set(INVENTORY)


def test_how_long_and_from_before_when(ada, oost):
    text = ada.get("/school/retention").text
    rows = re.findall(
        r"<tr><th scope=\"row\">(.*?)</th><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td>", text
    )
    said = {what: (how_long, gone) for what, how_long, gone in rows}
    assert len(said) == len(KEPT)
    assert said["Wanneer er is opgehaald"] == ("90 dagen", "alles van voor 25 augustus 2026")
    assert said["Wie er keek"] == ("365 dagen", "alles van voor 23 november 2025")
    year = (
        "tot het volgende schooljaar begint, op 1 augustus 2027",
        "alles van voor 1 augustus 2026",
    )
    assert said["Strippen, en waarvoor"] == year
    assert said["Wie ja of nee zei tegen meedoen"][1] == ""
    assert "until the next school year begins, on 1 August 2027" in (
        ada.get("/school/retention?lang=en").text
    )


def test_what_the_page_says_is_what_the_job_does(ada, oost):
    """The days that a school sets are those on the page, and before its date nothing is left."""
    assert ada.post("/school/rules", **{**RULES, "raw_days": "3"}).status_code == 303
    store = oost.store.of("oost")
    assert '<td data-label="Hoe lang">3 dagen</td>' in ada.get("/school/retention").text
    assert "alles van voor 20 november 2026" in ada.get("/school/retention").text
    assert store.spans_of("noor")[0][0] < utc_s("2026-11-20T00:00")
    retention(store, NOW)
    spans = store.spans_of("noor")
    assert spans and spans[0][0] + 60 * spans[0][1] > utc_s("2026-11-20T00:00")


def test_whether_it_was_seen_to(ada, oost):
    text = ada.get("/school/retention").text
    assert "nog nooit gewist" in text and "bioklok jobs watch" in text
    retention(oost.store.of("oost"), NOW)
    text = ada.get("/school/retention").text
    assert "Voor het laatst gewist: maandag 23 november 08:00" in text
    assert "bioklok jobs watch" not in text
    oost.clock.now = NOW + 3 * DAY + 1
    assert "bioklok jobs watch" in oost.browser("ada").get("/school/retention").text
