"""The demo from start to end: measure side by side, sync one after another, then the school."""

import asyncio
import time
from concurrent.futures import as_completed
from pathlib import Path

from bioklok import demo_school
from bioklok.collect import sync_virtual
from bioklok.console import err, say
from bioklok.demo import deeds
from bioklok.demo.board import Line, board
from bioklok.demo.recorded_week import Imported, fetch_week, import_week
from bioklok.demo.side_by_side import SideBySide, n_cores
from bioklok.demo.summary import Summary, Wrist
from bioklok.demo.wrists import VIRTUAL, Plan, plans
from bioklok.demo_recording import NoNetwork, fetch_recording
from bioklok.demo_wrist import START
from bioklok.device_facts import DeviceInfo
from bioklok.errors import BioklokFailure
from bioklok.files import alone
from bioklok.simulator.image import read_identity
from bioklok.store import Store


def run_demo(store: Store, folder: Path, days: int) -> Summary:
    """Measure, sync and store; flash images are kept in `folder`, and not made again.

    Raises BioklokFailure where the store does not hold just what the devices measured, or another
    demo is at work in the folder.
    """
    with alone(
        folder / VIRTUAL, f"another demo is at work in {folder}: wait for it, or choose --data"
    ):
        return _run(store, folder, days)


def _run(store: Store, folder: Path, days: int) -> Summary:
    stages = _Stages()
    night, week = _recordings()
    stages.ends("fetch the recordings")
    school = demo_school.open_school(store, START)
    deeds.before_the_sync(school, int(time.time()))
    stages.ends("open the school")
    devices = _devices(store, school, folder, plans(days, night))
    lived_s = sum(one.measured_s for one in devices)
    stages.ends(f"{len(devices)} wrists, {n_cores()} at once ({lived_s:.0f} s of firmware)")
    imported = _imported(school, week)
    stages.ends("import the recorded week")
    deeds.after_the_sync(school, int(time.time()))
    stages.ends("cards, shares, strips")
    return Summary(devices, imported, stages.all())


class _Stages:
    """Takes the time of each stage."""

    def __init__(self) -> None:
        self._began_s = self._since_s = time.perf_counter()
        self._ended: list[tuple[str, float]] = []

    def ends(self, name: str) -> None:
        """This one ends, the next begins."""
        now_s = time.perf_counter()
        self._ended.append((name, now_s - self._since_s))
        self._since_s = now_s

    def all(self) -> list[tuple[str, float]]:
        """All of them, and their sum."""
        return [*self._ended, ("in all", self._since_s - self._began_s)]


def _recordings() -> tuple[Path | None, Path | None]:
    """The recorded night and the recorded week; None where they cannot be had."""
    try:
        with err.status("Fetching a recorded night and a recorded week (25 MB, once) ..."):
            return fetch_recording(), fetch_week()
    except NoNetwork as failure:
        say(f"No recorded night this time: {failure}")
        say("Going on with the virtual students alone.")
        return None, None


def _devices(store: Store, school: Store, folder: Path, made: list[Plan]) -> list[Wrist]:
    """Measure all side by side; sync each when it is ready, one at a time: the radio of this
    computer is one, and so is the store's writer."""
    done: dict[str, Wrist] = {}
    with board() as line_of, SideBySide(n_cores()) as wrists:
        lines = {plan.image: line_of(plan.label) for plan in made}
        begun = {
            wrists.start(plan, folder / plan.image, lines[plan.image].hours): plan for plan in made
        }
        for future in as_completed(begun):
            plan = begun[future]
            flash, line = folder / plan.image, lines[plan.image]
            done[plan.image] = _bring((store, school), plan, flash, future.result(), line)
    return [done[plan.image] for plan in made]


def _bring(
    stores: tuple[Store, Store], plan: Plan, flash: Path, measured_s: float, line: Line
) -> Wrist:
    home, school = stores
    started = time.perf_counter()
    new = 0
    if plan.student:
        device = asyncio.run(sync_virtual(home, flash, line.radio("home")))
        home.ensure_student(plan.student, plan.label, plan.life.timezone)
        home.assign(device.info.device_id, plan.student)
        _check_stored(home, plan, device.info)
        new = device.epochs
    _hand_out(school, read_identity(flash).device_id, plan.wearer)
    device = asyncio.run(sync_virtual(school, flash, line.radio("school")))
    _check_stored(school, plan, device.info)
    line.ends("in the store")
    return Wrist(
        plan,
        device.info.device_id,
        device.info.n_epochs,
        new + device.epochs,
        measured_s,
        time.perf_counter() - started,
    )


def _check_stored(store: Store, plan: Plan, info: DeviceInfo) -> None:
    """Raise BioklokFailure unless every minute on the device is in the store, and no other."""
    stored = store.n_epochs(info.device_id, info.journal_id)
    if stored != info.n_epochs:
        raise BioklokFailure(
            f"{plan.label}: the device holds {info.n_epochs} epochs, the store {stored}; choose an "
            "empty folder with --data and report this"
        )


def _hand_out(school: Store, device_id: str, wearer: str) -> None:
    """Give a student this device; one of an earlier demo, with other firmware, is taken back."""
    for device in school.devices():
        if device.student_id == wearer and device.device_id != device_id:
            school.hand_out(device.device_id, None)
    if device_id not in {one.device_id for one in school.devices() if one.student_id == wearer}:
        school.hand_out(device_id, wearer, label=f"Bioklok {wearer}")


def _imported(school: Store, week: Path | None) -> Imported | None:
    return import_week(school, week) if week is not None else None
