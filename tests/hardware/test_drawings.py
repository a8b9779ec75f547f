"""The drawings in hardware/drawings/out: they are what wiring.toml says, nothing in them overlaps,
and they can be read without colours, by machines and by those who listen."""

import itertools
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bioklok.boards.wiring import WIRING, read_wiring

import hardware.generate
from hardware.drawings import __main__ as command
from hardware.drawings.canvas import faults
from hardware.drawings.faces import BANDS, bands
from hardware.drawings.pictures import OUT, canvases, pictures
from hardware.drawings.plan import make_plan
from hardware.drawings.wiring_picture import draw_wiring

SVG = "{http://www.w3.org/2000/svg}"
TEXT = WIRING.read_text(encoding="utf-8")
RAW = tomllib.loads(TEXT)
BOARDS = read_wiring()
WIRED = [name for name, board in BOARDS.items() if not board.circuit.module.is_inside]
DRAWN = canvases()


def changed(tmp_path, *changes):
    text = TEXT
    for was, becomes in changes:
        assert was in text
        text = text.replace(was, becomes)
    path = tmp_path / "wiring.toml"
    path.write_text(text, encoding="utf-8")
    return read_wiring(path)


def words(name):
    return [
        element.text for element in ElementTree.fromstring(DRAWN[name].svg()).iter(SVG + "text")
    ]


# ------------------------------------------------------------ they are what the wiring says


def test_every_board_has_both_drawings_and_there_is_no_other():
    wanted = {f"{name}-{kind}.svg" for name in BOARDS for kind in ("wiring", "schematic")}
    assert set(DRAWN) == wanted == {path.name for path in OUT.iterdir()}


@pytest.mark.parametrize("path", list(pictures()), ids=lambda path: path.stem)
def test_what_is_drawn_stands_in_the_tree(path):
    assert path.read_text(encoding="utf-8") == pictures()[path], "run make gen"


def test_the_same_wiring_gives_the_same_bytes_in_another_process():
    code = (
        "import hashlib\nfrom hardware.drawings.pictures import pictures\n"
        "print(hashlib.sha256(''.join(pictures().values()).encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


@pytest.mark.parametrize("name", WIRED)
def test_each_wire_reaches_every_pad_that_the_wiring_names_and_no_other(name):
    """Followed along the drawn lines, from wiring.toml read as it is."""
    canvas, plan = DRAWN[f"{name}-wiring.svg"], make_plan(BOARDS[name])
    at = {}  # (x, y) of a part's pad: what wiring.toml calls it
    for block in plan.blocks:
        for pad in block.pads:
            at[(pad.x, pad.y)] = f"{block.kind} {pad.label}"
    for net, given in RAW["boards"][name]["wires"].items():
        lines = [(one.start, one.end) for one in canvas.segments if one.net == net]
        reached = follow(lines, lines[0][0])
        assert reached >= {point for line in lines for point in line}, f"{net} is in pieces"
        parts = {at[point] for point in reached if point in at}
        named = {end for end in given["to"] if " " in end}
        small = {end for end in given["to"] if " " not in end}
        assert {part for part in parts if part in named} == named
        for part in parts - named:  # ends of resistors, capacitor, diode
            assert part.split()[0] in {"divider", *small}, f"{net} reaches {part}"
        at_board = [
            lane.pad
            for side in (plan.left, plan.right, plan.under)
            for lane in side.lanes
            if lane.wire.net == net
        ]
        assert len(at_board) == ("pad" in given)
        assert set(at_board) <= reached


def follow(lines, start):
    """Every end of a line that is reached from a point: ends that meet, or lie on a line."""
    reached, waiting = set(), [start]
    while waiting:
        point = waiting.pop()
        if point in reached:
            continue
        reached.add(point)
        for a, b in lines:
            if is_on(point, a, b):
                waiting += [a, b]
            waiting += [
                end for end in (a, b) if any(is_on(end, *line) and point in line for line in lines)
            ]
    return reached


def is_on(point, a, b):
    (x, y), (ax, ay), (bx, by) = point, a, b
    return min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)


def test_following_sees_a_wire_that_is_cut():
    whole = [((0, 0), (9, 0)), ((4, 0), (4, 5)), ((4, 5), (7, 5))]
    assert follow(whole, (0, 0)) == {(0, 0), (9, 0), (4, 0), (4, 5), (7, 5)}
    assert (7, 5) not in follow([*whole[:2], ((4, 6), (7, 6))], (0, 0))


@pytest.mark.parametrize("name", list(BOARDS))
def test_a_schematic_names_each_pin_each_address_and_each_small_part(name):
    board, said = BOARDS[name], words(f"{name}-schematic.svg")
    for role, net, pin, _ in board.nets:
        assert f"GPIO{pin}" in said or f"GP{pin}" in said, f"{role} {net}"
    for role, _ in board.buses.items():
        assert f"0x{board.value(role, 'address'):02X}" in said
    for small in board.circuit.small.values():
        assert any(small.ref in one for one in said)
        assert any(small.text in one for one in said)


