"""What parents and mentors see: only what a student shares with them, requests, consent.

An answer about what was not shared is the answer about what does not exist, to the byte: nobody
learns from it who uses a Bioklok, who shared something with somebody else, or who took it back.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bioklok.errors import NotFound
from bioklok.office import consenting, sharing, strips
from bioklok.office.reflection import read
from bioklok.school.consent import Answer, Reason
from bioklok.school.people import Role, decides_alone
from bioklok.school.sharing import Part
from bioklok.school.strips import NotPossible
from bioklok.store import Account
from bioklok.web import words
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.pages import week_values
from bioklok.web.pages_data import said_line, stopping
from bioklok.web.problems import NoSuchPage
from bioklok.web.views import (
    Adult,
    Filled,
    Mentor,
    Parent,
    chosen_day,
    clean_address,
    lesson_line,
    moment,
    now_of,
    page,
    texts_of,
    to,
    week_line,
)

router = APIRouter(include_in_schema=False, dependencies=[Depends(clean_address)])
_QUESTIONS = ("ask_clear", "ask_day", "ask_try", "ask_help", "ask_listen")


@dataclass(frozen=True)
class Child:
    """A child of a parent, and what that parent said: nothing that the child does or wears."""

    id: str
    name: str
    said: list[str]
    has_agreed: bool
    is_alone: bool


@router.get("/students")
def students(request: Request, signed: Adult) -> Response:
    """Who shared something, and nothing about who did not."""
    texts = texts_of(request)
    found = sharing.weeks_for(signed.store, signed.account, now_of(request))
    lines = [
        (student.id, student.name, [(week, week_line(week, texts)) for week in weeks])
        for student, weeks in found
    ]
    return page(request, "students.html", students=lines)


@router.get("/students/{student_id}/weeks/{week}")
def shared_week(
    request: Request, signed: Adult, student_id: str, week: str, day: str | None = None
) -> Response:
    """What is shared of a week, and questions to talk about."""
    shown = sharing.week_for(signed.store, signed.account, student_id, week, now_of(request))
    if shown is None:
        raise NoSuchPage("nothing here")
    texts = texts_of(request)
    cards = read(shown.cards)
    return page(
        request,
        "shared_week.html",
        **week_values(
            shown.week,
            texts,
            shown.student.name,
            chosen=chosen_day(day),
            parts=[one.value for one in shown.parts],
        ),
        here=f"/students/{shown.student.id}/weeks/{week}",
        cards=cards if Part.REFLECTION in shown.parts else None,
        noticed=words.noticed(cards, texts),
        experiment=words.experiment(cards, texts),
        questions=[texts(one) for one in _QUESTIONS],
    )


@router.get("/requests")
def requests(request: Request, signed: Mentor) -> Response:
    """The requests for a strip that wait for this mentor."""
    return _requests(request, signed)


@router.post("/requests")
def answer(request: Request, signed: Mentor, filled: Filled) -> Response:
    """Agree to a request, or not. Why it was asked is the student's."""
    form = Form(filled)
    given = form.given("answer")
    if given not in ("agree", "not"):
        return _requests(request, signed, "error_choose", 422)
    try:
        strips.answer(
            signed.store,
            signed.account.person,
            form.given("student"),
            form.given("request"),
            given == "agree",
            now_of(request),
        )
    except NotPossible:
        return _requests(request, signed, "request_gone", 409)
    return to("/requests")


@router.get("/children")
def children(request: Request, signed: Parent) -> Response:
    """One's children, and what one said about storing their data."""
    return _children(request, signed)


@router.get("/children/{student_id}/stop")
def stop(request: Request, signed: Parent, student_id: str) -> Response:
    """What a stop does, in words, before it is said."""
    child = child_of(signed, student_id, now_of(request))
    told = stopping(request, f"/children/{child.id}/consent", "/children")
    return page(request, "stop.html", **told)


@router.post("/children/{student_id}/consent")
def consent(request: Request, signed: Parent, student_id: str, filled: Filled) -> Response:
    """Say yes, or stop."""
    form = Form(filled)
    child = child_of(signed, student_id, now_of(request))
    said = form.choice("answer", Answer)
    if said is None:
        return _children(request, signed, 422)
    consenting.answer(signed.store, signed.account.person, child.id, said, now_of(request))
    return to("/children")


def _requests(
    request: Request, signed: Signed, notice: str | None = None, status: int = 200
) -> Response:
    texts = texts_of(request)
    zone = signed.account.timezone
    waiting = [
        {
            "student": one.student.id,
            "name": one.student.name,
            "id": one.request.request_id,
            "lesson": lesson_line(one.request.lesson, zone, texts),
            "until": moment(one.request.answer_by_utc_s, zone, texts),
        }
        for one in strips.waiting_for(signed.store, signed.account, now_of(request))
    ]
    told = texts(notice) if notice else None
    return page(request, "requests.html", status, waiting=waiting, notice=told)


def _children(request: Request, signed: Signed, status: int = 200) -> Response:
    texts, now_utc_s = texts_of(request), now_of(request)
    found = []
    for child in children_of(signed, now_utc_s):
        said = consenting.words(signed.store, signed.account.person, child.id, now_utc_s)
        verdict = consenting.verdict(signed.store, child.id, now_utc_s)
        zone = signed.account.timezone
        found.append(
            Child(
                child.id,
                child.name,
                [
                    said_line(one, signed.account.name, zone, texts, now_utc_s)
                    for one in reversed(said)
                ],
                bool(said)
                and said[-1].answer is Answer.AGREES
                and verdict.reason not in (Reason.NO_PARENT, Reason.NEW_TEXT),
                decides_alone(child.person, now_utc_s),
            )
        )
    return page(request, "children.html", status, children=found)


def children_of(signed: Signed, now_utc_s: int) -> list[Account]:
    """Return whose parent somebody is now."""
    ids = {
        tie.student_id
        for tie in signed.store.ties(adult_id=signed.account.id)
        if tie.role is Role.PARENT and tie.holds(now_utc_s)
    }
    return [signed.store.account(one) for one in sorted(ids)]


def child_of(signed: Signed, student_id: str, now_utc_s: int) -> Account:
    """Return a child of whom somebody is a parent with a say now. Raises NotFound."""
    for child in children_of(signed, now_utc_s):
        if child.id == student_id and not decides_alone(child.person, now_utc_s):
            return child
    raise NotFound("there is nothing here for you")
