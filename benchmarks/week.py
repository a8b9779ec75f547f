"""A week from the store as JSON, as a page and on paper: what `bioklok report` and the pages do.

The bounds are those that were asked for. Nothing is remembered in memory, as in a process that has
just started: the estimator goes on from what the job of the night kept. Beside the page stands the
same where no job ran since the week began: the estimator goes through all of it.
"""

import json
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

from bioklok.office import sharp_hours
from bioklok.office.beside import beside
from bioklok.reports.week import Week, build_week
from bioklok.store import Store
from bioklok.web.pages import week_html
from bioklok.web.paper import week_pdf

from benchmarks.figure import Figure

ROUNDS = 9
JSON_MOST_MS, HTML_MOST_MS, PDF_MOST_MS = 40.0, 250.0, 2000.0


def figures(store: Store, student_id: str, week: str) -> Iterator[Figure]:
    """Measure a week of a student whose pages are in the store, from asking it to the last byte."""
    who, account = store.student(student_id), store.account(student_id)
    spans = store.spans_of(student_id)

    def built() -> Week:
        sharp_hours.forget()
        return build_week(store, student_id, week, who.timezone)

    def as_json() -> str:
        return json.dumps(built().to_dict(), indent=2, ensure_ascii=False)

    def as_html() -> str:
        return week_html(built(), who, beside=beside(store, account, week))

    def as_pdf() -> bytes:
        return week_pdf(built(), who, beside=beside(store, account, week))

    pages_ms = _ms(lambda: store.pages_of(student_id, spans[0][0], spans[-1][0] + 86_400))
    json_ms = _ms(as_json)
    yield Figure(
        "a week's JSON from the store", json_ms, "ms", "its pages", pages_ms, most=JSON_MOST_MS
    )
    no_job_ms = _ms(as_html)
    sharp_hours.keep_course(store, account, spans[-1][0] + 86_400)
    html_ms = _ms(as_html)
    yield Figure("a week's page", html_ms, "ms", "without a job", no_job_ms, most=HTML_MOST_MS)
    yield Figure("a week's paper", _ms(as_pdf), "ms", "its page", html_ms, most=PDF_MOST_MS)


def _ms(work: Callable[[], object]) -> float:
    """Milliseconds of the median round, after one that loads what is loaded once."""
    work()
    took = []
    for _ in range(ROUNDS):
        started = perf_counter()
        work()
        took.append(perf_counter() - started)
    return median(took) * 1000
