"""What the school's hubs brought of late: which devices came, what went wrong, which are empty.

For who keeps the hubs going. It says nothing of what a device brought and counts nothing: how much
somebody wears a Bioklok is nobody's business but theirs (school.md).
"""

from dataclasses import dataclass
from enum import StrEnum

from bioklok.office import tokens
from bioklok.school.people import NotAllowed, Person, administers
from bioklok.store import SYNC_DONE, SYNC_STOPPED, Device, Store
from bioklok.store.access import HUB
from bioklok.store.school_tables import Ticket

LOOKS_BACK_D = 14
LOW_MV = 3600  # of one lithium cell: empty at 3.3 V under load
_DAY_S = 86_400
_SHORT = 4  # last digits of a device's id, where it has no name


class Cause(StrEnum):
    """Why a sync stopped, as far as it matters for what to do next."""

    RADIO = "radio"  # out of range, or the connection broke
    CLOCK = "clock"  # the device does not believe the hub's clock
    KEY = "key"  # it cannot prove who it is, or has another key
    VERSION = "version"  # device and hub speak different versions
    JOURNAL = "journal"  # its memory does not go on where the last sync ended, or is broken
    OTHER = "other"


# Words of the line that a sync ended with (`sync`, `session`, `collect`, `radio.link`), first match
# first. A hub that stands elsewhere may say something else: that is OTHER, and shown to nobody.
SIGNS: tuple[tuple[str, Cause], ...] = (
    ("was lost", Cause.RADIO),
    ("sent nothing new", Cause.RADIO),
    ("got no further", Cause.RADIO),
    ("could not be reached", Cause.RADIO),
    ("before it could be reached", Cause.RADIO),
    ("does not believe this computer's clock", Cause.CLOCK),
    ("could not prove who it is", Cause.KEY),
    ("does not know this computer's key", Cause.KEY),
    ("was never provisioned", Cause.KEY),
    ("with the key of", Cause.KEY),
    ("another version of the protocol", Cause.VERSION),
    ("speaks protocol", Cause.VERSION),
    ("could not read a request", Cause.VERSION),
    ("wipe the device to start a new journal", Cause.JOURNAL),
    ("cannot read or write its journal", Cause.JOURNAL),
)


@dataclass(frozen=True)
class Came:
    """A device that was fetched from to the end. `name`: what the school calls it."""

    device_id: str
    name: str
    last_utc_s: int


@dataclass(frozen=True)
class Trouble:
    """A cause for which syncs stopped, with whose devices, and when last (Unix seconds)."""

    cause: Cause
    names: tuple[str, ...]
    last_utc_s: int


@dataclass(frozen=True)
class Overview:
    """The last `LOOKS_BACK_D` days: newest first; `low` are all devices that are almost empty."""

    hubs: tuple[Ticket, ...]
    came: tuple[Came, ...]
    troubles: tuple[Trouble, ...]
    low: tuple[str, ...]


def overview(store: Store, by: Person, now_utc_s: int) -> Overview:
    """Return how hubs and devices are doing, for an administrator. Raises NotAllowed."""
    if not administers(by, store.school_id):
        raise NotAllowed(f"{by.id} may not see the hubs")
    devices = store.devices()
    names = {one.device_id: name_of(one.device_id, one.label) for one in devices}
    heard = store.sessions_since(now_utc_s - LOOKS_BACK_D * _DAY_S)
    came: dict[str, int] = {}
    troubles: dict[Cause, tuple[set[str], int]] = {}
    for device_id, result, ended_utc_s in heard:
        if result == SYNC_DONE:
            came[device_id] = ended_utc_s
        elif result != SYNC_STOPPED:  # somebody ended it: nothing is wrong
            whose, last_utc_s = troubles.setdefault(cause_of(result), (set(), 0))
            whose.add(names.get(device_id) or name_of(device_id))
            troubles[cause_of(result)] = (whose, max(last_utc_s, ended_utc_s))
    return Overview(
        tuple(one for one in tokens.all_of(store, by) if one.kind == HUB),
        tuple(
            Came(one, names.get(one) or name_of(one), at)
            for one, at in sorted(came.items(), key=lambda item: -item[1])
        ),
        tuple(
            Trouble(one, tuple(sorted(whose)), at)
            for one, (whose, at) in sorted(troubles.items(), key=lambda item: -item[1][1])
        ),
        tuple(names[one.device_id] for one in devices if is_low(one)),
    )


def cause_of(result: str) -> Cause:
    """Return why a sync stopped, by the line that it ended with."""
    return next((cause for sign, cause in SIGNS if sign in result), Cause.OTHER)


def is_low(device: Device) -> bool:
    """Say whether a device was almost empty when it was last heard."""
    return device.battery_mv is not None and device.battery_mv < LOW_MV


def name_of(device_id: str, label: str = "") -> str:
    """Return what to call a device: its name, else the end of its number."""
    return label or device_id[-_SHORT:]
