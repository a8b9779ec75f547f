"""Hours with a sensor that is dead: no hang, epochs that say so, a lamp that says it does not know,
faults counted by kind; and all is well again when the sensor is."""

import asyncio

from worn_board import Board  # first: it keeps room for a flash

# isort: split
from app.device import Device
from biocore import message, page
from biocore.lamp import UNKNOWN
from biocore.record import NO_LIGHT_MLX
from sim.sick_bus import NACK, STRETCH, ZEROS
from sim.virtual_time import VirtualTime

TIME = VirtualTime(free=True)
TIME.install()
START = 1763031600
HOUR_MS = 3_600_000
LIGHT, VALID = 3, 7  # in a record: see biocore.record.EPOCH_FIELDS


def epochs(journal):
    """[(light_mlx, valid_s)] of each epoch stored, in order."""
    found = []
    one = bytearray(page.PAGE_BYTES)
    sequence = journal.read_into(0, one)
    while sequence >= 0:
        found += [(record[LIGHT], record[VALID]) for _, record in page.records(one)]
        sequence = journal.read_into(sequence + 1, one)
    return found


def names():
    return [row[0] for row in message.FIELDS[message.STATUS]]


def status(device):
    told = message.decode(message.encode(message.STATUS, *device.desk.status()))[1]
    return dict(zip(names(), told))  # noqa: B905, MicroPython has no strict


def live_hours(fault, which, hours=3):
    """An hour well, `hours` with a sensor dead, an hour well again."""
    board = Board(TIME, START)
    device = Device(board)
    lamps = []
    counts = []

    async def main():
        task = asyncio.create_task(device.run())
        await asyncio.sleep_ms(HOUR_MS)
        counts.append(status(device))
        board.buses[which].fault = fault
        await asyncio.sleep_ms(120_000)
        for _ in range(60 * hours - 2):
            await asyncio.sleep_ms(60_000)
            lamps.append(device.tracker.lamp)
        counts.append(status(device))
        board.buses[which].fault = None
        await asyncio.sleep_ms(HOUR_MS)
        counts.append(status(device))
        board.power.go()
        await task

    asyncio.run(main())
    return board, device, lamps, counts


def test_a_dead_accelerometer_for_hours():
    for fault in (NACK, STRETCH, ZEROS):
        board, device, lamps, (before, after, again) = live_hours(fault, 0)
        assert board.power.is_off
        assert lamps == [UNKNOWN] * len(lamps)
        valid = [v for _, v in epochs(device.journal)]
        assert 298 <= len(valid) <= 300, len(valid)  # not one minute is missing
        assert min(valid[1:59]) >= 58, valid[:60]
        dead = [i for i, v in enumerate(valid) if v == 0]
        assert dead == list(range(dead[0], dead[-1] + 1)) and 177 <= len(dead) <= 181, len(dead)
        assert min(valid[dead[-1] + 3 : -1]) >= 58, (fault, valid[dead[-1] - 1 :])  # it came back
        light = [mlx for mlx, _ in epochs(device.journal)]
        assert NO_LIGHT_MLX not in light[1:-1], light  # the other sensor is none the worse
        assert before["accelerometer_faults"] == 0
        assert after["accelerometer_faults"] > 100 and after["light_faults"] == 0
        assert after["faults"] == after["accelerometer_faults"]
        assert again["accelerometer_faults"] <= after["accelerometer_faults"] + 2
        assert board.watchdog.longest_ms <= 2000  # no hang
        told = again["epochs"], again["uptime_s"]
        assert told[0] == len(valid) and told[1] >= 5 * 3600 - 2, (told, len(valid))


def test_a_dead_light_sensor_for_hours():
    board, device, _, (before, after, again) = live_hours(NACK, 1)
    found = epochs(device.journal)
    assert min([v for _, v in found][1:-1]) >= 58
    dark = [i for i, (mlx, _) in enumerate(found) if mlx == NO_LIGHT_MLX]
    assert 177 <= len([i for i in dark if 0 < i < len(found) - 1]) <= 181
    assert before["light_faults"] == 0 and after["light_faults"] > 100
    assert after["accelerometer_faults"] == 0
    assert again["light_faults"] <= after["light_faults"] + 2
    assert board.watchdog.longest_ms <= 2000


def test_the_watchdogs_starts_are_counted_over_the_devices_life():
    board = Board(TIME, START)
    flash = board.flash
    assert status(Device(board))["watchdog_restarts"] == 0
    for n, cause in enumerate((3, 1, 3, 3, 2)):
        board = Board(TIME, START, flash)
        board.cause = cause
        told = status(Device(board))
        assert told["restart"] == cause
        assert told["watchdog_restarts"] == (1, 1, 2, 3, 3)[n]
