"""Gives a board its key, its settings and the time.

The key is made here, goes over the cable, and is wrapped in the keyring; nobody sees it. Order: the
new key is written beside the old one and read back by the board, then the keyring takes it, then
one rename puts it in use. So no board ever uses a key that no host knows; a cable that is pulled
between the last two leaves the board with its old key, which the same command, repeated, replaces.
"""

import json
import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from biocore.crypto import KEY_BYTES

from bioklok.usb import board
from bioklok.usb.cable import Cable
from bioklok.usb.deploy import KEY, seal_slots

SETTINGS = "settings.json"
WRISTS = ("left", "right")
log = logging.getLogger("bioklok.usb")


class Keys(Protocol):
    """Where the host keeps device keys: `bioklok.keyring.Keyring`."""

    def add(self, device_id: str, key: bytes) -> None:
        """Keep a device's key; the one before is replaced."""


@dataclass(frozen=True)
class Wishes:
    """What is to be set. None: as it was on this board, or the firmware's default.

    wrist: left or right. dark_from_min, dark_until_min: local minutes after midnight between which
    the lamp is dark.
    """

    zone: ZoneInfo
    wrist: str | None = None
    dark_from_min: int | None = None
    dark_until_min: int | None = None


@dataclass(frozen=True)
class Provisioned:
    """What came of it. sealed: the slots whose manifest has the new key's HMAC."""

    device_id: str
    was_provisioned: bool
    has_clock: bool
    sealed: list[str]


def provision(cable: Cable, keys: Keys, wishes: Wishes, now: datetime) -> Provisioned:
    """Do all of it. now: this computer's time, with its zone; the caller restarts the board.

    Raises BioklokFailure where the board cannot be reached, or the keyring cannot be written.
    """
    facts = board.facts_of(cable)
    has_clock = bool(cable.call("set_clock", rtc_of(now)))
    given = board.read(cable, SETTINGS)
    board.put_whole(cable, SETTINGS, settings_text(given, wishes, now))
    key = secrets.token_bytes(KEY_BYTES)
    board.put_checked(cable, f"{KEY}.new", key)
    keys.add(facts.device_id, key)
    board.rename(cable, f"{KEY}.new", KEY)
    sealed = seal_slots(cable, key)
    return Provisioned(facts.device_id, facts.key_sha256 is not None, has_clock, sealed)


def rtc_of(now: datetime) -> list[int]:
    """Return a time as `machine.RTC().datetime` takes it, in UTC."""
    utc = now.astimezone(UTC)
    date = [utc.year, utc.month, utc.day, utc.weekday()]
    return [*date, utc.hour, utc.minute, utc.second, 0]


def settings_text(given: bytes | None, wishes: Wishes, now: datetime) -> bytes:
    """Return settings.json: what was given before, under what is wished now.

    The names are those of firmware/app/settings.py, which takes numbers alone and leaves out what
    it does not know.
    """
    try:
        settings = json.loads(given) if given else {}
    except ValueError:
        settings = {}
    if not isinstance(settings, dict):
        settings = {}
    offset = now.astimezone(wishes.zone).utcoffset()
    assert offset is not None
    settings["utc_offset_min"] = int(offset.total_seconds() // 60)
    if wishes.wrist is not None:
        settings["wrist"] = WRISTS.index(wishes.wrist)
    for name in ("dark_from_min", "dark_until_min"):
        value = getattr(wishes, name)
        if value is not None:
            settings[name] = value
    return json.dumps(settings, sort_keys=True).encode()
