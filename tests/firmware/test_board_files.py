"""Each real board file on fake chips at the pins of the boards' own drawings, which are written out
here and not read from hardware/wiring.toml."""

import esp32
import hw.flash_files
import machine
import vfs
from board_bench import Bench
from drivers.ws2812 import TIMING_NS
from hw.flash_esp32 import PartitionFlash
from hw.flash_files import SectorFiles
from ram_disk import BLOCK, RamDisk
from sim.bh1750 import Bh1750
from sim.cell import Cell
from sim.lis3dh import Lis3dh
from sim.mpu6886 import Mpu6886
from sim.st7789 import Screen
from sim.veml7700 import Veml7700
from sim.ws2812 import Chain

DISK = bytearray(b"\xff" * (16 * BLOCK))
AT = "/board"


def mount():
    """The root of a board's own LittleFS stands at AT here."""
    disk = RamDisk(DISK)
    vfs.VfsLfs2.mkfs(disk, progsize=256)
    vfs.mount(vfs.VfsLfs2(disk, progsize=256), AT)
    hw.flash_files.FOLDER = AT + "/journal"


def partition():
    """A flash with the partition table of docs/boards.md."""
    esp32.partitions["journal"] = bytearray(b"\xff" * (8 * BLOCK))


def test_the_pilot_measures_shines_and_feels():
    partition()
    bench = Bench(
        "esp32c3_pilot",
        {(6, 7): [Lis3dh, Veml7700]},
        {("adc", 4): Cell(3900, 470, 470)},
    )
    bench.measures()
    bench.feels_the_button(3)
    assert machine.pins[3].pull == machine.Pin.PULL_UP
    bench.board.rgb.show(255, 128, 1)
    assert [machine.pins[n].duty for n in (10, 20, 5)] == [65025, 16384, 1]
    assert abs(bench.board.battery_mv() - 3900) <= 2
    bench.knows_itself()
    bench.feels_a_press_it_slept_through(3)
    assert (machine.pins[3], esp32.WAKEUP_ALL_LOW) in esp32.wakes
    assert isinstance(bench.board.flash, PartitionFlash)
    bench.keeps_a_log()
    bench.is_watched_and_goes_off()


def test_the_pico_measures_shines_and_feels():
    mount()
    chain = Chain(25, TIMING_NS)
    bench = Bench(
        "pico_w",
        {(4, 5): [Lis3dh, Bh1750]},
        {
            ("adc", 26): Cell(3900, 470, 470),
            ("line", 16): lambda data, timing: chain.write(data),
            ("pin", 17): chain.power,
            "id": b"\xe6\x61\x64\x08\x43\x21\x55\x2a",
        },
    )
    assert not chain.is_on
    bench.measures()
    bench.feels_the_button(15)
    bench.board.rgb.symbol(3)
    bench.board.rgb.show(0, 255, 0)
    assert sum(green > 0 for _, green, _ in chain.pixels) == 10
    bench.board.rgb.show(0, 0, 0)
    assert not chain.is_on
    assert abs(bench.board.battery_mv() - 3900) <= 5
    bench.knows_itself()
    assert bench.board.device_id == b"\xe6\x61\x64\x08\x43\x21\x55\x2a"
    assert isinstance(bench.board.flash, SectorFiles)
    assert bench.board.power._sleep is None
    bench.keeps_a_log()
    bench.is_watched_and_goes_off()
    vfs.umount(AT)


class Stick:
    """The stick's supply: on while its pin is held."""

    level = 0

    def hold(self, level):
        self.level = level


def test_the_stick_holds_its_supply_measures_shines_and_feels():
    import time

    partition()
    screen = Screen(time.ticks_ms)
    stick = Stick()
    bench = Bench(
        "m5stickc_plus2",
        {(21, 22): [Mpu6886], (0, 26): [Bh1750]},
        {
            ("adc", 38): Cell(3900, 100, 100),
            ("spi", 13, 15): screen.write,
            ("pin", 5): screen.select.value,
            ("pin", 14): screen.command.value,
            ("pin", 12): screen.reset.value,
            ("pin", 4): stick.hold,
        },
    )
    assert stick.level == 1
    bench.measures()
    bench.feels_the_button(37)
    assert machine.pins[37].pull is None
    assert screen.is_shown and not screen.has_anything_left()
    assert screen.refused == 0
    assert abs(bench.board.battery_mv() - 3900) <= 2
    bench.knows_itself()
    bench.feels_a_press_it_slept_through(37)
    bench.keeps_a_log()
    bench.is_watched_and_goes_off()
    assert stick.level == 0


def test_a_board_without_the_partition_keeps_its_log_in_files():
    mount()
    esp32.partitions.clear()
    bench = Bench("esp32c3_pilot", {(6, 7): [Lis3dh, Veml7700]}, {("adc", 4): Cell(3900, 470, 470)})
    assert isinstance(bench.board.flash, SectorFiles)
    bench.keeps_a_log()
    vfs.umount(AT)


def test_a_sensor_that_is_not_there_is_an_error_and_no_hang():
    partition()
    bench = Bench("esp32c3_pilot", {(6, 7): [Lis3dh]}, {("adc", 4): Cell(3900, 470, 470)})
    bench.board.accelerometer.start()
    try:
        bench.board.light.start()
    except OSError as error:
        assert error.args[0] == 19
    else:
        raise AssertionError
    assert bench.board.buses[0].faults == 1


def test_an_unset_clock_says_so():
    from hw.clock import Clock

    clock = Clock()
    clock._late_ms = -clock._rtc_ms()  # as after power-up: 1970
    assert clock.utc() == (0, 0)
