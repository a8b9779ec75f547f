"""`make gen-check` on a copy of the tree in which one thing was changed: it fails, in lines for a
person, also where `make gen` was run after the change."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("hardware", "host", "firmware", "docs")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of what make gen reads and writes."""
    copy = tmp_path_factory.mktemp("tree")
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=skip)
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def generate(tree, *arguments):
    """Exit code and what is said of `python -m hardware.generate` in that tree."""
    path = os.pathsep.join(str(tree / one) for one in (".", "host", "firmware"))
    done = subprocess.run(
        [sys.executable, "-m", "hardware.generate", *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_the_tree_as_it_is_agrees_and_gen_twice_changes_no_byte(tree):
    assert generate(tree, "--check") == (0, "")

    def files():
        return {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}

    before = files()
    for _ in range(2):
        assert generate(tree) == (0, "")
        assert files() == before


@contextmanager
def changed(tree, *changes):
    """The tree with (file, was, becomes) in it: was None: a file that is written, or taken away."""
    kept = {}
    try:
        for name, was, becomes in changes:
            path = tree / name
            kept.setdefault(path, path.read_bytes() if path.is_file() else None)
            if was is not None:
                text = path.read_text(encoding="utf-8")
                assert was in text
                path.write_text(text.replace(was, becomes, 1), encoding="utf-8")
            elif becomes is None:
                path.unlink()
            else:
                path.write_text(becomes, encoding="utf-8")
        yield
    finally:
        for path, text in kept.items():
            if text is None:
                path.unlink()
            else:
                path.write_bytes(text)


# Each of these gives lines of its own, so that one run tells of all.
DISAGREE = [
    ("hardware/wiring.toml", '"purple", to = ["lamp B', '"pink", to = ["lamp B', "-wiring.svg"),
    ("hardware/wiring.toml", "red_ohm = 160", "red_ohm = 180", "R1: resistor, 160 ohm, 1 %"),
    ("hardware/wiring.toml", "battery_mah = 400", "battery_mah = 900", "smaller than battery_mah"),
    ("hardware/bom/breakout.csv", "Adafruit,2809", "Adafruit,2810", "2810 in the list"),
    ("hardware/bom/charging.toml", "charger_ma = 370", "charger_ma = 470", "gives the cell 1.18"),
    (
        "hardware/enclosure/case.toml",
        "\nwall_mm = 1.6",
        "\nwall_mm = 1.8",
        "case.toml: the case was",
    ),
    ("hardware/drawings/out/pico_w-schematic.svg", "GP16", "GP18", "pico_w-schematic.svg"),
    ("hardware/guide/README.md", "lamp G to D7", "lamp G to D6", "hardware/guide/README.md"),
    (
        "hardware/power/README.md",
        "| `led.red_v` | 2 |",
        "| `led.red_v` | 3 |",
        "hardware/power/README.md",
    ),
    ("hardware/drawings/out/old-wiring.svg", None, "x", "no board has this drawing"),
]


def test_all_that_does_not_agree_is_told_at_once(tree):
    with changed(tree, *(one[:3] for one in DISAGREE)):
        code, told = generate(tree, "--check")
    assert code == 1
    assert [says for *_, says in DISAGREE if says not in told] == []


@pytest.mark.parametrize(
    ("name", "was", "becomes", "says"),
    [
        ("hardware/enclosure/case.toml", "\nwall_mm = 1.6", "\nwall_mm = = 1", "toml file of hard"),
        ("hardware/enclosure/case.toml", "\nwall_mm = 1.6", "\n", "wall_mm is missing"),
        ("hardware/enclosure/parts.toml", 'kind = "drawing"', 'kind = "guess"', "kind of xiao is"),
        ("hardware/enclosure/out/made_from.json", None, None, "made_from.json is not there"),
    ],
)
def test_what_cannot_be_read_is_one_line(tree, name, was, becomes, says):
    with changed(tree, (name, was, becomes)):
        code, told = generate(tree, "--check")
    assert code == 1 and says in told and told.count("\n") == 1


def test_gen_does_not_hide_that_list_and_wiring_differ(tree):
    """The tables follow the list, so that after `make gen` they are fresh, and wrong together."""
    page = tree / "hardware" / "bom" / "README.md"
    kept = page.read_bytes()
    with changed(tree, ("hardware/bom/breakout.csv", "resistor, 160 ohm", "resistor, 220 ohm")):
        for arguments in ((), ("--check",)):
            code, told = generate(tree, *arguments)
            assert code == 1 and told.splitlines() == [
                "hardware/bom/breakout.csv: R1: resistor, 220 ohm, 1 %, 0.25 W, but 160 ohm in the"
                " wiring"
            ]
    assert page.read_bytes() != kept
    page.write_bytes(kept)
