"""hardware/wiring.toml: what somebody would solder wrongly, or what would burn, is refused."""

import pytest
from bioklok.boards.electrics import bus_pf, led_ma, pull_up_limits, pull_up_ohm
from bioklok.boards.wiring import WIRING, read_wiring
from bioklok.errors import BioklokFailure

TEXT = WIRING.read_text(encoding="utf-8")
HEAD, TABLES = TEXT[: TEXT.index("[chips")], TEXT[TEXT.index("[chips") :]


def test_the_numbers_of_the_pilot_by_hand():
    board = read_wiring()["esp32c3_pilot"]
    # Ohm: (3.3 - 2.0) / 160 and (3.3 - 2.9) / 130
    assert led_ma(board) == pytest.approx({"red": 8.125, "green": 3.077, "blue": 3.077}, abs=1e-3)
    assert pull_up_ohm(board, "sensors") == 5000  # two breakouts of 10 kOhm side by side
    # three pins of 10 pF, two breakouts of 10, 120 mm of wire
    assert bus_pf(board, "sensors") == pytest.approx(62)
    least, most = pull_up_limits(board, "sensors")
    assert least == pytest.approx((3300 - 400) / 3)
    assert most == pytest.approx(300e-9 / (0.8473 * 62e-12))


def test_the_numbers_of_a_pico_are_printed_down_the_left_and_up_the_right():
    module = read_wiring()["pico_w"].circuit.module
    # Raspberry Pi Pico W datasheet, its picture of the pins
    wanted = {"GP0": 1, "GP4": 6, "GP5": 7, "GP15": 20, "GP16": 21, "GP17": 22, "GP26": 31}
    wanted |= {"AGND": 33, "3V3": 36, "VSYS": 39, "VBUS": 40, "RUN": 30}
    assert {pad: module.pin_number(pad) for pad in wanted} == wanted
    assert {n for n in range(1, 41) if module.pin_number("GND", n) == n} == {
        3,
        8,
        13,
        18,
        23,
        28,
        38,
    }


def refused(tmp_path, text):
    path = tmp_path / "wiring.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BioklokFailure) as failure:
        read_wiring(path)
    message = str(failure.value)
    assert "\n" not in message
    return message


