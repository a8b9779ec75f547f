"""The API of the administrator: people, devices, decisions, absences, jobs, tokens."""

from datetime import date

from fastapi import APIRouter, Request

from bioklok.errors import BioklokFailure, NotFound
from bioklok.office import accounts, strips, tokens
from bioklok.office.hubs import overview
from bioklok.office.settings import Settings, keep_settings, settings_of
from bioklok.office.wearing import hand_out, last_sync_utc_s
from bioklok.school.people import NotAllowed
from bioklok.store import Account
from bioklok.web import api_models as m
from bioklok.web import api_models_school as s
from bioklok.web import words
from bioklok.web.api_doors import AbsenceReader, ApiAdministrator
from bioklok.web.api_week import cut
from bioklok.web.problems import BadRequest
from bioklok.web.views import now_of

router = APIRouter(prefix="/school", tags=["school"])


class _Refusals:
    """Within it a refusal of ours is the caller's mistake (422), not the database's (503)."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, BioklokFailure) and not isinstance(error, NotFound | NotAllowed):
            raise BadRequest(str(error)) from error


@router.get("/people")
def people(
    signed: ApiAdministrator, cursor: m.Cursor = "", limit: m.Limit = 50
) -> m.Slice[s.PersonOut]:
    """Everybody with an account, by id."""
    found = sorted(signed.store.accounts(), key=lambda one: one.id)
    return cut(found, lambda one: one.id, _person, cursor, limit)


@router.post("/people", status_code=201)
def add(signed: ApiAdministrator, given: s.PersonIn) -> s.PersonOut:
    """Make an account."""
    with _Refusals():
        made = accounts.add_member(
            signed.store, signed.account.person, given.id, given.name, given.roles, given.born
        )
    return _person(made)


@router.get("/people/{person_id}")
def person(request: Request, signed: ApiAdministrator, person_id: m.Id) -> s.PersonTiesOut:
    """An account, and the ties to it that hold now."""
    account = signed.store.account(person_id)
    now_utc_s = now_of(request)
    ties = [
        s.TieOut(
            adult=one.adult_id,
            role=one.role,
            since_utc_s=one.since_utc_s,
            until_utc_s=one.until_utc_s,
        )
        for one in signed.store.ties(student_id=person_id)
        if one.holds(now_utc_s)
    ]
    return s.PersonTiesOut(**_person(account).model_dump(), ties=ties)


@router.put("/people/{person_id}")
def correct(signed: ApiAdministrator, person_id: m.Id, given: s.PersonToldIn) -> s.PersonOut:
    """Correct a name and a day of birth; roles and sign-in name stay."""
    with _Refusals():
        corrected = accounts.correct_member(
            signed.store, signed.account.person, person_id, given.name, given.born
        )
    return _person(corrected)


@router.post("/people/{person_id}/invite", status_code=201)
def invite(request: Request, signed: ApiAdministrator, person_id: m.Id) -> s.SecretOut:
    """Make an invitation; earlier ones end."""
    with _Refusals():
        secret = accounts.invite(signed.store, signed.account.person, person_id, now_of(request))
    return s.SecretOut(secret=secret, path=f"/invite/{secret}")


@router.post("/people/{person_id}/close", status_code=204)
def close(request: Request, signed: ApiAdministrator, person_id: m.Id) -> None:
    """Close an account."""
    with _Refusals():
        accounts.close(signed.store, signed.account.person, person_id, now_of(request))


@router.post("/people/{person_id}/ties", status_code=204)
def tie(request: Request, signed: ApiAdministrator, person_id: m.Id, given: s.TieIn) -> None:
    """Tie a parent or mentor to a student."""
    with _Refusals():
        try:
            accounts.tie(
                signed.store,
                signed.account.person,
                given.adult,
                person_id,
                given.role,
                now_of(request),
            )
        except NotAllowed as error:  # the caller is an administrator: it is the tie that cannot be
            raise BadRequest(str(error)) from error


@router.post("/people/{person_id}/ties/end", status_code=204)
def untie(request: Request, signed: ApiAdministrator, person_id: m.Id, given: s.TieIn) -> None:
    """End a tie now."""
    accounts.untie(
        signed.store,
        signed.account.person,
        given.adult,
        person_id,
        given.role,
        now_of(request),
    )


@router.post("/people/{person_id}/strips", status_code=204)
def give_strips(
    request: Request, signed: ApiAdministrator, person_id: m.Id, given: s.StripsIn
) -> None:
    """Give a student more strips of this period."""
    strips.give_more(
        signed.store,
        signed.account.person,
        person_id,
        given.strips,
        given.form,
        now_of(request),
    )


@router.get("/devices")
def devices(
    signed: ApiAdministrator, cursor: m.Cursor = "", limit: m.Limit = 50
) -> m.Slice[s.DeviceOut]:
    """The devices, by id: who has which, battery, last sync."""
    store = signed.store
    found = sorted(store.devices(), key=lambda one: one.device_id)
    return cut(
        found,
        lambda one: one.device_id,
        lambda one: s.DeviceOut(
            device=one.device_id,
            label=one.label,
            student=one.student_id,
            battery_mv=one.battery_mv,
            synced_utc_s=last_sync_utc_s(store, one.device_id),
        ),
        cursor,
        limit,
    )


@router.post("/devices", status_code=204)
def give_device(signed: ApiAdministrator, given: s.DeviceIn) -> None:
    """Hand a device out, or take it back."""
    with _Refusals():
        hand_out(signed.store, signed.account.person, given.device, given.student, given.label)


@router.get("/hubs")
def hubs(request: Request, signed: ApiAdministrator) -> s.HubsOut:
    """Which devices came in the last two weeks, what went wrong, which are almost empty."""
    found = overview(signed.store, signed.account.person, now_of(request))
    return s.HubsOut(
        came=[
            s.CameOut(device=one.device_id, name=one.name, last_utc_s=one.last_utc_s)
            for one in found.came
        ],
        troubles=[
            s.TroubleOut(cause=one.cause, names=list(one.names), last_utc_s=one.last_utc_s)
            for one in found.troubles
        ],
        low=list(found.low),
    )


@router.get("/settings")
def settings(signed: ApiAdministrator) -> Settings:
    """The school's decisions."""
    return settings_of(signed.store)


