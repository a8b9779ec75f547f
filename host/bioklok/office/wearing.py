"""What a student decides about the Bioklok on their wrist; the next sync takes it along.

It is kept with the student, sealed, not with the device: a device that is handed on brings nothing
of it along, and a student who gets another one need not choose anew.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import Any

from biocore.usual import DEFAULT_BED_MIN, DEFAULT_WAKE_MIN, is_sleep, sleep_code

from bioklok.device_facts import DeviceSettings
from bioklok.errors import BioklokFailure, NotFound
from bioklok.office.consenting import require_consent
from bioklok.office.settings import settings_of
from bioklok.school.days import local_day, utc_s_at
from bioklok.school.people import Act, NotAllowed, Person, administers, require
from bioklok.store import SYNC_DONE, Account, Desk, Device, Store

DAY_MIN = 24 * 60
DARK_FROM_MIN, DARK_UNTIL_MIN = 21 * 60, 7 * 60  # school.md, Rules that follow, 7
MOST_PAUSE_S = 62 * 86_400  # longer than the summer holidays: else a wrong year lasts for ever
_WEEK = timedelta(days=7)
_DEVICE_ID_DIGITS = 16


class NoSense(BioklokFailure):
    """What was decided makes no sense. `field`: which of `Wishes`."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class Wrist(StrEnum):
    """On which wrist it is worn: the student's note to themselves.

    The device is not told: what it works out of movement has no side (a norm, and angles without
    their sign), and each student is compared with their own usual.
    """

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class Wishes:
    """dark_from_min, dark_until_min: local minutes between which the lamp stays dark.

    paused_until_utc_s: the week in the drawer: nothing is recorded or shown until then, 0: no
    pause. It is nobody else's business. bed_min, wake_min: the usual sleep on school days, in local
    minutes of the day; both None: not told. has_glow: the lamp also glows by itself.
    """

    dark_from_min: int = DARK_FROM_MIN
    dark_until_min: int = DARK_UNTIL_MIN
    wrist: Wrist = Wrist.LEFT
    paused_until_utc_s: int = 0
    bed_min: int | None = None
    wake_min: int | None = None
    has_glow: bool = False

    def is_paused(self, now_utc_s: int) -> bool:
        """Whether the pause holds."""
        return now_utc_s < self.paused_until_utc_s

    def settings(self, now_utc_s: int) -> DeviceSettings:
        """Return what the device has to hold: all of it, as it may have been another student's."""
        return DeviceSettings(
            self.dark_from_min,
            self.dark_until_min,
            DEFAULT_BED_MIN if self.bed_min is None else self.bed_min,
            DEFAULT_WAKE_MIN if self.wake_min is None else self.wake_min,
            self.paused_until_utc_s if self.is_paused(now_utc_s) else 0,
            int(self.has_glow),
        )


@dataclass(frozen=True)
class Worn:
    """The Bioklok of a student: how it was at its last sync, and what they decided."""

    device: Device
    wishes: Wishes
    synced_utc_s: int | None


def worn_by(store: Store, student: Account) -> Worn | None:
    """Return what a student wears; None: no Bioklok was handed to them."""
    device = next((one for one in store.devices() if one.student_id == student.id), None)
    if device is None:
        return None
    with store.reading(student.id) as desk:
        wishes = wishes_at(desk)
    return Worn(device, wishes, last_sync_utc_s(store, device.device_id))


def wishes_at(desk: Desk) -> Wishes:
    """Read what a desk's student decided; what is not there is as usual."""
    kept = desk.wishes()
    return Wishes(
        int(kept.get("dark_from_min", DARK_FROM_MIN)),
        int(kept.get("dark_until_min", DARK_UNTIL_MIN)),
        Wrist(kept.get("wrist", Wrist.LEFT)),
        int(kept.get("paused_until_utc_s", 0)),
        kept.get("bed_min"),
        kept.get("wake_min"),
        bool(kept.get("has_glow", False)),
    )


def week_from(student: Account, now_utc_s: int) -> int:
    """Return when a pause of a week ends: as that day begins where the student lives."""
    day = local_day(now_utc_s, student.person.zone) + _WEEK
    return utc_s_at(day, time(), student.person.zone)


def decide(store: Store, by: Person, wishes: Wishes, now_utc_s: int) -> None:
    """Keep what a student decides about the Bioklok on their wrist.

    Raises NotAllowed, NotFound without one, NoSense, NoConsent.
    """
    check(wishes, now_utc_s)
    settings = settings_of(store)
    if not any(one.student_id == by.id for one in store.devices()):
        raise NotFound("you have no Bioklok yet: ask the school for one")
    with store.desk(by.id) as desk:
        require(by, Act.SEE_OWN, desk.student, (), now_utc_s)
        require_consent(store, desk, settings, now_utc_s)
        desk.put_wishes(_kept(wishes))


def check(wishes: Wishes, now_utc_s: int) -> None:
    """Raise NoSense for minutes outside the day, no night, or a pause without end."""
    sleep = (wishes.bed_min, wishes.wake_min)
    minutes = [wishes.dark_from_min, wishes.dark_until_min]
    minutes += [one for one in sleep if one is not None]
    if not all(0 <= one < DAY_MIN for one in minutes):
        raise NoSense("dark_from_min", "a time lies outside the day: give minutes from 0 to 1439")
    if not is_night(*sleep):
        raise NoSense("wake_min", "a usual night has 3 to 16 hours: give both times, or neither")
    if wishes.paused_until_utc_s > now_utc_s + MOST_PAUSE_S:
        raise NoSense("paused_until_utc_s", "a pause lasts 62 days at most: choose an earlier day")


def is_night(bed_min: int | None, wake_min: int | None) -> bool:
    """Say whether the device can take these for a usual sleep; neither of them is fine too."""
    if bed_min is None or wake_min is None:
        return bed_min is wake_min
    return bool(is_sleep(sleep_code(bed_min, wake_min)))


def _kept(wishes: Wishes) -> dict[str, Any]:
    return {
        "dark_from_min": wishes.dark_from_min,
        "dark_until_min": wishes.dark_until_min,
        "wrist": wishes.wrist.value,
        "paused_until_utc_s": wishes.paused_until_utc_s,
        "bed_min": wishes.bed_min,
        "wake_min": wishes.wake_min,
        "has_glow": wishes.has_glow,
    }


def last_sync_utc_s(store: Store, device_id: str) -> int | None:
    """Return when a device was last fetched from; None: never."""
    done = (one for one in store.sessions(20, device_id) if one.result == SYNC_DONE)
    return next((one.ended_utc_s for one in done), None)


def hand_out(
    store: Store, by: Person, device_id: str, student_id: str | None, label: str = ""
) -> None:
    """Say who wears a device from now on, None: nobody, as an administrator of the school.

    Raises NotAllowed, NotFound for an unknown student, BioklokFailure for what is no device's id.
    """
    if not administers(by, store.school_id):
        raise NotAllowed(f"{by.id} may not hand out devices")
    if len(device_id) != _DEVICE_ID_DIGITS or not set(device_id) <= set("0123456789abcdef"):
        raise BioklokFailure("a device's id is 16 digits 0-9 and letters a-f: it is on its back")
    if student_id is not None:
        store.student(student_id)
    store.hand_out(device_id, student_id, label)
