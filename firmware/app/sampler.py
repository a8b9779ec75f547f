"""Reads the sensors on time: one accelerometer burst a second, light every 5 s, an epoch a minute.

Nothing in the second's path allocates.
"""

import asyncio

from biocore.activity import WINDOW_S, Activity
from biocore.record import EPOCH_S
from biocore.wear import Wear


class Sampler:
    """Runs for ever; calls `on_epoch(start_utc_s, uptime_s, activity, still_hour, overrun)`.

    Epochs start on whole UTC minutes once the clock is set, else on whole minutes of uptime.
    `faults` counts reads that a sensor did not answer: the samples are missing then, and the
    epoch's valid_s says so.
    """

    def __init__(self, accelerometer, light, timekeeper, on_epoch):
        self._accelerometer = accelerometer
        self._light = light
        self._time = timekeeper
        self._on_epoch = on_epoch
        self._activity = Activity(accelerometer.mg_shift)
        self._wear = Wear()
        self.faults = 0

    async def run(self):
        self._accelerometer.start()
        self._light.start()
        time = self._time
        second = -((-time.utc_s()) % EPOCH_S)  # wait for the minute
        overrun = False
        while True:
            await asyncio.sleep_ms(time.next_second_ms())
            n = self._burst()
            second += 1
            if second <= 0:
                continue
            if self._accelerometer.overrun:
                overrun = True
            if n:
                self._activity.add(self._accelerometer.buffer, n)
            if second % WINDOW_S == 0:
                self._activity.end_window()
                self._read_light()
            if second == EPOCH_S:
                second = 0
                self._end_epoch(overrun)
                overrun = False

    def _burst(self):
        try:
            return self._accelerometer.read()
        except OSError:
            self.faults += 1
            return 0

    def _read_light(self):
        try:
            mlx = self._light.read()
        except OSError:
            self.faults += 1
            return
        if mlx >= 0:
            self._activity.add_light(mlx)

    def _end_epoch(self, overrun):
        activity = self._activity
        activity.end_epoch()
        still_hour = self._wear.step(activity.state)
        utc_s = self._time.utc_s()
        start_utc_s = (utc_s + EPOCH_S // 2) // EPOCH_S * EPOCH_S - EPOCH_S if utc_s else 0
        uptime_s = self._time.uptime_s - EPOCH_S
        self._on_epoch(start_utc_s, uptime_s, activity, still_hour, overrun)
