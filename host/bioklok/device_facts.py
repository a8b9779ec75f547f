"""What a device says of itself in a session, as the host keeps it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says of itself and of the extent of its journal; see `message.FIELDS[INFO]`."""

    device_id: str  # 16 hexadecimal digits
    journal_id: int  # another after a wipe
    boot_id: int
    oldest: int
    next: int
    acknowledged: int
    n_pages: int
    n_epochs: int
    capacity: int = 0
    started_utc_s: int = 0  # when this boot began, by the host's clock; 0: not known yet


@dataclass(frozen=True)
class DeviceClock:
    """What the session learnt of the device's clock.

    started_utc_s: when the device was started, by the host's clock: places the epochs of this boot
    that were logged without a clock. offset_ms: how far the device's clock was ahead of the host's
    before it was set, None where it was not set. is_refused: the device did not take this host's
    time over (then the first is 0).
    """

    started_utc_s: int
    offset_ms: int | None
    is_refused: bool = False


@dataclass(frozen=True)
class DeviceStatus:
    """See `message.FIELDS[STATUS]`. battery_mv 0: not known."""

    battery_mv: int
    faults: int
    pages_lost: int
    refused: int
    firmware: int


@dataclass(frozen=True)
class Orders:
    """What a device is told at the end of a session; None: as it is.

    strips: what is left on the strip card. dark_from_min, dark_until_min: local minutes of the day
    between which the lamp is dark. wipe: erase the journal.
    """

    strips: int | None = None
    dark_from_min: int | None = None
    dark_until_min: int | None = None
    wipe: bool = False
