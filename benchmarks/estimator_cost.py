"""What the estimator costs: a minute, a quarter hour's end, RAM and flash.

`python -m benchmarks.estimator_cost [--keep]`. The RAM that was asked for is that of a chip of 32
bits: BIOKLOK_MICROPYTHON_32 names a MicroPython of 32 bits that runs here, to measure it.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from bioklok.errors import BioklokFailure

from benchmarks.figure import Figure, Table, keep, on_micropython

PROGRAM = "estimator_main.py"
VARIABLE = "BIOKLOK_MICROPYTHON_32"
MOST_RAM_B = 2048
MOST_SNAPSHOT_B = 256


def measure() -> tuple[dict[str, float], dict[str, float] | None]:
    """The costs on this machine's MicroPython, and on the one of 32 bits where one is named.

    Raises NotFound where that one does not run, BioklokFailure where it has not 32 bits.
    """
    here = on_micropython(PROGRAM)
    named = os.environ.get(VARIABLE)
    if not named:
        return here, None
    there = on_micropython(PROGRAM, Path(named))
    if there["word_bits"] != 32:
        raise BioklokFailure(
            f"{VARIABLE}={named} has {there['word_bits']} bits: name a build of 32, or unset it"
        )
    return here, there


def costs(here: dict[str, float], there: dict[str, float] | None) -> Iterator[Figure]:
    """The costs beside what was asked for; on 32 bits measured, or reckoned and said so."""
    ends = "one that ends a quarter hour"
    yield Figure(
        "an epoch in the estimator", here["epoch_us"] * 1000, "ns", ends, here["quarter_us"] * 1000
    )
    for figures in (here, there):
        if figures:
            bits = f"{figures['word_bits']:.0f} bits"
            yield Figure(
                f"allocated per epoch, {bits}", figures["epoch_b"], "B", "asked for", 0, most=0
            )
            yield Figure(f"garbage of a quarter hour's end, {bits}", figures["quarter_b"], "B", "")
    ram = f"estimator in RAM, {here['word_bits']:.0f} bits"
    yield Figure(ram, here["state_b"], "B", "by layout", here["layout_b"])
    yield Figure(
        "estimator in RAM, 32 bits" + ("" if there else ": NOT measured, by layout"),
        there["state_b"] if there else here["layout_32_b"],
        "B",
        "asked for",
        MOST_RAM_B,
        most=MOST_RAM_B,
    )
    yield Figure(
        "estimator's snapshot",
        here["snapshot_b"],
        "B",
        "asked for",
        MOST_SNAPSHOT_B,
        most=MOST_SNAPSHOT_B,
    )


def table(here: dict[str, float], there: dict[str, float] | None) -> Table:
    """The costs as they stand in docs/estimator.md."""
    bits = f"{here['word_bits']} bits"
    ends = f"{here['quarter_us']:.0f} us, {here['quarter_b'] / 1000:.0f} kB of garbage"
    counted = f"{there['state_b']:,.0f} B" if there else "not measured"
    ram = f"{MOST_RAM_B:,} B"
    rows = [
        ("an epoch", f"{here['epoch_us']:.0f} us, {here['epoch_b']:.0f} B", "0 B"),
        ("an epoch that ends a quarter of an hour", ends, ""),
        (f"the state in RAM, {bits}: counted", f"{here['state_b']:,.0f} B", ""),
        (f"the state in RAM, {bits}: by layout", f"{here['layout_b']:,} B", ""),
        ("the state in RAM, 32 bits: by layout", f"{here['layout_32_b']:,} B", ram),
        ("the state in RAM, 32 bits: counted", counted, ram),
        (
            "the snapshot, and on flash",
            f"{here['snapshot_b']} B, {here['slot_b']} B",
            f"{MOST_SNAPSHOT_B} B",
        ),
    ]
    return Table(("what", "figure", "asked for"), rows)


def warning(here: dict[str, float], there: dict[str, float] | None) -> str:
    """What has to be said aloud where no interpreter of 32 bits was there; "" where one was."""
    if there:
        return ""
    return (
        f"The RAM on 32 bits was not measured: {here['state_b']:.0f} B on {here['word_bits']:.0f} "
        f"bits, {here['layout_32_b']:.0f} B by layout; name a MicroPython of 32 bits in {VARIABLE}"
    )


def main() -> int:
    """Print the costs; with --keep write them to docs/measured/cost.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="write docs/measured/cost.json")
    arguments = parser.parse_args()
    try:
        here, there = measure()
    except BioklokFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    missed = []
    for figure in costs(here, there):
        print(f"{figure.name}: {figure.value:,.0f} {figure.unit}")
        if not figure.holds():
            missed.append(figure.name)
    if text := warning(here, there):
        print(text, file=sys.stderr)
    if arguments.keep:
        figures = {"here": here, "there": there}
        print(f"Written: {keep('cost', figures, {'cost': table(here, there)})}")
    if missed:
        print("outside the bounds that were asked for: " + ", ".join(missed), file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
