"""`make bench`: prints the table and writes benchmarks/out/bench.json."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from biocore import gatt
from biocore.page import PAGE_BYTES
from bioklok.collect import sync_virtual
from bioklok.demo_recording import ZONE, NoNetwork, fetch_recording
from bioklok.errors import BioklokFailure
from bioklok.simulator import run as runner
from bioklok.simulator.image import new_image, read_identity
from bioklok.simulator.interpreter import environment, find_micropython
from bioklok.simulator.life import live
from bioklok.simulator.recording import open_recording
from bioklok.simulator.run import run_world
from bioklok.simulator.student import Student
from bioklok.simulator.world import World
from bioklok.store import open_store
from bioklok.sync import SyncResult
from rich.console import Console
from rich.table import Table

from benchmarks import estimator_cost, metrics
from benchmarks import week as week_report
from benchmarks.figure import HERE, Figure, on_micropython
from benchmarks.radio import raw_bytes_per_s

START = date(2026, 11, 16)
DAYS = 28  # of pages for the goodput
SESSIONS = 5


def kernels() -> Iterator[Figure]:
    r = on_micropython("kernels_main.py")
    yield Figure(
        "a sample in the kernels", r["fast_us"] * 40, "ns", "plain Python", r["plain_us"] * 40
    )
    yield Figure("allocated per burst", r["fast_b"], "B", "plain Python", r["plain_b"])


def estimator() -> Iterator[Figure]:
    """A minute, a quarter hour's end, and what has to be kept (asked for on a chip of 32 bits)."""
    here, there = estimator_cost.measure()
    if text := estimator_cost.warning(here, there):
        Console(stderr=True).print(text)
    yield from estimator_cost.costs(here, there)


def stream_alone(world: World) -> float:
    """Seconds to make the world and carry it through a pipe, with no device behind it."""
    started = time.perf_counter()
    with open(os.devnull, "wb") as sink:
        for chunk in world.chunks:
            sink.write(chunk.tobytes())
    return time.perf_counter() - started


def night(folder: Path) -> Iterator[Figure]:
    try:
        path = fetch_recording()
    except NoNetwork as failure:
        Console(stderr=True).print(f"no recorded night: {failure}")
        return
    alone = stream_alone(open_recording(path, None, ZoneInfo(ZONE)))
    run = run_world(open_recording(path, None, ZoneInfo(ZONE)), folder / "night.flash")
    yield Figure("replay of 21 recorded hours", run.took_s, "s", "reading the file alone", alone)


def week(folder: Path) -> Iterator[Figure]:
    alone = stream_alone(live(Student(), START, 7, 1))
    run = run_world(live(Student(), START, 7, 1), folder / "week.flash")
    yield Figure("a simulated week", run.took_s, "s", "making the student's week alone", alone)
    yield from sync(folder / "week.flash", folder)
    iso = START.isocalendar()
    with open_store(f"sqlite:///{folder / 'week.sqlite'}") as store:
        store.assign(read_identity(folder / "week.flash").device_id, store.ensure_student("s").id)
        yield from week_report.figures(store, "s", f"{iso.year}-W{iso.week:02}")


def seal() -> Iterator[Figure]:
    """What sealing costs the device (the issue's bound: 2.5 kB of garbage a frame of 200 bytes)."""
    r = on_micropython("seal_main.py")
    yield Figure("a sealed frame of 200 B", r["sealed_us"], "us", "not sealed", r["plain_us"])
    yield Figure("garbage of it", r["sealed_b"], "B", "not sealed", r["plain_b"], most=2500)


def sync(flash: Path, folder: Path) -> Iterator[Figure]:
    week = _session(flash, folder / "week.sqlite")
    page_bytes = week.pages_new * PAGE_BYTES
    att_bytes = week.bytes + week.bytes_sent
    att_bytes += (week.frames + week.frames_sent) * gatt.ATT_OVERHEAD_BYTES
    yield Figure("a week over Bluetooth LE", week.seconds, "s", "pages", week.pages_new, most=90)
    share = page_bytes / att_bytes
    yield Figure("page bytes of ATT bytes", share, "of 1", "asked for", 0.85, least=0.85)


