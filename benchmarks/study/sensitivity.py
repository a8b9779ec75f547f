"""Each constant of the alertness model halved and doubled: does the result rest on one of them?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import exp
from types import ModuleType

from biocore import context, energy, focus
from rich.table import Table

from benchmarks.study import replay
from benchmarks.study.alertness import Result

Changes = tuple[tuple[ModuleType, str, object], ...]


@contextmanager
def changed(changes: Changes) -> Iterator[None]:
    """Give module constants other values for a while."""
    before = [(module, name, getattr(module, name)) for module, name, _ in changes]
    for module, name, value in changes:
        if not hasattr(module, name):
            raise AttributeError(f"{module.__name__} has no {name}")
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def _scaled(module: ModuleType, name: str, factor: float) -> Changes:
    value = getattr(module, name)
    scaled = value * factor
    return ((module, name, round(scaled) if isinstance(value, int) else scaled),)


def _variance(weights: tuple[int, ...], factor: float) -> Changes:
    values = [v * factor if i in weights else v for i, v in enumerate(focus._VARIANCE)]
    return ((focus, "_VARIANCE", tuple(values)),)


def _drift(weights: tuple[int, ...], factor: float) -> Changes:
    hours = [h * factor if i in weights else h for i, h in enumerate(focus._DRIFT_H)]
    return ((focus, "_DRIFT_H", tuple(hours)),)


def _noise(factor: float) -> Changes:
    value = focus.RATING_VARIANCE * factor
    return ((focus, "RATING_VARIANCE", value), (replay, "RATING_VARIANCE", value))


def _inertia_doubt(factor: float) -> Changes:
    reach = -energy._WD_PER_H * energy._WAKE_DOUBT_H * factor
    return ((energy, "_W_DOUBT", (1 - exp(-reach)) / reach),)


def _spread_min(factor: float) -> Changes:
    minutes = round(replay.SPREAD_MIN * factor)
    late = minutes + replay.LATE_MIN - replay.SPREAD_MIN
    return ((replay, "SPREAD_MIN", minutes), (replay, "LATE_MIN", late))


def _shifted(module: ModuleType, name: str, by: float) -> Changes:
    return ((module, name, getattr(module, name) + by),)


CLOCK = (focus.COS, focus.SIN)
LASTING = (focus.LEVEL, focus.AWAKE, *CLOCK)

FACTORS: tuple[tuple[str, Callable[[float], Changes]], ...] = (
    ("energy gain", lambda f: _scaled(focus, "ENERGY_GAIN", f)),
    ("context gain", lambda f: _scaled(focus, "CONTEXT_GAIN", f)),
    ("noise of a rating", _noise),
    ("variance of level", lambda f: _variance((focus.LEVEL,), f)),
    ("variance of moment", lambda f: _variance((focus.MOMENT,), f)),
    ("variance of awake", lambda f: _variance((focus.AWAKE,), f)),
    ("variance of time of day", lambda f: _variance(CLOCK, f)),
    ("memory of moment", lambda f: _drift((focus.MOMENT,), f)),
    ("memory of the rest", lambda f: _drift(LASTING, f)),
    ("prior spread", lambda f: _scaled(focus, "PRIOR_SPREAD", f)),
    ("weight of prior spread", lambda f: _scaled(focus, "_PRIOR_RATINGS", f)),
    ("amplitude of C", lambda f: _scaled(energy, "_CA", f)),
    ("amplitude of U", lambda f: _scaled(energy, "_UA", f)),
    ("inertia W", lambda f: _scaled(energy, "_WC", f)),
    ("doubt of waking", _inertia_doubt),
    ("level of the debt", lambda f: _scaled(energy, "DEBT_LEVEL", f)),
    ("memory of own mean", lambda f: _scaled(energy, "_MEMORY_QUARTERS", f)),
    ("limit of context", lambda f: _scaled(context, "_LIMIT", f)),
    ("floor of light", lambda f: _scaled(context, "_ALPHA_1LX_Q18", f)),
    ("spread of movement", _spread_min),
)
SHIFTS: tuple[tuple[str, Callable[[float], Changes]], ...] = (
    ("prior mean, -+ 1 KSS point", lambda by: _shifted(focus, "PRIOR_POINTS", by)),
    ("peak of C, -+ 1 h", lambda by: _shifted(energy, "C_PEAK_AFTER_CBTMIN_H", by)),
)


def _text(result: Result) -> str:
    mean, by_time = result.to_running_mean, result.to_time_of_day
    return f"{result.model:.3f} {mean[0]:.3f} (<{mean[2]:.3f}) {by_time[0]:.3f} (<{by_time[2]:.3f})"


def sensitivity_table(evaluate: Callable[[], Result]) -> Table:
    """Error, and ratio (upper end) to the running mean and to the time-of-day mean."""
    out = Table(title=f"As it is: {_text(evaluate())}")
    for head in ("constant", "halved (or less)", "doubled (or more)"):
        out.add_column(head)
    for steps, rows in (((0.5, 2.0), FACTORS), ((-1.0, 1.0), SHIFTS)):
        for name, changes in rows:
            cells = []
            for step in steps:
                with changed(changes(step)):
                    cells.append(_text(evaluate()))
            out.add_row(name, *cells)
    for name, gains in (
        ("no energy", ("ENERGY_GAIN",)),
        ("no context", ("CONTEXT_GAIN",)),
        ("neither", ("ENERGY_GAIN", "CONTEXT_GAIN")),
    ):
        with changed(tuple((focus, gain, 0.0) for gain in gains)):
            out.add_row(name, _text(evaluate()), "")
    return out
