"""What the API takes and gives, as types; OpenAPI comes from them. Times: Unix seconds UTC."""

from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from bioklok.office.reflection import MOST_LETTERS, Experiment, Noticed
from bioklok.school.consent import Answer, Effect, Reason
from bioklok.school.ledger import Cause, Request, State
from bioklok.school.people import Role
from bioklok.school.reasons import StripReason
from bioklok.school.sharing import Part
from bioklok.school.timetable import Lesson

_Item = TypeVar("_Item")
_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"
_DEVICE = r"^[0-9a-f]{16}$"
_WEEK = r"^[0-9]{4}-W[0-9]{2}$"

Id = Annotated[str, Path(pattern=_ID, description="of a person: as it stands in addresses")]
WeekName = Annotated[str, Path(pattern=_WEEK, description="ISO week", examples=["2026-W47"])]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=80, description="`next` of the answer before")]
Name = Annotated[str, Field(pattern=_ID)]
DeviceId = Annotated[str, Field(pattern=_DEVICE)]
Line = Annotated[str, Field(max_length=80)]
Words = Annotated[str, Field(max_length=MOST_LETTERS)]
U32 = Annotated[int, Field(ge=0, le=2**32 - 1)]
Minute = Annotated[int, Field(ge=0, le=1439)]
Seconds = Annotated[int, Field(ge=0, le=2**33)]


class Body(BaseModel):
    """What is sent: fields that are not known are refused."""

    model_config = ConfigDict(extra="forbid")


class Slice(BaseModel, Generic[_Item]):
    """A part of a list. `next`: the cursor of the rest; null: there is no more."""

    items: list[_Item]
    next: str | None = None


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: dict[str, str] | None = None


class SessionOut(BaseModel):
    """Who is signed in, and the token that goes into the X-CSRF header."""

    school: str
    id: str
    name: str
    roles: list[Role]
    csrf: str


class TodayOut(BaseModel):
    """What the lamp last said."""

    lamp: str
    reason: str
    until_utc_s: int


class HoursOut(BaseModel):
    """Local times of the best two hours of a usual school day; null where they are not known."""

    start: str | None
    end: str | None
    n_presses: int


class SeesOut(BaseModel):
    """Somebody a week can be shared with, and which parts they see now."""

    id: str
    name: str
    roles: list[Role]
    sees: list[Part]


class ShareIn(Body):
    """Which parts, and with whom."""

    parts: Annotated[list[Part], Field(min_length=1, max_length=6)]
    viewers: Annotated[list[Name], Field(min_length=1, max_length=20)]


class WithdrawIn(Body):
    """What to take back; null: every one."""

    week: Annotated[str | None, Field(pattern=_WEEK)] = None
    part: Part | None = None
    viewer: Name | None = None


class CardsIn(Body):
    """The cards of a week, whole; what is left out is empty."""

    noticed: Annotated[list[Noticed], Field(max_length=6)] = []
    noticed_words: Words = ""
    experiment: Experiment | None = None
    experiment_words: Words = ""
    looking_back: Words = ""


class CardsOut(CardsIn):
    """The cards of a week, and what was to be tried in it."""

    tried: Experiment | None = None
    tried_words: str = ""


class LessonOut(BaseModel):
    """A lesson that can be asked for."""

    id: str
    start_utc_s: int
    end_utc_s: int
    subject: str

    @classmethod
    def of(cls, one: Lesson) -> "LessonOut":
        return cls(
            id=one.id, start_utc_s=one.start_utc_s, end_utc_s=one.end_utc_s, subject=one.subject
        )


class RequestOut(BaseModel):
    """A request for a strip. `reason` is there for the student alone."""

    id: str
    state: State
    cause: Cause | None
    asked_at_utc_s: int
    answer_by_utc_s: int | None
    lesson: LessonOut | None
    reason: StripReason | None = None

    @classmethod
    def of(cls, one: Request, reason: StripReason | None = None) -> "RequestOut":
        return cls(
            id=one.request_id,
            state=one.state,
            cause=one.cause,
            asked_at_utc_s=one.asked_at_utc_s,
            answer_by_utc_s=one.answer_by_utc_s,
            lesson=LessonOut.of(one.lesson) if one.lesson else None,
            reason=reason,
        )


class CardOut(BaseModel):
    """A strip card."""

    left: int
    lessons: list[LessonOut]
    requests: list[RequestOut]


class AskIn(Body):
    """A lesson to ask for. The same `form` sent twice asks once."""

    lesson: Annotated[str, Field(min_length=1, max_length=200)]
    form: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,40}$")]
    reason: StripReason | None = None


class RequestIn(Body):
    """Which request."""

    request: Annotated[str, Field(min_length=1, max_length=200)]


class ReasonIn(RequestIn):
    """What a strip is for; null takes it back."""

    reason: StripReason | None = None


class AnswerIn(RequestIn):
    """A mentor's answer."""

    student: Name
    agree: bool


class WaitingOut(BaseModel):
    """A request that waits for its mentor."""

    student: str
    name: str
    request: RequestOut


class LookOut(BaseModel):
    """Who looked at what, and when."""

    viewer: str
    what: str
    week: str | None
    at_utc_s: int


class SaidOut(BaseModel):
    """One word about consent."""

    by: str
    answer: Answer
    text_version: int
    at_utc_s: int


class ConsentOut(BaseModel):
    """Whether data may be stored now, why (not), what was said, and what a stop does."""

    is_allowed: bool
    reason: Reason
    said: list[SaidOut]
    effects_of_a_stop: list[Effect]


class ConsentIn(Body):
    """Yes, or stop."""

    answer: Answer


class SureIn(Body):
    """`sure` has to be true."""

    sure: bool


class SharedOut(BaseModel):
    """A student who shared something, and which weeks."""

    id: str
    name: str
    weeks: list[str]


class ChildOut(BaseModel):
    """A child, and what this parent said."""

    id: str
    name: str
    said: list[SaidOut]
    decides_alone: bool


WeekOut = dict[str, Any]
