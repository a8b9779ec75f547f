"""The host replays stored epochs and gets the states the device logged, over any restarts."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from bioklok.analysis.replay import replay
from bioklok.errors import BioklokFailure
from bioklok.simulator.image import new_image
from bioklok.simulator.life import live
from bioklok.simulator.run import run_again
from bioklok.simulator.student import Student
from bioklok.simulator.world import World
from support.flash import pages_of

START = date(2026, 11, 16)
DAYS = 3


@pytest.fixture(scope="module")
def life():
    """Three days of a student, whole, to be cut where the power goes."""
    world = live(Student(), START, DAYS, 5)
    return world, np.concatenate(list(world.chunks))


def stretch(life, begin_s: int, end_s: int) -> World:
    """The seconds [begin, end) of that life."""
    world, seconds = life
    moments = [
        (at - 1000 * begin_s, level)
        for at, level in world.button
        if 1000 * begin_s <= at < 1000 * end_s
    ]
    if moments and moments[0][1]:  # cut in the middle of a press
        moments = moments[1:]
    part = seconds[begin_s:end_s]
    return World(world.start_utc_s + begin_s, "restarts", len(part), moments, iter([part]))


@pytest.mark.parametrize("seed", [1, 2])
def test_the_states_are_those_logged_over_restarts_and_power_cuts(life, tmp_path, seed):
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.integers(600, DAYS * 86400 - 600, 7))
    edges = [0, *(int(cut) for cut in cuts), DAYS * 86400]
    with new_image(tmp_path / "flash", f"restarts {seed}") as image:
        n_dead = 0
        for i, (begin, end) in enumerate(pairwise(edges)):
            dead_s = int(rng.choice([0, 90, 3_000, 20_000]))  # a new battery, a night in a drawer
            variables = {}
            if i % 3 == 1:  # within the so-manieth write: a page's, or its snapshot's
                variables["BIOKLOK_SIM_POWER_CUT"] = str(int(rng.integers(1, 12)))
            if begin + dead_s + 600 > end:
                continue
            try:
                run_again(stretch(life, begin + dead_s, end), image, f"{seed} {i}", **variables)
            except BioklokFailure:
                assert variables
                n_dead += 1
        assert n_dead
        pages = pages_of(image)
    result = replay(pages)
    assert len(result) > 1440
    assert result.is_as_logged.all()
    assert result.is_asleep.any() and not result.is_asleep.all()
    assert len(set(result.reason.tolist())) >= 4
