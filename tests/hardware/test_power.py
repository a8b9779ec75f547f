"""The power budget: its arithmetic by hand, that no figure claims more than its source, and what it
promises."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from bioklok.errors import BioklokFailure

from hardware.bom.lists import cell_mah, read_list
from hardware.power.budget import (
    BURST_BYTES,
    DAY_S,
    PARTS,
    Duty,
    budget,
    bus_s_a_day,
    divider_ua,
    full_ua,
    read_duty,
    spread,
    swings,
    wired,
    with_sampling,
    with_windows,
)
from hardware.power.measure import turn_us
from hardware.power.page import plot, tables
from hardware.power.scenarios import ASKED_CELL, ASKED_CELL_MAH, SAMPLINGS, TARGET_DAYS, scenarios
from hardware.power.sources import boards_of, read_currents

ROOT = Path(__file__).parents[2]
CURRENTS = read_currents()
VALUE = {name: one.value for name, one in CURRENTS.items()}
PILOT = "esp32c3_pilot"
NOTHING = Duty(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
DOCUMENTS = """
[documents]
sheet = { title = "S", revision = "1" }
loose = { title = "L" }
[boards.x]
"""


def ua(name: str) -> float:
    return VALUE[f"boards.{PILOT}.{name}"]


def test_each_board_that_is_wired_has_figures():
    wired_boards = re.findall(
        r"^\[boards\.(\w+)\]", (ROOT / "hardware/wiring.toml").read_text(), re.M
    )
    assert set(boards_of(CURRENTS)) == set(wired_boards)


def test_each_figure_names_its_source():
    assert all(one.source.strip() and one.low <= one.value <= one.high for one in CURRENTS.values())
    sheets = [one for one in CURRENTS.values() if one.kind == "datasheet"]
    assert len(sheets) >= 10
    assert all(re.search(r"page \d+$", one.source) for one in sheets)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('{ value = 1, kind = "guess", why = "x" }', "no kind of figure"),
        ('{ value = 1, kind = "assumed", why = " " }', "assumed wants"),
        ('{ value = 1, kind = "assumed" }', "assumed wants"),
        ('{ value = 0, kind = "assumed", why = "x" }', "not more than nothing"),
        ('{ value = 1, kind = "datasheet", document = "sheet", section = "t" }', "datasheet wants"),
        (
            '{ value = 1, kind = "datasheet", document = "sheet", section = "t", page = 0 }',
            "page from 1",
        ),
        (
            '{ value = 1, kind = "datasheet", document = "loose", section = "t", page = 3 }',
            "no revision: take a weaker kind",
        ),
        ('{ value = 1, kind = "maker", document = "sheet", section = "t" }', "no address"),
        ('{ value = 1, kind = "cited", document = "none", section = "t" }', "add its title"),
        ('{ value = 1, kind = "cited", document = "sheet", section = "t", page = 3 }', "no more"),
        ('{ value = 1, kind = "assumed", why = "x", low = 1 }', "come together"),
        ('{ value = 1, kind = "assumed", why = "x", low = 2, high = 3, range = "r" }', "between"),
    ],
)
def test_a_figure_that_claims_more_than_its_source_is_refused(tmp_path, row, says):
    (tmp_path / "c.toml").write_text(f"{DOCUMENTS}sleep = {row}\n")
    with pytest.raises(BioklokFailure, match=says):
        read_currents(tmp_path / "c.toml")


def test_what_has_a_page_passes_and_an_assumption_is_halved_and_doubled(tmp_path):
    rows = (
        'sleep = { value = 1, kind = "datasheet", document = "sheet", section = "t", page = 3 }\n'
        'board = { value = 8, kind = "assumed", why = "x" }\n'
    )
    (tmp_path / "c.toml").write_text(DOCUMENTS + rows)
    found = read_currents(tmp_path / "c.toml")
    assert found["boards.x.sleep"].source == "S; 1; t; page 3"
    assert (found["boards.x.sleep"].low, found["boards.x.sleep"].high) == (1, 1)
    assert (found["boards.x.board"].low, found["boards.x.board"].high) == (4, 16)


def test_a_device_that_does_nothing_sleeps():
    found = budget(PILOT, NOTHING, CURRENTS)
    always = sum(ua(n) for n in ("sleep", "board", "breakouts", "accelerometer", "light"))
    always += 3.7 / 940e3 * 1e6
    assert sum(found.mah.values()) == pytest.approx(always * 24 / 1000)
    assert found.mean_ma == pytest.approx(always / 1000)
    assert found.days == pytest.approx(found.cell_mah * 0.85 / (always * 24 / 1000))
    assert budget(PILOT, NOTHING, CURRENTS, 500).days == pytest.approx(
        found.days * 500 / found.cell_mah
    )


def test_each_part_by_hand():
    duty = replace(NOTHING, radio_s=3600)
    assert budget(PILOT, duty, CURRENTS).mah["radio"] == pytest.approx(26.8)
    duty = replace(NOTHING, sync_s=36)
    assert budget(PILOT, duty, CURRENTS).mah["radio"] == pytest.approx(0.268)
    # an hour of red at full level, in which the chip may not sleep
    duty = replace(NOTHING, lamp_ms=3.6e6, red_square_ms=3.6e6)
    found = budget(PILOT, duty, CURRENTS)
    red_ua = full_ua(PILOT, wired(PILOT), "red", CURRENTS)
    assert found.mah["lamp"] == pytest.approx((red_ua + ua("idle")) / 1000)
    assert found.mah["asleep"] == pytest.approx(ua("sleep") * 23 / 1000)
    # a burst: 1 ms to wake, 100 times 100 us, and 158 bytes of 9 bits at 400 kHz, waited for
    duty = replace(NOTHING, bursts=1000, burst_us=100, turn_us=ua("turn_us") / 100)
    runs_s, bus_s = 1000 * (1e-3 + 100e-6 * 100), 1000 * 158 * 9 / 400_000
    found = budget(PILOT, duty, CURRENTS)
    assert bus_s_a_day(duty, "lis3dh", 400_000) == pytest.approx(bus_s)
    assert found.mah["awake"] == pytest.approx((ua("awake") * runs_s + ua("idle") * bus_s) / 3.6e6)
    duty = replace(NOTHING, flash_pages=1000, flash_sectors=10)
    assert budget(PILOT, duty, CURRENTS).mah["flash"] == pytest.approx(20e3 * 1.5 / 3.6e6)


def test_resistors_are_those_of_the_wiring():
    board = wired(PILOT)
    kohm = board["battery"]["upper_kohm"] + board["battery"]["lower_kohm"]
    assert divider_ua(board, CURRENTS) == pytest.approx(3.7 / kohm * 1000)
    for colour, volts in (("red", 2.0), ("green", 2.9), ("blue", 2.9)):
        amps = (3.3 - volts) / board["lamp"][f"{colour}_ohm"]
        assert full_ua(PILOT, board, colour, CURRENTS) == pytest.approx(amps * 1e6)
        changed = {**board, "lamp": {**board["lamp"], f"{colour}_ohm": 1000}}
        assert full_ua(PILOT, changed, colour, CURRENTS) < 1500


@pytest.mark.parametrize("part", sorted(BURST_BYTES))
def test_a_burst_has_the_bytes_of_the_driver(part):
    source = (ROOT / "firmware" / "drivers" / f"{part}.py").read_text()
    said = {
        name: int(n) for name, n in re.findall(r"^\s*(\w+) = (?:const\()?(\d+)\)?", source, re.M)
    }
    assert said["SAMPLE_HZ"] == read_duty().sample_hz
    own, sample = BURST_BYTES[part]
    assert sample == (said["_FRAME_BYTES"] if part == "mpu6886" else said["SAMPLE_BYTES"])
    if part == "mpu6886":  # frames come in transfers of so many; each has 3 bytes of address
        assert own == 4 + 5 + 3 * -(-said["SAMPLE_HZ"] // said["_CHUNK"]) + 5


def test_rarer_bursts_save_waking_and_what_a_burst_has_of_its_own():
    duty = replace(NOTHING, bursts=86_400, burst_us=30)
    once = budget(PILOT, duty, CURRENTS).mah["awake"]
    rare = budget(PILOT, with_sampling(duty, 25, 1.25), CURRENTS).mah["awake"]
    spared = 86_400 * (1 - 1 / 1.25)
    waking = ua("awake") * spared * 1e-3
    assert once - rare == pytest.approx((waking + ua("idle") * spared * 7 * 9 / 400e3) / 3.6e6)
    slow = with_sampling(duty, 10, 1)
    assert slow.burst_us == pytest.approx(12)
    assert bus_s_a_day(slow, "lis3dh", 400e3) == pytest.approx(86_400 * (7 + 61) * 9 / 400e3)


def test_no_scenario_asks_more_of_the_fifo_than_it_holds():
    assert all(hz * every <= 32 for hz, every in SAMPLINGS)


def test_the_measured_duty_is_that_of_a_day():
    duty = read_duty()
    assert abs(duty.bursts - DAY_S) < 60
    assert 0 < duty.radio_s < 3600 and 0 < duty.sync_s < 60
    assert read_duty("glow").lamp_ms > 1000 * duty.lamp_ms
    assert with_windows(duty, 2).radio_s == 2 * duty.radio_s


def test_a_turn_here_is_measured_as_on_the_chips():
    assert 0 < read_duty().turn_us < min(VALUE[f"boards.{b}.turn_us"] for b in boards_of(CURRENTS))
    assert 0 < turn_us() < ua("turn_us")


def test_a_range_holds_the_model_and_follows_from_the_figures():
    duty = read_duty()
    for board in boards_of(CURRENTS):
        fewest, most = spread(board, duty, CURRENTS)
        assert fewest < budget(board, duty, CURRENTS).days < most
        widths = [swing.width for swing in swings(board, duty, CURRENTS)]
        assert widths == sorted(widths, reverse=True) and widths[0] > 0
    certain = {name: one.at(one.value) for name, one in CURRENTS.items()}
    assert swings(PILOT, duty, certain) == []
    assert spread(PILOT, duty, certain) == (budget(PILOT, duty, certain).days,) * 2


def test_the_pilot_lasts_two_weeks_as_modelled():
    """On the list's cell, which is the least that its charger does not hurry; on the 250 mAh that
    were asked for only with what the makers promise and breakouts that waste nothing. The page
    says of both whether that is two weeks."""
    rows = {row.name: row for row in scenarios()}
    usual = budget(PILOT, read_duty(), CURRENTS)
    assert usual.cell_mah == cell_mah(read_list("breakout"))
    assert tuple(usual.mah) == PARTS
    assert usual.days >= TARGET_DAYS
    assert rows[ASKED_CELL].cells == ASKED_CELL_MAH == {PILOT: 250.0}
    asked = rows[ASKED_CELL].days(PILOT, CURRENTS)
    told = tables()["target"]
    assert f"on 250 mAh: {asked:.1f}, modelled" in told
    assert f"{usual.cell_mah:.0f} mAh: {usual.days:.1f}, modelled, reached" in told
    assert told.count("not reached") == (asked < TARGET_DAYS)


def test_a_row_speaks_of_the_boards_that_it_is_for():
    rows = {row.name: row for row in scenarios()}
    assert rows["breakouts without regulators"].days("m5stickc_plus2", CURRENTS) is None
    assert rows[ASKED_CELL].days("pico_w", CURRENTS) is None
    assert rows["light sleep as in its datasheet"].days("pico_w", CURRENTS) is None
    low = rows["light sleep as in its datasheet"].currents(PILOT, CURRENTS)
    assert low[f"boards.{PILOT}.sleep"].value == CURRENTS[f"boards.{PILOT}.sleep"].low == 130
    assert low[f"boards.{PILOT}.light"] == CURRENTS[f"boards.{PILOT}.light"]


def test_every_board_and_scenario_is_in_the_tables_and_the_plot():
    text, drawing = tables(), plot()
    assert fromstring(drawing).tag.endswith("svg") and plot() == drawing
    for name in boards_of(CURRENTS):
        assert f"`{name}`" in text["days"] and name in drawing
        for row in scenarios():
            days = row.days(name, CURRENTS)
            if days is not None:
                assert f"**{days:.1f}**" in text["days"] and f">{days:.1f}<" in drawing
    assert all(f"`{name}`" in text["figures"] for name in CURRENTS)
