"""The assembly guide: both languages say the same, and what they name is there."""

import csv
import json
import re
import subprocess
import sys
import tomllib
from itertools import zip_longest
from pathlib import Path

import pytest
from biocore import button, lamp
from bioklok.boards.wiring import read_wiring
from bioklok.cli import app
from support.board_on_cable import BoardOnCable

HARDWARE = Path(__file__).parents[2] / "hardware"
GUIDE = HARDWARE / "guide"
PILOT = tomllib.loads((HARDWARE / "wiring.toml").read_text(encoding="utf-8"))["boards"][
    "esp32c3_pilot"
]
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in GUIDE.glob("*.md")}
ENGLISH, DUTCH = TEXTS["README.md"], TEXTS["README.nl.md"]
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


def anchors(path: Path) -> set[str]:
    """The names by which headings of a Markdown file are linked to."""
    found = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            words = line.lstrip("#").strip().lower()
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_each_link_and_picture_leads_somewhere(name):
    links = _LINK.findall(TEXTS[name])
    assert links or name == "reading.md"
    for path, anchor in links:
        target = (GUIDE / path) if path else GUIDE / name
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target), f"{path}#{anchor}"


def shape(text: str) -> list[tuple[str, object]]:
    """What has to be alike in two languages: headings, pictures, commands, rows, steps."""
    found: list[tuple[str, object]] = []
    is_code = False
    for line in text.splitlines():
        if line.startswith("```"):
            is_code = not is_code
        elif is_code:
            found.append(("command", line.partition("#")[0].strip()))
        elif line.startswith("#"):
            found.append(("heading", line.count("#")))
        elif line.startswith("!["):
            found.append(("picture", _LINK.findall(line)[0][0]))
        elif line.startswith("|"):
            found.append(("row", line.count("|")))
        elif re.match(r"\d\. ", line):
            found.append(("step", line[0]))
    return found


def test_both_languages_have_the_same_steps_pictures_commands_and_rows():
    for english, dutch in zip_longest(shape(ENGLISH), shape(DUTCH)):
        assert english == dutch
    assert len(shape(ENGLISH)) > 60


def test_a_row_left_out_would_be_seen():
    lines = DUTCH.splitlines()
    row = next(n for n, line in enumerate(lines) if line.startswith("| een kort tikje"))
    assert shape("\n".join(lines[:row] + lines[row + 1 :])) != shape(ENGLISH)


@pytest.mark.parametrize("text", [ENGLISH, DUTCH], ids=["en", "nl"])
def test_every_command_is_one(text):
    (group,) = [group for group in app.registered_groups if group.name == "device"]
    known = {command.name for command in group.typer_instance.registered_commands}
    named = set(re.findall(r"bioklok device (\w+)", text))
    assert named >= {"list", "flash", "provision", "selftest"}
    assert named <= known
    boards = set(re.findall(r"BOARD=(\w+)", text))
    assert boards <= set(read_wiring()) and "esp32c3_pilot" in boards


# A machine and a clock that say what they are asked to do, put before the guide's own line.
_FAKES = """
import sys
class Pin:
    OUT = 1
    driven = set()
    def __init__(self, n, mode=None):
        self.n = n
        if mode == Pin.OUT:
            Pin.driven.add(n)
    def on(self):
        print("on" if self.n in Pin.driven else "floats", self.n)
    def off(self):
        print("off", self.n)
class Module:
    pass
sys.modules["machine"] = machine = Module()
machine.Pin = Pin
sys.modules["time"] = time = Module()
time.sleep = lambda seconds: print("sleep", seconds)
"""


@pytest.mark.parametrize("text", [ENGLISH, DUTCH], ids=["en", "nl"])
def test_the_lamps_own_test_shines_red_green_blue(text, tmp_path):
    """Through mpremote, as it is typed; its pins stand in the guide as figures."""
    (code,) = re.findall(r'mpremote exec "(.*?)"', text, re.DOTALL)
    assert not set(code) & set("$`!\\"), "the shell would change it"
    mpremote = str(Path(sys.executable).with_name("mpremote"))
    with BoardOnCable(tmp_path) as board:
        run = [mpremote, "connect", board.port, "exec", _FAKES + code]
        done = subprocess.run(run, capture_output=True, text=True, check=True, timeout=60)
    pins = [PILOT["lamp"][colour] for colour in ("red", "green", "blue")]
    assert done.stdout.splitlines() == [
        what for n in pins for what in (f"on {n}", "sleep 1", f"off {n}")
    ]


def test_wires_are_counted_and_the_list_has_enough():
    """A pad of a part is a wire's end; small parts that share a wire are one end."""
    n_wires = 0
    for wire in PILOT["wires"].values():
        if wire.get("bundle") != "cell":  # that lead is bought whole
            pads = [to for to in wire["to"] if to not in PILOT["refs"]]
            n_wires += len(pads) + (len(pads) < len(wire["to"]))
    assert f"Cut {n_wires} wires of 6 cm" in ENGLISH
    assert f"Knip {n_wires} draden van 6 cm" in DUTCH
    # from board to sensor to sensor: what the bus's capacitance is worked out from
    on_bus = [PILOT[role]["bus"] for role in ("accelerometer", "light")]
    assert PILOT["buses"]["sensors"]["wire_mm"] == 60 * on_bus.count("sensors")
    with (HARDWARE / "bom" / "breakout.csv").open(encoding="utf-8", newline="") as file:
        (metres,) = [row["quantity"] for row in csv.DictReader(file) if row["ref"] == "wire"]
    assert n_wires * 0.06 <= float(metres)


def test_printing_takes_about_the_hour_that_is_said():
    made = json.loads((HARDWARE / "enclosure" / "out" / "made_from.json").read_text("utf-8"))
    bodies = made["variants"]["case"]["bodies"]
    for name in bodies:
        assert f"`{name}`" in ENGLISH and f"`{name}`" in DUTCH
    assert 50 <= sum(body["print_min"] for body in bodies.values()) <= 75
    assert "an hour for each device" in ENGLISH and "een uur per apparaat" in DUTCH


def test_what_the_guide_says_of_button_and_lamp_is_what_they_do():
    assert (button.LONG_MS, button.WIPE_MS) == (1200, 10_000)  # "two seconds", "ten seconds"
    states = {
        "blue, steady, 2 s": lamp.FOCUS,
        "orange, two slow pulses": lamp.EASY,
        "dim white, breathing once": lamp.PAUSE,
        "one short tick": lamp.UNKNOWN,
    }
    for words, state in states.items():
        assert f"| {words} |" in ENGLISH
        colour, keyframes = lamp.PATTERNS[state]
        peaks = sum(
            after <= level and before < level
            for before, level, after in _levels([end for _, end in keyframes])
        )
        lasts_ms = sum(ms for ms, _ in keyframes)
        if state == lamp.FOCUS:
            assert colour[2] == max(colour) and lasts_ms == 2000 and peaks == 1
        elif state == lamp.EASY:
            assert colour[0] == max(colour) and peaks == 2
        elif state == lamp.PAUSE:
            assert lasts_ms == 4000 and peaks == 1
        else:
            assert lasts_ms < 500 and peaks == 1
    swells = sum(level > 0 for _, level in lamp.WIPED[1])
    assert swells == 3 and "three slow swells" in ENGLISH


def _levels(ends: list[int]) -> list[tuple[int, int, int]]:
    """Each level with the one before and the next that differs; dark at both ends."""
    steps = [0, *(end for n, end in enumerate(ends) if not n or end != ends[n - 1]), 0]
    return list(zip(steps, steps[1:], steps[2:], strict=False))
