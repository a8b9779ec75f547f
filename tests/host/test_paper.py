"""The week on paper: a PDF that can be read aloud, the same on every machine, in both languages."""

import io
import re

import pytest
from bioklok.analysis.freedays import WEEKENDS
from bioklok.errors import BioklokFailure
from bioklok.reports.beside import Beside, LessonBlock, SharpWindow
from bioklok.reports.week import week_from_pages
from bioklok.store import Student
from bioklok.web.paper import week_pdf
from pypdf import PdfReader
from support.synthetic import (
    AMSTERDAM,
    Minute,
    local_minutes,
    pages,
    school_day,
    school_week,
    utc_s,
)

START = utc_s("2026-11-16T08:30")
LESSONS = (LessonBlock(START, START + 3000, "wi", (1,)),)
BESIDE = Beside(AMSTERDAM, LESSONS, SharpWindow(480, 600, 18), 18, WEEKENDS)


@pytest.fixture(scope="module")
def week():
    return week_from_pages(school_week(), "noor", "2026-W47")


def read(pdf):
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf):
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in read(pdf).pages))


def figures_in(reader):
    """The words for those who listen, of every drawing in the structure tree."""
    waiting, found = [reader.trailer["/Root"]["/StructTreeRoot"]], []
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if node.get("/S") == "/Figure":
                found.append(node.get("/Alt"))
            if "/K" in node:
                waiting.append(node["/K"])
    return found


@pytest.mark.parametrize("language", ["nl", "en"])
def test_it_can_be_read_aloud(week, language):
    reader = read(week_pdf(week, Student("noor", "Noor"), language, BESIDE))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language and root["/MarkInfo"]["/Marked"]
    assert "Noor" in reader.metadata.title
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
    alts = figures_in(reader)
    assert len(alts) == 2 and all(alts)


def test_it_says_what_the_page_says(week):
    text = text_of(week_pdf(week, Student("noor", "Noor"), "nl", BESIDE))
    for words in (
        "Week 47",
        "rust op 10.080 meetmomenten",
        "Mijn gewone dag",
        "maandag 1e uur WI",
        "tussen 22:15 en 22:45",
        "Om over te praten",
    ):
        assert words in text
    assert len(read(week_pdf(week, Student("noor", "Noor"), "nl", BESIDE)).pages) == 2


def test_it_is_the_same_each_time(week):
    made = [week_pdf(week, Student("noor", "Noor"), "en", BESIDE) for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("name", ["#panic()", '$x$ *b* _i_ @a <b> \\ "', "= Kop\n#include", "名 é"])
def test_a_name_is_words_whatever_it_holds(week, name):
    reader = read(week_pdf(week, Student("noor", name), "nl", None))
    assert name in reader.metadata.title


@pytest.mark.parametrize("n_minutes", [0, 1, 1440, 3 * 1440 + 7])
def test_a_week_with_little_or_nothing_in_it_is_paper_too(n_minutes):
    made = pages(utc_s("2026-11-16T00:00"), [Minute()] * n_minutes)
    little = week_from_pages(made, "noor", "2026-W47")
    text = text_of(week_pdf(little, Student("noor", "Noor"), "nl", None))
    assert "Week 47" in text and ("Om over te praten" in text)


def pages_of(presses_a_day, n_days=7):
    """The pages' words, of a week with so many presses a day."""

    def rule(moment):
        minute = 60 * moment.hour + moment.minute - 480
        is_pressed = minute >= 0 and minute % 5 == 0 and minute // 5 < presses_a_day
        return Minute(school_day(moment).pattern, marks=2 if is_pressed else 0)

    first = utc_s("2026-11-16T00:00")
    made = pages(first, local_minutes(first, first + n_days * 86400, rule))
    week = week_from_pages(made, "noor", "2026-W47")
    return [
        re.sub(r"\s+", " ", page.extract_text())
        for page in read(week_pdf(week, Student("noor", "Noor"), "nl", BESIDE)).pages
    ]


def test_without_a_usual_day_the_first_page_holds_all_days():
    first, *rest = pages_of(1, n_days=2)
    assert "drie gemeten dagen nodig" in first and "Elke regel is een dag" in first
    assert len(rest) == 1


def test_a_week_with_many_presses_is_two_pages():
    first, second = pages_of(9)
    assert "Elke regel is een dag" not in first and "Om over te praten" in second


def test_the_questions_are_never_alone_on_a_page():
    for n in (0, 14, 20, 40):
        last = pages_of(n)[-1]
        assert "De nachten" in last and "Om over te praten" in last


def test_no_such_language(week):
    with pytest.raises(BioklokFailure, match="language"):
        week_pdf(week, Student("noor", "Noor"), "de")
