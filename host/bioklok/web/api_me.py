"""The API of a student: what is theirs."""

from typing import Annotated, Any

from biocore.decision import REASONS
from biocore.lamp import STATES
from fastapi import APIRouter, Body, Request, Response

from bioklok.errors import NotFound
from bioklok.office import consenting, privacy, reflection, sharing, strips
from bioklok.office.beside import beside
from bioklok.office.reflection import Cards
from bioklok.office.sharp_hours import clock_times, sharp_hours
from bioklok.office.today import today
from bioklok.reports.week import weeks_with_data
from bioklok.school.consent import WITHDRAWAL_EFFECTS, ConsentEvent
from bioklok.school.people import Role
from bioklok.school.sharing import Part
from bioklok.web import api_models as m
from bioklok.web.api_doors import ApiStudent
from bioklok.web.api_week import cut, shown_week
from bioklok.web.pages import week_html
from bioklok.web.paper import MEDIA_TYPE, week_pdf
from bioklok.web.problems import BadRequest
from bioklok.web.views import now_of, texts_of, week_or_missing

router = APIRouter(prefix="/me", tags=["student"])


@router.get("/today")
def me_today(signed: ApiStudent) -> m.TodayOut:
    """What the lamp last said, as far as it was fetched; 404 before the first sync."""
    found = today(signed.store, signed.account)
    if found is None:
        raise NotFound("nothing was fetched yet")
    return m.TodayOut(
        lamp=STATES[found.lamp], reason=REASONS[found.reason], until_utc_s=found.until_utc_s
    )


@router.get("/weeks")
def weeks(signed: ApiStudent, cursor: m.Cursor = "", limit: m.Limit = 50) -> m.Slice[str]:
    """The weeks of which something is kept, oldest first."""
    found = set(weeks_with_data(signed.store, signed.account.id, signed.account.timezone))
    with signed.store.reading(signed.account.id) as desk:
        found |= set(desk.weeks())
    return cut(sorted(found), str, str, cursor, limit)


@router.get("/hours")
def hours(signed: ApiStudent) -> m.HoursOut:
    """When one is usually sharp, as far as that is known."""
    found = sharp_hours(signed.store, signed.account)
    times = clock_times(found) or ()
    start, end = [f"{at // 60:02}:{at % 60:02}" for at in times] or (None, None)
    return m.HoursOut(start=start, end=end, n_presses=found.n_presses)


@router.get("/weeks/{week}/sharing")
def sees(request: Request, signed: ApiStudent, week: m.WeekName) -> list[m.SeesOut]:
    """With whom a week can be shared, and what each of them sees now."""
    week_or_missing(week)
    now_utc_s = now_of(request)
    shared = sharing.shared_with(signed.store, signed.account, now_utc_s)
    people: dict[str, m.SeesOut] = {}
    for one, role in sharing.audience(signed.store, signed.account, now_utc_s):
        parts = [part for found, part in shared.get(one.id, {}) if found == week]
        line = m.SeesOut(
            id=one.id, name=one.name, roles=[], sees=[part for part in Part if part in parts]
        )
        people.setdefault(one.id, line).roles.append(Role(role))
    return list(people.values())


@router.get("/weeks/{week}/report.pdf", response_class=Response)
def paper(request: Request, signed: ApiStudent, week: m.WeekName) -> Response:
    """A week of one's own on paper, in the language that is asked for."""
    week_or_missing(week)
    with signed.store.at_once() as store:
        shown = sharing.own_week(store, signed.account, week)
        there = beside(store, signed.account, week)
    made = week_pdf(shown.week, signed.account, texts_of(request).language, there)
    return Response(made, media_type=MEDIA_TYPE)


@router.post("/weeks/{week}/sharing/preview")
def preview(request: Request, signed: ApiStudent, week: m.WeekName, given: m.ShareIn) -> m.WeekOut:
    """Exactly what these people would see; it has to be asked for before `share`."""
    week_or_missing(week)
    shown = sharing.preview(
        signed.store, signed.account, week, _parts(given), _viewers(given), now_of(request)
    )
    return shown_week(shown)


@router.post("/weeks/{week}/sharing", status_code=204)
def share(request: Request, signed: ApiStudent, week: m.WeekName, given: m.ShareIn) -> None:
    """Share what was previewed; each preview serves once (409 without one)."""
    week_or_missing(week)
    sharing.share(
        signed.store, signed.account, week, _parts(given), _viewers(given), now_of(request)
    )


@router.post("/sharing/withdraw", status_code=204)
def withdraw(request: Request, signed: ApiStudent, given: m.WithdrawIn) -> None:
    """Take shares back; at once, and nobody is told."""
    sharing.withdraw(
        signed.store,
        signed.account,
        now_of(request),
        week=given.week,
        part=given.part,
        viewer_id=given.viewer,
    )


@router.get("/weeks/{week}/cards")
def cards(signed: ApiStudent, week: m.WeekName) -> m.CardsOut:
    """The cards of a week, and the experiment of the week before."""
    week_or_missing(week)
    kept, before = reflection.cards_of(signed.store, signed.account, week)
    return m.CardsOut(
        noticed=list(kept.noticed),
        noticed_words=kept.noticed_words,
        experiment=kept.experiment,
        experiment_words=kept.experiment_words,
        looking_back=kept.looking_back,
        tried=before.experiment,
        tried_words=before.experiment_words,
    )


