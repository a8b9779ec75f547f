"""The API of parents and mentors: what is shared, requests, consent."""

from fastapi import APIRouter, Request

from bioklok.office import consenting, sharing, strips
from bioklok.school.people import decides_alone
from bioklok.web import api_models as m
from bioklok.web.api_doors import ApiAdult, ApiMentor, ApiParent
from bioklok.web.api_me import said_out
from bioklok.web.api_week import cut
from bioklok.web.pages_adults import child_of, children_of
from bioklok.web.views import now_of

router = APIRouter(tags=["parents and mentors"])


@router.get("/students")
def students(
    request: Request, signed: ApiAdult, cursor: m.Cursor = "", limit: m.Limit = 50
) -> m.Slice[m.SharedOut]:
    """Who shared something with the caller, and nothing about who did not."""
    found = sharing.weeks_for(signed.store, signed.account, now_of(request))
    return cut(
        sorted(found, key=lambda item: item[0].id),
        lambda item: item[0].id,
        lambda item: m.SharedOut(id=item[0].id, name=item[0].name, weeks=item[1]),
        cursor,
        limit,
    )


@router.get("/requests")
def requests(request: Request, signed: ApiMentor) -> list[m.WaitingOut]:
    """The requests that wait for this mentor; the soonest lesson first."""
    found = strips.waiting_for(signed.store, signed.account, now_of(request))
    return [
        m.WaitingOut(
            student=one.student.id, name=one.student.name, request=m.RequestOut.of(one.request)
        )
        for one in found
    ]


@router.post("/requests/answer", status_code=204)
def answer(request: Request, signed: ApiMentor, given: m.AnswerIn) -> None:
    """Agree to a request, or not."""
    strips.answer(
        signed.store,
        signed.account.person,
        given.student,
        given.request,
        given.agree,
        now_of(request),
    )


@router.get("/children")
def children(request: Request, signed: ApiParent) -> list[m.ChildOut]:
    """One's children, and what one said about storing their data."""
    now_utc_s = now_of(request)
    me = signed.account.person
    return [
        m.ChildOut(
            id=child.id,
            name=child.name,
            said=[said_out(one) for one in consenting.words(signed.store, me, child.id, now_utc_s)],
            decides_alone=decides_alone(child.person, now_utc_s),
        )
        for child in children_of(signed, now_utc_s)
    ]


@router.post("/children/{student_id}/consent", status_code=204)
def consent(request: Request, signed: ApiParent, student_id: m.Id, given: m.ConsentIn) -> None:
    """Say yes for a child, or stop."""
    now_utc_s = now_of(request)
    child = child_of(signed, student_id, now_utc_s)
    consenting.answer(signed.store, signed.account.person, child.id, given.answer, now_utc_s)
