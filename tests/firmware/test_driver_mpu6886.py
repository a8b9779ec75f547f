"""The driver of the accelerometer with the large FIFO, on a chip by its registers."""

import struct

from drivers import _mpu6886_plain
from drivers.mpu6886 import Mpu6886, unpack
from sensor_world import Time, World, refuses, samples
from sim.bus import Bus
from sim.mpu6886 import Mpu6886 as Chip


def started(fifo_bytes=1024):
    world, time = World(), Time()
    chip = Chip(world, time.now_ms, fifo_bytes)
    driver = Mpu6886(Bus(chip))
    driver.start()
    return driver, chip, world, time


def near(wanted, got):
    """Equal within a step of the chip and one of rounding."""
    return len(wanted) == len(got) and all(
        abs(wanted[i][axis] - got[i][axis]) <= 1 for i in range(len(wanted)) for axis in range(3)
    )


def expected(first, n):
    return [[2 * (i % 500), -2 * (i % 500), 1000] for i in range(first, first + n)]


def test_a_second_is_25_samples_in_order():
    driver, _, _, time = started()
    for second in range(1, 5):
        time.ms = 1000 * second
        assert driver.read() == 25
        assert not driver.overrun
        assert near(expected(25 * (second - 1), 25), samples(driver, 25))


def test_five_seconds_wait_in_the_fifo():
    driver, _, _, time = started()
    time.ms = 5000
    assert driver.read() == 125
    assert not driver.overrun
    assert near(expected(0, 125), samples(driver, 125))


def test_nothing_new_is_nothing_read():
    driver, _, world, time = started()
    assert driver.read() == 0
    time.ms = 1000
    driver.read()
    assert driver.read() == 0
    assert world.count == 25


def test_a_late_read_gets_the_oldest_says_so_and_begins_anew():
    for fifo_bytes, kept in ((1024, 128), (1008, 126)):
        driver, _, _, time = started(fifo_bytes)
        time.ms = 9000  # 225 samples were made
        assert driver.read() == kept
        assert driver.overrun
        assert near(expected(0, kept), samples(driver, kept))
        time.ms = 10000
        assert driver.read() == 25
        assert not driver.overrun
        assert near(expected(225, 25), samples(driver, 25))


def test_frames_read_askew_are_refused_and_put_right():
    for slip in range(1, 8):
        driver, chip, _, time = started()
        time.ms = 1000
        assert driver.read() == 25
        chip.slipped = bytes(slip)
        time.ms = 2000
        assert refuses(driver.read) == 5, slip
        time.ms = 3000
        assert driver.read() == 25
        assert near(expected(50, 25), samples(driver, 25))


def test_six_bytes_a_sample_would_be_refused_not_misread():
    # Should the chip leave the temperature out of its FIFO, no burst must pass for a measurement.
    driver, chip, _, time = started()
    time.ms = 1000
    chip._make()
    frames = chip._fifo
    chip._fifo = b"".join([frames[8 * i : 8 * i + 6] for i in range(25)])[:144]
    assert refuses(driver.read) == 5


def breaking_off(read, taken):
    """A chip's read, of which the FIFO's data stops after so many bytes."""

    def broken(register, buffer):
        if register == 0x74:
            read(register, memoryview(buffer)[:taken])
            raise OSError(5)
        read(register, buffer)

    return broken


def test_a_transfer_that_broke_off_takes_the_rest_of_the_fifo_with_it():
    for taken in range(1, 17):
        driver, chip, _, time = started()
        time.ms = 1000
        whole = chip.read
        chip.read = breaking_off(whole, taken)
        assert refuses(driver.read) == 5
        chip.read = whole
        assert driver.read() == 0
        time.ms = 2000
        assert driver.read() == 25
        assert near(expected(25, 25), samples(driver, 25))


def test_a_chip_that_lost_its_supply_is_started_again():
    driver, chip, _, time = started()
    time.ms = 1000
    assert driver.read() == 25
    chip.lose_supply()
    time.ms = 2000
    assert refuses(driver.read) == 5
    time.ms = 3000
    assert driver.read() == 25
    assert [s[2] for s in samples(driver, 25)] == [1000] * 25


def test_a_missing_or_foreign_chip_is_an_error():
    assert refuses(Mpu6886(Bus()).start) == 19
    chip = Chip(World(), Time().now_ms)
    chip._registers[0x75] = 0x68  # an MPU6050, at the same address
    assert refuses(Mpu6886(Bus(chip)).start) == 19


def test_both_kernels_agree_to_the_bit():
    raw = struct.pack(">12h", 32767, -32768, 0, 2451, 1, -1, 8192, 2460, -8192, 127, -128, 2440)
    at = 2
    plain = bytearray(6 * 5)
    plain_limits = bytearray(b"\xff\xff\x00\x00")
    _mpu6886_plain.unpack(raw, 3, plain, at, plain_limits)
    fast = bytearray(6 * 5)
    fast_limits = bytearray(b"\xff\xff\x00\x00")
    unpack(raw, 3, fast, at, fast_limits)
    assert fast == plain
    assert fast_limits == plain_limits
    values = struct.unpack_from("<9h", plain, 12)
    assert values[:3] == (31999, -32000, 0)  # 4 g are 32000
    assert values[5] == 8000
    assert struct.unpack("<2H", plain_limits) == (32768 + 2440, 32768 + 2460)
    assert plain[:12] == bytes(12)


def test_a_second_of_samples_allocates_nothing():
    import gc

    class Silent:
        """Answers as the chip does and allocates nothing itself."""

        def __init__(self):
            self.frame = struct.pack(">4h", 100, -100, 8192, 2451)

        def readfrom_mem_into(self, address, register, buffer):
            n = len(buffer)
            for i in range(n):
                buffer[i] = self.frame[i % 8] if register == 0x74 else 0
            if register == 0x72:
                buffer[1] = 200  # 25 frames
            if register == 0x41:
                buffer[0] = 9

    driver = Mpu6886(Silent())
    assert driver.read() == 25
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    n = driver.read()
    used = gc.mem_alloc() - before
    gc.enable()
    assert n == 25
    assert used == 0, used
