"""Every page in both languages: whole HTML, a label on every field, and no word that judges."""

import io
import re
from html.parser import HTMLParser

import pytest
from bioklok.school.people import Role
from bioklok.store import open_store
from bioklok.web import Settings, create_app
from fastapi.testclient import TestClient
from pypdf import PdfReader
from support.school_web import MONDAY, WEEK, house, lesson, links
from support.synthetic import utc_s

VOID = {"meta", "link", "br", "img", "input", "hr", "path", "rect", "circle", "polygon"}
STARTS = {"noor": "/me", "sem": "/me", "max": "/students", "pa": "/children", "ada": "/school"}
FORBIDDEN = (
    *("score", "punten", "cijfer", "gemiddeld", "gemiddelde", "average", "rank", "doel", "goal"),
    *("beter", "better", "slechter", "worse", "kwaliteit", "quality", "streak", "badge", "norm"),
    *("diepe slaap", "deep sleep", "vorige week sliep", "te laat", "klasgenoten", "classmates"),
    *("percentage", "procent", "percent", "vergelijk", "compare", "prestatie", "performance"),
)


class Checked(HTMLParser):
    """Checks nesting, ids and labels; collects the text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.text, self.ids, self.fields, self.labels = [], [], [], [], set()
        self.in_label = 0
        self.feed(html)
        self.close()
        assert self.open == []
        for name in self.fields:
            assert name in self.labels, f"a field without a label: {name}"

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        assert "style" not in found and not any(name.startswith("on") for name in found)
        assert tag != "script"
        if "id" in found:
            assert found["id"] not in self.ids, found["id"]
            self.ids.append(found["id"])
        if tag == "label":
            self.in_label += 1
            self.labels.add(found.get("for"))
        is_field = tag in ("input", "select", "textarea") and found.get("type") != "hidden"
        if is_field and not self.in_label:
            self.fields.append(found.get("id"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open.pop() == tag, tag
        self.in_label -= tag == "label"

    def handle_data(self, data):
        self.text.append(data)


def words(html):
    return " ".join(" ".join(Checked(html).text).split()).lower()


@pytest.fixture(scope="module")
def oost(tmp_path_factory):
    """A school in which everything has happened once."""
    made = house(tmp_path_factory.mktemp("oost"))
    made.clock.now = utc_s("2026-11-16T07:00")
    noor = made.browser("noor")
    noor.post("/me/strips", lesson=lesson(MONDAY.replace(day=17), 9, "wi").id, form_id="f1")
    noor.post("/me/strips", lesson=lesson(MONDAY, 9, "wi").id, form_id="f2", reason="rest")
    made.clock.now = utc_s("2026-11-16T08:00")
    everything = ["rhythm", "sleep times", "light", "presses", "reflection", "strips"]
    noor.post(f"/me/weeks/{WEEK}/cards", noticed=["outside"], experiment="same_bed")
    for person in ("max", "pa"):
        chosen = {"part": everything, "viewer": [person]}
        noor.post(f"/me/weeks/{WEEK}/sharing/preview", **chosen)
        noor.post(f"/me/weeks/{WEEK}/sharing", **chosen)
    made.browser("ada").post("/school/tokens", label="zolder", purpose="hub")
    return made


def crawl(browser, start):
    """Every page that one gets to by links, by its address without its language."""
    found, waiting = {}, [start]
    while waiting:
        address = re.sub(r"[?&]lang=..", "", waiting.pop())
        plain = address.split("#")[0].split("?")[0]
        if plain in found or plain.startswith(("/account", "/sign", "/static")):
            continue
        if len(re.findall(r"W\d\d", plain)) and WEEK not in plain and "W48" not in plain:
            continue
        answer = browser.get(plain)
        if answer.status_code == 303:  # "/" leads to the page of one's role
            waiting.append(answer.headers["location"])
            continue
        assert answer.status_code == 200, plain
        found[plain] = answer
        waiting += links(answer.text)
    return found


@pytest.mark.parametrize("person", list(STARTS))
def test_every_page_that_a_link_leads_to(oost, person):
    browser = oost.browser(person)
    found = crawl(browser, STARTS[person])
    assert len(found) >= {"noor": 12, "sem": 10, "max": 2, "pa": 3, "ada": 14}[person]
    for address in found:
        told = set()
        for language in ("nl", "en"):
            answer = browser.get(f"{address}?lang={language}")
            kind = answer.headers["content-type"].split(";")[0]
            if kind not in ("text/html", "application/pdf"):
                told |= {kind, address}  # a style sheet or a picture
                continue
            shown = words(answer.text) if kind == "text/html" else on_paper(answer.content)
            told.add(shown)
            if kind == "text/html":
                assert answer.headers["content-language"] == language
            assert "%" not in shown, address
            for word in FORBIDDEN:
                assert not re.search(rf"\b{word}\b", shown), (address, word)
            assert not re.search(r"\b(uw|u)\b", shown) or language == "en", address
        assert len(told) == 2, address


def on_paper(pdf):
    """The words of a PDF, in small letters."""
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).lower()


def test_what_went_wrong_is_whole_too(oost):
    noor, ada = oost.browser("noor"), oost.browser("ada")
    for answer in (
        noor.post(f"/me/weeks/{WEEK}/sharing/preview"),
        noor.post(f"/me/weeks/{WEEK}/cards", noticed_words="x" * 700, experiment="y"),
        noor.post("/me/strips"),
        noor.post("/me/bioklok"),
        noor.post("/me/data/erase"),
        ada.post("/school/people"),
        ada.post("/school/devices"),
        ada.post("/school/hubs"),
        ada.post("/school/rules"),
        ada.post("/school/tokens"),
        ada.post("/school/people/noor/ties"),
        ada.post("/school/people/noor/close"),
    ):
        assert answer.status_code == 422
        assert 'class="error"' in answer.text and words(answer.text)


def test_a_preview_is_whole(oost):
    chosen = {"part": ["rhythm", "reflection"], "viewer": ["max", "pa"]}
    answer = oost.browser("noor").post(f"/me/weeks/{WEEK}/sharing/preview", **chosen)
    assert "dit zien zij" in words(answer.text)


@pytest.mark.parametrize("role", [Role.STUDENT, Role.PARENT, Role.MENTOR, Role.ADMINISTRATOR])
def test_a_store_with_nothing_in_it(tmp_path, role):
    """At home too: somebody is there and nothing else."""
    url = f"sqlite:///{tmp_path}/b.sqlite"
    with open_store(url) as store:
        store.add_person("a", "A", {role})
        given = store.issue("session", "a", 10**8)
    app = create_app(Settings(database_url=url))
    client = TestClient(app, "http://127.0.0.1", cookies={"bioklok": given})
    starts = {
        Role.STUDENT: ["/me", "/me/weeks", f"/me/weeks/{WEEK}", "/me/strips", "/me/data"],
        Role.PARENT: ["/students", "/children"],
        Role.MENTOR: ["/students", "/requests"],
        Role.ADMINISTRATOR: [
            "/school",
            *(f"/school/{one}" for one in ("devices", "hubs", "rules", "retention", "tokens")),
        ],
    }
    for address in starts[role]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert words(answer.text)
    if role is Role.STUDENT:  # at home nobody is asked for consent
        assert "toestemming" not in words(client.get("/me/data?lang=nl").text).split("meenemen")[0]
