"""What the estimator may cost, and that a figure which was not measured says so."""

import os

import pytest
from bioklok.errors import BioklokFailure, NotFound
from bioklok.simulator.interpreter import find_micropython

from benchmarks import estimator_cost

Figures = dict[str, float]


@pytest.fixture(scope="module")
def here() -> Figures:
    figures = estimator_cost.on_micropython(estimator_cost.PROGRAM)
    assert figures["state_b"] > 1000
    return figures


def test_the_layout_is_what_the_collector_counts(here: Figures) -> None:
    """To the byte; so the same sum for words of 32 bits is to be believed."""
    assert here["layout_b"] == here["state_b"]
    assert 0.5 * here["layout_b"] <= here["layout_32_b"] < here["layout_b"]


def test_where_there_is_one_of_32_bits_it_counts_what_the_layout_says() -> None:
    if estimator_cost.VARIABLE not in os.environ:
        pytest.skip(f"no MicroPython of 32 bits: name one in {estimator_cost.VARIABLE}")
    _, there = estimator_cost.measure()
    assert there is not None and there["word_bits"] == 32
    assert there["layout_b"] == there["layout_32_b"]
    # The mean of 20: what the timer of its event loop left lies among them, or not.
    assert 0 <= there["state_b"] - there["layout_b"] < 16
    assert there["epoch_b"] == 0


def test_all_is_within_what_was_asked_for(here: Figures) -> None:
    figures = list(estimator_cost.costs(here, None))
    assert [figure.name for figure in figures if not figure.holds()] == []
    too_much = here | {"layout_32_b": 2049, "epoch_b": 16, "snapshot_b": 257}
    missed = [f.name for f in estimator_cost.costs(too_much, None) if not f.holds()]
    assert len(missed) == 3


def test_what_was_not_measured_is_said_aloud(here: Figures) -> None:
    ram = [f for f in estimator_cost.costs(here, None) if "RAM, 32 bits" in f.name]
    assert len(ram) == 1 and "NOT measured" in ram[0].name
    text = estimator_cost.warning(here, None)
    assert "not measured" in text and estimator_cost.VARIABLE in text
    assert f"{here['state_b']:.0f} B" in text


def test_with_32_bits_it_is_measured_and_held_to_the_bound(here: Figures) -> None:
    there = here | {"word_bits": 32, "state_b": 2050}
    ram = [f for f in estimator_cost.costs(here, there) if "RAM, 32 bits" in f.name]
    assert (ram[0].value, ram[0].holds()) == (2050, False)
    assert "NOT" not in ram[0].name and estimator_cost.warning(here, there) == ""


def test_another_build_is_not_taken_for_one_of_32_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    if estimator_cost.on_micropython(estimator_cost.PROGRAM)["word_bits"] == 32:
        pytest.skip("the MicroPython here has 32 bits itself")
    monkeypatch.setenv(estimator_cost.VARIABLE, str(find_micropython()))
    with pytest.raises(BioklokFailure, match="has 64 bits"):
        estimator_cost.measure()
    monkeypatch.setenv(estimator_cost.VARIABLE, "/nowhere/micropython")
    with pytest.raises(NotFound, match="not a MicroPython that runs here"):
        estimator_cost.measure()
