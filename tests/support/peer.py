"""pyActigraphy as a peer: an interpreter that has it is asked, it is never imported here (GPL-3).

`make peer` makes one; BIOKLOK_PYACTIGRAPHY names another.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# What it is asked: where its test data is, how it reads a file, and its figures of a series of
# whole days at one value a minute.
PROGRAM = """
import json, sys, warnings
from pathlib import Path
warnings.filterwarnings("ignore")
import pandas as pd
import pyActigraphy
from pyActigraphy.io import BaseRaw

def data(_):
    return str(Path(pyActigraphy.__file__).parent / "tests" / "data")

def read(asked):
    path, kind = asked["path"], asked["kind"]
    if kind == "rpx":
        raw = pyActigraphy.io.read_raw_rpx(path, language=asked["language"], decimal=asked["point"])
    else:
        raw = getattr(pyActigraphy.io, "read_raw_" + kind)(path)
    return {"start": str(raw.data.index[0]), "epoch_s": raw.frequency.total_seconds(),
            "activity": [None if x != x else x for x in raw.data.astype(float).tolist()]}

def figures(asked):
    values = asked["minutes"]
    index = pd.date_range("2026-11-16", periods=len(values), freq="1min")
    series = pd.Series(values, index=index)
    raw = BaseRaw("one", "one", "Pandas", None, index[0], index[-1] - index[0],
                  pd.Timedelta("1min"), series, None)
    return {"is": raw.IS(freq="1h", binarize=False), "iv": raw.IV(freq="1h", binarize=False),
            "ra": raw.RA(binarize=False), "l5": raw.L5(binarize=False),
            "m10": raw.M10(binarize=False)}

asked = json.load(sys.stdin)
print(json.dumps([{"data": data, "read": read, "figures": figures}[one["what"]](one)
                  for one in asked]))
"""


def interpreter() -> str:
    """The Python that has it; skips where there is none."""
    made = ROOT / "build" / "peer" / "bin" / "python"
    named = os.environ.get("BIOKLOK_PYACTIGRAPHY") or (str(made) if made.exists() else "")
    if not named:
        pytest.skip("no pyActigraphy to compare with: `make peer` installs it into build/peer")
    return named


def ask(*questions):
    """Its answers, one each."""
    done = subprocess.run(
        [interpreter(), "-c", PROGRAM],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])
