"""The wrist's night finder on people: against the vendor's nights, and on a raw recording."""

import subprocess
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from biocore.night import Night
from biocore.record import FLAG_ASLEEP
from biocore.sleep import Sleep, stillness
from bioklok import demo_recording
from bioklok.analysis import counts
from bioklok.analysis.epochs import Epochs, decode
from bioklok.simulator.interpreter import environment, find_micropython
from bioklok.simulator.recording import open_recording
from bioklok.simulator.run import run_world
from support import actiware
from support.flash import pages_of

from benchmarks.study.nights import agreement, read_couples

MOST_MIN = 15  # the bound on the median absolute difference, for onset and for end
MOST_MISSED = 0.05


@pytest.fixture(scope="session")
def couples(data_dir) -> list[actiware.Recording]:
    try:
        return read_couples(data_dir)
    except FileNotFoundError as failure:
        pytest.skip(str(failure))


@pytest.mark.parametrize("threshold", [counts.ACTIWATCH_COUNTS, None], ids=["actiwatch", "own"])
def test_the_vendors_nights_are_found(couples, threshold):
    found = agreement(couples, threshold)
    print(found.summary(str(threshold)))
    assert found.n >= 200
    assert max(found.medians()) <= MOST_MIN
    assert found.missed <= MOST_MISSED


def test_no_half_of_the_people_carries_the_result(couples):
    rng = np.random.default_rng(4)
    for _ in range(10):
        chosen = rng.permutation(len(couples))[: len(couples) // 2]
        found = agreement([couples[i] for i in chosen], counts.ACTIWATCH_COUNTS)
        assert max(found.medians()) <= MOST_MIN


def test_the_threshold_is_on_a_plateau(couples):
    """Half as much, and half as much more, still does: nothing hangs on the choice."""
    for threshold in (10.0, 30.0):
        assert max(agreement(couples, threshold).medians()) <= MOST_MIN


def test_nothing_found_lies_off_the_wrist(couples):
    for recording in couples:
        table = recording.off_wrist | counts.lifeless(recording.counts)
        codes = counts.stillness(recording.counts, counts.ACTIWATCH_COUNTS)
        for night in counts.last_told(counts.found_nights(codes, table)):
            off = recording.off_wrist[night.onset : night.wake]
            assert np.count_nonzero(off) <= 0.1 * len(off), recording.name


# -- the raw night, through the firmware

ZONE = ZoneInfo(demo_recording.ZONE)


@pytest.fixture(scope="session")
def raw_night(tmp_path_factory) -> Epochs:
    path = demo_recording.cached_recording()
    if not demo_recording.is_whole(path):
        pytest.skip(f"no raw recording at {path} (bioklok demo fetches it)")
    flash = tmp_path_factory.mktemp("raw") / "night.flash"
    run_world(open_recording(path, None, ZONE), flash)
    return decode(pages_of(flash))


def minutes_apart(utc_s: int, text: str) -> float:
    return abs(utc_s - datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) / 60


def test_the_wrist_finds_the_raw_recordings_night(raw_night):
    night = Night()
    told = []
    record = raw_night.record
    for i, start_utc_s in enumerate(raw_night.utc_s.tolist()):
        minute = stillness(
            int(record["angle_step_median_cdeg"][i]), int(record["angle_step_max_cdeg"][i])
        )
        if night.step(minute, False):
            now = start_utc_s + 60
            told.append((now - 60 * night.onset_min(), now - 60 * night.wake_min(), now))
    [(onset, wake, now)] = told
    assert night.known()
    assert minutes_apart(onset, "2019-03-22T00:42:35") <= 10
    assert minutes_apart(wake, "2019-03-22T08:34:50") <= 10
    assert now - wake <= 70 * 60


ON_MICROPYTHON = """
import sys
from biocore.night import Night
from biocore.record import FLAG_ASLEEP
from biocore.sleep import stillness
night = Night()
n = 0
for line in sys.stdin:
    n += 1
    if night.step(stillness(*[int(word) for word in line.split()]), False):
        print(n - night.onset_min(), n - night.wake_min(), n)
"""


def test_micropython_finds_the_same_night(raw_night):
    record = raw_night.record
    medians, largest = record["angle_step_median_cdeg"], record["angle_step_max_cdeg"]
    pairs = list(zip(medians.tolist(), largest.tolist(), strict=True))
    done = subprocess.run(
        [find_micropython(), "-c", ON_MICROPYTHON],
        input="".join(f"{median} {most}\n" for median, most in pairs),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    night = Night()
    told = [
        f"{n - night.onset_min()} {n - night.wake_min()} {n}"
        for n, (median, most) in enumerate(pairs, 1)
        if night.step(stillness(median, most), False)
    ]
    assert done.stdout.split("\n") == [*told, ""] and len(told) == 1


def test_asleep_now_follows_the_raw_recordings_night(raw_night):
    sleep = Sleep()
    asleep = []
    for step in raw_night.record["angle_step_max_cdeg"].tolist():
        sleep.step(step, False)
        asleep.append(sleep.asleep)
    times = raw_night.utc_s[asleep]
    bed = datetime(2019, 3, 22, 0, 42, 35, tzinfo=ZONE).timestamp()
    up = datetime(2019, 3, 22, 8, 34, 50, tzinfo=ZONE).timestamp()
    assert np.all((times > bed) & (times < up + 60))  # never asleep outside the rest period
    assert len(times) >= 400  # of 470
    # The same as MicroPython's: the device logged it.
    assert asleep == (raw_night.record["flags"] & FLAG_ASLEEP != 0).tolist()
    assert abs(sleep.asleep_min - 470) <= 15
