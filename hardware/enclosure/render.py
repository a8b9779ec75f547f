"""Draws bodies as a person would: soft shade, dark outlines; no screen, no graphics card.

Triangles go through a depth buffer in numpy; outlines stand where the body, the depth or the
direction of the surface changes. Everything is orthographic; the picture is four times finer inside
than it comes out.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float64]

FINER = 3
INK = np.array([59.0, 58.0, 55.0])
WHITE = np.array([255.0, 255.0, 255.0])
CREASE_COS = np.cos(np.radians(28.0))
_LIGHT = np.array([-0.35, 0.45, 0.82])  # seen by the eye: from above, left


@dataclass(frozen=True)
class Thing:
    """Triangles (n, 3, 3) in mm, a colour (0-255), and whether its own creases are drawn."""

    triangles: Floats
    colour: tuple[int, int, int]
    creases: bool = True


@dataclass(frozen=True)
class Camera:
    """Looks at the middle of what is drawn: turned by degrees, from a height in degrees."""

    turn_deg: float
    height_deg: float

    def axes(self) -> Floats:
        """Return right, up and towards the eye, as rows."""
        turn, height = np.radians(self.turn_deg), np.radians(self.height_deg)
        eye = np.array(
            [np.cos(height) * np.sin(turn), -np.cos(height) * np.cos(turn), np.sin(height)]
        )
        right = np.array([np.cos(turn), np.sin(turn), 0.0])
        return np.stack([right, np.cross(eye, right), eye])


@dataclass(frozen=True)
class Picture:
    """A drawn scene: PNG bytes, its size in px, and where a point in mm lies on it."""

    png: bytes
    size: tuple[int, int]
    axes: Floats
    low: Floats
    scale: float
    margin: float

    def place(self, point: tuple[float, float, float]) -> tuple[float, float]:
        """Return x and y in px of a point in mm."""
        x, y = (self.axes[:2] @ np.asarray(point) - self.low) * self.scale + self.margin
        return float(x), float(self.size[1] - y)


def draw(things: list[Thing], camera: Camera, width_px: int, margin_px: float = 24.0) -> Picture:
    """Return the things as a picture of this width, as high as they need."""
    axes = camera.axes()
    seen = [thing.triangles @ axes.T for thing in things]
    flat = np.concatenate([view[:, :, :2].reshape(-1, 2) for view in seen])
    low, high = flat.min(axis=0), flat.max(axis=0)
    scale = (width_px - 2 * margin_px) / (high[0] - low[0])
    height_px = int(np.ceil((high[1] - low[1]) * scale + 2 * margin_px))
    shape = (height_px * FINER, width_px * FINER)
    depth = np.full(shape, -np.inf)
    which = np.full(shape, -1, dtype=np.int32)
    facing = np.zeros((*shape, 3), dtype=np.float32)
    offset = margin_px * FINER
    for number, view in enumerate(seen):
        placed = view.copy()
        placed[:, :, :2] = (view[:, :, :2] - low) * scale * FINER + offset
        placed[:, :, 1] = shape[0] - placed[:, :, 1]
        normals = np.cross(view[:, 1] - view[:, 0], view[:, 2] - view[:, 0])
        _fill(placed, normals, number, (depth, which, facing))
    image = _paint(things, depth, which, facing, scale)
    return Picture(_png(image), (width_px, height_px), axes, low, scale, margin_px)


def _fill(
    corners: Floats,
    normals: Floats,
    number: int,
    buffers: tuple[Floats, NDArray[np.int32], NDArray[np.float32]],
) -> None:
    depth, which, facing = buffers
    lengths = np.linalg.norm(normals, axis=1)
    for (a, b, c), normal, length in zip(corners, normals, lengths, strict=True):
        if length < 1e-9 or normal[2] <= 0:  # its back is turned
            continue
        x0, y0 = np.floor(np.minimum(np.minimum(a, b), c)[:2]).astype(int)
        x1, y1 = np.ceil(np.maximum(np.maximum(a, b), c)[:2]).astype(int) + 1
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if abs(area) < 1e-9:
            continue
        x, y = np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5)
        u = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area
        v = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area
        w = 1 - u - v
        near = u * a[2] + v * b[2] + w * c[2]
        part = (slice(y0, y1), slice(x0, x1))
        inside = (u >= -1e-6) & (v >= -1e-6) & (w >= -1e-6) & (near > depth[part])
        depth[part][inside] = near[inside]
        which[part][inside] = number
        facing[part][inside] = normal / length


def _paint(
    things: list[Thing],
    depth: Floats,
    which: NDArray[np.int32],
    facing: NDArray[np.float32],
    scale: float,
) -> Floats:
    colours = np.array([thing.colour for thing in things], dtype=float)
    light = _LIGHT / np.linalg.norm(_LIGHT)
    shade = 0.66 + 0.34 * np.clip(facing @ light, 0.0, 1.0)
    image = np.where(which[..., None] >= 0, colours[which] * shade[..., None], WHITE)
    creases = np.array([thing.creases for thing in things])
    outline = np.zeros(which.shape, dtype=bool)
    fine = np.zeros(which.shape, dtype=bool)
    step = 1.2 / scale  # mm of depth that make an edge
    for axis in (0, 1):
        here = tuple(slice(None, -1) if n == axis else slice(None) for n in (0, 1))
        there = tuple(slice(1, None) if n == axis else slice(None) for n in (0, 1))
        differs = which[here] != which[there]
        both = ~differs & (which[here] >= 0)
        with np.errstate(invalid="ignore"):
            jump = both & (np.abs(depth[here] - depth[there]) > 4 * step)
        bend = (
            both
            & creases[which[here]]
            & (np.einsum("ijk,ijk->ij", facing[here], facing[there]) < CREASE_COS)
        )
        outline[here] |= differs | jump
        fine[here] |= bend
    image[_thick(fine, 1)] = 0.45 * INK + 0.55 * image[_thick(fine, 1)]
    image[_thick(outline, 2)] = INK
    high, wide = (n // FINER for n in which.shape)
    return image.reshape(high, FINER, wide, FINER, 3).mean(axis=(1, 3))


def _thick(lines: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    result = lines.copy()
    for _ in range(by):
        grown = result.copy()
        grown[1:] |= result[:-1]
        grown[:, 1:] |= result[:, :-1]
        result = grown
    return result


def _png(image: Floats) -> bytes:
    picture = Image.fromarray(np.clip(image + 0.5, 0, 255).astype(np.uint8))
    few = picture.quantize(colors=255, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    data = io.BytesIO()
    few.save(data, "PNG", optimize=True)
    return data.getvalue()
