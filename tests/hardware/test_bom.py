"""The parts lists: complete for the wiring, with a reason for each row, a cell that its charger
does not hurry, and sums that hold what is claimed."""

import csv
import json
from pathlib import Path

import pytest
from bioklok.errors import BioklokFailure

from hardware.bom.lists import (
    CASE,
    CLAIMED_EURO,
    CLASSES,
    COLUMNS,
    HERE,
    LISTS,
    WIRING,
    Row,
    cell_mah,
    cell_mm,
    charge_rate,
    disagreements,
    euro_range,
    fits_case,
    read_list,
    read_toml,
    value_of,
)
from hardware.bom.page import tables

WIRED = read_toml(WIRING)
GOOD = dict(
    zip(
        COLUMNS,
        ["R1 R2", "resistor, 10 ohm", "any", "-", "2", "piece", "A", "-", "because", "-"],
        strict=True,
    )
)


def write(folder: Path, *rows: dict[str, str]) -> None:
    with (folder / "x.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def row(ref: str, part: str = "p", number: str = "-") -> Row:
    return Row(ref, part, "any", number, 1, "piece", "A", "-", "because", "-")


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_and_the_wiring_of_its_board_agree(name):
    assert disagreements(read_list(name), LISTS[name], WIRED) == []


def test_each_board_that_is_wired_has_a_list():
    assert set(LISTS.values()) == set(WIRED["boards"])


def test_each_row_says_why_and_what_it_is():
    for name in LISTS:
        for one in read_list(name):
            assert len(one.why) > 3 and len(one.part) > 2 and one.price_class in CLASSES, one.ref


def test_what_a_device_needs_besides_the_wiring_is_there():
    refs = {ref for one in read_list("breakout") for ref in one.ref.split()}
    assert refs >= {
        "antenna",
        "wire",
        "screws",
        "strap",
        "cable",
        "case",
        "window",
        "solder",
        "tape",
    }


@pytest.mark.parametrize("name", sorted(CLAIMED_EURO))
def test_the_claimed_price_lies_in_the_range_of_the_classes(name):
    least, most = euro_range(read_list(name))
    assert least <= CLAIMED_EURO[name] <= most
    assert f"{least} to {most}" in tables()["bom_sums"]


def test_the_charger_does_not_hurry_the_cell_of_a_list():
    limit = read_toml(HERE / "charging.toml")["most_c"]
    for name, board in LISTS.items():
        mah = cell_mah(read_list(name))
        if mah is None:  # inside, with the charger that its maker chose
            continue
        assert charge_rate(board, mah) <= limit, name
        # what hardware/power promises holds for the list's cell too
        assert mah >= WIRED["boards"][board]["battery_mah"], name
    assert charge_rate("esp32c3_pilot", 250) > limit  # why the list's cell is larger


def test_the_page_says_where_wiring_and_case_do_not_suit_the_cell():
    rows, told = read_list("breakout"), tables()["bom_cell"]
    wired = WIRED["boards"]["esp32c3_pilot"]["battery_mah"]
    assert (f"{wired:.0f} mAh: that" in told) == (wired != cell_mah(rows))
    if CASE.is_file():
        assert ("does not go into the case" in told) == (fits_case(rows, read_toml(CASE)) is False)


def test_a_cell_fits_a_bay_that_is_large_enough_and_no_other():
    cell = [row("cell", "LiPo cell, 400 mAh", "502535")]
    assert cell_mm(cell) == (5.0, 25.0, 35.0)
    for bay, fits in (
        ([36.0, 26.0, 5.3], True),
        ([26.0, 36.0, 5.3], True),
        ([20.5, 32, 5.3], False),
    ):
        assert fits_case(cell, {"cell": {"boxes": [{"size_mm": bay}]}}) is fits
    assert fits_case(cell, {}) is None and fits_case([row("cell")], {"cell": {}}) is None


def test_parts_in_the_case_are_those_of_the_list():
    if not CASE.is_file():
        pytest.skip("no case yet")
    titles = " ".join(part.get("title", "") for part in read_toml(CASE).values())
    by_ref = {one.ref: one for one in read_list("breakout")}
    for ref in ("board", "accelerometer", "light"):
        assert by_ref[ref].maker_number in titles, ref


def test_there_is_filament_enough_for_the_case():
    made_from = CASE.parent / "out" / "made_from.json"
    if not made_from.is_file():
        pytest.skip("no case yet")
    bodies = json.loads(made_from.read_text())["variants"]["case"]["bodies"]
    by_ref = {one.ref: one for one in read_list("breakout")}
    clear = {"window", "diffuser"}
    for ref, names in (("window", clear), ("case", set(bodies) - clear)):
        grams = sum(bodies[name]["filament_g"] for name in names)
        assert 0 < grams <= by_ref[ref].quantity and by_ref[ref].unit == "g", ref
        assert all(name in by_ref[ref].part for name in names), ref


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"why": "-"}, "line 2: why is this part"),
        ({"why": " "}, "why is empty"),
        ({"price_class": "F"}, "price class F"),
        ({"unit": "box"}, "unit box"),
        ({"quantity": "1"}, "R1 R2 and a quantity of 1"),
        ({"quantity": "some"}, "some is no quantity"),
        ({"ref": "wire", "quantity": "0"}, "wire and a quantity of 0"),
    ],
)
def test_a_row_that_nobody_could_buy_by_is_refused(tmp_path, change, says):
    write(tmp_path, {**GOOD, **change})
    with pytest.raises(BioklokFailure, match=says):
        read_list("x", tmp_path)


