"""`python -m hardware.drawings`: draws every board anew from hardware/wiring.toml, into out/.

Exit code 1, and a line, where the wiring cannot be built or something in a drawing overlaps.
"""

import sys

from bioklok.errors import BioklokFailure

from hardware.drawings.canvas import faults
from hardware.drawings.pictures import OUT, canvases


def main() -> int:
    """Write the drawings and say what was written."""
    try:
        drawn = canvases()
    except BioklokFailure as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    wrong = [f"{name}: {fault}" for name, canvas in drawn.items() for fault in faults(canvas)]
    OUT.mkdir(exist_ok=True)
    for old in OUT.glob("*.svg"):
        if old.name not in drawn:  # of a board that is no more
            old.unlink()
    for name, canvas in drawn.items():
        (OUT / name).write_text(canvas.svg(), encoding="utf-8")
        sys.stdout.write(f"{(OUT / name).stat().st_size:8,d}  {name}\n")
    for line in wrong:
        sys.stderr.write(f"{line}: move it in plan.py or schematic.py\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
