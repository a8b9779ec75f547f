"""Reading a recording and all its figures, beside pyActigraphy on the same file.

`python -m benchmarks.metrics [FILE] [--peer PYTHON]`. The peer is an interpreter that has
pyActigraphy (GPL-3: run beside, never imported): what `make peer` made, or BIOKLOK_PYACTIGRAPHY.
FILE is an Actiware CSV, also BIOKLOK_BENCH_RECORDING; without one it is the peer's own sample, and
without a peer a week of minutes is made up.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from bioklok.recordings.analysed import analyse
from bioklok.recordings.opening import open_recording
from rich.console import Console

from benchmarks.figure import Figure

ZONE = ZoneInfo("Europe/Berlin")
RUNS = 15
PROCESS_MOST_S = 0.7
PEER = Path(__file__).parents[1] / "build" / "peer" / "bin" / "python"
SAMPLE = "test_sample_rpx_ger_with_light.csv"
PEER_LEAST = 10.0
PEER_LIMIT_S = 300

# What the peer runs: reading, then the figures that were named in the issue. Its first round
# compiles, as it does for whoever runs it once; the later ones do not. Both are told.
PROGRAM = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import pyActigraphy
def once(path):
    at = time.perf_counter()
    point = ',' if sys.argv[2] == 'GER' else '.'
    raw = pyActigraphy.io.read_raw_rpx(path, language=sys.argv[2], decimal=point)
    read = time.perf_counter() - at
    raw.IS(freq="1h", binarize=False), raw.IV(freq="1h", binarize=False)
    raw.RA(binarize=False), raw.L5(binarize=False), raw.M10(binarize=False)
    raw.CK(), raw.Sadeh(), raw.Roenneberg(), raw.SleepRegularityIndex(algo="Roenneberg")
    figures = {"is": raw.IS(freq="1h", binarize=False), "iv": raw.IV(freq="1h", binarize=False)}
    return time.perf_counter() - at, read, figures
first = once(sys.argv[1])[0]
whole, read, figures = min(once(sys.argv[1]) for _ in range(3))
print(json.dumps({"first_s": first, "whole_s": whole, "read_s": read, **figures}))
"""


def best_s(work: Callable[[], object]) -> float:
    """Seconds of the quickest of some runs: what else the machine does is not ours."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def made_up(folder: Path) -> Path:
    """A week at 30 s in our own CSV."""
    start = datetime(2026, 11, 16)
    rng = np.random.default_rng(1)
    lines = ["time,activity,lux,marker"]
    for i in range(7 * 2880):
        awake = 840 <= i % 2880 < 2760
        counts = int(rng.gamma(1.5, 40)) if awake else int(rng.random() < 0.05)
        lines.append(
            f"{start + timedelta(seconds=30 * i):%Y-%m-%dT%H:%M:%S},{counts},{300 * awake},0"
        )
    path = folder / "week.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def peers_sample(python: str) -> Path | None:
    """The recording of a week among the peer's own test data; None where it has none."""
    base = (
        Path(python)
        .parents[1]
        .glob(f"lib/python3.*/site-packages/pyActigraphy/tests/data/{SAMPLE}")
    )
    return next(base, None)


def peer_figures(python: str, path: Path) -> dict[str, float] | None:
    """What the peer measured; None where it cannot."""
    head = path.read_bytes()[:200]
    language = "GER" if b"Export" in head and b"datei" in head else "ENG_UK"
    done = subprocess.run(
        [python, "-c", PROGRAM, path, language],
        capture_output=True,
        text=True,
        timeout=PEER_LIMIT_S,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        Console(stderr=True).print(f"pyActigraphy did not run: {' '.join(last)}", markup=False)
        return None
    found: dict[str, float] = json.loads(done.stdout)
    return found


def figures(path: Path | None = None, peer: str | None = None) -> Iterator[Figure]:
    """Reading and all figures; the command as a process; the peer where it is named."""
    peer = peer or os.environ.get("BIOKLOK_PYACTIGRAPHY") or (str(PEER) if PEER.exists() else None)
    named = os.environ.get("BIOKLOK_BENCH_RECORDING")
    path = path or (Path(named) if named else None) or (peers_sample(peer) if peer else None)
    with tempfile.TemporaryDirectory() as folder:
        file = path or made_up(Path(folder))
        read_s = best_s(lambda: open_recording(file, ZONE))
        whole_s = best_s(lambda: analyse(open_recording(file, ZONE), ZONE))
        command = [Path(sys.executable).with_name("bioklok"), "analyse", file, "--format", "json"]
        process_s = best_s(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))
        theirs = peer_figures(peer, file) if peer and path else None
    yield Figure("a recording read and all figures", whole_s, "s", "reading alone", read_s)
    yield Figure(
        "bioklok analyse", process_s, "s", "asked for", PROCESS_MOST_S, most=PROCESS_MOST_S
    )
    if theirs:
        for name, key in (
            ("times as fast as pyActigraphy, its first round", "first_s"),
            ("times as fast as pyActigraphy, its later rounds", "whole_s"),
        ):
            took_s = theirs[key]
            yield Figure(name, took_s / whole_s, "", "its seconds", took_s, least=PEER_LEAST)


def main() -> None:
    """Print the figures; exits with what was outside its bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--peer", metavar="PYTHON")
    arguments = parser.parse_args()
    found = list(figures(arguments.file, arguments.peer))
    console = Console()
    for one in found:
        beside = f"{one.reference} {one.reference_value:.3g}" if one.reference_value else ""
        console.print(f"{one.name}: {one.value:.3g} {one.unit}  ({beside})")
    if missed := [one.name for one in found if not one.holds()]:
        sys.exit("outside the bounds that were asked for: " + ", ".join(missed))


if __name__ == "__main__":
    main()
