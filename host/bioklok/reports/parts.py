"""A week with only some of its parts in it: what others are shown holds nothing else.

What is not shared is taken out before anything is drawn, so that no page, table or JSON can tell.
The names of the parts are those of `bioklok.school.sharing.Part`.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from bioklok.analysis.grid import Grid
from bioklok.analysis.metrics import Metrics
from bioklok.reports.week import Day, Week

RHYTHM, SLEEP, LIGHT, PRESSES, STRIPS = "rhythm", "sleep times", "light", "presses", "strips"

# Whose a figure is. One that is not named here is shown to nobody else.
_FIGURES = {
    RHYTHM: {"is", "iv", "ra", "l5", "l5_onset", "m10", "m10_onset", "cosinor_mesor"}
    | {"cosinor_amplitude", "cosinor_acrophase", "phase_cbtmin"},
    SLEEP: {"sri", "msf_sc", "social_jetlag", "sleep_onset", "sleep_offset", "sleep_duration"},
    LIGHT: {"lri", "time_above_250lx"},
}


def has_part(week: Week, part: str) -> bool:
    """Say whether there is anything of a part in a week."""
    if part == RHYTHM:
        return week.n_moments > 0
    if part == SLEEP:
        return any(night.onset is not None for night in week.nights)
    if part == LIGHT:
        return any(bool(np.any(~np.isnan(day.grid.light_lx))) for day in week.days)
    if part == PRESSES:
        return bool(week.marks)
    return part == STRIPS and bool(week.strips)


def of_parts(weeks: Mapping[str, Week], empty: Week) -> Week:
    """Return one week that holds each part as `weeks` has it, and nothing else.

    `weeks`: the week to take a part from; as shares stand, one may show more days than another.
    `empty`: any of them, for what is no secret: whose, which week, which time zone.
    """
    days = tuple(_day(weeks, empty, n) for n in range(len(empty.days)))
    rhythm = weeks.get(RHYTHM)
    return replace(
        empty,
        days=days,
        nights=weeks[SLEEP].nights if SLEEP in weeks else (),
        figures=partial(_figures, weeks),
        marks=weeks[PRESSES].marks if PRESSES in weeks else (),
        strips=weeks[STRIPS].strips if STRIPS in weeks else (),
        n_epochs=rhythm.n_epochs if rhythm else 0,
        n_moments=rhythm.n_moments if rhythm else 0,
        coverage=rhythm.coverage if rhythm else 0.0,
        last_sync=None,
    )


def _figures(weeks: Mapping[str, Week]) -> Metrics:
    return {
        name: metric
        for part, names in _FIGURES.items()
        if part in weeks
        for name, metric in weeks[part].metrics.items()
        if name in names
    }


def _day(weeks: Mapping[str, Week], empty: Week, n: int) -> Day:
    day = empty.days[n]
    rhythm, light, asleep = (
        weeks[part].days[n] if part in weeks else None for part in (RHYTHM, LIGHT, SLEEP)
    )
    shown = rhythm or light
    marks = [
        mark
        for part in (PRESSES, STRIPS)
        if part in weeks
        for mark in weeks[part].days[n].marks
        if (mark.kind == "strip") == (part == STRIPS)
    ]
    nothing = np.zeros(len(day.grid), bool)
    unknown = np.full(len(day.grid), np.nan)
    return replace(
        day,
        grid=Grid(
            day.grid.start_utc_s,
            shown.grid.present if shown else nothing,
            shown.grid.worn if shown else nothing,
            rhythm.grid.activity_mg if rhythm else unknown,
            light.grid.light_lx if light else unknown,
            unknown,
            unknown,
            np.zeros(len(day.grid), np.uint8),
        ),
        asleep=asleep.asleep if asleep else nothing,
        is_told=asleep.is_told if asleep else nothing,
        marks=tuple(sorted(marks, key=lambda mark: mark.time)),
        valid=shown.valid if shown else False,
        resting=lambda: rhythm.rest if rhythm else None,
        bright_min=light.bright_min if light else None,
    )
