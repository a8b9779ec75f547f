"""Small grey pictures of pages, kept as PNG and compared. No tests here.

The browser shrinks and greys them; here they are written and read with 16 shades and no filter
(PNG, W3C, 3rd edition), so that no image library is needed.
"""

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
SHADES = 16
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHRINK = """async ([data, scale]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + data;
  await image.decode();
  const width = Math.round(image.width * scale), height = Math.round(image.height * scale);
  const paper = new OffscreenCanvas(width, height).getContext("2d");
  paper.imageSmoothingQuality = "high";
  paper.drawImage(image, 0, 0, width, height);
  const {data: rgba} = paper.getImageData(0, 0, width, height);
  let grey = "";
  for (let at = 0; at < rgba.length; at += 4)
    grey += String.fromCharCode(
      Math.round(0.2126 * rgba[at] + 0.7152 * rgba[at + 1] + 0.0722 * rgba[at + 2]));
  return {width, height, grey: btoa(grey)};
}"""


def picture(page: Any, desk: Any, scale: float, most_px: int = 1600) -> Grey:
    """Return what a page looks like, shrunk, in shades 0 to 15, not longer than `most_px`.

    `desk`: an empty page of the same browser, on which the work is done.
    """
    size = page.viewport_size
    height = min(page.evaluate("document.documentElement.scrollHeight"), most_px)
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    data = base64.b64encode(page.screenshot(animations="disabled", caret="hide")).decode()
    page.set_viewport_size(size)
    shrunk = desk.evaluate(_SHRINK, [data, scale])
    grey = np.frombuffer(base64.b64decode(shrunk["grey"]), np.uint8)
    shades = np.asarray(np.round(grey * ((SHADES - 1) / 255)), np.uint8)
    return shades.reshape(shrunk["height"], shrunk["width"])


def differs(one: Grey, other: Grey) -> str:
    """Say how two pictures differ, "" where they look the same.

    A shade or two is how letters fall on the dots; more of it in one place is another page.
    """
    if one.shape != other.shape:
        return f"{other.shape[1]} x {other.shape[0]} dots are now {one.shape[1]} x {one.shape[0]}"
    far = np.abs(one.astype(int) - other.astype(int)) >= 4
    share = float(far.mean())
    if share <= 0.004:
        return ""
    rows = np.nonzero(far.any(axis=1))[0]
    return f"{100 * share:.1f} of 100 dots differ, rows {rows[0]} to {rows[-1]} of {len(one)}"


def write(path: Path, shades: Grey) -> None:
    """Write a picture as PNG of four bits a dot."""
    height, width = shades.shape
    even = np.pad(shades, ((0, 0), (0, width % 2)))
    packed = (even[:, ::2] << 4 | even[:, 1::2]).astype(np.uint8)
    lines = np.pad(packed, ((0, 0), (1, 0)))  # a filter of 0 before each line
    header = struct.pack(">IIBBBBB", width, height, 4, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    path.write_bytes(_SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks))


def read(path: Path) -> Grey:
    """Read a picture that `write` wrote."""
    data, at, found = path.read_bytes(), len(_SIGNATURE), {}
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        found[data[at + 4 : at + 8]] = data[at + 8 : at + 8 + length]
        at += length + 12
    width, height, *rest = struct.unpack(">IIBBBBB", found[b"IHDR"])
    assert rest == [4, 0, 0, 0, 0], "not a picture of ours"
    lines = np.frombuffer(zlib.decompress(found[b"IDAT"]), np.uint8).reshape(height, -1)
    assert not lines[:, 0].any(), "not a picture of ours"
    both = np.stack([lines[:, 1:] >> 4, lines[:, 1:] & 15], axis=2).reshape(height, -1)
    return both[:, :width]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
