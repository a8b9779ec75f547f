"""What the outcomes of the recovery study amount to: errors, answers, and the issue's targets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from bioklok.analysis.best_hours import NEAR_MIN

from benchmarks.figure import Table, listed, percent
from benchmarks.study.recovery import ASKED_AFTER_DAYS, Outcome, population
from benchmarks.study.students import FloatArray, IntArray

LAST = ASKED_AFTER_DAYS[-1]
# The issue's, after 14 days.
MEDIAN_MIN, P80_MIN, BETTER = 45, 90, 0.8
RESAMPLES = 2000


@dataclass(frozen=True)
class Score:
    """Errors of the middle of the best two hours in minutes, over the students that were answered.

    asked: all students. better: share nearer to the truth than the population's curve. near: share
    within 90 min. lost_points, lost_p80_points: median and 80th percentile of the true sharpness
    given away, in KSS points.
    """

    name: str
    asked: int
    answered: int
    median_min: float
    p80_min: float
    near: float
    better: float
    lost_points: float
    lost_p80_points: float

    @property
    def wrong(self) -> float:
        """Share of all students who were told hours more than 90 min off."""
        return (1 - self.near) * self.answered / self.asked if self.answered else 0.0

    @property
    def meets_targets(self) -> bool:
        """Whether these answers are as near as the issue asks."""
        return self.median_min <= MEDIAN_MIN and self.p80_min <= P80_MIN and self.better >= BETTER


def errors_min(outcomes: Sequence[Outcome], middles_min: IntArray) -> FloatArray:
    """Distance of these answers from the truth."""
    truth = np.array([outcome.true_min for outcome in outcomes])
    return np.asarray(np.abs(middles_min - truth), dtype=float)


def score(name: str, asked: int, outcomes: Sequence[Outcome], middles_min: IntArray) -> Score:
    """Score the answers to these outcomes; a tie with the population's curve is no gain."""
    if not outcomes:
        nothing = float("nan")
        return Score(name, asked, 0, *[nothing] * 6)
    error = errors_min(outcomes, middles_min)
    assumed = errors_min(outcomes, np.full(len(outcomes), population()))
    lost = [o.lost_points(int(m)) for o, m in zip(outcomes, middles_min, strict=True)]
    return Score(
        name,
        asked,
        len(outcomes),
        float(np.median(error)),
        float(np.percentile(error, 80)),
        float(np.mean(error <= NEAR_MIN)),
        float(np.mean(error < assumed)),
        float(np.median(lost)),
        float(np.percentile(lost, 80)),
    )


def intervals(outcomes: Sequence[Outcome], middles_min: IntArray) -> list[tuple[float, float]]:
    """95 % intervals of median, 80th percentile and share nearer, were students drawn anew."""
    error = errors_min(outcomes, middles_min)
    nearer = error < errors_min(outcomes, np.full(len(outcomes), population()))
    draws = np.random.default_rng(1).integers(0, len(error), (RESAMPLES, len(error)))
    figures = (
        np.median(error[draws], axis=1),
        np.percentile(error[draws], 80, axis=1),
        nearer[draws].mean(axis=1),
    )
    bounds = [np.percentile(figure, (2.5, 97.5)) for figure in figures]
    return [(float(low), float(high)) for low, high in bounds]


def answers(outcomes: Sequence[Outcome], days: int) -> tuple[list[Outcome], IntArray]:
    """Whom it tells something after so many days, and the middle of the hours it tells."""
    known = [o for o in outcomes if (told := o.told[days]) and told.is_known]
    return known, _middles(known, days)


def guesses(outcomes: Sequence[Outcome], days: int) -> tuple[list[Outcome], IntArray]:
    """The same with its doubts set aside: its best guess, told or not."""
    some = [o for o in outcomes if o.told[days]]
    return some, _middles(some, days)


def _middles(outcomes: Sequence[Outcome], days: int) -> IntArray:
    hours = [outcome.told[days] for outcome in outcomes]
    return np.array([told.middle_min for told in hours if told], dtype=np.int64)


def scores(outcomes: Sequence[Outcome]) -> list[Score]:
    """All rows of the table."""
    n = len(outcomes)
    everybody = np.array([outcome.true_min for outcome in outcomes])
    fixed = {
        "population's curve": population(),
        "best single time for all": int(np.median(everybody)),
    }
    out = [score(name, n, outcomes, np.full(n, minute)) for name, minute in fixed.items()]
    for days in ASKED_AFTER_DAYS:
        out.append(score(f"{days} days, who is told", n, *answers(outcomes, days)))
        out.append(score(f"{days} days, best guess for all", n, *guesses(outcomes, days)))
    bound = np.array([outcome.oracle_min for outcome in outcomes])
    out.append(score("14 days, all that could be known", n, outcomes, bound))
    return out


HEADS = (
    "",
    "answered",
    "median (min)",
    "80 % within (min)",
    "within 90 min",
    "nearer than population",
    "told wrong",
    "given away: median, 80 % (points)",
)


def cells(row: Score) -> tuple[str, ...]:
    """One row as texts."""
    if not row.answered:
        return (row.name, "0 %", "-", "-", "-", "-", "0 %", "-")
    return (
        row.name,
        percent(row.answered / row.asked),
        f"{row.median_min:.0f}",
        f"{row.p80_min:.0f}",
        percent(row.near),
        percent(row.better),
        percent(row.wrong),
        listed((row.lost_points, row.lost_p80_points), ".2f"),
    )


def table(rows: Sequence[Score]) -> Table:
    """The rows for docs/ and console."""
    return Table(HEADS, [cells(row) for row in rows])
