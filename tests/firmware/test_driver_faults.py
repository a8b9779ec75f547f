"""What goes wrong on a bus ends in an error that is counted and no reading: never a wrong value,
never a wait without end, and all is well again once the fault has gone."""

from app.sampler import Sampler
from biocore.record import NO_LIGHT_MLX
from drivers.bh1750 import Bh1750
from drivers.i2c_bus import I2cBus
from drivers.lis3dh import Lis3dh
from drivers.mpu6886 import Mpu6886
from drivers.veml7700 import NOT_READY, Veml7700
from sensor_world import Time, World, pairs, refuses, samples
from sim import sick_bus
from sim.bh1750 import Bh1750 as Bh1750Chip
from sim.lis3dh import Lis3dh as Lis3dhChip
from sim.mpu6886 import Mpu6886 as Mpu6886Chip
from sim.sick_bus import SickBus
from sim.veml7700 import Veml7700 as Veml7700Chip

ACCELEROMETERS = ((Lis3dh, Lis3dhChip), (Mpu6886, Mpu6886Chip))
LIGHTS = ((Veml7700, Veml7700Chip), (Bh1750, Bh1750Chip))
ERRORS = (sick_bus.NACK, sick_bus.NACK_RP2, sick_bus.STRETCH)


class Bench:
    """One driver on its chip, on a bus that can fall ill."""

    def __init__(self, driver, chip):
        self.world, self.time = World(), Time()
        self.chip = chip(self.world, self.time.now_ms)
        self.sick = SickBus(self.chip)
        self.opened = 0
        self.bus = I2cBus(self._open, self._lines, lambda us: None)
        self.driver = driver(self.bus)
        self.driver.start()
        self.refused = 0

    def _open(self):
        self.opened += 1
        return self.sick

    def _lines(self):
        return self.sick.lines.sda, self.sick.lines.scl

    def second(self):
        """Samples of the next second, or None where the driver refuses."""
        self.time.ms += 1000
        try:
            n = self.driver.read()
        except OSError:
            self.refused += 1
            return None
        return samples(self.driver, n)

    def reading(self):
        """Millilux after five seconds, NOT_READY, or None where the driver refuses."""
        self.time.ms += 5000
        try:
            return self.driver.read()
        except OSError:
            self.refused += 1
            return None


def is_right(burst):
    """Samples in a row as the world makes them, within a chip's step."""
    for x, y, z in burst:
        if abs(z - 1000) > 2 or abs(x + y) > 4:
            return False
    return all(1 <= (b[0] - a[0]) % 1000 <= 3 for a, b in pairs(burst))


def test_an_accelerometer_on_a_sick_bus_says_nothing_wrong():
    for driver, chip in ACCELEROMETERS:
        for fault in ERRORS + (sick_bus.ZEROS, sick_bus.ONES):
            for after in range(6):
                bench = Bench(driver, chip)
                assert len(bench.second()) == 25
                bench.sick.fault, bench.sick.after = fault, after
                for _ in range(6):
                    burst = bench.second()
                    assert burst is None or is_right(burst), (chip, fault, after)
                assert bench.refused >= 3, (chip, fault, after)
                bench.sick.fault = None
                bursts = [bench.second() for _ in range(4)]
                assert bursts[-1] and len(bursts[-1]) == 25, (chip, fault, after)
                assert all(is_right(burst or []) for burst in bursts)


def test_one_sick_transfer_is_no_wrong_sample():
    for driver, chip in ACCELEROMETERS:
        for fault in ERRORS + (sick_bus.ZEROS, sick_bus.ONES):
            for after in range(8):
                bench = Bench(driver, chip)
                bench.second()
                bench.sick.fault, bench.sick.after, bench.sick.lasts = fault, after, 1
                for _ in range(4):
                    burst = bench.second()
                    assert burst is None or is_right(burst), (chip, fault, after)
                assert bench.second(), (chip, fault, after)
                assert bench.driver.read() == 0


def test_a_burst_that_dies_halfway_is_refused():
    for driver, chip in ACCELEROMETERS:
        for fault in (sick_bus.ZEROS, sick_bus.ONES):
            for from_byte in (3, 12, 60):
                bench = Bench(driver, chip)
                bench.second()
                # the data: the only transfers that are so long
                bench.sick.fault, bench.sick.from_byte = fault, from_byte
                assert bench.second() is None, (chip, fault, from_byte)
                bench.sick.fault = None
                bench.second()
                burst = bench.second()
                assert len(burst) >= 25 and is_right(burst)


def test_an_accelerometer_that_lost_its_supply_comes_back():
    for driver, chip in ACCELEROMETERS:
        bench = Bench(driver, chip)
        bench.second()
        bench.chip.lose_supply()
        assert bench.second() is None
        assert len(bench.second()) == 25
        assert bench.refused == 1


