"""Print files and pictures never disagree with their sources, and carry nothing they should not."""

import re
import xml.etree.ElementTree as ET

import pytest

from hardware.enclosure import page, record
from hardware.enclosure.parts import HERE, VARIANTS

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = sorted(record.PICTURES.glob("*.svg"))
MOST_BYTES = 2_000_000
MOST_PICTURE_BYTES = 300_000


def test_the_case_was_built_from_the_sources_that_are_here():
    assert list(record.stale(record.read())) == []


def test_every_file_that_shapes_the_case_is_a_source():
    shaping = {path.name for path in HERE.iterdir() if path.suffix in (".py", ".toml", ".txt")}
    reading = {"__init__.py", "__main__.py", "page.py", "record.py"}  # tell of it, shape nothing
    assert shaping - reading == set(record.SOURCES)


@pytest.mark.parametrize("kind", ["sources", "outputs"])
def test_another_source_or_output_is_told(kind):
    kept = record.read()
    name = sorted(kept[kind])[0]
    other = {**kept, kind: {**kept[kind], name: "0" * 64}}
    assert [name in line for line in record.stale(other)] == [True]
    gone = {**kept, kind: {**kept[kind], "out/ghost.stl": "0" * 64}}
    assert any("ghost" in line for line in record.stale(gone))


def test_each_variant_has_all_that_is_printed():
    for variant in VARIANTS:
        names = {path.stem for path in (record.OUT / variant).glob("*.stl")}
        assert {"bottom", "top", "cover"} <= names
    assert {"cap", "window", "diffuser"} <= {path.stem for path in record.OUT.glob("*.stl")}
    assert {path.stem for path in record.OUT.glob("*.step")} > {"assembled", "bottom", "top"}


def test_the_folder_is_small_and_without_the_hour():
    assert sum(path.stat().st_size for path in record.OUT.rglob("*")) < MOST_BYTES
    for path in record.OUT.rglob("*.step"):
        head = path.read_text(encoding="utf-8")[:2000]
        assert "2026-01-01T00:00:00" in head and "/" not in re.sub(r"1\.0.*", "", head[:300])
    for path in record.OUT.rglob("*.stl"):
        assert path.read_bytes()[:80].decode().rstrip() == f"Bioklok {path.stem}, millimetres"


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_stands_on_any_page(path):
    assert path.stat().st_size < MOST_PICTURE_BYTES
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    ground = root.find(f"{SVG}rect")
    assert ground is not None and ground.get("fill") == "#ffffff"
    title, told = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")
    assert title and " / " in title and told
    words = [text.text for text in root.iter(f"{SVG}text")]
    numbers = [word for word in words if word and word.isdigit()]
    for number in set(numbers):  # each stands at the picture and in the list below it
        assert numbers.count(number) == 2, number
    assert all(f"{number} " in told for number in set(numbers))


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_numbers_of_a_picture_do_not_cover_each_other(path):
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    discs = [
        (float(disc.get("cx", "")), float(disc.get("cy", "")))
        for disc in root.iter(f"{SVG}circle")
        if disc.get("r") == "13"
    ]
    for n, (x, y) in enumerate(discs):
        for other_x, other_y in discs[:n]:
            assert (x - other_x) ** 2 + (y - other_y) ** 2 >= 26**2
    height = float(root.get("viewBox", "").split(" ")[3])
    assert all(13 <= x <= 987 and 13 <= y <= height - 5 for x, y in discs)


def test_the_pictures_are_those_of_the_guide():
    assert [path.stem for path in PICTURES] == ["exploded", "inside", "printed", "worn"]


def test_tables_tell_of_every_part_and_piece():
    tables = page.tables()
    assert tables["case_parts"].count("\n") == 2 + len(page.read_parts())
    for path in record.OUT.rglob("*.stl"):
        assert path.relative_to(HERE).as_posix() in tables["case_pieces"]
