"""Are virtual students as hard to foretell as real people? Both rate their sleepiness, 1 to 9.

`python -m benchmarks.study.realism [--data FOLDER] [--students N] [--seed N] [--keep]`. The ten
adults of MeLiDos Munich beside virtual students who rate as often and at the same times of day;
either is foretold by the wrist's own steps, prequentially. If ratings of virtual students strayed
further from what the model foretells than real ones do, the study's world would be too harsh.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from biocore.estimator import Estimator
from biocore.focus import RATING_VARIANCE, points_of_kss
from biocore.record import MARK_SHARP, MARK_TIRED
from rich.console import Console

from benchmarks import figure
from benchmarks.study.alertness import DATA, FIRST_SCORED
from benchmarks.study.bodies import clock_hours, sharpness
from benchmarks.study.melidos import Person, read_people
from benchmarks.study.recovery import BATCH, SEED, START_DAY, epochs
from benchmarks.study.replay import foretell
from benchmarks.study.students import (
    ASLEEP,
    BURN_IN_DAYS,
    DAY_MIN,
    FloatArray,
    IntArray,
    Life,
    World,
    draw,
    live,
)
from benchmarks.study.wrist import liveliness, wear

DAYS = 6  # as long as the adults
STUDENTS = 100
USUAL_KSS = 4.0  # a mean waking hour (Akerstedt et al. 2017)
_LEAST_A_DAY = 3  # ratings, for the mean of a day
# A report of both grades in one minute teaches nothing, but says that its student is up.
_UP = MARK_SHARP | MARK_TIRED


@dataclass(frozen=True)
class Ratings:
    """One person's answers in order: day, KSS, and what was foretold of each."""

    day: IntArray
    kss: FloatArray
    foretold: FloatArray


@dataclass(frozen=True)
class Likeness:
    """KSS points. spread: SD of one person's ratings, its mean over people; day: the same of means
    of days; residual: SD of what the model left open, root mean square over people; model, mean:
    mean absolute errors of the model and of the person's running mean."""

    people: int
    spread: float
    day: float
    residual: float
    model: float
    mean: float

    @property
    def ratio(self) -> float:
        """The model's error by the running mean's: 1 where nothing can be foretold."""
        return self.model / self.mean


def likeness(people: Sequence[Ratings]) -> Likeness:
    """Summarise; errors from the sixth rating on."""
    off = [(one.kss - one.foretold)[FIRST_SCORED:] for one in people]
    before = [np.cumsum(one.kss) / np.arange(1, len(one.kss) + 1) for one in people]
    usual = [
        (one.kss[1:] - mean[:-1])[FIRST_SCORED - 1 :]
        for one, mean in zip(people, before, strict=True)
    ]
    residuals = [float(np.var(errors, ddof=1)) for errors in off]
    return Likeness(
        len(people),
        float(np.mean([np.std(one.kss, ddof=1) for one in people])),
        float(np.mean([_day_spread(one) for one in people])),
        float(np.sqrt(np.mean(residuals))),
        float(np.abs(np.concatenate(off)).mean()),
        float(np.abs(np.concatenate(usual)).mean()),
    )


def _day_spread(one: Ratings) -> float:
    days = [one.kss[one.day == day] for day in np.unique(one.day)]
    return float(np.std([kss.mean() for kss in days if len(kss) >= _LEAST_A_DAY], ddof=1))