def test_a_light_sensor_on_a_sick_bus_says_nothing_wrong():
    for driver, chip in LIGHTS:
        for lux in (250, 30000):
            for fault in ERRORS + (sick_bus.ZEROS, sick_bus.ONES):
                if fault == sick_bus.ZEROS and driver is Bh1750:
                    continue  # no register tells it from the night: docs/boards.md
                for after in range(4):
                    bench = Bench(driver, chip)
                    bench.world.mlx = lux * 1000
                    for _ in range(4):
                        bench.reading()
                    bench.refused = 0
                    bench.sick.fault, bench.sick.after = fault, after
                    for _ in range(6):
                        mlx = bench.reading()
                        right = mlx in (None, NOT_READY) or abs(mlx / 1000 - lux) < 0.01 * lux
                        assert right, (chip, lux, fault, after, mlx)
                    assert bench.refused >= 1, (chip, lux, fault, after)
                    bench.sick.fault = None
                    readings = [bench.reading() for _ in range(5)]
                    for mlx in readings:
                        assert mlx in (None, NOT_READY) or abs(mlx / 1000 - lux) < 0.01 * lux
                    assert abs(readings[-1] / 1000 - lux) < 0.01 * lux, (chip, fault, readings)


# In the lower range this is bright enough to change to the upper, and not yet full.
NEARLY_FULL_LUX = {Veml7700: 1000, Bh1750: 7000}


def test_a_change_of_range_that_breaks_off_is_done_again():
    for driver, chip in LIGHTS:
        for lux in (NEARLY_FULL_LUX[driver], 30000):
            for fault in ERRORS:
                for after in range(7):
                    bench = Bench(driver, chip)
                    bench.world.mlx = 250_000
                    for _ in range(4):
                        bench.reading()
                    bench.world.mlx = lux * 1000
                    bench.sick.fault, bench.sick.after, bench.sick.lasts = fault, after, 1
                    readings = [bench.reading() for _ in range(8)]
                    for mlx in readings:
                        right = mlx in (None, NOT_READY) or abs(mlx / 1000 - lux) < 0.01 * lux
                        # the lower range at its end: the light was more than that
                        full = mlx is not None and 1_000_000 < mlx < 7_500_000 < lux * 1000
                        assert right or full, (chip, lux, fault, after, readings)
                    last = max(readings[-2:])  # one of them may be a change of range
                    assert abs(last / 1000 - lux) < 0.01 * lux, (chip, lux, fault, readings)


def test_a_veml7700_that_lost_its_supply_is_never_dark():
    bench = Bench(Veml7700, Veml7700Chip)
    bench.world.mlx = 250_000
    for _ in range(3):
        bench.reading()
    bench.chip.lose_supply()
    readings = [bench.reading() for _ in range(3)]
    assert readings[:2] == [None, NOT_READY]
    assert abs(readings[2] - 250_000) < 2000
    # in the dark it reads 0 and is as it should be
    bench.world.mlx = 0
    bench.reading()
    assert bench.reading() == 0


def test_a_lis3dh_of_another_make_is_refused():
    bench = Bench(Lis3dh, Lis3dhChip)
    bench.chip._registers[0x0F] = 0x44
    bench.chip.lose_supply = None
    assert refuses(bench.driver.start) == 19


def test_a_line_that_hangs_is_clocked_free():
    for clocks in range(1, 10):
        bench = Bench(Lis3dh, Lis3dhChip)
        bench.second()
        lines = bench.sick.lines
        lines.hang(clocks)
        assert bench.second() is None
        assert bench.bus.faults == 1 and bench.bus.cleared == 1
        assert lines.clocks >= clocks and lines.stops == 1
        assert bench.opened == 2
        burst = bench.second()
        assert burst and is_right(burst), clocks


def test_a_line_that_never_lets_go_is_nine_clocks_and_an_error_each_time():
    bench = Bench(Lis3dh, Lis3dhChip)
    bench.sick.lines.hang(1 << 20)
    for n in range(1, 5):
        clocks = bench.sick.lines.clocks
        assert bench.second() is None
        assert bench.sick.lines.clocks - clocks <= 10
        assert bench.bus.faults == n


def test_a_chip_that_is_gone_costs_one_look_at_the_lines_in_three():
    bench = Bench(Lis3dh, Lis3dhChip)
    bench.sick.fault = sick_bus.NACK
    for _ in range(9):
        assert bench.second() is None
    assert (bench.bus.faults, bench.bus.cleared) == (9, 3)


def test_the_sampler_counts_each_error_and_takes_nothing_in():
    for driver, chip in ACCELEROMETERS:
        for light_driver, light_chip in LIGHTS:
            moves, light = Bench(driver, chip), Bench(light_driver, light_chip)
            sampler = Sampler(moves.driver, light.driver, None, None, None)
            sampler._start_sensors()
            moves.sick.fault = light.sick.fault = sick_bus.NACK
            for second in range(1, 6):
                moves.time.ms += 1000
                assert sampler._burst() == 0
                assert sampler.faults == second
            light.time.ms += 5000
            sampler._read_light()
            assert sampler.faults == 6
            sampler._activity.end_epoch()
            assert sampler._activity.valid_s == 0
            assert sampler._activity.light_mlx == NO_LIGHT_MLX


def test_the_bus_passes_on_what_it_is_given():
    bench = Bench(Bh1750, Bh1750Chip)
    bench.world.mlx = 250_000
    for _ in range(3):
        bench.reading()
    assert abs(bench.reading() - 250_000) < 300
    assert bench.bus.faults == 0 and bench.opened == 1
