"""What a device says of itself in a session, as the host keeps it."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass


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
    """See `message.FIELDS[STATUS]`, in its order. battery_mv 0: not known; uptime_s 0: this device
    is too old to count what follows."""

    battery_mv: int
    faults: int
    pages_lost: int
    refused: int
    firmware: int
    uptime_s: int = 0
    awake_s: int = 0
    bursts: int = 0
    light_reads: int = 0
    epochs: int = 0
    radio_s: int = 0
    connected_s: int = 0
    lamp_ms: int = 0
    red_ms: int = 0
    green_ms: int = 0
    blue_ms: int = 0
    red_square_ms: int = 0
    green_square_ms: int = 0
    blue_square_ms: int = 0
    flash_pages: int = 0
    flash_sectors: int = 0
    accelerometer_faults: int = 0
    light_faults: int = 0
    flash_faults: int = 0
    radio_faults: int = 0
    memory_faults: int = 0
    program_faults: int = 0
    watchdog_restarts: int = 0
    restart: int = 0

    @property
    def has_ledger(self) -> bool:
        """Whether the device counts what it does."""
        return self.uptime_s > 0

    @property
    def duty_line(self) -> str:
        """What it did since its start, in one line; empty where it does not count that."""
        if not self.has_ledger:
            return ""
        awake = f"awake {self.awake_s} s, " if self.awake_s else ""
        return (
            f"up {self.uptime_s} s: {awake}{self.bursts} bursts, radio {self.radio_s} s, "
            f"connected {self.connected_s} s, lamp {self.lamp_ms / 1000:.0f} s, "
            f"flash {self.flash_pages} pages and {self.flash_sectors} sectors"
        )

    @property
    def faults_line(self) -> str:
        """What went wrong since its start, by kind; empty where nothing did, or it is not told."""
        kinds = ("accelerometer", "light", "flash", "radio", "memory", "program")
        counts = [(kind, getattr(self, f"{kind}_faults")) for kind in kinds]
        counts.append(("watchdog restarts", self.watchdog_restarts))
        return ", ".join(f"{kind} {count}" for kind, count in counts if count)


@dataclass(frozen=True)
class DeviceSettings:
    """What a student decides about the device, in the order of `message.FIELDS[SETTINGS]`.

    As an order None says: as it is; as an answer: this device is too old to know it.
    dark_from_min, dark_until_min: local minutes of the day between which the lamp is dark; bed_min,
    wake_min: the usual sleep. paused_until_utc_s: nothing is recorded until then, 0: no pause.
    glow: 1 the lamp glows by itself.
    """

    dark_from_min: int | None = None
    dark_until_min: int | None = None
    bed_min: int | None = None
    wake_min: int | None = None
    paused_until_utc_s: int | None = None
    glow: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the device knows all of it; then it takes graded reports too."""
        return None not in astuple(self)

    @classmethod
    def of_fields(cls, values: Iterable[int], keep: Sequence[int]) -> "DeviceSettings":
        """Read a message's fields; `keep`: what says "as it is" in each."""
        return cls(
            *(None if one == as_is else one for one, as_is in zip(values, keep, strict=True))
        )

    def to_fields(self, keep: Sequence[int]) -> tuple[int, ...]:
        """Return a message's fields."""
        pairs = zip(astuple(self), keep, strict=True)
        return tuple(as_is if one is None else one for one, as_is in pairs)

    def where_not(self, held: "DeviceSettings") -> "DeviceSettings":
        """Return what of this a device has to be told that holds, and knows, those."""
        pairs = zip(astuple(self), astuple(held), strict=True)
        return DeviceSettings(*(None if have in (None, want) else want for want, have in pairs))


@dataclass(frozen=True)
class Orders:
    """What a device is told at the end of a session.

    strips: what is left on the strip card, None: not known. reports: how sharp the student said
    they were, (quarter of an hour as Unix time / 900, grade 1 to 5); one that was told before does
    no harm. wipe: erase the journal.
    """

    strips: int | None = None
    settings: DeviceSettings = DeviceSettings()
    reports: tuple[tuple[int, int], ...] = ()
    wipe: bool = False
