"""`make study`: 200 virtual students, tables and a drawing.

`python -m benchmarks.study [--students N] [--seed N] [--worlds] [--keep]`. Same seed, same figures.
With --keep they become the documentation's (docs/measured), otherwise docs/ is not touched.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from math import isnan
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks import figure
from benchmarks.study.plots import svg
from benchmarks.study.recovery import SEED, Outcome, run
from benchmarks.study.scores import (
    LAST,
    Score,
    answers,
    guesses,
    intervals,
    score,
    table,
)
from benchmarks.study.scores import scores as all_scores
from benchmarks.study.students import World

STUDENTS = 200
OUT = Path(__file__).parents[1] / "out"
PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "recovery.svg"
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


def _intervals(outcomes: Sequence[Outcome]) -> figure.Table:
    """95 % intervals after the last day, were students drawn anew."""
    rows = []
    for name, which in (("who is told", answers), ("best guess for all", guesses)):
        known, middles_min = which(outcomes, LAST)
        if known:
            median, p80, nearer = intervals(known, middles_min)
            minutes = (f"{low:.0f}-{high:.0f}" for low, high in (median, p80))
            rows.append((name, *minutes, f"{nearer[0] * 100:.0f}-{nearer[1] * 100:.0f} %"))
    heads = (f"after {LAST} days, 95 % intervals", "median (min)", "80 % within (min)")
    return figure.Table((*heads, "nearer than population"), rows)


def _lamp(outcomes: Sequence[Outcome]) -> figure.Table:
    """How long the lamp says unknown while its student is awake, day by day."""
    unknown = np.mean([outcome.unknown for outcome in outcomes], axis=0)
    days = [str(day + 1) for day in range(len(unknown))]
    row = ["unknown, % of waking", *(f"{share * 100:.0f}" for share in unknown)]
    return figure.Table(["day", *days], [row])


def _study(console: Console, students: int, seed: int, is_kept: bool) -> None:
    outcomes = _run(console, "students", students, World(), seed)
    rows = all_scores(outcomes)
    tables = {
        f"recovery_{seed}": table(rows),
        f"intervals_{seed}": _intervals(outcomes),
        f"lamp_{seed}": _lamp(outcomes),
    }
    title = f"Best two hours of {students} virtual students, seed {seed}"
    for one in tables.values():
        console.print(figure.printed(one, title))
        title = ""
    OUT.mkdir(exist_ok=True)
    (OUT / "study.svg").write_text(svg(outcomes), encoding="utf-8")
    figures = {"seed": seed, "students": students, "scores": [_plain(row) for row in rows]}
    kept = [figure.keep("study", figures, tables, OUT)]
    if is_kept:
        kept.append(figure.keep(f"recovery_{seed}", figures, tables))
        if seed == SEED:
            PICTURE.write_text(svg(outcomes), encoding="utf-8")
    console.print("Written:", OUT / "study.svg", *kept)


def _plain(row: Score) -> dict[str, object]:
    """A score as JSON can hold it: what nobody was answered has no figures."""
    values = {**asdict(row), "wrong": row.wrong}
    return {k: None if isinstance(v, float) and isnan(v) else v for k, v in values.items()}


def _worlds(console: Console, students: int, seed: int, is_kept: bool) -> None:
    rows = []
    for name, world in WORLDS.items():
        outcomes = _run(console, name, students, world, seed)
        bound = np.array([outcome.oracle_min for outcome in outcomes])
        rows.append(score(f"{name}: who is told", students, *answers(outcomes, LAST)))
        rows.append(score(f"{name}: best guess for all", students, *guesses(outcomes, LAST)))
        rows.append(score(f"{name}: could be known", students, outcomes, bound))
    title = f"After {LAST} days, in other worlds, {students} students each"
    console.print(figure.printed(table(rows), title))
    figures = {"seed": seed, "students": students, "scores": [_plain(row) for row in rows]}
    tables = {"worlds": table(rows)}
    kept = [figure.keep("study_worlds", figures, tables, OUT)]
    if is_kept:
        kept.append(figure.keep("worlds", figures, tables))
    console.print("Written:", *kept)


def main() -> None:
    """Run the study, or with --worlds the same in worlds that differ in one thing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--worlds", action="store_true")
    parser.add_argument("--keep", action="store_true", help="write docs/measured and the drawing")
    arguments = parser.parse_args()
    if arguments.students < 1:
        parser.error("there has to be a student")
    console = Console()
    study = _worlds if arguments.worlds else _study
    study(console, arguments.students, arguments.seed, arguments.keep)


if __name__ == "__main__":
    main()
