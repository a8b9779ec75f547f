"""An arm and a strap to draw the case on: not to measure anything by."""

import numpy as np
from numpy.typing import NDArray

from hardware.enclosure.plan import Plan

Floats = NDArray[np.float64]

# An oval of 150 mm around: between the means of 10 and 14 years. Wrists of 6 to 17 years grow from
# 130 to 168 mm (boys) and 125 to 156 mm (girls) around: Ozturk et al. 2017, 10.4274/jcrpe.4265.
AROUND_MM = 150.0
FLATNESS = 0.73  # height by breadth, assumed
STRAP_THICK_MM = 1.4
_STEPS = 160


def _around(flatness: float) -> float:
    """Return how far it is around an oval of half breadth 1 (Ramanujan 1914)."""
    a, b = 1.0, flatness
    return float(np.pi * (3 * (a + b) - np.sqrt((3 * a + b) * (a + 3 * b))))


BREADTH_MM = 2 * AROUND_MM / _around(FLATNESS)


def _oval(plan: Plan, wider_mm: float) -> Floats:
    """Return the oval (n, 2) in y and z under the case, this much wider all around."""
    a = BREADTH_MM / 2 + wider_mm
    b = FLATNESS * BREADTH_MM / 2 + wider_mm
    angle = np.linspace(0, 2 * np.pi, _STEPS, endpoint=False)
    top = -STRAP_THICK_MM + wider_mm
    return np.stack([plan.deep_y / 2 + a * np.cos(angle), top - b + b * np.sin(angle)], axis=1)


def _hull(points: Floats) -> Floats:
    """Return the convex outline of points, counter-clockwise (Andrew 1979)."""
    ordered = sorted(map(tuple, points))

    def half(row: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        result: list[tuple[float, ...]] = []
        for point in row:
            while len(result) > 1:
                (ax, ay), (bx, by) = result[-2], result[-1]
                if (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax) > 0:
                    break
                result.pop()
            result.append(point)
        return result[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def arm(plan: Plan) -> Floats:
    """Return the triangles (n, 3, 3) of an arm under the case."""
    outline = _oval(plan, 0.0)
    x = (-45.0, plan.high_x + 45.0)
    middle = outline.mean(axis=0)
    triangles = []
    for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        triangles += _quad((x[0], *a), (x[0], *b), (x[1], *b), (x[1], *a))
        triangles += [[(end, *middle), (end, *a), (end, *b)] for end in x]
    return _both_sides(np.array(triangles))


def _way(plan: Plan) -> Floats:
    """Return the strap's middle (n, 2): up through a slot, around the arm, down, under the case."""
    half = STRAP_THICK_MM / 2
    tip = -plan.case.wall_mm - plan.lug_mm
    inner, high = tip + plan.case.bar_mm[0], plan.case.bar_mm[1]
    over = [(inner + half, -half), (inner + half, high - 0.8), (inner - 0.4, high + half)]
    over += [(tip + 0.8, high + half), (tip - half, high - 0.8)]
    near = np.array(over)
    far = near[::-1] * (-1, 1) + (plan.deep_y, 0)
    hull = _hull(np.concatenate([_oval(plan, 0.1 + half), near[-1:], far[:1]]))
    start = int(np.argmin(np.abs(hull - near[-1]).sum(axis=1)))
    around = np.roll(hull, -start, axis=0)
    end = int(np.argmin(np.abs(around - far[0]).sum(axis=1)))
    return np.concatenate([near, around[1:end], far])


def strap(plan: Plan) -> Floats:
    """Return the triangles (n, 3, 3) of the strap around arm and bars."""
    way = _way(plan)
    along = np.roll(way, -1, axis=0) - np.roll(way, 1, axis=0)
    along /= np.linalg.norm(along, axis=1)[:, None]
    aside = np.stack([along[:, 1], -along[:, 0]], axis=1) * STRAP_THICK_MM / 2
    half = plan.case.strap_mm / 2
    x = (plan.strap_x - half, plan.strap_x + half)
    edges = [(end, line) for line in (way + aside, way - aside) for end in x]
    order = (0, 1, 3, 2)  # around the strap's section
    triangles = []
    for number, one in enumerate(order):
        (x1, line1), (x2, line2) = edges[one], edges[order[(number + 1) % 4]]
        for k in range(len(way)):
            n = (k + 1) % len(way)
            triangles += _quad((x1, *line1[k]), (x1, *line1[n]), (x2, *line2[n]), (x2, *line2[k]))
    return _both_sides(np.array(triangles))


def _quad(*corners: tuple[float, ...]) -> list[list[tuple[float, ...]]]:
    a, b, c, d = corners
    return [[a, b, c], [a, c, d]]


def _both_sides(triangles: Floats) -> Floats:
    return np.concatenate([triangles, triangles[:, ::-1]])
