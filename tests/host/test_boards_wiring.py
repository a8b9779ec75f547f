"""hardware/wiring.toml: what follows from it is in the tree, what cannot work is refused."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
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


def test_two_parts_at_one_address_are_refused(tmp_path):
    # Two more parts that may have the same address: here both roles are given the same one.
    text = TEXT.replace(
        'product = "m5_dlight"\nbus = "hat"', 'product = "m5_dlight"\nbus = "sensors"'
    ).replace("address = 0x68", "address = 0x23")
    parts = dict(PARTS, mpu6886=replace(PARTS["mpu6886"], addresses=(0x23,)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bioklok.boards.wiring.PARTS", parts)
        assert "0x23 on bus sensors is the accelerometer already" in refused(tmp_path, text)


def test_a_wiring_that_is_not_there_says_so(tmp_path):
    with pytest.raises(NotFound, match="run from a checkout"):
        read_wiring(tmp_path / "wiring.toml")
