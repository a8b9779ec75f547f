"""The light clock on the wrist against the equations in double precision at 15 s."""

import math

import numpy as np
import pytest
from biocore.phase import SNAPSHOT_BYTES, Phase
from hypothesis import given, settings
from hypothesis import strategies as st
from support import phase_reference as reference

from benchmarks.study.clock import (
    PEOPLE,
    entrained,
    moved_by_dim_light,
    recorded,
    single_precision,
    worst_errors,
)

LIMIT_MIN = 0.5
MIN_PER_RAD = 720 / math.pi


@pytest.fixture(scope="module")
def truths():
    """The reference's track of a life; each is computed once."""
    known: dict[str, tuple[reference.Light, reference.Track]] = {}

    def truth(name):
        if name not in known:
            light = reference.live(name)
            known[name] = (light, reference.run(light))
        return known[name]

    return truth


def assert_close(name, worst):
    print(f"{name}: {worst}")
    assert worst.angle_min <= LIMIT_MIN
    assert worst.cbtmin_min <= LIMIT_MIN


@pytest.mark.parametrize("name", reference.LIVES)
def test_three_weeks_with_state_in_single_precision(truths, name):
    light, track = truths(name)
    assert_close(name, worst_errors(entrained(), light, track))


@pytest.mark.parametrize("name", reference.LIVES)
def test_three_weeks_with_every_operation_in_single_precision(monkeypatch, truths, name):
    light, track = truths(name)
    with single_precision() as phase:
        stored: list[type] = []
        place = phase.oscillator._place

        def watched(x, xc):
            stored.extend((type(x), type(xc)))
            place(x, xc)

        monkeypatch.setattr(phase.oscillator, "_place", watched)
        found = worst_errors(phase, light, track)
    assert set(stored) == {np.float32}  # no step had a double in it
    assert_close(name, found)


def test_light_recorded_on_people(data_dir):
    """Ten people, six days of light at the eye (Hilden et al. 2025), not made by us."""
    lights = recorded(data_dir / PEOPLE)
    assert len(lights) == 10
    for person, light in lights.items():
        assert_close(person, worst_errors(entrained(), light, reference.run(light)))


def test_the_angle_passes_zero_where_x_is_least(truths):
    """CBTmin is the minimum of x; we take the angle's zero, the same where nights are dark."""
    _, track = truths("school week")
    assert len(track.x_minima_min) == len(track.cbtmins_min)
    assert np.abs(np.subtract(track.x_minima_min, track.cbtmins_min)).max() < 1


def test_the_references_meet_the_published_entrained_states():
    """16 h of 150 lx: n at lights out to eight digits; CBTmin within a quarter of an hour or so.

    The published x and xc lag the settled orbit by 17 min of phase, in both models alike.
    """
    day = [0.0] * 480 + [150.0] * 960
    track = reference.run(day * 10, step_s=60)
    assert abs(track.state[2] - reference.LIGHTS_OUT[2]) < 1e-7
    published = math.atan2(reference.LIGHTS_OUT[1], -reference.LIGHTS_OUT[0])
    assert abs(math.atan2(track.state[1], -track.state[0]) - published) * MIN_PER_RAD < 20
    state = reference.HANNAY_LIGHTS_OUT
    for lux in day * 10:
        state = reference.rk4(reference.hannay_rates, state, reference.hannay_alpha(lux), 1 / 60)
    assert abs(state[2] - reference.HANNAY_LIGHTS_OUT[2]) < 1e-7
    off = (state[1] - reference.HANNAY_LIGHTS_OUT[1] + math.pi) % (2 * math.pi) - math.pi
    assert abs(off) * MIN_PER_RAD < 20


def test_a_dim_sensor_moves_forgers_clock_less_than_hannays():
    """A sleeve or a hand in the pocket: a tenth of the light. The reason for the choice."""
    moved_min = moved_by_dim_light("school week")
    assert moved_min["forger"] <= 20
    assert moved_min["hannay"] >= 45


ALPHAS = st.one_of(st.integers(-3, 65537), st.sampled_from([0, 65534, 65535, -1, 4294967295]))
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("step"), ALPHAS),
        st.tuples(st.just("light"), st.tuples(ALPHAS, st.integers(1, 1500))),
        st.tuples(st.just("skip"), st.integers(-5, 2**29)),
        st.tuples(
            st.just("sleep"), st.tuples(st.integers(-(2**20), 2**20), st.integers(-9, 2**20))
        ),
        st.tuples(st.just("start"), st.tuples(*[st.integers(0, 1439)] * 3)),
        st.tuples(st.just("rubbish"), st.binary(min_size=SNAPSHOT_BYTES, max_size=SNAPSHOT_BYTES)),
        st.tuples(st.just("reboot"), st.none()),
    ),
    max_size=25,
)


def assert_sane(phase):
    x, xc, since_min = phase.oscillator.state
    n_q28, drive_q21, moment_q21, minute, lit = phase.oscillator.light
    assert 0 <= n_q28 < 2**28
    assert 0 <= drive_q21 < 2**23
    assert abs(moment_q21) < 2**25
    assert 0 <= lit <= minute < 15
    assert 0.09 < math.hypot(x, xc) < 2.01
    assert 0 <= since_min <= 1800
    assert -math.pi < phase.angle() <= math.pi
    assert 68 <= phase.cbtmin_sd_min() <= 416
    assert isinstance(phase.minutes_since_cbtmin(), int)


@settings(max_examples=150, deadline=None)
@given(EVENTS)
def test_whatever_happens_the_state_stays_a_state(events):
    phase = Phase()
    for kind, value in events:
        if kind == "step":
            phase.step(value)
        elif kind == "light":
            alpha_q18, times = value
            for _ in range(times):
                phase.step(alpha_q18)
        elif kind == "skip":
            phase.skip(value)
        elif kind == "sleep":
            phase.observe_sleep(*value)
        elif kind == "start":
            bed_min, wake_min, now_min = value
            if 180 <= (wake_min - bed_min) % 1440 <= 960:
                phase.start(bed_min, wake_min, now_min)
            else:
                with pytest.raises(ValueError, match="usual sleep"):
                    phase.start(bed_min, wake_min, now_min)
        elif kind == "rubbish":
            phase.restore(value, 0)
        else:
            page = bytearray(SNAPSHOT_BYTES)
            phase.snapshot_into(page, 0)
            twin = Phase()
            twin.restore(page, 0)
            again = bytearray(SNAPSHOT_BYTES)
            twin.snapshot_into(again, 0)
            assert again == page, bytes(page).hex()
            phase = twin
        assert_sane(phase)
