"""The decoders under atheris, which looks for inputs that reach new lines (`make soak`).

atheris has no wheels for every platform and Python: where it is missing, this is skipped.
"""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from bioklok.simulator.interpreter import firmware_dir

PROGRAM = Path(__file__).with_name("guided.py")
TESTS = Path(__file__).parent.parent
RUNS = 300_000


@pytest.mark.soak
@pytest.mark.skipif(find_spec("atheris") is None, reason="needs atheris: pip install -e .[fuzz]")
def test_inputs_that_look_for_new_lines(tmp_path):
    done = subprocess.run(
        [sys.executable, PROGRAM, f"-runs={RUNS}", "-seed=2026", "-max_len=4096", "-verbosity=1"],
        cwd=tmp_path,  # where it leaves the input that broke something
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(firmware_dir()), str(TESTS)])},
        capture_output=True,
        text=True,
        timeout=3000,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert f"Done {RUNS} runs" in done.stdout + done.stderr
