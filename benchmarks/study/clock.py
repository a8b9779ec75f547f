"""The wrist's light clock against the equations in double precision at 15 s.

`python -m benchmarks.study.clock [--data FOLDER] [--keep]`: three weeks of invented, restless light
and six days of light recorded at ten people's eyes; what a dim sensor does to this model and to
another; and what simpler steps of the same model would have cost.
"""

import argparse
import csv
import gzip
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from biocore import _oscillator
from biocore.phase import Phase
from rich.console import Console

from benchmarks import figure
from benchmarks.study.alertness import DATA
from benchmarks.study.sensitivity import changed
from tests.support import phase_reference as reference

PEOPLE = Path("melidos_munich") / "de_tum_1minute_subset_cols.csv.gz"
DIM = 0.1
DIM_LIVES = ("school week", "holiday week")
_MIN_PER_RAD = 720 / math.pi
_QUARTER_MIN = 15


@dataclass(frozen=True)
class Worst:
    """Largest errors in minutes: of the angle at any quarter hour, of a time of CBTmin."""

    angle_min: float
    cbtmin_min: float


def entrained() -> Phase:
    """A clock at the published state of lights out, where the reference begins too."""
    phase = Phase()
    x, xc, n = reference.LIGHTS_OUT
    if not phase.oscillator.set(x, xc, 0.0, round(n * 2**28), 0, 0, 0, 0):
        raise ValueError("the reference's beginning is no state of the wrist's clock")
    return phase


@contextmanager
def single_precision() -> Iterator[Phase]:
    """A clock whose every operation is IEEE single, as on a chip with floats of 32 bits."""
    floats = [name for name, value in vars(_oscillator).items() if isinstance(value, float)]
    single = [(_oscillator, name, np.float32(getattr(_oscillator, name))) for name in floats]
    root = (_oscillator, "sqrt", lambda value: np.float32(math.sqrt(value)))
    with changed((*single, root)):
        phase = entrained()
        phase.oscillator.state = np.array(phase.oscillator.state, np.float32)
        yield phase


def worst_errors(phase: Phase, light: reference.Light, track: reference.Track) -> Worst:
    """Run the clock over this light, and compare it with the reference's track of it."""
    angles, cbtmins_min = [], []
    for minute, alpha_q18 in enumerate(reference.minutes_q18(light)):
        if phase.step(alpha_q18):
            angles.append(phase.angle())
            since_min = float(phase.oscillator.since_cbtmin_min())
            if since_min < _QUARTER_MIN:
                cbtmins_min.append(minute + 1 - since_min)
    if len(cbtmins_min) != len(track.cbtmins_min):
        raise ValueError("the clocks have not gone through the same number of nights")
    off_min = np.abs(np.subtract(cbtmins_min, track.cbtmins_min))
    return Worst(_largest(angles, track), float(off_min.max()))


def _largest(angles: list[float], track: reference.Track) -> float:
    off = (np.subtract(angles, track.angles) + np.pi) % (2 * np.pi) - np.pi
    return float(np.abs(off).max() * _MIN_PER_RAD)


def lives() -> Iterator[tuple[str, Worst, Worst]]:
    """Each life of the reference: its state in single precision, and every operation."""
    for name in reference.LIVES:
        light = reference.live(name)
        track = reference.run(light)
        with single_precision() as phase:
            single = worst_errors(phase, light, track)
        yield name, worst_errors(entrained(), light, track), single


def recorded(path: Path) -> dict[str, reference.Light]:
    """Light at people's eyes, a minute each (Hilden et al. 2025); FileNotFoundError without it."""
    lights: dict[str, reference.Light] = {}
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            lights.setdefault(row["Id"], []).append(max(0.0, float(row["LIGHT"])))
    return lights


def _of_means(light: reference.Light, steps: int) -> list[float]:
    """Angles of the same model fed with the quarter's mean alpha, RK4 in so many steps of it."""
    state, angles = reference.LIGHTS_OUT, []
    alphas = [reference.forger_alpha(lux or 0.0) for lux in light]
    for at in range(0, len(alphas) - len(alphas) % _QUARTER_MIN, _QUARTER_MIN):
        alpha = sum(alphas[at : at + _QUARTER_MIN]) / _QUARTER_MIN
        for _ in range(steps):
            state = reference.rk4(reference.forger_rates, state, alpha, 0.25 / steps)
        angles.append(math.atan2(state[1], -state[0]))
    return angles


def schemes(lights: dict[str, reference.Light]) -> dict[str, float]:
    """Worst error of the angle over these people, in minutes: ours, and simpler steps."""
    worst = {"this one": 0.0, "mean alpha, solved finely": 0.0, "mean alpha, RK4 of all three": 0.0}
    for light in lights.values():
        track = reference.run(light)
        found = (
            worst_errors(entrained(), light, track).angle_min,
            _largest(_of_means(light, 60), track),
            _largest(_of_means(light, 1), track),
        )
        for name, error in zip(worst, found, strict=True):
            worst[name] = max(worst[name], error)
    return worst


def moved_by_dim_light(life: str) -> dict[str, float]:
    """Minutes by which the entrained CBTmin moves when the sensor sees a tenth of a day's light."""
    light = reference.live(life, 1, seed=1)
    moved = {}
    for name, rates, alpha, state in (
        ("forger", reference.forger_rates, reference.forger_alpha, reference.LIGHTS_OUT),
        ("hannay", reference.hannay_rates, reference.hannay_alpha, reference.HANNAY_LIGHTS_OUT),
    ):
        found = []
        for gain in (1.0, DIM):
            alphas = [alpha(gain * (lux or 0.0)) for lux in light]
            day = [sum(alphas[i : i + 5]) / 5 for i in range(0, 1440, 5)]
            found.append(reference.entrained_cbtmin_min(rates, day, state))
        moved[name] = abs((found[1] - found[0] + 720) % 1440 - 720)
    return moved


def main() -> None:
    """Print the errors; with --keep write them to docs/measured/phase.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--keep", action="store_true", help="write docs/measured/phase.json")
    arguments = parser.parse_args()
    console = Console()
    of_lives = {name: (asdict(state), asdict(every)) for name, state, every in lives()}
    worst = schemes(recorded(arguments.data / PEOPLE))
    dim = {life: moved_by_dim_light(life) for life in DIM_LIVES}
    tables = {
        "clock": figure.Table(
            (
                "life",
                "angle, state single",
                "CBTmin, state single",
                "angle, every operation single",
                "CBTmin, every operation single",
            ),
            [
                (name, *(f"{error:.3f}" for of in found for error in of.values()))
                for name, found in of_lives.items()
            ],
        ),
        "clock_schemes": figure.Table(
            ("scheme", "ten people, six days of light at the eye"),
            [(name, f"{error:.2f} min") for name, error in worst.items()],
        ),
        "clock_dim": figure.Table(
            ("a tenth of the light of a", "moves Forger's CBTmin by", "Hannay's by"),
            [(life, *(f"{by:.0f} min" for by in moved.values())) for life, moved in dim.items()],
        ),
    }
    for table in tables.values():
        console.print(figure.printed(table))
    if arguments.keep:
        figures = {"lives": of_lives, "schemes": worst, "dim": dim}
        console.print(f"Written: {figure.keep('phase', figures, tables)}")


if __name__ == "__main__":
    main()
