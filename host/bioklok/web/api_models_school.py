"""What the administrator's and the hub's part of the API takes and gives; see `api_models`."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from bioklok.office.hubs import Cause
from bioklok.school.people import Role
from bioklok.web.api_models import U32, Body, DeviceId, Name, Seconds

_PersonName = Annotated[str, Field(min_length=1, max_length=80)]
_Born = Annotated[date | None, Field(ge=date(1900, 1, 1), le=date(2105, 12, 31))]


class PersonIn(Body):
    """Somebody to make an account for. `born`: of students alone."""

    id: Name
    name: _PersonName
    roles: Annotated[list[Role], Field(min_length=1, max_length=4)]
    born: _Born = None


class PersonToldIn(Body):
    """What is right of somebody. `born` null: it is not known; it cannot be left out."""

    name: _PersonName
    born: _Born


class TieOut(BaseModel):
    """A tie that holds now."""

    adult: str
    role: Role
    since_utc_s: int
    until_utc_s: int | None


class PersonOut(BaseModel):
    """An account."""

    id: str
    name: str
    roles: list[Role]
    born: date | None
    is_closed: bool


class PersonTiesOut(PersonOut):
    """An account and the ties to it."""

    ties: list[TieOut]


class TieIn(Body):
    """Parent or mentor."""

    adult: Name
    role: Role


class StripsIn(Body):
    """More strips; the same `form` sent twice gives once."""

    strips: Annotated[int, Field(ge=1, le=20)]
    form: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,40}$")]


class SecretOut(BaseModel):
    """A secret that is shown this once. `path`: where an invitation is followed."""

    secret: str
    path: str | None = None


class DeviceIn(Body):
    """A device to hand out; `student` null: to take back."""

    device: DeviceId
    student: Name | None = None
    label: Annotated[str, Field(max_length=40)] = ""


class DeviceOut(BaseModel):
    """A device of the school. What its wearer did stands nowhere here."""

    device: str
    label: str
    student: str | None
    battery_mv: int | None
    synced_utc_s: int | None


class AbsenceOut(BaseModel):
    """An authorised absence."""

    student: str
    date: date
    hour: int
    status: str


class JobOut(BaseModel):
    """A job's last end. `result`: counts, such as "students 9, failed 1"."""

    name: str
    ended_utc_s: int
    result: str


class TokenIn(Body):
    """A token to make."""

    purpose: Annotated[str, Field(pattern="^(hub|export)$")]
    label: Annotated[str, Field(min_length=1, max_length=80)]


class TokenOut(BaseModel):
    """A token of a program; `id` is no secret."""

    id: str
    purpose: str
    label: str
    created_at_utc_s: int
    seen_at_utc_s: int | None
    expires_at_utc_s: int


class CameOut(BaseModel):
    """A device that was fetched from of late. How much it brought stands nowhere here."""

    device: str
    name: str
    last_utc_s: int


class TroubleOut(BaseModel):
    """Why syncs stopped, with which devices, and when last."""

    cause: Cause
    names: list[str]
    last_utc_s: int


class HubsOut(BaseModel):
    """The last two weeks of the hubs; `low`: devices that are almost empty."""

    came: list[CameOut]
    troubles: list[TroubleOut]
    low: list[str]


class JournalIn(Body):
    """What a device said about its journal (docs/protocol.md, INFO)."""

    device: DeviceId
    journal: U32
    boot: U32
    started_utc_s: U32 = 0
    n_pages: U32
    oldest: U32
    next: U32

    # The names that the store knows them by.
    @property
    def device_id(self) -> str:
        return self.device

    @property
    def journal_id(self) -> int:
        return self.journal

    @property
    def boot_id(self) -> int:
        return self.boot


class PagesIn(Body):
    """Pages of 512 bytes as they were received, each in base64."""

    info: JournalIn
    pages: Annotated[
        list[Annotated[str, Field(min_length=684, max_length=684)]],
        Field(min_length=1, max_length=500),
    ]


class SyncIn(Body):
    """How a sync ended."""

    info: JournalIn
    started_utc_s: Seconds
    ended_utc_s: Seconds
    frames: U32
    bytes: U32
    pages_new: U32
    epochs_new: U32
    retries: U32 = 0
    result: Annotated[str, Field(min_length=1, max_length=200)]


class NextOut(BaseModel):
    """The page to fetch next."""

    next: int


class StoredOut(BaseModel):
    """How many of the pages were new."""

    n_new: int


class ReportOut(BaseModel):
    """How sharp the student said they were: the quarter of an hour (Unix time / 900), 1 to 5."""

    quarter: int
    grade: int


class OrdersOut(BaseModel):
    """What to tell the device, in settings what it does not hold yet: see docs/protocol.md."""

    strips: int | None
    dark_from_min: int | None
    dark_until_min: int | None
    bed_min: int | None
    wake_min: int | None
    paused_until_utc_s: int | None
    glow: int | None
    reports: list[ReportOut]
    wipe: bool