@router.put("/weeks/{week}/cards", status_code=204)
def put_cards(request: Request, signed: ApiStudent, week: m.WeekName, given: m.CardsIn) -> None:
    """Keep the cards of a week, whole."""
    week_or_missing(week)
    written = Cards(
        tuple(dict.fromkeys(given.noticed)),
        given.noticed_words,
        given.experiment,
        given.experiment_words,
        given.looking_back,
    )
    reflection.keep(signed.store, signed.account.person, week, written, now_of(request))


@router.get("/strips")
def strip_card(request: Request, signed: ApiStudent) -> m.CardOut:
    """The strip card as it stands now."""
    found = strips.card(signed.store, signed.account, now_of(request))
    return m.CardOut(
        left=found.left,
        lessons=[m.LessonOut.of(one) for one in found.lessons],
        requests=[
            m.RequestOut.of(one, found.reasons.get(one.request_id)) for one in found.requests
        ],
    )


@router.post("/strips", status_code=201)
def ask(request: Request, signed: ApiStudent, given: m.AskIn) -> m.RequestOut:
    """Ask for a lesson off; the answer may be that it was released at once, with why."""
    asked = strips.ask(
        signed.store,
        signed.account.person,
        signed.account.id,
        given.lesson,
        now_of(request),
        form_id=given.form,
        reason=given.reason,
    )
    return m.RequestOut.of(asked)


@router.post("/strips/withdraw", status_code=204)
def take_back(request: Request, signed: ApiStudent, given: m.RequestIn) -> None:
    """Take a request back (409 when it is too late)."""
    strips.withdraw(
        signed.store, signed.account.person, signed.account.id, given.request, now_of(request)
    )


@router.put("/strips/reason", status_code=204)
def strip_reason(request: Request, signed: ApiStudent, given: m.ReasonIn) -> None:
    """Note what a strip is for, for oneself alone."""
    found = strips.card(signed.store, signed.account, now_of(request))
    if given.request not in {one.request_id for one in found.requests}:
        raise NotFound("there is no such request")
    strips.note_reason(
        signed.store, signed.account.person, given.request, given.reason, now_of(request)
    )


@router.get("/looks")
def looks(
    request: Request, signed: ApiStudent, cursor: m.Cursor = "", limit: m.Limit = 50
) -> m.Slice[m.LookOut]:
    """Who looked, oldest first."""
    found = sharing.who_looked(signed.store, signed.account, now_of(request))
    numbered = [(f"{n:09}", one) for n, one in enumerate(reversed(found))]

    def out(item: tuple[str, Any]) -> m.LookOut:
        one = item[1]
        return m.LookOut(
            viewer=one.viewer_id, what=one.what.value, week=one.week, at_utc_s=one.at_utc_s
        )

    return cut(numbered, lambda item: item[0], out, cursor, limit)


@router.get("/consent")
def consent(request: Request, signed: ApiStudent) -> m.ConsentOut:
    """Whether data may be stored now, and what was said."""
    now_utc_s = now_of(request)
    verdict = consenting.verdict(signed.store, signed.account.id, now_utc_s)
    said = consenting.words(signed.store, signed.account.person, signed.account.id, now_utc_s)
    return m.ConsentOut(
        is_allowed=verdict.is_allowed,
        reason=verdict.reason,
        said=[said_out(one) for one in said],
        effects_of_a_stop=list(WITHDRAWAL_EFFECTS),
    )


@router.post("/consent", status_code=204)
def say(request: Request, signed: ApiStudent, given: m.ConsentIn) -> None:
    """Say yes, or stop."""
    consenting.answer(
        signed.store, signed.account.person, signed.account.id, given.answer, now_of(request)
    )


@router.post("/export", response_class=Response)
def export(request: Request, signed: ApiStudent) -> Response:
    """Everything that is kept of oneself, as a ZIP file."""
    zipped = privacy.export_zip(signed.store, signed.account.id, now_of(request), week_html)
    return Response(zipped, media_type="application/zip")


@router.post("/erase", status_code=204)
def erase(request: Request, signed: ApiStudent, given: Annotated[m.SureIn, Body()]) -> None:
    """Erase everything that is kept of oneself, for good."""
    if not given.sure:
        raise BadRequest("nothing was erased: say that you are sure", {"sure": "has to be true"})
    privacy.erase(signed.store, signed.account.person, signed.account.id, now_of(request))


def said_out(one: ConsentEvent) -> m.SaidOut:
    """Return a word about consent as the API tells it."""
    return m.SaidOut(
        by=one.by_id, answer=one.answer, text_version=one.text_version, at_utc_s=one.at_utc_s
    )


def _parts(given: m.ShareIn) -> list[Part]:
    return list(dict.fromkeys(given.parts))


def _viewers(given: m.ShareIn) -> list[str]:
    return list(dict.fromkeys(given.viewers))