def test_a_part_that_stands_twice_and_other_columns_are_refused(tmp_path):
    write(tmp_path, GOOD)
    assert read_list("x", tmp_path)[0].quantity == 2
    write(tmp_path, GOOD, GOOD)
    with pytest.raises(BioklokFailure, match="R1 R2 stands there twice"):
        read_list("x", tmp_path)
    (tmp_path / "x.csv").write_text("ref,part\nR1,x\n")
    with pytest.raises(BioklokFailure, match="columns are"):
        read_list("x", tmp_path)
    text = (
        ",".join(COLUMNS) + "\n" + ",".join(GOOD.values()).replace("10 ohm", "10 ohm,more") + "\n"
    )
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(BioklokFailure, match="columns are wanted"):
        read_list("x", tmp_path)


def test_each_kind_of_disagreement_is_found():
    wiring = {
        "modules": {"m": {"number": "B1"}},
        "products": {"a": {"number": "A1"}, "any": {}},
        "boards": {
            "b": {
                "module": "m",
                "accelerometer": {"product": "a"},
                "light": {"product": "a"},
                "lamp": {"product": "any", "red_ohm": 160},
                "button": {"product": "any"},
                "battery": {"filter_nf": 100},
                "others": {"cell": "cell"},
                "refs": {"R1": "lamp.red_ohm", "C1": "battery.filter_nf", "D1": "1N5817"},
            }
        },
    }
    good = [row("board", number="B1"), row("accelerometer", number="A1"), row("light", number="A1")]
    good += [row("lamp"), row("button"), row("cell"), row("R1", "resistor, 160 ohm, 5 %")]
    good += [row("C1", "capacitor, 100 nF"), row("D1", "diode", "1N5817")]
    assert disagreements(good, "b", wiring) == []
    for wrong, says in (
        (row("board", number="B2"), "board: B2 in the list, B1 in the wiring"),
        (row("R1", "resistor, 160 kohm"), "R1: resistor, 160 kohm, but 160 ohm in the wiring"),
        (row("C1", "capacitor"), "C1: capacitor, but 100 nF in the wiring"),
        (row("D1", "diode", "1N4148"), "D1: 1N4148 in the list, 1N5817 in the wiring"),
    ):
        changed = [wrong if one.ref == wrong.ref else one for one in good]
        assert disagreements(changed, "b", wiring) == [says]
    assert disagreements([one for one in good if one.ref != "cell"], "b", wiring) == [
        "cell has no row"
    ]
    assert disagreements([*good, row("R9")], "b", wiring) == ["R9 is in the list alone"]


def test_values_are_read_from_names():
    assert value_of(row("R1", "resistor, 470 kohm, 1 %")) == (470, "kohm")
    assert value_of(row("R1", "resistor")) is None
