"""The self-test of a real board file, on fake chips of which one part at a time is at fault."""

import esp32
import machine
from app.journal import Journal
from app.selftest import OK, run
from board_bench import Bench
from sim.cell import Cell
from sim.lis3dh import Lis3dh
from sim.veml7700 import Veml7700

PINS = (6, 7)
SECTOR = 4096
NAMES = ("accelerometer", "light", "flash", "radio", "key", "clock", "battery", "restart")


class Radio:
    """hw.radio without an air."""

    def __init__(self):
        self.is_on = False
        self.errno = 0

    def start(self, tag):
        if self.errno:
            raise OSError(self.errno)
        self.is_on = True

    def stop(self):
        self.is_on = False


class Impostor(Lis3dh):
    def lose_supply(self):
        Lis3dh.lose_supply(self)
        self._registers[0x0F] = 0x32


def pilot(chips=(Lis3dh, Veml7700), mv=3900):
    esp32.partitions["journal"] = bytearray(b"\xff" * (8 * SECTOR))
    board = Bench("esp32c3_pilot", {PINS: list(chips)}, {("adc", 4): Cell(mv, 470, 470)}).board
    board.key = lambda: bytes(32)
    board.clock.utc = lambda: (1763031600, 0)
    board.radio = Radio()
    return board


def faults(board):
    found = run(board)
    assert sorted(found) == sorted(NAMES)
    for text in found.values():
        assert isinstance(text, str) and "\n" not in text
    return {name: text for name, text in found.items() if text != OK}


def test_a_whole_board_is_ok():
    board = pilot()
    assert faults(board) == {}
    assert not board.radio.is_on


def test_a_sensor_that_is_missing_or_another_is_named():
    assert list(faults(pilot((Lis3dh,)))) == ["light"]
    assert list(faults(pilot((Veml7700,)))) == ["accelerometer"]
    found = faults(pilot((Impostor, Veml7700)))
    assert list(found) == ["accelerometer"], found
    assert sorted(faults(pilot(()))) == ["accelerometer", "light"]


def test_what_provisioning_has_to_bring_is_said():
    board = pilot()
    board.key = lambda: None
    board.clock.utc = lambda: (0, 0)
    found = faults(board)
    assert sorted(found) == ["clock", "key"]
    assert "provision" in found["key"]


def test_a_cell_that_is_empty_and_one_that_is_not_there():
    assert "charge" in faults(pilot(mv=2900))["battery"]
    assert faults(pilot(mv=0)) == {"battery": "not known"}


def test_a_radio_that_does_not_start_and_a_watchdog_that_bit():
    board = pilot()
    board.radio.errno = 12
    machine.solder("reset_cause", machine.WDT_RESET)
    found = faults(board)
    assert sorted(found) == ["radio", "restart"]
    assert found["radio"] == "no answer (error 12)"


def test_a_flash_that_keeps_nothing_is_found_and_what_stands_in_the_ring_stays():
    board = pilot()
    journal = Journal(board.flash, board.entropy)

    class Fields:
        enmo_dmg = angle_step_median_cdeg = angle_step_max_cdeg = light_mlx = 0
        light_alpha_q18 = 0
        valid_s = 60

    for minute in range(16 * 30):  # the ring is full
        journal.append(1763000040 + 60 * minute, 60 * minute, Fields, 0, 0)
    assert journal.n_pages == 16
    before = bytes(esp32.partitions["journal"])
    assert faults(board) == {}
    assert bytes(esp32.partitions["journal"]) == before
    assert Journal(board.flash, board.entropy).n_pages == 16

    had = board.flash.erase
    board.flash.erase = lambda address: None
    assert "blank" in faults(board)["flash"]
    board.flash.erase = had
    assert Journal(board.flash, board.entropy).n_pages == 16
    program = board.flash.program
    board.flash.program = lambda address, data: program(address, b"\xff" * len(data))
    assert "does not keep" in faults(board)["flash"]

    esp32.partitions["journal"] = bytearray(6 * SECTOR)
    from hw.flash_esp32 import open_flash

    board.flash = open_flash(0)
    assert "too small" in faults(board)["flash"]
    esp32.partitions.clear()
