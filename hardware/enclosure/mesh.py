"""What a printer is given: meshes as STL, and what is measured on them.

Only numpy and trimesh, so the main tests measure the committed files too. All measures are of the
mesh itself, never of the parameters it was made from. A body lies in its print position: z up, on
the bed at z = 0. Millimetres and degrees.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from hardware.enclosure.parts import DoesNotFit

Floats = NDArray[np.float64]

OVERHANG_DEG = 50.0  # from the vertical: steeper than this needs support
WALL_MM = 1.2
KNIFE_MOST_MM = 25.0  # rims of the four screw heads, where they run out into the horns' backs
SAMPLES = 4000  # rays of a body
KNIFE_DEG = 75.0  # an edge as sharp as this or sharper is a knife edge: bounded by its length
KNIFE_MM = 1.2  # a ray this near to one measures the edge, not a wall
_EDGE_MM = 0.35  # and this near to any other that is sharper than a right angle
_BED_MM = 0.02
_ANGLE_SLACK_DEG = 0.5  # of facets of a round surface
_WALL_SLACK_MM = 0.005
_CHUNK = 250


@dataclass(frozen=True)
class Thin:
    """Where a wall is thinnest: mm, and the place on the mesh."""

    mm: float
    at: tuple[float, float, float]


def check_file(path: Path, bed_mm: tuple[float, float]) -> Iterator[str]:
    """Yield a line for all that a printer would trip over in an STL. DoesNotFit: not printable."""
    name, body = path.stem, read_stl(path)
    sound(body, name, bed_mm)
    thin = thinnest(body)
    if thin.mm < WALL_MM - _WALL_SLACK_MM:
        where = ", ".join(f"{value:.1f}" for value in thin.at)
        yield f"{name}: a wall of {thin.mm:.2f} mm at {where} (as printed)"
    if (knife := knife_mm(body)) > KNIFE_MOST_MM:
        yield f"{name}: {knife:.0f} mm of edges like a knife's"
    if steep := overhangs(body):
        lean, z = max(steep)
        yield f"{name}: leans {lean:.0f} degrees at z = {z:.1f} (as printed): needs support"


def write_stl(path: Path, points: Floats, triangles: NDArray[np.int64], name: str) -> None:
    """Write a binary STL whose bytes depend on nothing but the mesh and the name."""
    corners = points[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    keep = lengths > 1e-12
    normals, corners = normals[keep] / lengths[keep, None], corners[keep]
    rows = np.zeros(
        len(corners),
        dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")],
    )
    rows["normal"], rows["corners"] = normals, corners
    header = f"Bioklok {name}, millimetres".encode().ljust(80)
    path.write_bytes(header + struct.pack("<I", len(rows)) + rows.tobytes())


def read_stl(path: Path) -> trimesh.Trimesh:
    """Return the mesh of an STL, its corners joined where they are the same point."""
    mesh = trimesh.load_mesh(path)
    mesh.merge_vertices(digits_vertex=4)
    return mesh


def bodies(mesh: trimesh.Trimesh) -> int:
    """Return how many pieces hang together: by shared corners, without a graph library."""
    group = np.arange(len(mesh.vertices))
    while True:
        lowest = group.copy()
        least = group[mesh.faces].min(axis=1)
        for corner in range(3):
            np.minimum.at(lowest, mesh.faces[:, corner], least)
        lowest = lowest[lowest]
        if np.array_equal(lowest, group):
            return len(np.unique(group[mesh.faces]))
        group = lowest


def sound(mesh: trimesh.Trimesh, name: str, bed_mm: tuple[float, float]) -> None:
    """Raise DoesNotFit unless the mesh is closed, one piece, not inside out, and on the bed."""
    if not mesh.is_watertight or not mesh.is_winding_consistent:
        raise DoesNotFit(f"{name}: the mesh has a hole; look at its body in STEP")
    if (count := bodies(mesh)) != 1:
        raise DoesNotFit(f"{name}: {count} pieces instead of one")
    if mesh.volume <= 0:
        raise DoesNotFit(f"{name}: the mesh is inside out")
    low, size = mesh.bounds[0], mesh.extents
    if abs(low[2]) > _BED_MM:
        raise DoesNotFit(f"{name}: does not lie on the bed")
    if size[0] > bed_mm[0] or size[1] > bed_mm[1]:
        raise DoesNotFit(f"{name}: {size[0]:.0f} x {size[1]:.0f} mm is larger than the bed")


def overhangs(mesh: trimesh.Trimesh, limit_deg: float = OVERHANG_DEG) -> list[tuple[float, float]]:
    """Return what leans further than the limit: (degrees from the vertical, z) of each facet.

    Facets on the bed do not count, nor any that is smaller than a printed line is wide.
    """
    normals = mesh.face_normals
    lean = np.degrees(np.arcsin(np.clip(-normals[:, 2], -1.0, 1.0)))
    height = mesh.triangles[:, :, 2].max(axis=1)
    found = (lean > limit_deg + _ANGLE_SLACK_DEG) & (height > _BED_MM) & (mesh.area_faces > 1e-4)
    return [(float(lean[face]), float(height[face])) for face in np.nonzero(found)[0]]


def thinnest(mesh: trimesh.Trimesh, samples: int = SAMPLES, seed: int = 0) -> Thin:
    """Return the thinnest wall: the shortest way from the surface straight through to its back.

    Rays start at points spread evenly over the surface, against the normal there. Near an edge
    sharper than a right angle a ray measures how sharp it is: such points are left out.
    """
    starts, normals = _spread(mesh, samples, seed)
    lengths = _through(mesh, starts, -normals)
    lengths[_near(starts, knife_edges(mesh), KNIFE_MM)] = np.inf
    lengths[_near(starts, _edges(mesh, KNIFE_DEG, 89.0), _EDGE_MM)] = np.inf
    least = int(np.argmin(lengths))
    x, y, z = (float(value) for value in starts[least])
    return Thin(float(lengths[least]), (x, y, z))


def _spread(mesh: trimesh.Trimesh, samples: int, seed: int) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    share = np.cumsum(mesh.area_faces)
    face = np.searchsorted(share, (np.arange(samples) + 0.5) / samples * share[-1])
    u, v = random.random((2, samples))
    over = u + v > 1
    u[over], v[over] = 1 - u[over], 1 - v[over]
    a, b, c = np.moveaxis(mesh.triangles[face], 1, 0)
    return a + u[:, None] * (b - a) + v[:, None] * (c - a), mesh.face_normals[face]


def _through(mesh: trimesh.Trimesh, starts: Floats, ways: Floats) -> Floats:
    """Return how far each ray goes before it leaves the mesh (Moeller and Trumbore 1997)."""
    a = mesh.triangles[:, 0]
    side1, side2 = mesh.triangles[:, 1] - a, mesh.triangles[:, 2] - a
    lengths = np.full(len(starts), np.inf)
    for first in range(0, len(starts), _CHUNK):
        start, way = starts[first : first + _CHUNK, None], ways[first : first + _CHUNK, None]
        p = np.cross(way, side2[None])
        volume = np.einsum("ijk,jk->ij", p, side1)
        flat = np.abs(volume) < 1e-9
        inverse = 1.0 / np.where(flat, 1.0, volume)
        t = start - a[None]
        u = np.einsum("ijk,ijk->ij", t, p) * inverse
        q = np.cross(t, side1[None])
        v = np.einsum("ijk,ijk->ij", np.broadcast_to(way, q.shape), q) * inverse
        far = np.einsum("ijk,jk->ij", q, side2) * inverse
        hit = ~flat & (u >= -1e-9) & (v >= -1e-9) & (u + v <= 1 + 1e-9) & (far > 1e-3)
        lengths[first : first + _CHUNK] = np.where(hit, far, np.inf).min(axis=1)
    return lengths


def knife_edges(mesh: trimesh.Trimesh) -> Floats:
    """Return the convex edges (n, 2, 3) of at most KNIFE_DEG: thin whatever the dimensions are."""
    return _edges(mesh, 0.0, KNIFE_DEG)


def knife_mm(mesh: trimesh.Trimesh) -> float:
    """Return how long all knife edges are together."""
    edges = knife_edges(mesh)
    return float(np.linalg.norm(edges[:, 0] - edges[:, 1], axis=1).sum())


def _edges(mesh: trimesh.Trimesh, low_deg: float, high_deg: float) -> Floats:
    inner = 180.0 - np.degrees(mesh.face_adjacency_angles)
    which = mesh.face_adjacency_convex & (inner >= low_deg) & (inner <= high_deg)
    return np.asarray(mesh.vertices[mesh.face_adjacency_edges[which]])


def _near(points: Floats, edges: Floats, reach_mm: float) -> NDArray[np.bool_]:
    near = np.zeros(len(points), dtype=bool)
    for a, b in edges:
        way = b - a
        share = np.clip((points - a) @ way / max(float(way @ way), 1e-12), 0.0, 1.0)
        near |= np.linalg.norm(points - (a + share[:, None] * way), axis=1) < reach_mm
    return near
