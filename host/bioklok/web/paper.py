"""The week on paper: a PDF that one can lay on the table, and that a screen reader can read.

Set by typst, which comes in a wheel with all it needs (docs/decisions): PDF/UA-1 (ISO 14289-1),
which typst refuses to write where a drawing has no words, a table no head or the text no language.
"""

import json
from collections.abc import Mapping
from importlib.resources import as_file, files
from typing import Any

from bioklok.errors import BioklokFailure
from bioklok.reports.beside import Beside
from bioklok.reports.week import Week
from bioklok.store import Account, Student
from bioklok.web.pages import week_values
from bioklok.web.texts import DEFAULT_LANGUAGE, Texts, texts_in
from bioklok.web.week_views import ActogramView, UsualView

MEDIA_TYPE = "application/pdf"
QUESTIONS = ("ask_clear", "ask_day", "ask_try", "ask_help", "ask_listen")
_FONT = "Atkinson Hyperlegible Next"
_WORDS = (
    *("usual_text", "usual_unknown", "best_title", "best_lessons", "clocks_title", "other_title"),
    *("actogram_title", "actogram_text", "nights_title", "nights_text", "talk_title", "unknown"),
    "footer",
)


def week_pdf(
    week: Week,
    student: Student | Account,
    language: str = DEFAULT_LANGUAGE,
    beside: Beside | None = None,
) -> bytes:
    """Return the week as a PDF. Raises BioklokFailure for a language without texts, or where it
    cannot be set."""
    texts = texts_in(language)
    shown = _content(week, student.name, texts, beside)
    return _set({"week": json.dumps(shown, ensure_ascii=False)})


def _set(inputs: Mapping[str, str]) -> bytes:
    """Set it with our own letters, the same on every machine. Only a name in letters that ours do
    not have takes the machine's, and, where it has none either, gives up the standard."""
    problem = ""
    for own_fonts, is_ua in ((True, True), (False, True), (False, False)):
        try:
            return _compiled(inputs, own_fonts, is_ua)
        except (RuntimeError, ValueError, OSError) as error:
            problem = next(iter(str(error).splitlines()), type(error).__name__)
    raise BioklokFailure(f"the paper cannot be set: {problem}")


def _compiled(inputs: Mapping[str, str], own_fonts: bool, is_ua: bool) -> bytes:
    import typst  # noqa: PLC0415 - 30 MB, for this alone

    with (
        as_file(files("bioklok.web") / "templates") as templates,
        as_file(files("bioklok.reports") / "fonts") as fonts,
    ):
        return typst.compile(
            str(templates / "week.typ"),
            format="pdf",
            root=str(templates),
            font_paths=[str(fonts)],
            ignore_system_fonts=own_fonts,
            sys_inputs=dict(inputs),
            pdf_standards=["ua-1"] if is_ua else None,
        )


def _content(week: Week, name: str, texts: Texts, beside: Beside | None) -> dict[str, Any]:
    values = week_values(week, texts, name, beside=beside)
    words = {key: texts(key) for key in _WORDS}
    words["usual_title"] = texts("usual_title" if beside else "usual_title_other")
    heading = texts("week_title", number=values["number"])
    return {
        "language": texts.language,
        "title": f"{heading} · {name} · {texts('app')}",
        "description": texts("actogram_chart"),
        "who": name,
        "heading": heading,
        "span": values["span"],
        "sentences": " ".join(values["sentences"]),
        "words": words,
        "drawn": week.n_moments > 0,
        "usual": _drawing(values["usual"]),
        "best": _best(values, texts) if beside and not beside.is_past else None,
        "clocks": values.get("clocks"),
        "different": values.get("different", []),
        "legend": texts("actogram_legend"),
        "actogram": _actogram(values["actogram"], texts) if week.n_moments else None,
        "nights_head": [texts(key) for key in ("night", "onset", "offset", "duration")],
        "nights": [[one.title, one.onset, one.offset, one.duration] for one in values["nights"]],
        "questions": [texts(key) for key in QUESTIONS],
    }


def _drawing(view: UsualView | ActogramView | None) -> dict[str, Any] | None:
    if view is None:
        return None
    svg = str(view.svg).replace("<svg ", f'<svg font-family="{_FONT}" ', 1)
    return {"svg": svg, "caption": view.caption}


def _actogram(view: ActogramView, texts: Texts) -> dict[str, Any]:
    keys = ("day", "brightest", "busiest", "table_buttons")
    rows = [[one.title, one.brightest, one.busiest, one.buttons] for one in view.rows]
    return {**(_drawing(view) or {}), "head": [texts(key) for key in keys], "rows": rows}


def _best(values: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    beside, span = values["beside"], values["sharp_span"]
    count = texts.times(beside.n_presses)
    if span is None:
        return {"sentence": texts("hours_unknown", count=count), "lessons": [], "rests": ""}
    lessons = values["sharp_lessons"]
    sentence = texts("hours_known", low=span[0], high=span[1])
    if not lessons:
        sentence += " " + texts("best_none" if beside.lessons else "best_no_timetable")
    return {"sentence": sentence, "lessons": lessons, "rests": texts("hours_rests", count=count)}