def of_person(person: Person, zone: ZoneInfo) -> Ratings:
    """A real person's ratings, foretold."""
    return Ratings(
        np.array([rating.utc_s // 86400 for rating in person.ratings]),
        np.array([rating.kss for rating in person.ratings], dtype=float),
        np.array([one.kss for one in foretell(person, zone)]),
    )


def virtual(numbers: Sequence[int], seed: int, like: Sequence[Person]) -> list[Ratings]:
    """Virtual students of the study's world, rating as often and when these people did."""
    generators = [np.random.default_rng([seed, number]) for number in numbers]
    lives = [live(draw(rng, World()), BURN_IN_DAYS + DAYS, rng) for rng in generators]
    minutes = np.array([rating.minute_of_day for person in like for rating in person.ratings])
    per_day = len(minutes) / sum(len({r.utc_s // 86400 for r in p.ratings}) for p in like)
    return [
        _rated(life, clock_h, minutes, per_day, rng)
        for life, clock_h, rng in zip(lives, clock_hours(lives), generators, strict=True)
    ]


def _rated(
    life: Life, clock_h: FloatArray, minutes: IntArray, per_day: float, rng: np.random.Generator
) -> Ratings:
    body = sharpness(life, clock_h)
    worn = wear(life, body.points, BURN_IN_DAYS, World().presses_per_day, rng)
    student, start = life.student, BURN_IN_DAYS * DAY_MIN
    state = life.state[start:]
    felt = body.points[start:] + student.liveliness_points * liveliness(state)
    felt -= felt[state != ASLEEP].mean()
    answers: dict[int, int] = {}
    for day in range(DAYS):
        mood = student.day_mood_points * rng.standard_normal()
        n = int(per_day) + int(rng.random() < per_day % 1)
        for at in sorted((day * DAY_MIN + rng.choice(minutes, n)).tolist()):
            noise = student.press_noise_points * rng.standard_normal()
            if state[at] != ASLEEP:
                answers[at] = int(np.clip(round(USUAL_KSS - felt[at] - mood - noise), 1, 9))
    estimator, foretold = Estimator(), []
    for minute, epoch in enumerate(epochs(worn)):
        utc_min = START_DAY * DAY_MIN + minute
        estimator.step(utc_min, *epoch, _UP if minute in answers else 0)
        if minute in answers:
            foretold.append(_expected(estimator, utc_min))
            estimator.learn(points_of_kss(answers[minute]), RATING_VARIANCE, utc_min)
    at = np.array(list(answers))
    return Ratings(at // DAY_MIN, np.array(list(answers.values()), float), np.array(foretold))


def _expected(estimator: Estimator, utc_min: int) -> float:
    """KSS expected of a rating now; local time is UTC here."""
    awake_min, energy = estimator.awake_min(), 0.0
    if awake_min >= 0:
        estimator.energy.refresh(awake_min, estimator.phase.minutes_since_cbtmin())
        energy = estimator.energy.points
    context = estimator.context.value
    mean, _ = estimator.focus.predict(energy, context, utc_min % DAY_MIN, awake_min)
    return 5.0 - float(mean)


def table(real: Likeness, virtual_ones: Likeness) -> figure.Table:
    """Both beside each other."""
    names = ("spread", "day", "residual", "model", "mean", "ratio")
    words = (
        "SD of one person's ratings",
        "SD of the means of days",
        "SD of what the model leaves open",
        "mean error of the model",
        "mean error of the person's running mean",
        "model by running mean",
    )
    rows = [
        (word, f"{getattr(real, name):.2f}", f"{getattr(virtual_ones, name):.2f}")
        for word, name in zip(words, names, strict=True)
    ]
    heads = (f"{real.people} real people", f"{virtual_ones.people} virtual students")
    return figure.Table(("KSS points", *heads), rows)


def main() -> None:
    """Print both; with --keep write them to docs/measured/realism.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", action="store_true", help="write docs/measured/realism.json")
    arguments = parser.parse_args()
    zone = ZoneInfo("Europe/Berlin")
    people = read_people(arguments.data / "melidos_munich", zone)
    real = likeness([of_person(person, zone) for person in people])
    rated: list[Ratings] = []
    for first in range(0, arguments.students, BATCH):
        numbers = range(first, min(first + BATCH, arguments.students))
        rated += virtual(numbers, arguments.seed, people)
    of_virtual = likeness(rated)
    made = table(real, of_virtual)
    console = Console()
    console.print(figure.printed(made))
    if arguments.keep:
        figures = {"real": asdict(real), "virtual": asdict(of_virtual), "seed": arguments.seed}
        console.print(f"Written: {figure.keep('realism', figures, {'realism': made})}")


if __name__ == "__main__":
    main()
