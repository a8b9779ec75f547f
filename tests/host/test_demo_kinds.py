"""Six kinds of wrist, each told apart by the report's own figures, and by what its page says.

The weeks are reduced in numpy (`support.fast_wrist`); one day goes through the firmware too, and
holds that to account.
"""

from datetime import date
from functools import cache

import numpy as np
import pytest
from bioklok.analysis.epochs import decode
from bioklok.reports.week import Week, week_from_pages
from bioklok.simulator.life import live
from bioklok.simulator.run import run_world
from bioklok.simulator.student import KINDS
from bioklok.store import Student as Wearer
from bioklok.web.pages import week_html
from bioklok.web.texts import texts_in
from support import flash
from support.fast_wrist import pages_of

START, WEEK, SEED = date(2026, 11, 16), "2026-W47", 47
ALL = tuple(KINDS)


@cache
def week(kind: str) -> Week:
    return week_from_pages(pages_of(live(KINDS[kind], START, 7, SEED)), "x", WEEK)


def figure(kind: str, name: str) -> float:
    value = week(kind).metrics[name].value
    assert value is not None, week(kind).metrics[name].reason
    return value


def test_the_late_one_sleeps_later_than_the_early_one_by_hours():
    assert figure("late", "msf_sc") - figure("early", "msf_sc") >= 120
    for other in ALL[:-1]:  # who hardly wears it has no such figure
        assert figure("early", "msf_sc") <= figure(other, "msf_sc") <= figure("late", "msf_sc")
    assert figure("late", "social_jetlag") >= 90
    assert figure("early", "social_jetlag") <= 60


def test_the_short_sleeper_has_the_shortest_nights_on_school_days_and_free_days():
    longest = max(one.duration_min or 0 for one in week("short sleeper").nights)
    assert longest < 400
    for other in ("early", "late", "irregular", "ill"):
        assert figure(other, "sleep_duration") - figure("short sleeper", "sleep_duration") >= 60


def test_the_irregular_one_is_the_least_regular():
    others = [figure(other, "sri") for other in ("early", "late", "short sleeper", "ill")]
    assert figure("irregular", "sri") <= min(others) - 5


def test_who_is_ill_lies_in_bed_for_two_days():
    days = week("ill").days
    in_bed = [day for day in days if day.date in KINDS["ill"].ill_days]
    others = [day for day in days if day not in in_bed and day.rest is not None]
    assert len(in_bed) == 2 and len(others) >= 3
    least = min(day.rest.m10 for day in others if day.rest)
    for day in in_bed:
        assert day.rest is not None and day.rest.m10 < least / 2
        assert day.bright_min == 0
    longest = sorted(week("ill").nights, key=lambda one: -(one.duration_min or 0))[:2]
    mornings = {one.offset.date() for one in longest if one.offset}
    assert mornings == set(KINDS["ill"].ill_days)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_of_who_hardly_wears_it_nothing_is_guessed(language):
    hardly = week("hardly wears it")
    assert 0 < hardly.coverage < 0.15 and hardly.n_epochs == 7 * 1440
    assert all(metric.value is None and metric.reason for metric in hardly.metrics.values())
    assert all(night.onset is None and night.offset is None for night in hardly.nights)
    page = week_html(hardly, Wearer("x", "Thijs"), language)
    assert texts_in(language)("week_unknown") in page
    assert texts_in(language)("unknown") in page


def test_the_others_wear_it_nearly_always():
    for kind in ALL[:-1]:
        assert week(kind).coverage > 0.95


def test_in_numpy_it_is_what_the_firmware_logs(tmp_path):
    """A school day with lessons, sport and a turn on the table: the same minutes."""
    habits, day = KINDS["early"], date(2026, 11, 17)
    run_world(live(habits, day, 1, SEED), tmp_path / "x.flash")
    device = decode(flash.pages_of(tmp_path / "x.flash"))
    quick = decode(pages_of(live(habits, day, 1, SEED)))
    assert device.utc_s.tolist() == quick.utc_s.tolist()
    ours, its = quick.record, device.record
    assert ours["marks"].tolist() == its["marks"].tolist()
    assert (ours["flags"] & 1).tolist() == (its["flags"] & 1).tolist() and (its["flags"] & 1).any()
    for field, share in (("enmo_dmg", 0.1), ("light_mlx", 0.1), ("angle_step_max_cdeg", 0.1)):
        one, other = ours[field].astype(float), its[field].astype(float)
        assert abs(one.sum() / other.sum() - 1) < share, field
        assert np.corrcoef(one, other)[0, 1] > 0.98, field
    still = [record["angle_step_median_cdeg"] <= 13 for record in (ours, its)]
    assert np.mean(still[0] == still[1]) > 0.85  # fewer samples: angles a little noisier
