"""The demo: a recorded night and a virtual week go from wrist to store, through every real part."""

import asyncio
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.table import Table

from bioklok import demo_school
from bioklok.collect import sync_virtual
from bioklok.console import err, progress, say
from bioklok.demo_recording import ZONE, NoNetwork, fetch_recording
from bioklok.errors import BioklokFailure
from bioklok.files import alone
from bioklok.reports.week import week_of
from bioklok.simulator.life import live
from bioklok.simulator.recording import open_recording
from bioklok.simulator.run import run_world
from bioklok.simulator.student import Student
from bioklok.simulator.world import World
from bioklok.store import Store
from bioklok.sync import SyncResult

# Fixed, so that the demo is the same for everyone and running it again adds nothing.
START = date(2026, 11, 16)
SEED = 47
VIRTUAL = "demo"
RECORDED = "recording"
_HOUR_S = 3600


@dataclass(frozen=True)
class Plan:
    """Whose wrist, under which label in the terminal, and what will happen to it."""

    student: str
    label: str
    zone: str
    world: World


@dataclass(frozen=True)
class Wrist:
    """One device of the demo, after its way from wrist to store."""

    plan: Plan
    device: SyncResult
    stored_epochs: int
    measured_s: float
    synced_s: float


@dataclass(frozen=True)
class Summary:
    """What the demo did. fetched_s: seconds to get and open the recording; school_s: at school."""

    wrists: list[Wrist]
    fetched_s: float
    school_s: float

    def stages(self) -> list[tuple[str, float]]:
        """Name and seconds of each stage, in order."""
        stages = [("fetch and open the recording", self.fetched_s)]
        for wrist in self.wrists:
            stages.append((f"{wrist.plan.label}: through the firmware", wrist.measured_s))
            stages.append((f"{wrist.plan.label}: over Bluetooth LE", wrist.synced_s))
        stages.append(("the same at a school", self.school_s))
        return stages


def run_demo(store: Store, folder: Path, days: int) -> Summary:
    """Measure, sync and store; flash images are kept in `folder`.

    Raises BioklokFailure where the store does not hold just what the devices measured, or another
    demo is at work in the folder.
    """
    with alone(
        folder / VIRTUAL, f"another demo is at work in {folder}: wait for it, or choose --data"
    ):
        return _run(store, folder, days)


def _run(store: Store, folder: Path, days: int) -> Summary:
    student = Student(name=VIRTUAL)
    started = time.perf_counter()
    recording = _recording()
    fetched_s = time.perf_counter() - started
    plans = [Plan(VIRTUAL, "A virtual student", student.timezone, live(student, START, days, SEED))]
    if recording is not None:
        plans.insert(0, Plan(RECORDED, "A recorded night", ZONE, recording))
    wrists = [_wrist(store, plan, folder / f"{plan.student}.flash") for plan in plans]
    for wrist in wrists:
        if wrist.stored_epochs != wrist.device.info.n_epochs:
            raise BioklokFailure(
                f"{wrist.plan.student}: the device holds {wrist.device.info.n_epochs} epochs, the "
                f"store {wrist.stored_epochs}; choose an empty folder with --data and report this"
            )
    started = time.perf_counter()
    _at_school(store, folder, wrists)
    return Summary(wrists, fetched_s, time.perf_counter() - started)


def _at_school(store: Store, folder: Path, wrists: list[Wrist]) -> None:
    """Sync the same devices into a school, where consent, sharing and strips can be seen."""
    school = demo_school.open_school(store, START)
    wearers = {VIRTUAL: demo_school.STUDENT, RECORDED: demo_school.RECORDED}
    for wrist in wrists:
        wearer, plan = wearers[wrist.plan.student], wrist.plan
        school.hand_out(wrist.device.info.device_id, wearer, label=f"Bioklok {wearer}")
        with progress(f"{plan.label}: at school", "pages") as report:
            asyncio.run(sync_virtual(school, folder / f"{plan.student}.flash", report))
            report(wrist.device.info.n_pages, wrist.device.info.n_pages)
    demo_school.share_week(school, week_of(START))


def _recording() -> World | None:
    try:
        with err.status("Fetching a recorded night (23 MB, once) ..."):
            path = fetch_recording()
            return open_recording(path, None, ZoneInfo(ZONE))
    except NoNetwork as failure:
        say(f"No recorded night this time: {failure}")
        say("Going on with the virtual student alone.")
        return None


def _wrist(store: Store, plan: Plan, flash: Path) -> Wrist:
    with progress(f"{plan.label}: through the firmware", "hours", _HOUR_S) as report:
        run = run_world(plan.world, flash, progress=report)
    started = time.perf_counter()
    with progress(f"{plan.label}: over Bluetooth LE", "pages") as report:
        device = asyncio.run(sync_virtual(store, flash, report))
        report(device.info.n_pages, device.info.n_pages)
    synced_s = time.perf_counter() - started
    store.ensure_student(plan.student, plan.label, plan.zone)
    store.assign(device.info.device_id, plan.student)
    stored = store.n_epochs(device.info.device_id, device.info.journal_id)
    return Wrist(plan, device, stored, run.took_s, synced_s)


def tables(summary: Summary) -> list[Table]:
    """The summary for a terminal."""
    epochs = Table(title="\nFrom wrist to store", title_justify="left")
    for heading in ("student", "device"):
        epochs.add_column(heading, no_wrap=True)
    for heading in ("epochs on device", "in store", "new", "frames", "bytes"):
        epochs.add_column(heading, justify="right")
    for wrist in summary.wrists:
        device = wrist.device
        epochs.add_row(
            wrist.plan.student,
            device.info.device_id,
            f"{device.info.n_epochs:,}",
            f"{wrist.stored_epochs:,}",
            f"{device.epochs:,}",
            f"{device.frames:,}",
            f"{device.bytes:,}",
        )
    times = Table(title="\nSeconds for each stage", title_justify="left")
    times.add_column("stage")
    times.add_column("s", justify="right")
    for name, seconds in summary.stages():
        times.add_row(name, f"{seconds:.1f}")
    return [epochs, times]