# What a person would solder wrongly. The first place in the file where `was` stands is changed.
@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        # boards and parts as sold
        ("D0 = 2, D1 = 3", "D0 = 3, D1 = 3", "module xiao_esp32c3: GPIO3 is at D0 and at D1"),
        ("D0 = 2, D1", "D0 = 19, D1", "pad D0: esp32c3 has no free pin 19"),
        ('left = ["D0", ', 'left = ["D00", ', "pad D0 is not among those that are printed"),
        (
            'chip = "rp2040"\nmodule',
            'chip = "esp32"\nmodule',
            "Raspberry Pi Pico W has no esp32",
        ),
        ('module = "pico_w"', 'module = "pico"', "module pico is none of xiao_esp32c3"),
        ('supply = "VIN"', 'supply = "VCC"', "product adafruit_2809: pad VCC is not among"),
        ('order = "maker"', 'order = "guess"', "order has to be maker or assumed"),
        ('product = "adafruit_4162"', 'product = "adafruit_2809"', "breakout is no veml7700"),
        ('product = "adafruit_4162"', 'product = "4162"', "product 4162 is none of"),
        ('nl = "rood", hex = "#DA2C38"', 'nl = "rood"', "colour red: 'hex' is missing"),
        # a pad that is not that pin, a net without a wire
        ('pad = "D4", colour', 'pad = "D5", colour', "pad D5 is not GPIO6: that is D4"),
        ('pad = "GP4", colour', 'pad = "GP6", colour', "pad GP6 is not GPIO4: that is GP4"),
        ('pad = "D4", colour', 'pad = "D12", colour', "XIAO ESP32C3 has no pad D12"),
        ("sda = 6\n", "sda = 1\n", "pad D4 is not GPIO1: no pad brings it out"),
        ('"lamp red" = {', '"lamp rood" = {', "GPIO10 (lamp red) has no wire"),
        ('"BAT+" = { pad = "BAT+"', '"x" = { pad = "D8"', "pad D8 is GPIO8, used by nothing"),
        ("pin = 38, colour", "pin = 37, colour", "pin 37 of Raspberry Pi Pico W is not GND"),
        # ends
        ('"accelerometer SDA", "l', '"accelerometer SDB", "l', "LIS3DH breakout has no pad SDB"),
        ('to = ["button 1"]', 'to = ["knob 1"]', "there is no part knob with a product"),
        ('to = ["button 1"]', 'to = ["button 2"]', "button 2 is in wire button pin already"),
        ('to = ["R4", "R5", "C1"]', 'to = ["R4", "R5"]', "C1 has 1 of its two ends in a wire"),
        ('to = ["R4", "R5", "C1"]', 'to = ["R4", "R9", "C1"]', "R9 is not among refs"),
        ('through = "R1" }', 'through = "R8" }', "R8 is not among refs"),
        ('through = "R1" }', 'through = "R1", via = 1 }', "via means nothing here"),
        ('"lamp red" = {', '"lamp red" = 1\n"lamp x" = {', "say to which pads it goes"),
        ('ring = "VSYS"', 'ring = "GND"', "the ring of D1 is at GND, where it has no end"),
        ('ring = "VSYS"', 'side = "VSYS"', "D1 wants its part and the net at its ring"),
        ('R1 = "lamp.red_ohm"', 'R1 = "160 ohm"', "R1 = 160 ohm names no value"),
        # colours
        ('colour = "yellow"', 'colour = "blue"', "sensors scl: blue is wire sensors sda already"),
        ('colour = "yellow"', 'colour = "gold"', "sensors scl: gold is none of the colours"),
        (
            '"cell +" = { pad = "BAT+", colour = "red", bundle = "cell"',
            '"cell +" = { pad = "BAT+", colour = "red"',
            "wire cell +: red is wire 3V3 already",
        ),
        # supply and ground
        (
            'to = ["accelerometer VIN", "light VIN"]',
            'to = ["accelerometer VIN"]',
            "light: its supply VIN hangs in the air",
        ),
        ('"button 2", "lamp K"', '"lamp K"', "button: its ground 2 hangs in the air"),
        ('pad = "3V3", colour', 'pad = "BAT+", colour', "its pull-ups would go to BAT+, 3700 mV"),
        ("supply_mv = [3000, 5500]", "supply_mv = [4500, 5500]", "3V3 gives 3300 mV"),
        ('pad = "GND", colour', 'pad = "5V", colour', "accelerometer: its ground is at 5V"),
        # addresses: with SDO free it is 0x18
        ("address = 0x18", "address = 0x19", "with SDO free it answers at 0x18"),
        ("address = 0x23\n\n[boards.pico_w.b", "address = 0x5C\n\n[boards.pico_w.b", "with ADDR"),
        # values
        ("red_ohm = 160", "red_ohm = 165", "R1 of 165 Ω cannot be bought"),
        ("red_ohm = 160", "red_ohm = 62", "lamp: red draws 21 mA, 20 are allowed"),
        ("pin_max_ma = 20        # Mi", "pin_max_ma = 5        # Mi", "red draws 8 mA, 5 are"),
        ('through = "R1"', 'through = "R2"', "R1 has 0 of its two ends in a wire"),
        (
            'colour = "green", to = ["lamp G"], through = "R2"',
            'colour = "green", to = ["lamp G"]',
            "R2 has 0 of its two ends in a wire",
        ),
        ('to = ["R4"] }', 'to = ["R5"] }', "R4 has 1 of its two ends in a wire"),
        (
            'upper_kohm"\nR5 = "battery.lower',
            'lower_kohm"\nR5 = "battery.upper',
            "the other end of R5 (upper_kohm) has to be at the cell's +",
        ),
        ('C1 = "battery.filter_nf"', 'C1 = "battery.lower_kohm"', "filter_nf has no name under"),
        # wake and interrupt
        ('wakes = "deep"', 'wakes = "often"', "wakes has to be deep or light or idle"),
        ("wakes_deep = [0, 1, 2, 3, 4, 5]", "wakes_deep = [0, 1]", "pin 3 cannot end deep sleep"),
        ("pin = 37 ", "pin = 39 ", "pin 39 gives false interrupts"),
        # pull-ups
        ("wire_mm = 120", "wire_mm = 600", "5000 ohm in all, at most 3219 for 110 pF"),
        ("pull_up_kohm = 10", "pull_up_kohm = 1", "pull-ups of 909 ohm in all are below 967"),
        ("hz = 400_000\nwire", "hz = 1_000_000\nwire", "more than 400000"),
        # plugs
        ('light = "module"', 'light = "button"', "light = button is no part that goes into"),
        ("sda = 0\nscl = 26", "sda = 0\nscl = 25", "GPIO25, which the plug does not bring out"),
    ],
)
def test_what_would_be_soldered_wrongly_is_refused_in_one_line(tmp_path, was, becomes, says):
    assert was in TABLES
    assert says in refused(tmp_path, HEAD + TABLES.replace(was, becomes, 1))


