"""Whose turn it is: a pure schedule of devices, told what happened and asked who is next.

No clock, no radio and no tasks in here: every method is given the time, in seconds of any clock
that only goes forward.
"""

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """How a session ended, as far as the schedule cares."""

    DONE = "done"  # all that the device has is stored
    PARTLY = "partly"  # something was stored, then it ended
    FAILED = "failed"


@dataclass(frozen=True)
class Rules:
    """How long devices are left alone; all in seconds.

    every_s: after a good sync. Devices let themselves be found a quarter of an hour to three
    quarters after the last time: less than that, so that none misses its next window.
    back_off_s: after a failure, doubled with each in a row up to back_off_max_s. gone_s: a device
    that was not heard for so long is out of range; it advertises several times a second.
    max_devices: how many are kept in mind.
    """

    every_s: float = 600.0
    back_off_s: float = 30.0
    back_off_max_s: float = 1800.0
    gone_s: float = 10.0
    max_devices: int = 1024


@dataclass
class _Device:
    due_s: float  # its turn may come from here on; who is due longest goes first
    heard_s: float
    failures: int = 0  # in a row
    is_busy: bool = False


class Schedule:
    """Known devices, and for each whether its turn has come."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._devices: dict[str, _Device] = {}

    def __len__(self) -> int:
        return len(self._devices)

    def __contains__(self, device: str) -> bool:
        return device in self._devices

    def heard(self, device: str, now_s: float) -> None:
        """Note that a device is in range. One that is new is due at once.

        Where max_devices are known, the one that was not heard for longest makes room; if all of
        them are busy, the new one is not noted.
        """
        known = self._devices.get(device)
        if known is not None:
            known.heard_s = now_s
            return
        if len(self._devices) >= self._rules.max_devices:
            idle = [(one.heard_s, name) for name, one in self._devices.items() if not one.is_busy]
            if not idle:
                return
            del self._devices[min(idle)[1]]
        self._devices[device] = _Device(due_s=now_s, heard_s=now_s)

    def next(self, now_s: float) -> str | None:
        """Return the device in range that has been due longest; None: it is nobody's turn."""
        due = [
            (one.due_s, name)
            for name, one in self._devices.items()
            if one.due_s <= now_s and not one.is_busy and self._is_in_range(one, now_s)
        ]
        return min(due)[1] if due else None

    def next_due_s(self, now_s: float) -> float | None:
        """Return when the next turn of a device in range comes; None: of nobody that is known."""
        waiting = [
            one.due_s
            for one in self._devices.values()
            if not one.is_busy and self._is_in_range(one, now_s)
        ]
        return min(waiting, default=None)

    def started(self, device: str) -> None:
        """Note that the device's session has begun: it has no other turn until `ended`."""
        self._devices[device].is_busy = True

    def ended(self, device: str, now_s: float, outcome: Outcome) -> None:
        """Note how the session ended, and with that when the device's next turn comes."""
        one = self._devices[device]
        one.is_busy = False
        one.heard_s = now_s if outcome is not Outcome.FAILED else one.heard_s
        if outcome is Outcome.DONE:
            one.failures = 0
            one.due_s = now_s + self._rules.every_s
            return
        # Where something came over, the next attempt goes on behind it and is worth making soon.
        one.failures = 1 if outcome is Outcome.PARTLY else one.failures + 1
        one.due_s = now_s + self._back_off_s(one.failures)

    def _back_off_s(self, failures: int) -> float:
        # The exponent is bounded: a device may fail for months.
        doubled = self._rules.back_off_s * 2.0 ** min(failures - 1, 32)
        return min(doubled, self._rules.back_off_max_s)

    def _is_in_range(self, one: _Device, now_s: float) -> bool:
        return now_s - one.heard_s <= self._rules.gone_s
