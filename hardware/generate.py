"""Writes what follows from wiring.toml, the measured duty and the currents: `make gen`.

Nothing here needs more than the project's own environment; what does (the case) is `make hardware`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from bioklok.errors import BioklokFailure
from bioklok.generate import renewed

from hardware.bom import page as bom
from hardware.drawings.pictures import pictures
from hardware.enclosure import page as enclosure
from hardware.enclosure import record
from hardware.guide import page as guide
from hardware.power import page as power

HERE = Path(__file__).parent
ROOT = HERE.parent


def outputs() -> dict[Path, str]:
    """Return every generated file with what it should hold."""
    tables = power.tables() | bom.tables() | guide.tables() | enclosure.tables()
    wanted = {HERE / "power" / "days.svg": power.plot(), **pictures()}
    rooms = ("power", "bom", "guide", "enclosure")
    pages = (*(f"{room}/README.md" for room in rooms), "guide/README.nl.md")
    for path in (*(HERE / page for page in pages), ROOT / "README.md"):
        wanted[path] = renewed(path.read_text(encoding="utf-8"), tables)
    return wanted


def main(arguments: Sequence[str]) -> int:
    """Write them, or with --check only say which are not as they should be."""
    try:
        stale = [
            path
            for path, text in outputs().items()
            if not path.is_file() or path.read_text(encoding="utf-8") != text
        ]
        if "--check" not in arguments:
            for path in stale:
                path.write_text(outputs()[path], encoding="utf-8")
            return 0
    except BioklokFailure as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    old = list(record.stale(record.read()))  # the case is built by make hardware, never here
    sys.stderr.writelines(f"{line}\n" for line in old)
    if stale:
        names = ", ".join(str(path.relative_to(ROOT)) for path in stale)
        sys.stderr.write(f"not as the wiring and the duty say: {names}; run make gen\n")
    return 1 if stale or old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
