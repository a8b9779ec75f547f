"""Alertness on real people: each rating foretold from what came before it, beside two baselines.

`python -m benchmarks.study.alertness [FOLDER] [--sensitivity] [--keep]`. Prequential: minutes and
ratings are handed to the wrist's own step functions in the order they happened; sleep comes from
activity alone and is used once it is over. Nothing is learnt from one person for another.
"""

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks import figure
from benchmarks.study.melidos import Person, Rating, read_people
from benchmarks.study.replay import Foretold, foretell

# Recordings of people, which are not part of the project.
DATA = Path(os.environ.get("BIOKLOK_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
FIRST_SCORED = 5  # the ratings before are to learn from, for the model and the baselines alike
KERNEL_H = 1.5
# The time-of-day mean falls back on the running mean where no earlier rating is near: that weighs
# as a fifth of a rating. Without it (0) the baseline is worse, so this is the stricter reference.
KERNEL_FLOOR = 0.2
RESAMPLES = 2000
SEED = 4
DAY_MIN = 1440

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Errors:
    """Absolute errors in KSS points of one person's ratings, from the sixth on."""

    name: str
    model: FloatArray
    running_mean: FloatArray
    time_of_day: FloatArray


@dataclass(frozen=True)
class Result:
    """Mean absolute errors over all ratings, and ratios with their 95 % intervals over persons."""

    ratings: int
    model: float
    running_mean: float
    time_of_day: float
    to_running_mean: tuple[float, float, float]  # ratio, lower, upper
    to_time_of_day: tuple[float, float, float]


def time_of_day_mean(past: Sequence[Rating], minute_of_day: int, floor: float) -> float:
    """Mean of `past` by a Gaussian kernel over the time of day; `floor`: weight of the mean."""
    kss = np.array([rating.kss for rating in past], dtype=float)
    apart = np.array([abs(rating.minute_of_day - minute_of_day) for rating in past])
    apart_h = np.minimum(apart, DAY_MIN - apart) / 60
    weights = np.exp(-0.5 * (apart_h / KERNEL_H) ** 2)
    return float((weights @ kss + floor * kss.mean()) / (weights.sum() + floor))


def errors(person: Person, foretold: Sequence[Foretold], floor: float = KERNEL_FLOOR) -> Errors:
    """Score what was foretold for this person, and the baselines on the same ratings."""
    ratings = person.ratings
    scored = range(FIRST_SCORED, len(ratings))
    return Errors(
        person.name,
        np.array([abs(ratings[i].kss - foretold[i].kss) for i in scored]),
        np.array([abs(ratings[i].kss - np.mean([r.kss for r in ratings[:i]])) for i in scored]),
        np.array(
            [
                abs(r.kss - time_of_day_mean(ratings[:i], r.minute_of_day, floor))
                for i, r in ((i, ratings[i]) for i in scored)
            ]
        ),
    )


def _interval(model: FloatArray, reference: FloatArray) -> tuple[float, float, float]:
    """Ratio of the sums over persons, and the 95 % interval when persons are drawn anew."""
    draws = np.random.default_rng(SEED).integers(0, len(model), (RESAMPLES, len(model)))
    ratios = model[draws].sum(axis=1) / reference[draws].sum(axis=1)
    low, high = np.percentile(ratios, (2.5, 97.5))
    return float(model.sum() / reference.sum()), float(low), float(high)


def summarise(people: Iterable[Errors]) -> Result:
    """Pool all ratings; the bootstrap draws persons, as their ratings hang together."""
    scored = [person for person in people if len(person.model)]
    n = sum(len(person.model) for person in scored)
    model = np.array([person.model.sum() for person in scored])
    mean = np.array([person.running_mean.sum() for person in scored])
    by_time = np.array([person.time_of_day.sum() for person in scored])
    return Result(
        n,
        model.sum() / n,
        mean.sum() / n,
        by_time.sum() / n,
        _interval(model, mean),
        _interval(model, by_time),
    )


def evaluate(people: Iterable[Person], zone: ZoneInfo) -> list[Errors]:
    """Foretell and score everybody."""
    return [errors(person, foretell(person, zone)) for person in people]


def _ratio(ratio: tuple[float, float, float]) -> str:
    return f"{ratio[0]:.3f} ({ratio[1]:.3f} to {ratio[2]:.3f})"


def table(people: Sequence[Errors]) -> Table:
    """One row a person, then all: mean absolute errors in KSS points and ratios."""
    out = Table(title="Sleepiness foretold: mean absolute error in KSS points")
    for head in ("person", "ratings", "model", "running mean", "time of day", "ratio", "ratio"):
        out.add_column(head, justify="left" if head == "person" else "right")
    for person in people:
        if not len(person.model):
            continue
        model, mean = person.model.mean(), person.running_mean.mean()
        by_time = person.time_of_day.mean()
        out.add_row(
            person.name,
            str(len(person.model)),
            f"{model:.2f}",
            f"{mean:.2f}",
            f"{by_time:.2f}",
            f"{model / mean:.2f}",
            f"{model / by_time:.2f}",
        )
    result = summarise(people)
    out.add_section()
    out.add_row(
        "all",
        str(result.ratings),
        f"{result.model:.3f}",
        f"{result.running_mean:.3f}",
        f"{result.time_of_day:.3f}",
        _ratio(result.to_running_mean),
        _ratio(result.to_time_of_day),
    )
    return out


def kept_table(result: Result, people: int) -> figure.Table:
    """The result as it stands in docs/estimator.md."""
    kernel = f"time-of-day mean (Gaussian {KERNEL_H} h, falling back with weight {KERNEL_FLOOR})"
    rows = [
        ("model", f"{result.model:.3f}", ""),
        (
            "running mean of the person",
            f"{result.running_mean:.3f}",
            _ratio(result.to_running_mean),
        ),
        (kernel, f"{result.time_of_day:.3f}", _ratio(result.to_time_of_day)),
    ]
    whose = f"{people} people, {result.ratings} ratings"
    return figure.Table((whose, "KSS points", "model against it, 95 % over persons"), rows)


def main() -> None:
    """Print the table, and with --sensitivity one with each constant halved and doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DATA / "melidos_munich")
    parser.add_argument("--zone", default="Europe/Berlin")
    parser.add_argument("--sensitivity", action="store_true")
    parser.add_argument("--keep", action="store_true", help="write docs/measured/alertness.json")
    arguments = parser.parse_args()
    zone = ZoneInfo(arguments.zone)
    people = read_people(arguments.folder, zone)
    console = Console()
    scored = evaluate(people, zone)
    console.print(table(scored))
    if arguments.keep:
        result = summarise(scored)
        tables = {"alertness": kept_table(result, len(people))}
        path = figure.keep("alertness", {"people": len(people), **asdict(result)}, tables)
        console.print(f"Written: {path}")
    if arguments.sensitivity:
        from benchmarks.study.sensitivity import sensitivity_table

        console.print(sensitivity_table(lambda: summarise(evaluate(people, zone))))


if __name__ == "__main__":
    main()
