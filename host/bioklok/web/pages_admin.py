"""The school's administrator: people and devices. Nothing here shows who measured what.

Rules, hours, holidays and days of keeping stand in `pages_rules`; absences, jobs and tokens in
`pages_office`; hubs, and what is kept how long, in `pages_hubs`.
"""

import secrets
from datetime import date

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bioklok.errors import BioklokFailure
from bioklok.office import accounts, strips
from bioklok.office.settings import zone_of_school
from bioklok.office.wearing import hand_out, last_sync_utc_s
from bioklok.school.days import local_day
from bioklok.school.people import NotAllowed, Role, is_age_of_student
from bioklok.store import Account
from bioklok.store.vault import KeyGone
from bioklok.web import pages_hubs, pages_office, pages_rules, words
from bioklok.web.door import Signed
from bioklok.web.entering import site_of
from bioklok.web.forms import Form
from bioklok.web.pages_student import battery_key
from bioklok.web.texts import Texts
from bioklok.web.views import (
    Administrator,
    Filled,
    clean_address,
    moment,
    now_of,
    page,
    texts_of,
    to,
)

router = APIRouter(include_in_schema=False, dependencies=[Depends(clean_address)])
_MOST_STRIPS = 20


@router.get("/school")
def people(request: Request, signed: Administrator) -> Response:
    """Everybody with an account."""
    return _people(request, signed)


@router.post("/school/people")
def add(request: Request, signed: Administrator, filled: Filled) -> Response:
    """Make an account."""
    form = Form(filled)
    person_id, name = form.text("id", 40, is_needed=True), _name(form)
    roles = form.choices("role", Role)
    born = _born(form, request, signed) if Role.STUDENT in roles else form.maybe_day("born")
    if not form.is_good:
        return _people(request, signed, form)
    try:
        accounts.add_member(signed.store, signed.account.person, person_id, name, roles, born)
    except NotAllowed:
        raise
    except BioklokFailure:  # taken, or roles and birthday that do not go together
        form.errors["id"] = "error_id"
        return _people(request, signed, form)
    return to(f"/school/people/{person_id}")


@router.get("/school/people/{person_id}")
def person(request: Request, signed: Administrator, person_id: str) -> Response:
    """One account: how to get in, who is tied to whom."""
    return _person(request, signed, person_id)


@router.post("/school/people/{person_id}")
def correct(request: Request, signed: Administrator, person_id: str, filled: Filled) -> Response:
    """Correct a name, and a student's day of birth."""
    form = Form(filled)
    account = signed.store.account(person_id)
    name = _name(form)
    known = account.person.born
    born = known
    if Role.STUDENT in account.person.roles and form.given("born") != str(known or ""):
        born = _born(form, request, signed)
    if not form.is_good:
        return _person(request, signed, person_id, form)
    try:
        accounts.correct_member(signed.store, signed.account.person, person_id, name, born)
    except KeyGone:
        return _person(request, signed, person_id, notice="refused_key_gone")
    return to(f"/school/people/{person_id}")


@router.post("/school/people/{person_id}/invite")
def invite(request: Request, signed: Administrator, person_id: str, filled: Filled) -> Response:
    """Make an invitation and show its link, this once."""
    account = signed.store.account(person_id)
    try:
        secret = accounts.invite(signed.store, signed.account.person, account.id, now_of(request))
    except NotAllowed:
        raise
    except BioklokFailure:
        return _person(request, signed, person_id, notice="refused_invite")
    link = f"{site_of(request).origin}/invite/{secret}"
    return _person(request, signed, person_id, link=link)


@router.post("/school/people/{person_id}/close")
def close(request: Request, signed: Administrator, person_id: str, filled: Filled) -> Response:
    """Close an account."""
    form = Form(filled)
    signed.store.account(person_id)
    if not form.is_ticked("sure"):
        form.errors["sure"] = "error_sure"
        return _person(request, signed, person_id, form)
    try:
        accounts.close(signed.store, signed.account.person, person_id, now_of(request))
    except NotAllowed:
        raise
    except BioklokFailure:
        return _person(request, signed, person_id, notice="refused_close")
    return to(f"/school/people/{person_id}")


@router.post("/school/people/{person_id}/ties")
def tie(request: Request, signed: Administrator, person_id: str, filled: Filled) -> Response:
    """Tie a parent or mentor to this student, or end that."""
    form = Form(filled)
    role = form.choice("role", Role)
    adult_id = form.text("adult", 40, is_needed=True)
    if role is None or not form.is_good:
        return _person(request, signed, person_id, form)
    deed = accounts.untie if form.given("end") else accounts.tie
    try:
        deed(signed.store, signed.account.person, adult_id, person_id, role, now_of(request))
    except BioklokFailure:
        return _person(request, signed, person_id, form, notice="refused_tie")
    return to(f"/school/people/{person_id}")


