"""hardware/wiring.toml: what follows from it is in the tree, what cannot work is refused."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from bioklok.boards.electrics import bus_pf, led_ma, pull_up_limits, pull_up_ohm
from bioklok.boards.files import generated_files, wire_rows, wiring_tables
from bioklok.boards.parts import PARTS
from bioklok.boards.wiring import WIRING, read_wiring
from bioklok.errors import BioklokFailure, NotFound

BOARDS = Path(__file__).parents[2] / "firmware" / "boards"
NAMES = sorted(read_wiring())
TEXT = WIRING.read_text(encoding="utf-8")


def test_there_are_a_pilot_a_pico_and_a_ready_made_one():
    assert NAMES == ["esp32c3_pilot", "m5stickc_plus2", "pico_w"]
    assert {board.chip.arch for board in read_wiring().values()} == {
        "rv32imc",
        "xtensawin",
        "armv6m",
    }


@pytest.mark.parametrize("path", list(generated_files()), ids=lambda path: path.parent.name)
def test_what_is_generated_stands_in_the_tree(path):
    assert path.read_text(encoding="utf-8") == generated_files()[path], "run make gen"


def test_every_folder_of_a_board_is_a_board_and_has_both_files():
    folders = {path.name for path in BOARDS.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert folders == {*NAMES, "sim"}
    for name in NAMES:
        assert (BOARDS / name / "board.py").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_a_board_file_uses_each_pin_and_no_other_name(name):
    wiring = ast.parse((BOARDS / name / "wiring.py").read_text(encoding="utf-8"))
    offered = {
        node.targets[0].id
        for node in wiring.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    board = ast.parse((BOARDS / name / "board.py").read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(board)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "wiring"
    }
    assert used == offered - {"NAME"}


@pytest.mark.parametrize("name", NAMES)
def test_a_board_file_has_the_drivers_of_its_parts(name):
    board = ast.parse((BOARDS / name / "board.py").read_text(encoding="utf-8"))
    drivers = {
        node.module.removeprefix("drivers.")
        for node in board.body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("drivers.")
    }
    wanted = {PARTS[part].driver for part in read_wiring()[name].parts.values()}
    assert drivers == (wanted | {"i2c_bus"}) - {""}


@pytest.mark.parametrize("name", NAMES)
def test_the_table_has_every_net_of_the_firmware_once_with_its_pin(name):
    board = read_wiring()[name]
    rows = wire_rows(board)
    assert len({row[0] for row in rows}) == len(rows)
    at = {row[0]: row[1 if board.circuit.module.is_inside else 2] for row in rows}
    for role, net, pin, _ in board.nets:
        assert at[f"{role.removeprefix('i2c_')} {net}"] == str(pin)
        assert f"| {pin} |" in wiring_tables()


def test_a_wire_is_a_sentence_in_both_languages():
    english = {row[0]: row[-1] for row in wire_rows(read_wiring()["esp32c3_pilot"])}
    dutch = {row[0]: row[-1] for row in wire_rows(read_wiring()["esp32c3_pilot"], "nl")}
    assert english["sensors sda"] == (
        "LIS3DH SDA and VEML7700 SDA to D4 (GPIO6) on the XIAO ESP32C3, blue"
    )
    assert dutch["sensors sda"] == (
        "LIS3DH SDA en VEML7700 SDA aan D4 (GPIO6) op de XIAO ESP32C3, blauw"
    )
    assert dutch["lamp red"] == (
        "lamp R aan D10 (GPIO10) op de XIAO ESP32C3, via R1 (160 Ω), oranje"
    )
    pico = {row[0]: row[-1] for row in wire_rows(read_wiring()["pico_w"])}
    assert pico["VSYS"] == "the ring of D1 (1N5817) to VSYS (pin 39) on the Pico W, brown"
    assert pico["lamp supply"] == "switch VOUT and matrix 5V joined, pink"
    stick = {row[0]: row[-1] for row in wire_rows(read_wiring()["m5stickc_plus2"])}
    assert stick["hat sda"] == "Hat DLight SDA to G0 (GPIO0), through the plug"
    assert stick["button pin"] == "button A to GPIO37, inside, nothing to solder"


def test_the_numbers_of_the_pilot_by_hand():
    board = read_wiring()["esp32c3_pilot"]
    # Ohm: (3.3 - 2.0) / 160 and (3.3 - 2.9) / 130
    assert led_ma(board) == pytest.approx({"red": 8.125, "green": 3.077, "blue": 3.077}, abs=1e-3)
    assert pull_up_ohm(board, "sensors") == 5000  # two breakouts of 10 kOhm side by side
    # three pins of 10 pF, two breakouts of 10, 60 mm of wire
    assert bus_pf(board, "sensors") == pytest.approx(56)
    least, most = pull_up_limits(board, "sensors")
    assert least == pytest.approx((3300 - 400) / 3)
    assert most == pytest.approx(300e-9 / (0.8473 * 56e-12))


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


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        # pins
        ("green = 20", "green = 10", "lamp green: pin 10 is lamp red already"),
        ("green = 20", "green = 6", "lamp green: pin 6 is i2c_sensors sda already"),
        ("green = 20", "green = 12", "esp32c3 has no free pin 12"),
        ("green = 20", "green = 99", "esp32c3 has no free pin 99"),
        ("green = 20", "green = 9", "pin 9 decides how the chip starts"),
        ("backlight = 27", "backlight = 34", "lamp backlight: pin 34 is an input only"),
        ("adc = 4\n", "adc = 5\n", "pin 5 is lamp blue already"),
        ("blue = 5\n", "blue = 4\n", "pin 4 is lamp blue already"),
        ("adc = 26 ", "adc = 22 ", "pin 22 has no converter"),
        ('pull = "board"', 'pull = "chip"', "pin 37 has no pull-up inside"),
        ('5 = "select', '13 = "select', "pin 5 decides how the chip starts"),
        ('0 = "pulled', '19 = "x"\n0 = "pulled', "strapping names pin 19, unused"),
        # buses
        ("sda = 4\nscl = 5", "sda = 4\nscl = 6", "pins 4 and 6 are not SDA and SCL of I2C 0"),
        ("sda = 4\nscl = 5", "sda = 6\nscl = 7", "pins 6 and 7 are not SDA and SCL of I2C 0"),
        ("id = 0\nsda = 6", "id = 1\nsda = 6", "this chip has no I2C 1"),
        ("id = 1", "id = 0", "I2C 0 is another bus already"),
        ('bus = "hat"', 'bus = "head"', "bus head is none of sensors, hat"),
        # parts
        ("address = 0x68", "address = 0x18", "a mpu6886 answers at 0x68 or 0x69"),
        ('part = "mpu6886"', 'part = "veml7700"', "accelerometer veml7700 is none of lis3dh"),
        ("pixels = 25", "pixels = 0", "pixels has to be a whole number from 1"),
        ("pixels = 25", "pixels = 25\nglow = 1", "glow means nothing here"),
        ("red = 10\n", "", "red has to be a whole number"),
        ('pull = "board"', 'pull = "up"', "pull has to be chip or board"),
        ("lower_kohm = 470\nfilter", "lower_kohm = 990\nfilter", "a full cell is"),
        ("battery_mah = 400", "battery_mah = -1", "battery_mah has to be a whole number"),
        # addresses
        (
            'product = "m5_dlight"\nbus = "hat"\naddress = 0x23',
            'product = "m5_dlight"\nbus = "sensors"\naddress = 0x68',
            "a bh1750 answers at 0x23 or 0x5C",
        ),
        # tables
        ('chip = "rp2040"', 'chip = "rp2350"', "chip rp2350 is none of esp32, esp32c3, rp2040"),
        ("[boards.pico_w.light]", "[boards.pico_w.lite]", "board pico_w: has no table light"),
        ('arch = "armv6m"\n', "", "chip rp2040: 'arch' is missing"),
        ("[boards.pico_w]", "[boards.pico_w", "is not TOML"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(tmp_path, was, becomes, says):
    assert was in TEXT
    assert says in refused(tmp_path, TEXT.replace(was, becomes, 1))


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
        ("wire_mm = 60", "wire_mm = 600", "5000 ohm in all, at most 3219 for 110 pF"),
        ("pull_up_kohm = 10", "pull_up_kohm = 1", "pull-ups of 909 ohm in all are below 967"),
        ("hz = 400_000\nwire_mm = 60", "hz = 1_000_000\nwire_mm = 60", "more than 400000"),
        # plugs
        ('light = "module"', 'light = "button"', "light = button is no part that goes into"),
        ("sda = 0\nscl = 26", "sda = 0\nscl = 25", "GPIO25, which the plug does not bring out"),
    ],
)
def test_what_would_be_soldered_wrongly_is_refused_in_one_line(tmp_path, was, becomes, says):
    head, tables = TEXT[: TEXT.index("[chips")], TEXT[TEXT.index("[chips") :]
    assert was in tables
    assert says
    assert says in refused(tmp_path, head + tables.replace(was, becomes, 1))


def test_two_parts_at_one_address_are_refused(tmp_path):
    # Two more parts that may have the same address: here both roles are given the same one.
    text = TEXT.replace(
        'product = "m5_dlight"\nbus = "hat"', 'product = "m5_dlight"\nbus = "sensors"'
    ).replace("address = 0x68", "address = 0x23")
    parts = dict(PARTS, mpu6886=replace(PARTS["mpu6886"], addresses=(0x23,)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bioklok.boards.wiring.PARTS", parts)
        assert "0x23 on bus sensors is the accelerometer already" in refused(tmp_path, text)


def test_a_resistor_of_another_colour_is_refused(tmp_path):
    """Both have 130 ohm, so only the name tells that they were swapped."""
    text = TEXT.replace('through = "R2"', 'through = "R9"')
    text = text.replace('through = "R3"', 'through = "R2"').replace('"R9"', '"R3"')
    assert "lamp green: goes through the resistor that is green_ohm" in refused(tmp_path, text)


def test_a_wiring_that_is_not_there_says_so(tmp_path):
    with pytest.raises(NotFound, match="run from a checkout"):
        read_wiring(tmp_path / "wiring.toml")