@router.put("/settings", status_code=204)
def put_settings(signed: ApiAdministrator, given: Settings) -> None:
    """Keep the school's decisions, whole."""
    with _Refusals():
        keep_settings(signed.store, signed.account.person, given)


@router.get("/absences")
def absences(request: Request, reader: AbsenceReader, day: date) -> list[s.AbsenceOut]:
    """The authorised absences of one day; each look is logged. Also with an export token."""
    store, account = reader
    if not 1971 <= day.year <= 2105:
        return []
    found = strips.absences(store, account.person, day, now_of(request))
    return [
        s.AbsenceOut(student=one.student_id, date=one.date, hour=one.hour, status=one.status)
        for one in found.absences
    ]


@router.get("/jobs")
def jobs(signed: ApiAdministrator) -> list[s.JobOut]:
    """When each job last came to its end."""
    return [
        s.JobOut(name=one.name, ended_utc_s=one.ended_utc_s, result=one.result)
        for name, one in sorted(signed.store.jobs().items())
        if name in words.JOBS
    ]


@router.get("/tokens")
def all_tokens(signed: ApiAdministrator) -> list[s.TokenOut]:
    """The tokens of programs."""
    return [
        s.TokenOut(
            id=one.digest,
            purpose=one.kind,
            label=one.label,
            created_at_utc_s=one.created_at_utc_s,
            seen_at_utc_s=one.seen_at_utc_s,
            expires_at_utc_s=one.expires_at_utc_s,
        )
        for one in tokens.all_of(signed.store, signed.account.person)
    ]


@router.post("/tokens", status_code=201)
def make_token(request: Request, signed: ApiAdministrator, given: s.TokenIn) -> s.SecretOut:
    """Make a token; its secret is shown this once."""
    with _Refusals():
        secret = tokens.make(
            signed.store, signed.account.person, given.purpose, given.label, now_of(request)
        )
    return s.SecretOut(secret=secret)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke(signed: ApiAdministrator, token_id: str) -> None:
    """Take a token back."""
    tokens.revoke(signed.store, signed.account.person, token_id)


def _person(account: Account) -> s.PersonOut:
    person = account.person
    return s.PersonOut(
        id=person.id,
        name=account.name,
        roles=sorted(person.roles),
        born=person.born,
        is_closed=account.ended_utc_s is not None,
    )