@router.post("/school/people/{person_id}/strips")
def give_strips(
    request: Request, signed: Administrator, person_id: str, filled: Filled
) -> Response:
    """Give a student more strips of this period; the same form sent twice gives once."""
    form = Form(filled)
    signed.store.student(person_id)
    n_strips = form.whole("strips", 1, _MOST_STRIPS)
    grant_id = form.given("form_id")
    if not form.is_good or not grant_id.isalnum() or len(grant_id) > 40:
        return _person(request, signed, person_id, form)
    strips.give_more(
        signed.store, signed.account.person, person_id, n_strips, grant_id, now_of(request)
    )
    return to(f"/school/people/{person_id}?given=yes")


@router.get("/school/devices")
def devices(request: Request, signed: Administrator) -> Response:
    """The devices: who has which, battery, last sync."""
    return _devices(request, signed)


@router.post("/school/devices")
def give_device(request: Request, signed: Administrator, filled: Filled) -> Response:
    """Hand a device out, or take it back where no student is chosen."""
    form = Form(filled)
    device_id, label = form.text("device", 16, is_needed=True), form.text("label", 40)
    student_id = form.given("student") or None
    if not form.is_good:
        return _devices(request, signed, form)
    try:
        hand_out(signed.store, signed.account.person, device_id.lower(), student_id, label)
    except NotAllowed:
        raise
    except BioklokFailure:
        form.errors["device"] = "error_device"
        return _devices(request, signed, form)
    return to("/school/devices")


def _name(form: Form) -> str:
    name = form.line("name", is_needed=True)
    if name and not accounts.is_name(name):
        form.errors["name"] = "error_name"
    return name


def _born(form: Form, request: Request, signed: Signed) -> date | None:
    """A student's day of birth; None where none is given, or, with an error, where it cannot be."""
    born = form.maybe_day("born")
    today = local_day(now_of(request), zone_of_school(signed.store))
    if born is not None and not is_age_of_student(born, today):
        form.errors["born"] = "error_born"
    return born


def _people(request: Request, signed: Signed, form: Form | None = None) -> Response:
    texts = texts_of(request)
    options = [(role.value, texts(key)) for role, key in words.ROLES.items()]
    return page(
        request,
        "people.html",
        422 if form else 200,
        people=[_line(one, texts) for one in signed.store.accounts()],
        role_options=options,
        form=form,
        errors=form.errors if form else {},
    )


def _line(account: Account, texts: Texts) -> tuple[str, str, str, bool]:
    roles = ", ".join(texts(words.ROLES[one]) for one in sorted(account.person.roles))
    return account.id, account.name, roles, account.ended_utc_s is not None


def _person(
    request: Request,
    signed: Signed,
    person_id: str,
    form: Form | None = None,
    *,
    notice: str | None = None,
    link: str | None = None,
) -> Response:
    texts, store = texts_of(request), signed.store
    account = store.account(person_id)
    now_utc_s = now_of(request)
    ties = [one for one in store.ties(student_id=person_id) if one.holds(now_utc_s)]
    adults = [
        (one.id, one.name)
        for one in store.accounts()
        if not one.person.roles.isdisjoint({Role.PARENT, Role.MENTOR}) and one.ended_utc_s is None
    ]
    return page(
        request,
        "person.html",
        422 if form or notice else 200,
        person=_line(account, texts),
        born=account.person.born,
        is_student=Role.STUDENT in account.person.roles,
        is_self=account.id == signed.account.id,
        ties=[
            (one, store.account(one.adult_id).name, texts(words.ROLES[one.role])) for one in ties
        ],
        adults=adults,
        tie_roles=[(one.value, texts(words.ROLES[one])) for one in (Role.PARENT, Role.MENTOR)],
        form_id=secrets.token_hex(8),
        form=form,
        errors=form.errors if form else {},
        notice=texts(notice) if notice else None,
        is_given=not form and not notice and request.query_params.get("given") == "yes",
        link=link,
    )


def _devices(request: Request, signed: Signed, form: Form | None = None) -> Response:
    texts, store = texts_of(request), signed.store
    zone = str(zone_of_school(store))
    names = {one.id: one.name for one in store.students()}
    rows = [
        (
            one,
            names.get(one.student_id or ""),
            texts(battery_key(one.battery_mv)),
            moment(last_sync_utc_s(store, one.device_id), zone, texts),
        )
        for one in store.devices()
    ]
    return page(
        request,
        "devices.html",
        422 if form else 200,
        devices=rows,
        students=sorted(names.items(), key=lambda one: one[1].casefold()),
        form=form,
        errors=form.errors if form else {},
    )


for _pages in (pages_rules, pages_office, pages_hubs):
    router.include_router(_pages.router)
