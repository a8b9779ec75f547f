"""The power budget: its arithmetic by hand, that each figure has a source, and what it promises."""

from dataclasses import replace
from xml.etree.ElementTree import fromstring

import pytest
from bioklok.boards.wiring import read_wiring

from hardware.power.budget import (
    DAY_S,
    PARTS,
    Duty,
    budget,
    figures,
    read_currents,
    read_duty,
    with_bursts,
    with_windows,
)
from hardware.power.page import TARGET_DAYS, plot, scenarios, tables

CURRENTS = read_currents()
NOTHING = Duty(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_each_figure_has_a_kind_and_a_source():
    rows = figures(CURRENTS)
    assert len(rows) == 3 + 12 * len(read_wiring()) and len({where for where, _ in rows}) == len(rows)
    assert all(row["value"] > 0 for _, row in rows)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{ value = 1 }", "value, kind and source"),
        ('{ value = 1, kind = "datasheet", source = " " }', "value, kind and source"),
        ('{ value = 1, kind = "guess", source = "x" }', "no kind of figure"),
    ],
)
def test_a_figure_without_a_source_is_refused(tmp_path, row, says):
    (tmp_path / "c.toml").write_text(f"[boards.x]\nsleep = {row}\n")
    with pytest.raises(ValueError, match=says):
        read_currents(tmp_path / "c.toml")


def test_a_device_that_does_nothing_sleeps():
    ua = {name: row["value"] for name, row in CURRENTS["boards"]["esp32c3_pilot"].items()}
    found = budget("esp32c3_pilot", NOTHING, CURRENTS)
    always = sum(ua[name] for name in ("sleep", "board", "accelerometer", "light", "divider"))
    assert sum(found.mah.values()) == pytest.approx(always * 24 / 1000)
    assert found.mean_ma == pytest.approx(always / 1000)
    assert found.days == pytest.approx(250 * 0.85 / (always * 24 / 1000))


def test_each_part_by_hand():
    ua = {name: row["value"] for name, row in CURRENTS["boards"]["esp32c3_pilot"].items()}
    duty = replace(NOTHING, radio_s=3600)
    assert budget("esp32c3_pilot", duty, CURRENTS).mah["radio"] == pytest.approx(26.8)
    duty = replace(NOTHING, sync_s=36)
    assert budget("esp32c3_pilot", duty, CURRENTS).mah["radio"] == pytest.approx(0.268)
    # an hour of red at full level, in which the chip may not sleep
    duty = replace(NOTHING, lamp_ms=3.6e6, red_square_ms=3.6e6)
    found = budget("esp32c3_pilot", duty, CURRENTS)
    assert found.mah["lamp"] == pytest.approx((ua["red_full"] + ua["idle"]) / 1000)
    assert found.mah["asleep"] == pytest.approx(ua["sleep"] * 23 / 1000)
    # a burst: a millisecond to wake, 66 bytes of 9 bits at 400 kHz, and 60 times 100 us
    duty = replace(NOTHING, bursts=1000, burst_us=100)
    awake_s = 1000 * (1e-3 + 66 * 9 / 400_000 + 100e-6 * 60)
    found = budget("esp32c3_pilot", duty, CURRENTS)
    assert found.mah["awake"] == pytest.approx(ua["awake"] * awake_s / 3.6e6)
    duty = replace(NOTHING, flash_pages=1000, flash_sectors=10)
    assert budget("esp32c3_pilot", duty, CURRENTS).mah["flash"] == pytest.approx(20e3 * 1.2 / 3.6e6)


def test_fewer_longer_bursts_save_waking_and_nothing_else():
    duty = replace(NOTHING, bursts=86_400, burst_us=30)
    once = budget("esp32c3_pilot", duty, CURRENTS).mah["awake"]
    third = budget("esp32c3_pilot", with_bursts(duty, 3), CURRENTS).mah["awake"]
    assert once - third == pytest.approx(26_800 * 86_400 * (2 / 3) * 1e-3 / 3.6e6)


def test_the_measured_duty_is_that_of_a_day():
    duty = read_duty()
    assert abs(duty.bursts - DAY_S) < 60
    assert 0 < duty.radio_s < 3600 and 0 < duty.sync_s < 60
    assert read_duty("glow").lamp_ms > 1000 * duty.lamp_ms
    assert with_windows(duty, 2).radio_s == 2 * duty.radio_s


def test_the_pilot_lasts_two_weeks_as_modelled():
    found = budget("esp32c3_pilot", read_duty(), CURRENTS)
    assert found.cell_mah == 250
    assert found.days >= TARGET_DAYS
    assert tuple(found.mah) == PARTS


def test_every_board_that_is_wired_is_in_the_tables_and_the_plot():
    assert set(CURRENTS["boards"]) == set(read_wiring())
    text = tables()
    drawing = plot()
    assert fromstring(drawing).tag.endswith("svg")
    for name in read_wiring():
        assert f"`{name}`" in text["days"] and name in drawing
    for what, duty in scenarios():
        for name in read_wiring():
            assert f"{budget(name, duty, CURRENTS).days:.1f}" in text["days"], what
