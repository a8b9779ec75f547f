"""Reading, IS, IV, RA, L5 and M10 on real recordings, beside pyActigraphy's.

Its IS and IV take sample variances where the textbook has those of a population (seven identical
days have an IS of 1.037): (p - 1) / p and N / (N - 1), with p = 24, undo that. What is left is the
same to nine digits. It fills no gaps and knows no worn minutes, so whole measured days are
compared.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from bioklok.analysis import rhythm
from bioklok.analysis.clock import day_bounds_utc_s, local_time, utc_offsets_s
from bioklok.analysis.rest import rest_and_activity
from bioklok.recordings.opening import open_recording
from bioklok.recordings.recording import Recording, minutes
from support import peer

BERLIN = ZoneInfo("Europe/Berlin")
GERMAN = {"kind": "rpx", "language": "GER", "point": ","}
FILES = {
    "test_sample_rpx_ger_with_light.csv": GERMAN,
    "test_sample_atr.txt": {"kind": "atr"},
    "example_01.AWD": {"kind": "awd"},
    "example_02.AWD": {"kind": "awd"},
    "example_03.AWD": {"kind": "awd"},
    "example_05.AWD": {"kind": "awd"},
}


def longest_whole_days(laid):
    """The longest run of local days without a minute missing: first day, and its minutes."""
    first = local_time(laid.start_utc_s, BERLIN).date() + timedelta(days=1)
    runs, day = [[]], first
    while (end := day_bounds_utc_s(day, BERLIN)[1]) <= laid.start_utc_s + 60 * len(laid):
        start = day_bounds_utc_s(day, BERLIN)[0]
        here = laid.activity[(start - laid.start_utc_s) // 60 : (end - laid.start_utc_s) // 60]
        is_whole = len(here) == 1440 and not np.isnan(here).any()
        if is_whole:
            runs[-1].append((day, here))
        else:
            runs.append([])
        day += timedelta(days=1)
    best = max(runs, key=len)
    return best[0][0], np.concatenate([here for _, here in best])


@dataclass(frozen=True)
class Both:
    """One file: as we read it, as the peer does, and its figures of the longest whole days."""

    ours: Recording | None
    theirs: dict
    first: date
    values: np.ndarray
    figures: dict


IDENTICAL = np.tile(np.random.default_rng(7).gamma(2, 20, 1440), 7)


@pytest.fixture(scope="module")
def answers() -> dict[str, Both]:
    """All of it, in one run of the peer: it takes seconds to start."""
    folder = Path(peer.ask({"what": "data"})[0])
    ours = {name: open_recording(folder / name, BERLIN) for name in FILES}
    days = {name: longest_whole_days(minutes(one)) for name, one in ours.items()}
    days["identical"] = (date(2026, 11, 16), IDENTICAL)
    asked = [{"what": "read", "path": str(folder / name), **how} for name, how in FILES.items()]
    asked += [{"what": "figures", "minutes": values.tolist()} for _, values in days.values()]
    said = peer.ask(*asked)
    read, figures = said[: len(FILES)], dict(zip(days, said[len(FILES) :], strict=True))
    both = {
        name: Both(ours[name], theirs, *days[name], figures[name])
        for name, theirs in zip(FILES, read, strict=True)
    }
    return {**both, "identical": Both(None, {}, *days["identical"], figures["identical"])}


@pytest.mark.parametrize("name", FILES)
def test_both_read_the_same(answers, name):
    ours, theirs = answers[name].ours, answers[name].theirs
    activity = np.array([np.nan if x is None else x for x in theirs["activity"]])
    assert theirs["epoch_s"] == ours.epoch_s
    assert theirs["start"] == f"{local_time(int(ours.utc_s[0]), BERLIN):%Y-%m-%d %H:%M:%S}"
    n = min(len(activity), len(ours))
    assert n >= 0.99 * len(ours)
    both = ~np.isnan(activity[:n]) & ~np.isnan(ours.activity[:n])
    assert np.count_nonzero(both) >= 0.9 * n
    assert np.array_equal(activity[:n][both], ours.activity[:n][both])


@pytest.mark.parametrize("name", FILES)
def test_is_iv_ra_l5_and_m10_are_the_same(answers, name):
    first, values, theirs = answers[name].first, answers[name].values, answers[name].figures
    assert len(values) >= 2 * 1440
    start_utc_s = day_bounds_utc_s(first, BERLIN)[0]
    hours = rhythm.hourly(values, start_utc_s, utc_offsets_s(start_utc_s, len(values), BERLIN))
    n = hours.counts
    rest = rest_and_activity(values.reshape(-1, 1440).mean(axis=0), circular=True)
    ours = {
        "is": rhythm.interdaily_stability(hours),
        "iv": rhythm.intradaily_variability(hours),
        "ra": rest.ra,
        "l5": rest.l5,
        "m10": rest.m10,
    }
    undone = {"is": 23 / 24 * n / (n - 1), "iv": n / (n - 1)}
    theirs = {key: value * undone.get(key, 1) for key, value in theirs.items()}
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_the_difference_that_is_undone_is_there(answers):
    """Seven identical days: theirs is 1.037, the textbook's is 1."""
    assert answers["identical"].figures["is"] == pytest.approx(1.0373, abs=1e-4)
