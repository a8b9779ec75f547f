"""The whole path as a person walks it: the command, the firmware, the virtual radio, the store."""

import json
import sqlite3
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from biocore.button import GAP_MS
from bioklok.analysis.epochs import decode
from bioklok.cli import app
from bioklok.demo_recording import ZONE, NoNetwork, fetch_recording
from bioklok.reports.week import week_from_pages
from bioklok.simulator.life import live
from bioklok.simulator.recording import open_recording
from bioklok.simulator.run import run_world
from bioklok.simulator.student import Student
from bioklok.simulator.world import SECOND, World
from bioklok.store import open_store
from support import geneactiv
from support.flash import pages_of
from typer.testing import CliRunner

START = date(2026, 11, 16)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Call a command with its own database; give its stdout."""
    monkeypatch.setenv("BIOKLOK_DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")

    def call(*arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return call


@pytest.fixture(scope="session")
def day(tmp_path_factory) -> Path:
    """The flash of a simulated Monday."""
    flash = tmp_path_factory.mktemp("day") / "day.flash"
    run_world(live(Student(), START, 1, 1), flash)
    return flash


def stored(tmp_path) -> list[tuple[int, int]]:
    """(sequence, epochs) of every page in the store."""
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as store:
        return store.execute("SELECT sequence, n_epochs FROM page ORDER BY 1").fetchall()


def test_a_day_is_1440_epochs_of_consecutive_minutes(day):
    epochs = decode(pages_of(day))
    assert len(epochs) == 1440
    assert (np.diff(epochs.utc_s) == 60).all()
    assert (epochs.record["valid_s"] == 60).all()
    assert datetime.fromtimestamp(int(epochs.utc_s[0]), ZoneInfo("Europe/Amsterdam")).hour == 0


def test_what_was_pressed_was_noted(day):
    """Marks in the log are the gestures of the student's finger, minute by minute."""
    world = live(Student(), START, 1, 1)
    record = decode(pages_of(day)).record
    expected = np.zeros(1440, int)
    downs = [
        (at, up - at)
        for (at, _), (up, _) in zip(world.button[::2], world.button[1::2], strict=True)
    ]
    while downs:
        gesture = [downs.pop(0)]
        while downs and downs[0][0] - gesture[-1][0] < 1000:
            gesture.append(downs.pop(0))
        mark = {2: 1, 3: 2}.get(len(gesture), 4 if gesture[0][1] > 1200 else 0)
        # certain when the button is let go for good: a mark counts in that minute
        at, held = gesture[-1]
        expected[(at + held + (GAP_MS if len(gesture) > 1 else 0)) // 60_000] |= mark
    assert expected.any()
    assert record["marks"].tolist() == expected.tolist()


def test_the_same_seed_is_the_same_flash_to_the_bit(day, tmp_path):
    again = tmp_path / "again.flash"
    run_world(live(Student(), START, 1, 1), again)
    assert again.read_bytes() == day.read_bytes()
    other = tmp_path / "other.flash"
    run_world(live(Student(), START, 1, 2), other)
    assert other.read_bytes() != day.read_bytes()


def test_sync_stores_every_epoch_once_however_often(day, tmp_path, run):
    flash = tmp_path / "day.flash"
    flash.write_bytes(day.read_bytes())
    first = run("sync", "--virtual", str(flash), "--student", "mila")
    assert "1440 epochs on the device, 1440 in the store, 1440 new" in first
    assert stored(tmp_path) == [(i, 30) for i in range(48)]
    for _ in range(2):
        again = run("sync", "--virtual", str(flash))
        assert "1440 epochs on the device, 1440 in the store, 0 new" in again
    assert stored(tmp_path) == [(i, 30) for i in range(48)]
    # the pages in the store are the bytes on the flash, and only with the student's key
    made = pages_of(flash)
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as opened:
        assert opened.pages_of(opened.students()[0].id, 0, 2**31) == made
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as store:
        kept = b"".join(row[0] for row in store.execute("SELECT data FROM page"))
    assert not any(page[32:] in kept for page in made)


def test_simulate_sync_report(tmp_path, run):
    flash = tmp_path / "x.flash"
    assert run("simulate", "--days", "1", "--flash", str(flash)).strip() == str(flash)
    run("sync", "--virtual", str(flash), "--student", "mila")
    week = json.loads(run("report", "--student", "mila", "--week", "2026-W47"))
    assert week["n_epochs"] == 1440
    for metric in week["metrics"].values():
        assert set(metric) == {"value", "unit", "n_days", "coverage", "reason"}
        assert (metric["value"] is None) == (metric["reason"] is not None)
    page = tmp_path / "week.html"
    assert (
        run(
            "report", "--student", "mila", "--week", "2026-W47", "--format", "html", "-o", str(page)
        )
        == ""
    )
    assert "<svg" in page.read_text()


def test_a_recorded_night_is_found_from_what_the_device_logged(tmp_path):
    """Rest period 00:42:35 to 08:34:50, its authors' values; within 20 minutes at both ends."""
    try:
        recording = fetch_recording()
    except NoNetwork as failure:
        pytest.skip(str(failure))
    flash = tmp_path / "night.flash"
    run_world(open_recording(recording, None, ZoneInfo(ZONE)), flash)
    pages = pages_of(flash)
    assert sum(1 for _ in decode(pages).utc_s) == 1260
    nights = week_from_pages(pages, "x", "2019-W12", ZONE).nights
    night = next(n for n in nights if n.date == date(2019, 3, 21))
    zone = ZoneInfo(ZONE)
    assert night.onset is not None and night.offset is not None
    early = abs((night.onset - datetime(2019, 3, 22, 0, 42, 35, tzinfo=zone)).total_seconds())
    late = abs((night.offset - datetime(2019, 3, 22, 8, 34, 50, tzinfo=zone)).total_seconds())
    assert early <= 20 * 60 and late <= 20 * 60


def test_enmo_of_a_known_recording(tmp_path):
    """Two minutes still, two at 1.5 g: 0 and 500 mg (the file has steps of 4 mg, the chip of 2)."""
    pages = geneactiv.still(40) + geneactiv.still(40, z=1.5, lux=500)
    path = geneactiv.write(tmp_path / "a.bin", pages)
    flash = tmp_path / "a.flash"
    run_world(open_recording(path, None, ZoneInfo("UTC")), flash)
    record = decode(pages_of(flash)).record
    assert len(record) == 4
    assert record["enmo_dmg"].tolist()[0] == 0
    assert abs(int(record["enmo_dmg"][3]) - 5000) <= 20
    assert abs(int(record["light_mlx"][0]) - 100_000) <= 1000
    assert abs(int(record["light_mlx"][3]) - 500_000) <= 5000
    # alpha of 500 lx, in 2**-18
    assert abs(int(record["light_alpha_q18"][3]) - 0.05 * (500 / 9500) ** 0.5 * 2**18) <= 20


def world_of(seconds: np.ndarray) -> World:
    return World(1763000040, "test", len(seconds), [], iter([seconds]))


def test_ctrl_c_leaves_nothing_half_written(tmp_path):
    def interrupted():
        yield np.zeros(600, SECOND)
        raise KeyboardInterrupt

    flash = tmp_path / "x.flash"
    with pytest.raises(KeyboardInterrupt):
        run_world(World(1763000040, "test", 9999, [], interrupted()), flash)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_keeps_the_flash_that_was_there(tmp_path):
    flash = tmp_path / "x.flash"
    still = np.zeros(120, SECOND)
    still["mg"] = [0, 0, 1000]
    run_world(world_of(still), flash)
    before = flash.read_bytes()

    def broken():
        yield still
        raise ValueError("the recording broke off")

    with pytest.raises(ValueError, match="broke off"):
        run_world(World(1763000040, "test", 9999, [], broken()), flash)
    assert flash.read_bytes() == before
    assert list(tmp_path.iterdir()) == [flash]


def test_a_hole_in_the_store_is_filled_and_only_that_is_new(day, tmp_path, run):
    flash = tmp_path / "day.flash"
    flash.write_bytes(day.read_bytes())
    run("sync", "--virtual", str(flash))
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as store, store:
        store.execute("DELETE FROM page WHERE sequence = 20")
    again = run("sync", "--virtual", str(flash))
    assert "1440 epochs on the device, 1440 in the store, 30 new" in again
    assert stored(tmp_path) == [(i, 30) for i in range(48)]
