"""What the print files and pictures were made from: hashes of sources and outputs, and figures.

`make gen-check` and the main tests compare; only `make hardware` writes.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hardware.enclosure.parts import HERE

OUT = HERE / "out"
PICTURES = HERE / "pictures"
RECORD = OUT / "made_from.json"
SOURCES = (
    "build.py",
    "callouts.py",
    "case.toml",
    "estimate.py",
    "fit.py",
    "mesh.py",
    "parts.py",
    "parts.toml",
    "pictures.py",
    "pieces.py",
    "plan.py",
    "render.py",
    "requirements.txt",
    "shells.py",
    "small.toml",
    "solid.py",
    "wrist.py",
)


def sha256(path: Path) -> str:
    """Return the hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """Return the hash of each file, by its path below hardware/enclosure."""
    return {path.relative_to(HERE).as_posix(): sha256(path) for path in sorted(paths)}


def outputs() -> list[Path]:
    """Return every built file."""
    built = [*OUT.rglob("*.stl"), *OUT.rglob("*.step"), *PICTURES.glob("*.svg")]
    return sorted(built)


def read() -> dict[str, Any]:
    """Return the record as it was kept."""
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return record


def write(variants: Mapping[str, Any]) -> None:
    """Keep the record of what was just built."""
    record = {
        "sources": hashes(HERE / name for name in SOURCES),
        "outputs": hashes(outputs()),
        "variants": variants,
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def stale(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each file that is not as the record says."""
    now = {"sources": hashes(HERE / name for name in SOURCES), "outputs": hashes(outputs())}
    for kind, files in now.items():
        for name in sorted(files.keys() | record[kind].keys()):
            if files.get(name) != record[kind].get(name):
                yield f"hardware/enclosure/{name}: the case was built with another: make hardware"
