"""Sharing a week: choose parts and people, look at exactly what they will see, then share."""

from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from bioklok.office import sharing
from bioklok.office.reflection import read
from bioklok.school.people import Role
from bioklok.school.sharing import NotPreviewed, Part
from bioklok.store import Account
from bioklok.web import words
from bioklok.web.door import Signed
from bioklok.web.forms import Form
from bioklok.web.pages import week_values
from bioklok.web.texts import Texts
from bioklok.web.views import (
    Filled,
    Student,
    now_of,
    page,
    texts_of,
    to,
    week_line,
    week_or_missing,
)

router = APIRouter()
_EVERYTHING = "all"


@dataclass(frozen=True)
class PersonLine:
    """Somebody a week can be shared with, and which parts of it they see now."""

    id: str
    name: str
    role: str
    sees: tuple[tuple[str, str], ...]  # value and words of a part


@router.get("/me/weeks/{week}/sharing")
def sharing_page(request: Request, signed: Student, week: str) -> Response:
    """What is shared of a week now, and what could be."""
    week_or_missing(week)
    return _choose(request, signed, week)


@router.post("/me/weeks/{week}/sharing/preview")
def preview(request: Request, signed: Student, week: str, filled: Filled) -> Response:
    """Show exactly what these people would see; nothing is shared yet."""
    week_or_missing(week)
    form = Form(filled)
    people = sharing.audience(signed.store, signed.account, now_of(request))
    parts = form.choices("part", Part)
    viewers = form.some_of("viewer", [one.id for one, _ in people])
    if not form.is_good:
        return _choose(request, signed, week, form)
    shown = sharing.preview(signed.store, signed.account, week, parts, viewers, now_of(request))
    texts = texts_of(request)
    cards = read(shown.cards)
    return page(
        request,
        "sharing_preview.html",
        **week_values(
            shown.week,
            texts,
            signed.account.name,
            # those who are shown it can look at each day from close by
            chosen=[day.date for day in shown.week.days if day.n_worn],
            parts=[one.value for one in shown.parts],
        ),
        cards=cards if Part.REFLECTION in shown.parts else None,
        noticed=words.noticed(cards, texts),
        experiment=words.experiment(cards, texts),
        empty=[texts(words.PARTS[one]) for one in parts if one not in shown.parts],
        chosen_parts=[one.value for one in parts],
        chosen_viewers=[one for one, _ in people if one.id in viewers],
    )


@router.post("/me/weeks/{week}/sharing")
def share(request: Request, signed: Student, week: str, filled: Filled) -> Response:
    """Share what was looked at just now."""
    week_or_missing(week)
    form = Form(filled)
    now_utc_s = now_of(request)
    people = sharing.audience(signed.store, signed.account, now_utc_s)
    parts = form.choices("part", Part)
    viewers = form.some_of("viewer", [one.id for one, _ in people])
    if not form.is_good:
        return _choose(request, signed, week, form)
    try:
        sharing.share(signed.store, signed.account, week, parts, viewers, now_utc_s)
    except NotPreviewed:
        form.errors["part"] = "error_preview"
        return _choose(request, signed, week, form)
    return to(f"/me/weeks/{week}/sharing")


@router.post("/me/weeks/{week}/sharing/withdraw")
def withdraw(request: Request, signed: Student, week: str, filled: Filled) -> Response:
    """Take back a part from somebody, all from somebody, or the whole week from everybody."""
    week_or_missing(week)
    form = Form(filled)
    part = form.maybe("part", Part)
    if form.is_good:
        sharing.withdraw(
            signed.store,
            signed.account,
            now_of(request),
            week=None if form.given("weeks") == _EVERYTHING else week,
            part=part,
            viewer_id=form.given("viewer") or None,
        )
    return to(f"/me/weeks/{week}/sharing")


def _choose(request: Request, signed: Signed, week: str, form: Form | None = None) -> Response:
    texts = texts_of(request)
    people = people_lines(signed, week, texts, now_of(request))
    return page(
        request,
        "sharing.html",
        422 if form else 200,
        week=week,
        title=week_line(week, texts),
        people=people,
        parts=[(one.value, texts(words.PARTS[one])) for one in Part],
        ticked=set(form.many("part") + form.many("viewer")) if form else set(),
        errors=form.errors if form else {},
    )


def people_lines(signed: Signed, week: str, texts: Texts, now_utc_s: int) -> list[PersonLine]:
    """Return with whom a week can be shared, and what each of them sees of it now."""
    shared = sharing.shared_with(signed.store, signed.account, now_utc_s)
    lines = []
    for one, roles in _by_person(sharing.audience(signed.store, signed.account, now_utc_s)):
        sees = [part for found, part in shared.get(one.id, {}) if found == week]
        names = tuple((part.value, texts(words.PARTS[part])) for part in Part if part in sees)
        lines.append(PersonLine(one.id, one.name, ", ".join(_names(roles, texts)), names))
    return lines


def _by_person(found: Iterable[tuple[Account, Role]]) -> list[tuple[Account, list[Role]]]:
    """Somebody who is mentor and parent at once is one person."""
    people: dict[str, tuple[Account, list[Role]]] = {}
    for one, role in found:
        people.setdefault(one.id, (one, []))[1].append(role)
    return list(people.values())


def _names(roles: Iterable[Role], texts: Texts) -> list[str]:
    return [texts(words.ROLES[role]) for role in dict.fromkeys(roles)]