def test_another_wiring_is_another_drawing(tmp_path):
    sda, scl = 'pad = "{}", colour = "blue", to', 'pad = "{}", colour = "yellow", to'
    swapped = changed(
        tmp_path,
        ("sda = 6\nscl = 7", "sda = 7\nscl = 6"),
        (f'sda" = {{ {sda.format("D4")} = ["acc', f'sda" = {{ {sda.format("D5")} = ["acc'),
        (f'scl" = {{ {scl.format("D5")} = ["acc', f'scl" = {{ {scl.format("D4")} = ["acc'),
    )
    new, old = pictures(swapped), pictures()
    assert {path.name for path in old if new[path] != old[path]} == {
        "esp32c3_pilot-wiring.svg",
        "esp32c3_pilot-schematic.svg",
    }


def test_gen_check_names_a_drawing_that_is_not_as_the_wiring_says(tmp_path, monkeypatch, capsys):
    pink = changed(tmp_path, ('"purple", to = ["lamp B"]', '"pink", to = ["lamp B"]'))
    del pink["pico_w"], pink["m5stickc_plus2"]
    monkeypatch.setattr(hardware.generate, "pictures", lambda: pictures(pink))
    assert hardware.generate.main(["--check"]) == 1
    assert "hardware/drawings/out/esp32c3_pilot-wiring.svg" in capsys.readouterr().err


def test_the_command_draws_all_and_takes_away_what_is_no_more(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "OUT", tmp_path / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old-wiring.svg").write_text("x")
    assert command.main() == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(DRAWN)
    assert "esp32c3_pilot-wiring.svg" in capsys.readouterr().out


# --------------------------------------------------------------------------- they can be read


@pytest.mark.parametrize("name", list(DRAWN))
def test_nothing_overlaps(name):
    assert faults(DRAWN[name]) == []


def test_a_pilot_with_its_pins_in_any_other_order_is_drawn_without_overlaps(tmp_path):
    """The plan is no picture of one wiring: 24 ways to join button and lamp."""
    pads = {"D1": 3, "D10": 10, "D7": 20, "D3": 5}
    for order in itertools.permutations(pads):
        text = TEXT.replace('wakes = "deep"', 'wakes = "light"', 1)
        begin = text.index("[boards.esp32c3_pilot]")
        head, text = text[:begin], text[begin:]
        for n, (net, was) in enumerate(zip(("pin", "red", "green", "blue"), pads, strict=True)):
            text = text.replace(f"\n{net} = {pads[was]}\n", f"\n{net} = {pads[order[n]]}\n", 1)
            text = text.replace(f'pad = "{was}", colour', f'pad = "<{order[n]}>", colour', 1)
        path = tmp_path / "wiring.toml"
        path.write_text(head + text.replace('"<', '"').replace('>"', '"'), encoding="utf-8")
        assert faults(draw_wiring(read_wiring(path)["esp32c3_pilot"])) == [], order


@pytest.mark.parametrize("name", list(DRAWN))
def test_a_drawing_is_small_white_named_and_its_words_are_words(name):
    text = DRAWN[name].svg()
    root = ElementTree.fromstring(text)
    assert len(text.encode()) < 200_000
    first = root.find(SVG + "rect")
    assert (first.get("fill"), first.get("width")) == ("#FFFFFF", root.get("viewBox").split()[2])
    title, desc = root.find(SVG + "title"), root.find(SVG + "desc")
    assert title.text
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert "sans-serif" in root.get("font-family")
    board = BOARDS[name.rpartition("-")[0]]
    wires = board.circuit.wires or board.nets
    assert len(desc.text.splitlines()) == len(wires)
    for line in desc.text.splitlines():
        english, dutch = line.split(" | ")
        assert english != dutch
    assert len(list(root.iter(SVG + "text"))) > 20
    assert not list(root.iter(SVG + "image"))
    assert "href" not in text
    assert all(float(one.get("font-size")) >= 14 for one in root.iter(SVG + "text"))


@pytest.mark.parametrize("name", WIRED)
def test_each_colour_is_said_in_both_languages_and_each_pad_is_named(name):
    said = words(f"{name}-wiring.svg")
    for wire in BOARDS[name].circuit.wires:
        colour = BOARDS[name].circuit.colours[wire.colour]
        assert colour.nl in said
        assert any(one.split(" (")[0] == colour.name for one in said)
        if wire.pad:
            assert any(wire.pad in one.split() for one in said)
    for small in BOARDS[name].circuit.small.values():
        assert any(small.ref in one.split() for one in said)


def test_the_rings_of_a_resistor_by_the_table():
    """IEC 60062, five rings; the last is brown for 1 %."""
    names = ("black", "brown", "red", "orange", "yellow")
    names += ("green", "blue", "violet", "grey", "white")
    by_colour = dict(zip(BANDS, names, strict=True))
    rings = {
        160: "brown blue black black brown",
        130: "brown orange black black brown",
        470_000: "yellow violet black orange brown",
    }
    for ohm, wanted in rings.items():
        assert " ".join(by_colour[band] for band in bands(ohm)) == wanted
    assert by_colour.get(bands(62)[3]) is None  # gold: a tenth
