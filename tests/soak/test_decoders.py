"""A million random and mutated inputs to the decoders of each side (`make soak`); a taste of it in
`make test`."""

import subprocess
import sys
from pathlib import Path

import pytest
from bioklok.simulator.interpreter import environment, find_micropython, firmware_dir

PROGRAM = Path(__file__).with_name("decoders.py")


def fed(side: str, n: int, seed: int) -> dict[str, int]:
    if side == "device":
        command = [find_micropython(), "-X", "heapsize=400k", PROGRAM]
        env = environment()
    else:
        command = [sys.executable, PROGRAM]
        env = {"PYTHONPATH": str(firmware_dir())}
    done = subprocess.run(
        [*map(str, command), str(n), str(seed)],
        env=env,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = done.stdout.split()[1:]
    return {name: int(count) for name, count in (pair.split("=") for pair in counts)}


@pytest.mark.parametrize("side", ["host", "device"])
def test_a_taste_of_it(side):
    counts = fed(side, 20_000, 1)
    assert sum(counts.values()) == 20_000
    assert all(counts[outcome] > 0 for outcome in ("taken", "left", "damaged", "refused"))


def test_both_sides_answer_alike():
    assert fed("host", 5_000, 7) == fed("device", 5_000, 7)


@pytest.mark.soak
@pytest.mark.parametrize("side", ["host", "device"])
def test_a_million(side):
    counts = fed(side, 1_000_000, 2026)
    assert sum(counts.values()) == 1_000_000
