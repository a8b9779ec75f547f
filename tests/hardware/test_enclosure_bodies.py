"""The bodies themselves, with a fault planted in each way. Needs build123d: `make hardware`."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("build123d", reason="build123d is only in build/hardware: make hardware")

from hardware.enclosure import build, fit, mesh
from hardware.enclosure.parts import VARIANTS, DoesNotFit, read_case, read_parts
from hardware.enclosure.plan import plan

ROOT = Path(__file__).parents[2]
CASE = read_case()
NAMES = tuple(build.MAKERS)


@pytest.fixture(scope="module")
def made():
    return build.build()


def with_cell(x: float, y: float, z: float):
    parts = read_parts()
    box = dataclasses.replace(parts["cell"].boxes[0], size=(x, y, z))
    return {**parts, "cell": dataclasses.replace(parts["cell"], boxes=(box,))}


@pytest.mark.parametrize(
    "cell",
    [(20.5, 32.0, 3.8), (25.5, 32.0, 6.3), (30.5, 42.0, 6.3)],
    ids=["402030", "602530", "603040"],
)
def test_another_cell_makes_another_case_that_passes_all(tmp_path, cell):
    other = build.built(plan(parts=with_cell(*cell)))
    build.export(other, tmp_path, NAMES)
    told = list(build.check(other, tmp_path, NAMES))
    bending = [line for line in told if "bends the cover" in line]
    assert told == bending  # a wide cell wants a thicker cover, and says so
    assert bool(bending) == (cell[0] > 30)


def test_a_cell_that_no_printer_takes_is_one_line():
    with pytest.raises(DoesNotFit, match="larger than bed_mm"):
        build.built(plan(parts=with_cell(190.0, 37.0, 5.3)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_pieces_that_variants_share_are_the_same(made, variant):
    other = build.build(variant)
    for name in set(NAMES) - set(build.OWN):
        assert other.printed[name].volume == pytest.approx(made.printed[name].volume, abs=0.01)
        size = other.printed[name].bounding_box().size
        assert size == pytest.approx(made.printed[name].bounding_box().size, abs=1e-4)


@pytest.mark.parametrize(
    ("part", "by", "body"),
    [
        ("cell", (0.3, 0, 0), "bottom"),
        ("cell", (0, 0, 0.1), "cover"),
        ("xiao", (0, 0.4, 0), "top"),
        ("lis3dh", (0.3, 0, 0), "bottom"),
        ("veml7700", (0, 0, 0.3), "top"),
        ("lamp", (0, -0.3, 0), "diffuser"),
        ("switch", (0, 0, 0.2), "cap"),
    ],
)
def test_a_part_out_of_its_place_is_found(made, part, by, body):
    parts = {**made.plan.parts, part: made.plan.parts[part].moved(by)}
    told = list(fit.troubles(dataclasses.replace(made.plan, parts=parts), made.worn))
    assert any(line.startswith(f"{part} (") and f"in the {body}:" in line for line in told), told


def test_a_part_that_is_larger_than_it_was_said_to_be_is_found(made):
    usb = made.plan.parts["xiao"].boxes[-1]
    wide = dataclasses.replace(usb, size=(usb.size[0], usb.size[1] + 1.2, usb.size[2]))
    xiao = made.plan.parts["xiao"]
    xiao = dataclasses.replace(xiao, boxes=(*xiao.boxes[:-1], wide))
    parts = {**made.plan.parts, "xiao": xiao}
    told = list(fit.troubles(dataclasses.replace(made.plan, parts=parts), made.worn))
    assert any("xiao (USB-C) lacks room in the top" in line for line in told), told


def test_bodies_that_share_space_are_found(made):
    from build123d import Pos

    moved = {**made.worn, "cover": Pos(0, 0, -0.3) * made.worn["cover"]}
    told = list(fit.troubles(made.plan, moved))
    assert any(line.startswith("bottom and cover share") for line in told), told


def test_a_roof_printed_upright_leans_and_says_so(tmp_path, made):
    upright = dataclasses.replace(made, printed={**made.printed, "top": made.worn["top"]})
    build.export(upright, tmp_path, ("top",))
    with pytest.raises(DoesNotFit, match="does not lie on the bed"):
        list(mesh.check_file(tmp_path / "top.stl", CASE.bed_mm))
    from build123d import Pos

    laid = Pos(0, 0, -made.plan.cover_z) * made.worn["top"]
    build.export(dataclasses.replace(made, printed={"top": laid}), tmp_path, ("top",))
    told = list(mesh.check_file(tmp_path / "top.stl", CASE.bed_mm))
    assert any("leans 90 degrees" in line for line in told), told


@pytest.mark.parametrize(
    ("change", "body"),
    [({"wall_mm": 1.0}, "top"), ({"rib_mm": 0.8}, "bottom"), ({"roof_mm": 1.0}, "top")],
)
def test_a_thin_wall_is_measured_on_the_mesh(tmp_path, change, body):
    thin = build.build(case=dataclasses.replace(CASE, **change))
    build.export(thin, tmp_path, (body,))
    told = list(mesh.check_file(tmp_path / f"{body}.stl", CASE.bed_mm))
    assert any(line.startswith(f"{body}: a wall of ") for line in told), told


def test_an_stl_that_is_not_its_step_is_found(tmp_path, made):
    build.export(made, tmp_path, ("cap", "window"))
    (tmp_path / "cap.stl").write_bytes((tmp_path / "window.stl").read_bytes())
    told = list(build.check(made, tmp_path, ("cap", "window")))
    assert any(line.startswith("cap: STL and STEP differ") for line in told), told


def test_the_same_sources_give_the_same_bytes(tmp_path):
    # In processes of their own: the library that writes STEP numbers what it wrote before.
    script = (
        "import sys; from pathlib import Path; from hardware.enclosure import build; "
        "build.export(build.build(), Path(sys.argv[1]), ('cap', 'cover'))"
    )
    for seed in ("1", "2"):
        call = [sys.executable, "-c", script, str(tmp_path / seed)]
        subprocess.run(call, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed})
    written = sorted((tmp_path / "1").iterdir())
    assert len(written) == 5
    for path in written:
        assert path.read_bytes() == (tmp_path / "2" / path.name).read_bytes(), path.name
