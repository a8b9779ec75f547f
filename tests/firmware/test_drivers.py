"""The real drivers on fake chips that were written from the datasheets."""

import struct

from drivers.lis3dh import Lis3dh
from drivers.rgb_pwm import RgbPwm
from drivers.veml7700 import NOT_READY, Veml7700
from sim.bus import Bus
from sim.lis3dh import Lis3dh as Lis3dhChip
from sim.lis3dh import encode, encode_plain
from sim.pins import Pwm
from sim.veml7700 import Veml7700 as Veml7700Chip


class World:
    """Numbers every sample: x counts up, y down, z is 1 g."""

    def __init__(self):
        self.count = 0
        self.mlx = 0

    def acceleration(self, buffer, n):
        for i in range(n):
            struct.pack_into("<hhh", buffer, 6 * i, self.count % 1000, -(self.count % 1000), 1000)
            self.count += 1

    def light_mlx(self):
        return self.mlx


class Time:
    ms = 0

    def now_ms(self):
        return self.ms


def accelerometer():
    world, time = World(), Time()
    driver = Lis3dh(Bus(Lis3dhChip(world, time.now_ms)))
    driver.start()
    return driver, world, time


def samples(driver, n):
    return [
        [v >> driver.mg_shift for v in struct.unpack_from("<hhh", driver.buffer, 6 * i)]
        for i in range(n)
    ]


def refuses(function):
    try:
        function()
    except OSError as error:
        return error.args[0]
    return None


def test_the_pull_up_of_an_sdo_that_is_held_low_is_disconnected():
    chip = Lis3dhChip(World(), Time().now_ms)
    assert chip.pulls_sdo_up  # as after power-up
    driver = Lis3dh(Bus(chip))
    driver.start()
    assert not chip.pulls_sdo_up
    chip.lose_supply()
    driver.start()
    assert not chip.pulls_sdo_up


def test_an_sdo_that_is_left_open_keeps_its_pull_up():
    chip = Lis3dhChip(World(), Time().now_ms)
    chip.ADDRESS = 0x19
    Lis3dh(Bus(chip), 0x19).start()
    assert chip.pulls_sdo_up  # it makes the address


def test_one_second_is_25_samples_in_order():
    driver, _, time = accelerometer()
    for second in range(1, 4):
        time.ms = 1000 * second
        assert driver.read() == 25
        assert not driver.overrun
        first = 25 * (second - 1)
        # even values only: the sensor's step is 2 mg
        assert samples(driver, 25) == [
            [(first + i) & ~1, -(first + i) & ~1, 1000] for i in range(25)
        ]


def test_nothing_new_is_nothing_read():
    driver, world, time = accelerometer()
    assert driver.read() == 0
    time.ms = 1000
    driver.read()
    assert driver.read() == 0
    assert world.count == 25


def test_a_late_read_gets_the_newest_32_and_says_so():
    driver, _, time = accelerometer()
    time.ms = 3000  # 75 samples were made
    assert driver.read() == 32
    assert driver.overrun
    assert samples(driver, 32)[-1][0] == 74 & ~1
    assert samples(driver, 1)[0][0] == (75 - 32) & ~1
    time.ms = 4000
    assert driver.read() == 25
    assert not driver.overrun


def test_the_range_saturates():
    for raw_per_mg in (16, 8):
        mg = struct.pack("<6h", 30000, -30000, 4095, -4096, 7, -7)
        raw = bytearray(12)
        encode_plain(mg, raw, 2, raw_per_mg)
        values = struct.unpack("<6h", raw)
        assert values[0] == 32752 and values[1] == -32768
        fast = bytearray(12)
        encode(mg, fast, 2, raw_per_mg)
        assert fast == raw


def test_a_missing_or_foreign_chip_is_an_error():
    assert refuses(Lis3dh(Bus()).start) == 19

    class Other(Lis3dhChip):
        def read(self, register, buffer):
            buffer[0] = 0x44

    assert refuses(Lis3dh(Bus(Other(World(), Time().now_ms))).start) == 19
    assert refuses(Veml7700(Bus()).start) == 19


def light():
    world, time = World(), Time()
    driver = Veml7700(Bus(Veml7700Chip(world, time.now_ms)))
    driver.start()
    time.ms += 5000
    driver.read()
    return driver, world, time


def settled(driver, world, time, lux):
    world.mlx = int(lux * 1000)
    for _ in range(4):
        time.ms += 5000
        mlx = driver.read()
    return mlx / 1000


def test_light_from_moonlight_to_full_sun():
    driver, world, time = light()
    for lux in (0, 0.2, 1, 10, 100, 900, 1500, 5000, 20000, 60000, 110000, 300, 3, 0.05):
        measured = settled(driver, world, time, lux)
        assert abs(measured - lux) <= 0.02 + 0.01 * lux, (lux, measured)


def test_a_change_of_range_is_never_a_wrong_reading():
    driver, world, time = light()
    before = 10000
    for mlx in (20000000, 10000, 90000000, 0, 900000, 2000000):
        world.mlx = mlx
        for _ in range(4):
            time.ms += 5000
            reading = driver.read()
            if reading == NOT_READY:
                continue
            low, high = min(before, mlx), max(before, mlx)
            # 600: a step of the upper range
            assert low * 0.98 - 600 <= reading <= high * 1.02 + 600, (before, mlx, reading)
        before = mlx


def test_a_second_of_sampling_allocates_nothing_in_the_dark_or_in_the_sun():
    import gc

    from biocore.activity import Activity

    accelerometer_driver, _, time = accelerometer()
    light_driver, world, light_time = light()
    activity = Activity(accelerometer_driver.mg_shift)
    for lux in (0, 100, 50000):
        settled(light_driver, world, light_time, lux)
        for measured in (False, True):
            time.ms += 1000
            # what is fake allocates: fill the chip's registers first, read them after
            counts = bytearray(2)
            light_driver._i2c.readfrom_mem_into(0x10, 4, counts)
            n = accelerometer_driver.read()
            gc.collect()
            gc.disable()
            before = gc.mem_alloc()
            activity.add(accelerometer_driver.buffer, n)
            activity.add_light(light_driver.mlx(counts[0] | counts[1] << 8))
            activity.end_window()
            activity.end_epoch()
            used = gc.mem_alloc() - before
            gc.enable()
            if measured:
                assert used == 0, (lux, used)


def test_brighter_than_the_sensor_can_say_stays_in_range():
    driver, world, time = light()
    assert settled(driver, world, time, 120000) <= 125000


def test_the_lamp_follows_the_square():
    channels = (Pwm(), Pwm(), Pwm())
    lamp = RgbPwm(*channels)
    lamp.show(255, 128, 0)
    assert [c.duty for c in channels] == [65025, 16384, 0]
