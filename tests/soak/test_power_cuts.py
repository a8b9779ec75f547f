"""The power goes ten thousand times (`make soak`); three hundred in `make test`."""

import json
import subprocess
from pathlib import Path

import pytest
from bioklok.simulator.interpreter import environment, find_micropython

PROGRAM = Path(__file__).with_name("power_cuts.py")


def cut(cuts: int, seed: int) -> dict[str, int]:
    done = subprocess.run(
        [find_micropython(), "-X", "heapsize=1m", PROGRAM, str(cuts), str(seed)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    print(figures)
    assert figures["cuts"] == cuts
    return figures


def test_a_taste_of_it():
    figures = cut(300, 1)
    assert figures["epochs"] > 5000


@pytest.mark.soak
def test_ten_thousand_power_cuts():
    figures = cut(10_000, 2)
    assert figures["epochs"] > 7 * 1440
    assert figures["lamps"] >= 3
