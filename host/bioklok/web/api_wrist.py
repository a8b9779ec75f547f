"""The API of a student: the Bioklok on the wrist, and how sharp one says one is."""

from fastapi import APIRouter, Request

from bioklok.errors import NotFound
from bioklok.office import grades
from bioklok.office.grades import NotToday
from bioklok.office.wearing import NoSense, Wishes, decide, worn_by
from bioklok.web import api_models_wrist as w
from bioklok.web.api_doors import ApiStudent
from bioklok.web.problems import BadRequest
from bioklok.web.views import now_of

router = APIRouter(prefix="/me", tags=["student"])


@router.get("/bioklok")
def bioklok(signed: ApiStudent) -> w.BioklokOut:
    """The Bioklok on the wrist; 404 without one."""
    worn = worn_by(signed.store, signed.account)
    if worn is None:
        raise NotFound("you have no Bioklok yet")
    wishes = worn.wishes
    return w.BioklokOut(
        device=worn.device.device_id,
        battery_mv=worn.device.battery_mv,
        synced_utc_s=worn.synced_utc_s,
        dark_from_min=wishes.dark_from_min,
        dark_until_min=wishes.dark_until_min,
        wrist=wishes.wrist,
        paused_until_utc_s=wishes.paused_until_utc_s,
        bed_min=wishes.bed_min,
        wake_min=wishes.wake_min,
        has_glow=wishes.has_glow,
    )


@router.put("/bioklok", status_code=204)
def put_bioklok(request: Request, signed: ApiStudent, given: w.BioklokIn) -> None:
    """Decide about it; the next sync takes it along."""
    try:
        decide(signed.store, signed.account.person, Wishes(**dict(given)), now_of(request))
    except NoSense as error:
        raise BadRequest(str(error), {error.field: str(error)}) from error


@router.get("/grades")
def grades_of_today(request: Request, signed: ApiStudent) -> list[w.GradeOut]:
    """How sharp one said one was today, oldest first."""
    found = grades.of_today(signed.store, signed.account.person, now_of(request))
    return [w.GradeOut(grade=grade, at_utc_s=at) for at, grade in found.items()]


@router.post("/grades", status_code=204)
def say_grade(request: Request, signed: ApiStudent, given: w.GradeIn) -> None:
    """Say how sharp one is or was today; within a quarter of an hour the newer stands."""
    now_utc_s = now_of(request)
    at_utc_s = now_utc_s if given.at_utc_s is None else given.at_utc_s
    try:
        grades.keep(signed.store, signed.account.person, given.grade, at_utc_s, now_utc_s)
    except NotToday as error:
        raise BadRequest(str(error), {"at_utc_s": str(error)}) from error