def test_a_resistor_of_another_colour_is_refused(tmp_path):
    """Both have 130 ohm, so only the name tells that they were swapped."""
    text = TEXT.replace('through = "R2"', 'through = "R9"')
    text = text.replace('through = "R3"', 'through = "R2"').replace('"R9"', '"R3"')
    assert "lamp green: goes through the resistor that is green_ohm" in refused(tmp_path, text)


# A net that ends at another pad than its own, and a cell where it, the board or a child gets hurt.
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            [
                ('"light SDA"', '"light ?"'),
                ('"light SCL"', '"light SDA"'),
                ("light ?", "light SCL"),
            ],
            "wire sensors sda: does not reach light SDA",
        ),
        ([('"accelerometer SDA", "light SDA"', '"accelerometer SDA"')], "reach light SDA"),
        ([('to = ["button 1"]', 'to = ["accelerometer INT"]')], "does not reach button 1"),
        (
            [("lamp R", "lamp ?"), ("lamp G", "lamp R"), ("lamp ?", "lamp G")],
            "wire lamp red: does not reach lamp R",
        ),
        (
            [("lamp DIN", "lamp ?"), ("switch ON", "lamp DIN"), ("lamp ?", "switch ON")],
            "wire lamp data: does not reach lamp DIN",
        ),
        ([('nets = { data = "DIN" }', "")], "5 x 5 does not say which pad is lamp data"),
        ([('nets = { data = "DIN" }', 'nets = { data = "IN" }')], "pad IN is not among its pads"),
        # 4.2 V into a chip for 3.6 V; the cell beside the USB's 5 V; a diode the wrong way round
        ([('"cell +" = { pad = "BAT+"', '"cell +" = { pad = "3V3"')], "cell: 3V3 is no place for"),
        ([('"cell +" = { pad = "BAT+"', '"cell +" = { pad = "5V"')], "cell: 5V gives 5000 mV"),
        (
            [
                ('"VSYS" = { pad = "VSYS", colour = "brown", to = ["D1"] }\n', ""),
                ('"BAT" = { colour', '"BAT" = { pad = "VSYS", colour'),
                ('"R1", "D1"] }', '"R1"] }'),
                ('D1 = { part = "1N5817", ring = "VSYS" }', ""),
            ],
            "charger: VSYS is no place for a cell",
        ),
        ([('ring = "VSYS" }', 'ring = "BAT" }')], "D1 lets current into the cell: turn it round"),
        ([('pad = "VSYS", colour', 'pad = "VBUS", colour')], "D1 feeds VBUS: a cell may feed VSYS"),
        ([("source = true", "")], "no part feeds it: which one is the cell's + (source)?"),
        # a divider that measures something else never says that the cell is low
        ([('"BAT+" = { pad = "BAT+"', '"BAT+" = { pad = "3V3"')], "has to be at the cell's +"),
        ([('"BAT+" = { pad = "BAT+"', '"BAT+" = { pad = "5V"')], "has to be at the cell's +"),
        # what a check would pass over where a figure is left out
        ([("red = 2000, ", "")], "lamp: its LED has no forward_mv of red"),
        ([("red_ohm = 160", "red_ohm = 16000")], "lamp: red draws 0.1 mA, and is not seen"),
        ([("wire_mm = 120 ", "#")], "bus sensors: how long are its wires? give wire_mm"),
        ([('"select of the screen, pulled up by the chip; it', '"" # ')], "say in `strapping` why"),
    ],
)
def test_what_would_not_work_or_would_burn_is_refused_in_one_line(tmp_path, changes, says):
    tables = TABLES
    for was, becomes in changes:
        tables = tables.replace(was, becomes)
    assert tables != TABLES
    assert says in refused(tmp_path, HEAD + tables)
