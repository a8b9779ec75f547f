"""MicroPython and CPython come to the same flags and the same state, to the bit."""

import hashlib
import subprocess
from pathlib import Path

from bioklok.simulator.interpreter import environment, find_micropython
from support import estimator_life

PROGRAM = Path(estimator_life.__file__)


def test_five_weeks_are_the_same_to_the_bit_on_both_interpreters():
    here = [hashlib.sha256(bytes(part)).hexdigest() for part in estimator_life.weeks()]
    there = subprocess.run(
        [find_micropython(), PROGRAM], env=environment(), capture_output=True, check=True, text=True
    ).stdout.split()
    assert len(here) == estimator_life.WEEKS and len(set(here)) == len(here)
    assert there == here
