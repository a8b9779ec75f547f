"""Results get from a run into docs/estimator.md by way of docs/measured, and nothing else does."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from bioklok.errors import NotFound
from bioklok.generate import DOCS, measured, renewed
from support import actiware
from support import phase_reference as reference

from benchmarks.figure import Table, keep
from benchmarks.study import clock, nights
from benchmarks.study.nights import agreement, tables

MARKERS = re.compile(r"<!-- gen:(\w+) -->")


def test_a_kept_table_comes_to_stand_between_its_markers(tmp_path: Path) -> None:
    table = Table(("what", "figure"), [("a night", "2 min"), ("all", "3")])
    path = keep("nights", {"raw": 1.5}, {"nights": table}, tmp_path / "measured")
    assert json.loads(path.read_text())["figures"] == {"raw": 1.5}
    text = "before\n<!-- gen:nights -->\nold\n<!-- /gen -->\nafter\n"
    new = renewed(text, measured(path.parent))
    assert new.splitlines() == [
        "before",
        "<!-- gen:nights -->",
        "| what | figure |",
        "|---|---|",
        "| a night | 2 min |",
        "| all | 3 |",
        "<!-- /gen -->",
        "after",
    ]
    assert renewed(new, measured(path.parent)) == new


def test_a_part_that_nothing_makes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing makes the part nowhere"):
        renewed("<!-- gen:nowhere -->\n<!-- /gen -->", measured(tmp_path))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"tables": {"a": {"rows": []}}}', '{"tables": 3}']
)
def test_a_damaged_file_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "phase.json").write_text(text)
    with pytest.raises(NotFound, match=r"phase\.json has no tables.*--keep"):
        measured(tmp_path)


def test_two_runs_cannot_claim_one_table(tmp_path: Path) -> None:
    for name in ("a", "b"):
        keep(name, {}, {"same": Table(("x",), [])}, tmp_path)
    with pytest.raises(NotFound, match=r"b\.json and another file both have the table same"):
        measured(tmp_path)


def test_every_kept_table_stands_in_the_docs() -> None:
    """What is measured and not shown, or shown and not measured, has been forgotten."""
    texts = [(DOCS / name).read_text(encoding="utf-8") for name in ("estimator.md", "scale.md")]
    named = {one for text in texts for one in MARKERS.findall(text)}
    assert named - {"reasons"} == set(measured())


# -- the measurements themselves


def a_recording(nights_of_sleep: list[tuple[int, int]]) -> actiware.Recording:
    """Ten days of somebody who moves by day; still in these minutes."""
    counts = np.full(10 * 1440, 200.0)
    for onset, end in nights_of_sleep:
        counts[onset:end] = np.where(np.arange(end - onset) % 40 == 20, 15.0, 0.0)
    still = np.zeros(len(counts), bool)
    return actiware.Recording("somebody", None, counts, still, still, nights_of_sleep)


def test_nights_by_hand() -> None:
    true = [(1440 * day + 1320, 1440 * day + 1860) for day in range(8)]
    scored = list(true)
    scored[2] = (true[2][0] + 10, true[2][1] - 5)  # the vendor's is shorter
    scored[5] = (true[5][0] - 700, true[5][0] - 400)  # and here he saw one that was none
    recording = a_recording(true)
    found = agreement(
        [actiware.Recording(**{**vars(recording), "nights": sorted(scored)})], threshold=20.0
    )
    assert (found.n, found.n_missed, found.n_extra) == (8, 1, 1)
    off = found.differences[np.abs(found.differences).max(axis=1).argmax()]
    assert abs(off[0] + 10) <= 3 and abs(off[1] - 5) <= 3
    assert found.inside_min == pytest.approx(8 * 540, rel=0.02) and found.off_min == 0
    assert 55 <= np.median(found.told_min) <= 75
    row = found.summary("20 counts")
    assert row["missed"] == 1 and row["within_15"] == [1.0, 1.0]
    text = tables(1, [row], None)["nights"].rows[0]
    assert text[:3] == ("20 counts", "1 of 8", "1")


def test_another_cost_of_changing_sides_is_undone_after_the_sweep() -> None:
    rows = nights.sweep([a_recording([(1440 * day + 1320, 1440 * day + 1860) for day in range(8)])])
    assert nights.finder.SWITCH_MIN == 30
    assert {row["missed"] for row in rows} == {0}
    assert len(rows) == len(nights.THRESHOLDS) + 1 + len(nights.SWITCHES_MIN)


def test_clock_errors_by_hand() -> None:
    """A track that is put off by 0.01 rad and 3 min is that far off."""
    light = reference.live("school week", 4)
    track = reference.run(light, step_s=60)
    close = clock.worst_errors(clock.entrained(), light, track)
    assert close.angle_min < 0.5 and close.cbtmin_min < 0.5
    track.angles = [angle + 0.01 for angle in track.angles]
    track.cbtmins_min = [minute + 3 for minute in track.cbtmins_min]
    off = clock.worst_errors(clock.entrained(), light, track)
    assert off.angle_min == pytest.approx(0.01 * 720 / np.pi, abs=close.angle_min + 1e-6)
    assert off.cbtmin_min == pytest.approx(3, abs=close.cbtmin_min + 1e-6)


def test_single_precision_is_single_and_ends() -> None:
    before = dict(vars(clock._oscillator))
    with clock.single_precision() as phase:
        for _ in range(1440):
            phase.step(1647)
        assert phase.oscillator.state.dtype == np.float32
        assert isinstance(phase.oscillator.since_cbtmin_min(), np.float32)
    assert dict(vars(clock._oscillator)) == before
