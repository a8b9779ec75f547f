"""The tests of both interpreters are chosen by name (pytest -k), as those of one are."""

import subprocess
import sys
from pathlib import Path

CORE = Path(__file__).parents[1] / "core"


def test_a_test_is_chosen_by_its_name_on_both_interpreters():
    file = CORE / "test_button.py"
    name = next(line for line in file.read_text().splitlines() if line.startswith("def test_"))
    name = name.removeprefix("def ").partition("(")[0]
    pytest = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist")
    done = subprocess.run(
        [*pytest, "-q", "--collect-only", file, "-k", name],
        capture_output=True,
        text=True,
        cwd=CORE.parents[1],
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f"::{name}\n" in done.stdout
    assert f"::{name}[micropython]\n" in done.stdout