def goodput(folder: Path) -> Iterator[Figure]:
    """Four weeks of pages in a whole session, from HELLO to BYE, commits to the database included.

    Beside raw notifications of the same size on the same air, before and after each session.
    """
    shares = []
    with new_image(folder / "month.flash", "month") as image:
        subprocess.run(
            [find_micropython(), HERE / "fill_main.py", str(DAYS)],
            env=environment(BIOKLOK_SIM_FLASH=str(image)),
            stdout=subprocess.DEVNULL,
            check=True,
        )
    raw = raw_bytes_per_s()
    for n in range(SESSIONS):
        session = _session(folder / "month.flash", folder / f"month {n}.sqlite")
        before, raw = raw, raw_bytes_per_s()
        rate = session.pages_new * PAGE_BYTES / session.seconds
        shares.append((2 * rate / (before + raw), rate, (before + raw) / 2))
    share, rate, beside = sorted(shares)[SESSIONS // 2]
    yield Figure("goodput, median session", rate / 1000, "kB/s", "raw beside it", beside / 1000)
    yield Figure("goodput of raw", share, "of 1", "asked for", 0.7, least=0.7)


def _session(flash: Path, database: Path) -> SyncResult:
    with open_store(f"sqlite:///{database}") as store:
        return asyncio.run(sync_virtual(store, flash, lambda done, total: None))


def sampling(folder: Path) -> Iterator[Figure]:
    """Where the device's time goes in a simulated day."""
    with new_image(folder / "day.flash", "bench") as image, tempfile.TemporaryFile() as stream:
        world = live(Student(), START, 1, 1)
        stream.write(world.header())
        for chunk in world.chunks:
            stream.write(chunk.tobytes())
        stream.seek(0)
        done = subprocess.run(
            [find_micropython(), "-X", f"heapsize={runner.HEAP}", HERE / "sampling_main.py"],
            env=environment(
                BIOKLOK_SIM_FLASH=str(image), BIOKLOK_SIM_WORLD=f"/dev/fd/{stream.fileno()}"
            ),
            pass_fds=(stream.fileno(),),
            capture_output=True,
            check=True,
        )
    spent = json.loads(done.stdout)
    whole_us = spent["all"][0]
    for name, text in (
        ("read", "reading the accelerometer (fake chip included)"),
        ("activity", "activity kernels"),
        ("epoch", "estimator and journal"),
    ):
        us, n = spent[name]
        yield Figure(f"share of time: {text}", us / whole_us, "of 1", "us each", us / n)


def main() -> None:
    """Measure all; exits with what was outside its bounds, or could not be measured as asked."""
    figures: list[Figure] = []
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        on_flash = (sampling(folder), night(folder), week(folder), goodput(folder))
        for part in (kernels(), estimator(), seal(), metrics.figures(), *on_flash):
            with console.status("measuring ..."):
                try:
                    figures += part
                except BioklokFailure as failure:
                    sys.exit(str(failure))
    table = Table(title="Bench: each figure beside its reference, measured in this run")
    table.add_column("what")
    table.add_column("figure", justify="right")
    table.add_column("reference")
    table.add_column("figure", justify="right")
    for f in figures:
        reference = "" if f.reference_value is None else f"{f.reference_value:,.3g}"
        table.add_row(f.name, f"{f.value:,.4g} {f.unit}", f.reference, reference)
    console.print(table)
    out = HERE / "out"
    out.mkdir(exist_ok=True)
    (out / "bench.json").write_text(json.dumps([asdict(f) for f in figures], indent=2) + "\n")
    missed = [f.name for f in figures if not f.holds()]
    if missed:
        sys.exit("outside the bounds that were asked for: " + ", ".join(missed))


if __name__ == "__main__":
    main()
