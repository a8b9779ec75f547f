"""Parts and dimensions of the case: each part has a source, a larger cell makes a larger case, and
what cannot be says so in one line."""

import dataclasses

import pytest

from hardware.enclosure.estimate import BEARS_MPA, bar_mpa, cover_bend_mm, printing
from hardware.enclosure.parts import HERE, VARIANTS, Box, DoesNotFit, read_case, read_parts
from hardware.enclosure.plan import plan

CASE = read_case()


def with_cell(x: float, y: float, z: float):
    parts = read_parts()
    cell = parts["cell"]
    box = dataclasses.replace(cell.boxes[0], size=(x, y, z))
    return {**parts, "cell": dataclasses.replace(cell, boxes=(box,))}


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_part_says_where_its_size_comes_from(variant):
    for part in read_parts(variant).values():
        assert len(part.source) > 20 and part.sits and part.title, part.name
        assert all(length > 0 for box in part.boxes for length in box.size), part.name


def test_pieces_that_share_a_face_do_not_meet_and_others_do():
    room = {"x": 0.0, "y": 0.0, "below": 0.0, "above": 0.0}
    one = Box("a", "box", (0, 0, 0), (1, 1, 1), room)
    assert not one.meets(one.moved((1, 0, 0))) and not one.meets(one.moved((0, 0, -1)))
    assert one.meets(one.moved((0.9, 0.9, 0.9)))


def test_room_is_on_every_side():
    room = {"x": 1.0, "y": 2.0, "below": 3.0, "above": 4.0}
    low, size = Box("a", "box", (10, 10, 10), (1, 1, 1), room).with_room()
    assert low == (9, 8, 7) and size == (3, 5, 8)


@pytest.mark.parametrize(
    ("cell", "axis"), [((35.5, 37, 5.3), 0), ((25.5, 47, 5.3), 1), ((25.5, 37, 7.3), 2)]
)
def test_a_larger_cell_makes_a_case_larger_by_as_much(cell, axis):
    usual, larger = plan(), plan(parts=with_cell(*cell))
    grown = [new - old for new, old in zip(larger.outer_mm, usual.outer_mm, strict=True)]
    assert grown[axis] == pytest.approx(10 if axis < 2 else 2, abs=0.01)
    assert sum(grown) == pytest.approx(grown[axis], abs=0.01)


def test_the_small_case_is_smaller_both_ways():
    usual, small = plan(), plan(parts=read_parts("small"))
    assert small.outer_mm[0] < usual.outer_mm[0] - 4
    assert small.over_lugs_mm < usual.over_lugs_mm - 4


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_part_lies_inside(variant):
    where = plan(parts=read_parts(variant))
    for part in where.parts.values():
        for box in part.boxes:
            if box.what == "USB-C":  # stands in the wall, and not out of it
                assert where.high_x < box.top[0] < where.high_x + CASE.wall_mm
                continue
            assert box.at[0] >= 0 and box.at[1] >= 0 and box.at[2] >= CASE.floor_mm, part.name
            assert box.top[0] <= where.high_x and box.top[1] <= where.deep_y, part.name
            assert box.top[2] <= where.roof_z, part.name


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_solder_can_reach_the_cell(variant):
    where = plan(parts=read_parts(variant))
    cell = where.parts["cell"].boxes[0]
    assert where.cover_z >= cell.top[2] + 0.5  # room to swell, then the cover
    for name in ("xiao", "switch", "cell_plug", "resistors"):
        assert min(box.at[2] for box in where.parts[name].boxes) >= where.cover_top, name
    for name in ("lis3dh", "veml7700", "lamp", "lamp_resistors"):
        assert max(box.top[0] for box in where.parts[name].boxes) <= where.rib_x, name


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"slot_mm": (18.5, 2.6)}, "the strap does not pass its slot"),
        ({"horn_mm": 14.0}, "the horns are wider than the case"),
        ({"slot_mm": (19.4, 6.0)}, "the horns are higher than the case"),
        ({"slope_mm": 9.0}, "the slope comes down to the seam"),
        ({"screw_mm": 10.0}, "the screws come out towards the skin"),
        ({"bed_mm": (50.0, 50.0)}, "larger than bed_mm"),
        ({"diffuser_mm": (24.0, 4.4)}, "the diffuser is wider than the slope"),
    ],
)
def test_what_cannot_be_is_one_line(change, says):
    with pytest.raises(DoesNotFit) as told:
        plan(dataclasses.replace(CASE, **change))
    assert says in str(told.value) and "\n" not in str(told.value)


def test_parts_that_meet_are_named():
    parts = read_parts()
    plug = parts["cell_plug"]
    wide = dataclasses.replace(plug.boxes[0], size=(16.0, *plug.boxes[0].size[1:]))
    parts["cell_plug"] = dataclasses.replace(plug, boxes=(wide,))
    with pytest.raises(DoesNotFit, match=r"switch .* and cell_plug .* meet"):
        plan(parts=parts)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("wall_mm = 1.6", "is missing"),
        ("nonsense_mm = 1.6", "nonsense_mm is not a dimension"),
        ("wall_mm = 0.0", "wall_mm has to be above 0"),
    ],
)
def test_a_case_file_with_a_mistake_is_one_line(tmp_path, text, says):
    lines = (HERE / "case.toml").read_text(encoding="utf-8").splitlines()
    name = text.split(" ")[0]
    kept = [line for line in lines if not line.startswith("wall_mm")]
    path = tmp_path / "case.toml"
    if says == "is missing":
        path.write_text("\n".join(kept), encoding="utf-8")
    else:
        whole = kept if name == "wall_mm" else lines
        path.write_text("\n".join([*whole, text]), encoding="utf-8")
    with pytest.raises(DoesNotFit, match=says):
        read_case(path)


def test_a_variant_that_nobody_knows_is_one_line():
    with pytest.raises(DoesNotFit, match="is no variant of the case"):
        read_parts("huge")


def test_a_print_takes_longer_with_more_plastic_or_more_layers():
    usual = printing(CASE, 1000.0, 10.0)
    assert usual.filament_g == pytest.approx(CASE.density_g_cm3)
    assert printing(CASE, 2000.0, 10.0).minutes > usual.minutes
    assert printing(CASE, 1000.0, 20.0).minutes > usual.minutes
    # by hand: 1000 mm3 of 0.2 x 0.45 mm at 45 mm/s, and 50 layers of 2.5 s
    assert usual.minutes == pytest.approx((1000 / 0.09 / 45 + 50 * 2.5) / 60)


def test_thumb_and_strap_are_borne_and_thinner_would_not():
    where = plan()
    assert cover_bend_mm(where) < where.parts["cell"].room["above"]
    assert bar_mpa(where) < BEARS_MPA
    weak = plan(dataclasses.replace(CASE, cover_mm=1.2, bar_mm=(2.2, 4.0)))
    assert cover_bend_mm(weak) > weak.parts["cell"].room["above"]
    assert bar_mpa(weak) > BEARS_MPA
