"""The driver of the light sensor that plugs on, on a chip by its instructions."""

from drivers.bh1750 import NOT_READY, Bh1750
from sensor_world import Time, World, refuses
from sim.bh1750 import Bh1750 as Chip
from sim.bus import Bus


def started():
    world, time = World(), Time()
    chip = Chip(world, time.now_ms)
    driver = Bh1750(Bus(chip))
    driver.start()
    time.ms += 5000
    driver.read()
    return driver, chip, world, time


def settled(driver, world, time, lux):
    world.mlx = int(lux * 1000)
    values = []
    for _ in range(6):
        time.ms += 5000
        values.append(driver.read())
    known = [value for value in values if value != NOT_READY]
    return known[-1] / 1000


def test_light_from_night_to_full_sun():
    driver, _, world, time = started()
    for lux in (0, 0.3, 1, 10, 300, 4500, 5000, 7000, 20000, 100000, 120000, 300, 3, 0.2, 0):
        measured = settled(driver, world, time, lux)
        # 0.12: a step of the lower range; 1.9: of the upper
        step = 0.12 if lux < 4600 else 1.9
        assert lux - step - 0.001 * lux <= measured <= lux + 0.001 * lux, (lux, measured)


def test_a_change_of_range_is_never_a_wrong_reading():
    driver, _, world, time = started()
    before = 10000
    for mlx in (20000000, 10000, 90000000, 0, 900000, 6800000, 5000000, 2000000):
        world.mlx = mlx
        for _ in range(5):
            time.ms += 5000
            reading = driver.read()
            if reading == NOT_READY:
                continue
            low, high = min(before, mlx), max(before, mlx)
            assert low * 0.99 - 2000 <= reading <= high * 1.01, (before, mlx, reading)
        before = mlx


def test_a_reading_is_the_light_of_now_even_right_after_a_change():
    driver, _, world, time = started()
    world.mlx = 50_000_000
    time.ms += 5000
    driver.read()  # full: changes the range
    time.ms += 700
    assert driver.read() == NOT_READY
    time.ms += 700
    assert abs(driver.read() - 50_000_000) < 60_000


def test_a_sensor_that_lost_its_supply_never_says_that_it_is_dark():
    for k in range(4):
        driver, chip, world, time = started()
        settled(driver, world, time, 250)
        for _ in range(k):
            time.ms += 5000
            assert driver.read() != NOT_READY
        chip.lose_supply()
        readings = []
        for _ in range(4):
            time.ms += 5000
            readings.append(driver.read())
        assert readings[:2] == [NOT_READY, NOT_READY]
        assert abs(readings[2] - 250_000) < 300


def test_the_dark_is_believed_again_and_again():
    driver, _, world, time = started()
    world.mlx = 0
    readings = []
    for _ in range(12):  # a minute
        time.ms += 5000
        readings.append(driver.read())
    assert set(readings) == {0, NOT_READY}
    assert readings.count(0) >= 3


def test_full_in_the_upper_range_is_no_reading():
    driver, _, world, time = started()
    world.mlx = 400_000_000
    refused = 0
    for _ in range(6):
        time.ms += 5000
        try:
            assert driver.read() == NOT_READY
        except OSError:
            refused += 1
    assert refused >= 2
    assert abs(settled(driver, world, time, 900) - 900) < 3


def test_a_missing_chip_is_an_error():
    assert refuses(Bh1750(Bus()).start) == 19
