"""What a student decides about the Bioklok on their wrist; the next sync takes it along."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bioklok.errors import BioklokFailure, NotFound
from bioklok.school.people import NotAllowed, Person, administers
from bioklok.store import SYNC_DONE, Account, Device, Store

DAY_MIN = 24 * 60
DARK_FROM_MIN, DARK_UNTIL_MIN = 21 * 60, 7 * 60  # school.md, Rules that follow, 7
_DEVICE_ID_DIGITS = 16


class Wrist(StrEnum):
    """On which wrist it is worn: the student's note to themselves."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True)
class Wishes:
    """dark_from_min, dark_until_min: local minutes between which the lamp stays dark.

    is_paused: the week in the drawer; it is nobody else's business.
    """

    dark_from_min: int = DARK_FROM_MIN
    dark_until_min: int = DARK_UNTIL_MIN
    wrist: Wrist = Wrist.LEFT
    is_paused: bool = False


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
    return Worn(device, wishes_of(device), last_sync_utc_s(store, device.device_id))


def wishes_of(device: Device) -> Wishes:
    """Read what was decided; what is not there is as usual."""
    kept = json.loads(device.settings)
    return Wishes(
        int(kept.get("dark_from_min", DARK_FROM_MIN)),
        int(kept.get("dark_until_min", DARK_UNTIL_MIN)),
        Wrist(kept.get("wrist", Wrist.LEFT)),
        bool(kept.get("is_paused", False)),
    )


def decide(store: Store, student: Account, wishes: Wishes) -> None:
    """Keep what a student decides about the Bioklok on their wrist.

    Raises NotFound without one, BioklokFailure for minutes outside the day.
    """
    if not (0 <= wishes.dark_from_min < DAY_MIN and 0 <= wishes.dark_until_min < DAY_MIN):
        raise BioklokFailure("the lamp's hours lie outside the day: give minutes from 0 to 1439")

    def put(settings: dict[str, object]) -> None:
        settings |= {
            "dark_from_min": wishes.dark_from_min,
            "dark_until_min": wishes.dark_until_min,
            "wrist": wishes.wrist.value,
            "is_paused": wishes.is_paused,
        }

    _change(store, student, put)


def _change(store: Store, student: Account, put: Callable[[dict[str, object]], None]) -> None:
    worn = worn_by(store, student)
    if worn is None:
        raise NotFound("you have no Bioklok yet: ask the school for one")

    def change(device: Device) -> None:
        if device.student_id != student.id:
            raise NotFound("you have no Bioklok any more: ask the school for one")
        settings = json.loads(device.settings)
        put(settings)
        device.settings = json.dumps(settings, sort_keys=True)

    store.change_device(worn.device.device_id, change)


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
