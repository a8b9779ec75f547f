"""The print files as they are kept, measured; and each measure on a body with a planted fault."""

import numpy as np
import pytest
import trimesh

from hardware.enclosure import mesh, record
from hardware.enclosure.parts import DoesNotFit, read_case

BED = read_case().bed_mm
FILES = sorted(record.OUT.rglob("*.stl"))
NAMES = [path.relative_to(record.OUT).as_posix() for path in FILES]


def box(x: float, y: float, z: float, at=(0.0, 0.0, 0.0)) -> trimesh.Trimesh:
    body = trimesh.creation.box(extents=(x, y, z))
    body.apply_translation(np.add(at, (x / 2, y / 2, z / 2)))
    return body


def prism(outline, length: float) -> trimesh.Trimesh:
    """Return what has this convex outline in y and z, `length` along x."""
    points = np.array([(x, y, z) for x in (0.0, length) for y, z in outline])
    n = len(outline)
    faces = []
    for k in range(n):
        after = (k + 1) % n
        faces += [(k, n + k, n + after), (k, n + after, after)]
    for k in range(1, n - 1):
        faces += [(0, k, k + 1), (n, n + k + 1, n + k)]
    body = trimesh.Trimesh(points, faces)
    if body.volume < 0:
        body.invert()
    return body


def hollow(wall: float) -> trimesh.Trimesh:
    """Return a closed box of 20 mm with a closed room inside: two skins, one solid."""
    inner = box(20 - 2 * wall, 20 - 2 * wall, 20 - 2 * wall, (wall, wall, wall))
    inner.invert()
    return trimesh.util.concatenate([box(20, 20, 20), inner])


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_each_print_file_prints(path):
    assert list(mesh.check_file(path, BED)) == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_each_print_file_is_as_large_as_its_record_and_its_step_say(path):
    variant = "case" if path.parent == record.OUT else path.parent.name
    kept = record.read()["variants"][variant]["bodies"][path.stem]
    body = mesh.read_stl(path)
    assert body.volume == pytest.approx(kept["volume_mm3"], abs=1)
    assert body.volume == pytest.approx(kept["step_mm3"], rel=0.01)
    assert list(body.extents) == pytest.approx(kept["size_mm"], abs=0.06)


def test_a_hole_is_found():
    body = mesh.read_stl(FILES[0])
    body.update_faces(np.arange(len(body.faces)) != 7)
    with pytest.raises(DoesNotFit, match="has a hole"):
        mesh.sound(body, "bottom", BED)


def test_two_pieces_are_found_and_one_is_one():
    assert mesh.bodies(box(5, 5, 5)) == 1
    two = trimesh.util.concatenate([box(5, 5, 5), box(5, 5, 5, (9, 0, 0))])
    assert mesh.bodies(two) == 2
    with pytest.raises(DoesNotFit, match="2 pieces"):
        mesh.sound(two, "two", BED)


def test_inside_out_in_the_air_and_too_large_are_found():
    body = box(5, 5, 5)
    body.invert()
    with pytest.raises(DoesNotFit, match="inside out"):
        mesh.sound(body, "body", BED)
    with pytest.raises(DoesNotFit, match="does not lie on the bed"):
        mesh.sound(box(5, 5, 5, (0, 0, 1)), "body", BED)
    with pytest.raises(DoesNotFit, match="larger than the bed"):
        mesh.sound(box(181, 5, 5), "body", BED)
    mesh.sound(box(180, 180, 5), "body", BED)


@pytest.mark.parametrize("wall", [0.8, 1.2, 2.5])
def test_a_wall_is_as_thick_as_it_is(wall):
    assert mesh.thinnest(hollow(wall), samples=800).mm == pytest.approx(wall, abs=0.001)
    assert mesh.thinnest(box(20, 20, wall), samples=800).mm == pytest.approx(wall, abs=0.001)


def test_a_thin_wall_is_one_line(tmp_path):
    body = box(20, 20, 0.9)
    path = tmp_path / "lid.stl"
    mesh.write_stl(path, body.vertices, body.faces, "lid")
    lines = list(mesh.check_file(path, BED))
    assert len(lines) == 1 and lines[0].startswith("lid: a wall of 0.90 mm at ")


def test_what_leans_too_far_is_found_and_what_leans_less_is_not():
    def leaning(deg: float) -> trimesh.Trimesh:
        far = 10 * np.tan(np.radians(deg))
        return prism([(0, 0), (10, 0), (10 + far, 10), (0, 10)], 10)

    assert mesh.overhangs(leaning(45)) == [] and mesh.overhangs(leaning(50)) == []
    steep = mesh.overhangs(leaning(55))
    assert steep and all(lean == pytest.approx(55, abs=0.1) for lean, _ in steep)
    roof = trimesh.util.concatenate([box(2, 10, 10), box(10, 10, 2, (0, 0, 10))])
    assert max(mesh.overhangs(roof))[0] == pytest.approx(90, abs=0.1)


def test_a_knife_edge_is_measured_by_its_length_not_as_a_wall():
    wedge = prism([(0, 0), (20, 0), (0, 10)], 12)  # its sharp edge: 26.6 degrees, 12 mm long
    assert mesh.knife_mm(wedge) == pytest.approx(2 * 12, abs=0.01)  # and 63.4 degrees above
    assert mesh.knife_mm(box(9, 9, 9)) == 0
    assert mesh.thinnest(wedge, samples=2000).mm > 0.5


def test_too_many_knife_edges_are_one_line(tmp_path):
    wedge = prism([(0, 0), (20, 0), (0, 10)], 40)
    path = tmp_path / "wedge.stl"
    mesh.write_stl(path, wedge.vertices, wedge.faces, "wedge")
    assert any("like a knife's" in line for line in mesh.check_file(path, BED))


def test_an_stl_is_the_same_bytes_twice_and_reads_back(tmp_path):
    body = box(3, 4, 5)
    for name in ("one", "two"):
        mesh.write_stl(tmp_path / name, body.vertices, body.faces, "body")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    (tmp_path / "one").rename(tmp_path / "one.stl")
    again = mesh.read_stl(tmp_path / "one.stl")
    assert again.volume == pytest.approx(60) and again.is_watertight
