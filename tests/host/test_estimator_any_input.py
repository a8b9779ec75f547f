"""Whatever comes in, the estimator keeps a finite state and a legal lamp."""

import math

from biocore.decision import REASONS
from biocore.estimator import SNAPSHOT_BYTES, Estimator
from biocore.lamp import STATES, UNKNOWN
from biocore.record import EPOCH_FLAGS, bits
from biocore.reports import report_of
from hypothesis import given, settings
from hypothesis import strategies as st

MONDAY = 29_812_320
OFTEN_U16 = st.sampled_from([0, 1, 5, 60, 101, 501, 3000, 65534, 65535]) | st.integers(0, 65535)
EPOCH = st.tuples(OFTEN_U16, OFTEN_U16, OFTEN_U16, OFTEN_U16, st.booleans(), st.integers(0, 255))
# Any grade and any age: those that are none too.
REPORT = st.tuples(st.integers(0, 7), st.integers(0, 63))
# What comes next: so many alike epochs, a jump of the clock, a clock unset, a restart, settings, a
# graded report.
EVENT = st.one_of(
    st.tuples(st.just("live"), st.integers(1, 400), EPOCH),
    st.tuples(st.just("night"), st.integers(150, 700), st.just((0, 3, 40, 0, False, 0))),
    st.tuples(st.just("jump"), st.sampled_from([-(2**29), -9, 1, 61, 9000, 2**29]), st.none()),
    st.tuples(st.just("at"), st.sampled_from([0, 1, 2**29 - 9, 2**32 // 60, 2**32]), st.none()),
    st.tuples(st.just("unset"), st.integers(1, 300), EPOCH),
    st.tuples(st.just("report"), st.integers(0, 2**20), st.tuples(EPOCH, REPORT)),
    st.tuples(st.just("skip"), st.sampled_from([-5, 0, 1, 14, 900, 2**29]), st.none()),
    st.tuples(st.just("restart"), st.just(0), st.none()),
    st.tuples(st.just("local"), st.integers(-128, 127), st.integers(0, 65535)),
)


def numbers(one: Estimator) -> list[float]:
    energy, focus, phase, context = one.energy, one.focus, one.phase, one.context
    found = [*phase.oscillator.state, *phase.variance_min2, phase.angle(), context.value]
    found += [energy.s, energy.debt, energy.level, energy.standing, energy.points]
    found += [*focus.predict(energy.points, context.value, 600, one.awake_min())]
    found += [*focus.relative(energy.points, context.value, 600, one.awake_min())]
    found += [one.decision.spread, one.decision.days]
    return found


def check(one: Estimator, flags: int) -> None:
    assert 0 <= flags < 1 << 16
    lamp = bits(EPOCH_FLAGS, "lamp", flags)
    reason = bits(EPOCH_FLAGS, "reason", flags)
    assert lamp == one.decision.lamp and lamp < len(STATES) and reason < len(REASONS)
    is_of_unknown = REASONS[reason] not in ("long_still", "above_usual", "usual", "below_usual")
    assert is_of_unknown == (lamp == UNKNOWN)


def live(one: Estimator, events: list[tuple[str, int, object]]) -> None:
    utc_min = MONDAY
    for what, n, more in events:
        if what in ("live", "night", "unset"):
            for _ in range(n):
                utc_min += 1
                check(one, one.step(0 if what == "unset" else utc_min, *more))  # type: ignore[misc]
        elif what == "report":
            utc_min += 1
            epoch, report = more  # type: ignore[misc]
            check(one, one.step(utc_min, *epoch, -1, report_of(*report)))
        elif what == "jump":
            utc_min += n
        elif what == "at":
            utc_min = n
        elif what == "skip":
            one.skip(n)
        elif what == "local":
            one.set_local(n, more)
        else:
            buffer = bytearray(SNAPSHOT_BYTES)
            one.snapshot_into(buffer, 0)
            again = Estimator()
            assert again.restore(buffer, 0)
            copy = bytearray(SNAPSHOT_BYTES)
            again.snapshot_into(copy, 0)
            assert copy == buffer
            one = again
        assert all(math.isfinite(number) for number in numbers(one)), (what, n)


@settings(deadline=None, max_examples=100)
@given(st.lists(EVENT, min_size=3, max_size=8))
def test_any_sequence_leaves_a_finite_state_and_a_legal_lamp(events):
    live(Estimator(), events)


@settings(deadline=None, max_examples=100)
@given(
    st.binary(min_size=SNAPSHOT_BYTES - 1, max_size=SNAPSHOT_BYTES - 1),
    st.lists(EVENT, min_size=1, max_size=4),
)
def test_rubbish_for_a_snapshot(rubbish, events):
    one = Estimator()
    assert one.restore(b"\x02" + rubbish, 0)
    live(one, events)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.integers(1, SNAPSHOT_BYTES - 1), st.integers(0, 255)), max_size=6),
    st.lists(EVENT, min_size=1, max_size=4),
)
def test_a_few_wrong_bytes_in_a_snapshot(wrong, events):
    old = Estimator()
    live(old, [("live", 300, (600, 300, 3000, 1600, False, 1)), *events])
    buffer = bytearray(SNAPSHOT_BYTES)
    old.snapshot_into(buffer, 0)
    for at, value in wrong:
        buffer[at] = value
    one = Estimator()
    assert one.restore(buffer, 0)
    live(one, events)
