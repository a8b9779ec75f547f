"""Small words for build123d that the bodies share. Millimetres; corners are given, not middles."""

from collections.abc import Sequence

from build123d import (
    Axis,
    Box,
    Cone,
    Cylinder,
    Edge,
    Part,
    Plane,
    Polygon,
    Pos,
    Rectangle,
    SlotOverall,
    extrude,
    fillet,
)

NEAR_MM = 1e-4


def block(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]) -> Part:
    """Return a box from its lower and upper bounds."""
    low, size = (x[0], y[0], z[0]), (x[1] - x[0], y[1] - y[0], z[1] - z[0])
    middle = [start + length / 2 for start, length in zip(low, size, strict=True)]
    return Pos(*middle) * Box(*size)


def round_block(
    x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], radius: float
) -> Part:
    """Return a box whose upright edges are round."""
    body = block(x, y, z)
    return fillet(body.edges().filter_by(Axis.Z), radius)


def post(at: tuple[float, float], diameter: float, z: tuple[float, float]) -> Part:
    """Return an upright cylinder."""
    return Pos(at[0], at[1], (z[0] + z[1]) / 2) * Cylinder(diameter / 2, z[1] - z[0])


def cone(at: tuple[float, float], diameters: tuple[float, float], z: tuple[float, float]) -> Part:
    """Return an upright cone; diameters below and above."""
    middle = Pos(at[0], at[1], (z[0] + z[1]) / 2)
    return middle * Cone(diameters[0] / 2, diameters[1] / 2, z[1] - z[0])


def prism_x(points: Sequence[tuple[float, float]], x: tuple[float, float]) -> Part:
    """Return what lies between x[0] and x[1] with this outline in y and z."""
    plane = Plane((x[0], 0, 0), x_dir=(0, 1, 0), z_dir=(1, 0, 0))
    return extrude(plane * Polygon(*points, align=None), x[1] - x[0])


def prism_z(points: Sequence[tuple[float, float]], z: tuple[float, float]) -> Part:
    """Return what lies between z[0] and z[1] with this outline in x and y."""
    return extrude(Pos(0, 0, z[0]) * Polygon(*points, align=None), z[1] - z[0])


def stadium(at: tuple[float, float], size: tuple[float, float], z: tuple[float, float]) -> Part:
    """Return an upright prism with round ends, longer in x."""
    return extrude(Pos(at[0], at[1], z[0]) * SlotOverall(*size), z[1] - z[0])


def plate(plane: Plane, size: tuple[float, float], depth: tuple[float, float]) -> Part:
    """Return a box on a plane: size along it, from depth[0] to depth[1] off it."""
    moved = plane.offset(depth[0])
    return extrude(moved * Rectangle(*size), depth[1] - depth[0])


def level_edges(body: Part, z: float) -> list[Edge]:
    """Return the edges that lie wholly at a height."""
    return [
        edge
        for edge in body.edges()
        if abs(edge.bounding_box().min.Z - z) < NEAR_MM
        and abs(edge.bounding_box().max.Z - z) < NEAR_MM
    ]
