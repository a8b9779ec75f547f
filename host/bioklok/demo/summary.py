"""What the demo did, and its tables for a terminal."""

from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table

from bioklok.demo.recorded_week import Imported
from bioklok.demo.wrists import Plan
from bioklok.demo_school import IMPORTED


@dataclass(frozen=True)
class Wrist:
    """One device, after its way from wrist to store.

    epochs: minutes on the device, all of them in the store; new: those that came in for the first
    time, at home and at school together. measured_s: 0 where its image was there already.
    """

    plan: Plan
    device_id: str
    epochs: int
    new: int
    measured_s: float
    synced_s: float


@dataclass(frozen=True)
class Summary:
    """What the demo did. stages: name and seconds of each, in order."""

    devices: list[Wrist]
    imported: Imported | None
    stages: list[tuple[str, float]]

    @property
    def wrists(self) -> list[Wrist]:
        """The devices of the two students at home."""
        return [one for one in self.devices if one.plan.student]


def tables(summary: Summary) -> list[Table]:
    """The summary for a terminal of 80 columns and up."""
    return [_devices(summary), _stages(summary)]


def _devices(summary: Summary) -> Table:
    title = "\nFrom wrist to store: every minute on a device is in the store"
    table = _table(title)
    for heading in ("device", "at home", "at school"):
        table.add_column(heading, no_wrap=True)
    for heading in ("minutes", "new", "firmware s", "radio s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in summary.devices:
        table.add_row(
            one.device_id,
            one.plan.student,
            one.plan.wearer,
            f"{one.epochs:,}",
            f"{one.new:,}",
            f"{one.measured_s:.1f}" if one.measured_s else "kept",
            f"{one.synced_s:.1f}",
        )
    if summary.imported is not None:
        week = summary.imported
        numbers = (f"{week.minutes:,}", f"{week.new_minutes:,}")
        table.add_row("recorder's file", "", IMPORTED, *numbers, "imported", "")
    return table


def _stages(summary: Summary) -> Table:
    table = _table("\nSeconds for each stage")
    table.add_column("stage")
    table.add_column("s", justify="right")
    for name, seconds in summary.stages:
        table.add_row(name, f"{seconds:.1f}")
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
