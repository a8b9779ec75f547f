"""`make study`: 200 virtual students, a table, a drawing, and the table for docs/ in Markdown.

`python -m benchmarks.study [--students N] [--seed N] [--worlds]`. Same seed, same figures.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.study.plots import svg
from benchmarks.study.recovery import SEED, Outcome, run
from benchmarks.study.scores import (
    HEADS,
    LAST,
    Score,
    answers,
    cells,
    guesses,
    intervals,
    markdown,
    score,
)
from benchmarks.study.scores import scores as all_scores
from benchmarks.study.students import World

STUDENTS = 200
OUT = Path(__file__).parents[1] / "out"
# What the answer hangs on: each world differs from the literature's in one thing.
WORLDS = {
    "as in the literature": World(),
    "people differ half as much": World(differences=0.29),  # SD 30 % of the mean
    "half the noise": World(noise=0.5),
    "6 presses a day": World(presses_per_day=6),
    "12 presses a day": World(presses_per_day=12),
}


def _run(console: Console, name: str, students: int, world: World, seed: int) -> list[Outcome]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(name, total=students)
        return run(students, world, seed, on_done=lambda n: progress.advance(task, n))


def _table(title: str, rows: Sequence[Score]) -> Table:
    out = Table(title=title)
    for head in HEADS:
        out.add_column(head, justify="right" if head else "left", no_wrap=not head)
    for row in rows:
        out.add_row(*cells(row))
    return out


def _bounds(bounds: Sequence[tuple[float, float]]) -> str:
    median, p80, nearer = bounds
    return (
        f"median {median[0]:.0f}-{median[1]:.0f} min, 80 % within {p80[0]:.0f}-{p80[1]:.0f} min, "
        f"nearer than the population {nearer[0]:.0%}-{nearer[1]:.0%}"
    )


def _study(console: Console, students: int, seed: int) -> None:
    outcomes = _run(console, "students", students, World(), seed)
    rows = all_scores(outcomes)
    console.print(_table(f"Best two hours of {students} virtual students, seed {seed}", rows))
    for name, which in (("who is told", answers), ("best guess for all", guesses)):
        known, middles_min = which(outcomes, LAST)
        if known:
            bounds = intervals(known, middles_min)
            console.print(f"{LAST} days, {name}, 95 % intervals: {_bounds(bounds)}")
    unknown = np.mean([outcome.unknown for outcome in outcomes], axis=0)
    shares = ", ".join(f"{share:.0%}" for share in unknown)
    console.print(f"Lamp unknown while awake, day by day: {shares}")
    OUT.mkdir(exist_ok=True)
    (OUT / "study.svg").write_text(svg(outcomes), encoding="utf-8")
    (OUT / "study.md").write_text(markdown(rows), encoding="utf-8")
    figures = {
        "seed": seed,
        "students": students,
        "lamp_unknown": [round(float(share), 3) for share in unknown],
        "scores": [asdict(row) for row in rows],
    }
    (OUT / "study.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written: {OUT}/study.svg, study.md, study.json")


def _worlds(console: Console, students: int, seed: int) -> None:
    rows = []
    for name, world in WORLDS.items():
        outcomes = _run(console, name, students, world, seed)
        bound = np.array([outcome.oracle_min for outcome in outcomes])
        rows.append(score(f"{name}: who is told", students, *answers(outcomes, LAST)))
        rows.append(score(f"{name}: best guess for all", students, *guesses(outcomes, LAST)))
        rows.append(score(f"{name}: could be known", students, outcomes, bound))
    console.print(_table(f"After {LAST} days, in other worlds, {students} students each", rows))
    OUT.mkdir(exist_ok=True)
    (OUT / "study_worlds.md").write_text(markdown(rows), encoding="utf-8")
    console.print(f"Written: {OUT}/study_worlds.md")


def main() -> None:
    """Run the study, or with --worlds the same in worlds that differ in one thing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--worlds", action="store_true")
    arguments = parser.parse_args()
    if arguments.students < 1:
        parser.error("there has to be a student")
    console = Console()
    study = _worlds if arguments.worlds else _study
    study(console, arguments.students, arguments.seed)


if __name__ == "__main__":
    main()
