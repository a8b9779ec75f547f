"""What the API takes and gives about the Bioklok on a student's wrist; see `api_models`."""

from typing import Annotated

from biocore.reports import GRADES
from pydantic import BaseModel, Field

from bioklok.office.wearing import Wrist
from bioklok.web.api_models import U32, Body, Minute


class BioklokOut(BaseModel):
    """The Bioklok of a student."""

    device: str
    battery_mv: int | None
    synced_utc_s: int | None
    dark_from_min: int
    dark_until_min: int
    wrist: Wrist
    paused_until_utc_s: int
    bed_min: int | None
    wake_min: int | None
    has_glow: bool


class BioklokIn(Body):
    """What a student decides about it, whole. Minutes of the local day.

    `paused_until_utc_s` 0: no pause. `bed_min`, `wake_min`: the usual sleep on school days; both
    null: not told. `has_glow`: the lamp also glows by itself.
    """

    dark_from_min: Minute
    dark_until_min: Minute
    wrist: Wrist
    paused_until_utc_s: U32 = 0
    bed_min: Minute | None = None
    wake_min: Minute | None = None
    has_glow: bool = False


class GradeIn(Body):
    """How sharp somebody was, 1 very tired to 5 very sharp. `at_utc_s`: null: now."""

    grade: Annotated[int, Field(ge=1, le=GRADES)]
    at_utc_s: U32 | None = None


class GradeOut(BaseModel):
    """The same, of the quarter of an hour that begins then."""

    grade: int
    at_utc_s: int
