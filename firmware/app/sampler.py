"""Reads the sensors on time: one accelerometer burst a second, light every 5 s, an epoch a minute.

Nothing in the second's path allocates.
"""

import asyncio

from biocore.activity import WINDOW_S, Activity
from biocore.record import EPOCH_S
from biocore.wear import Wear


def _nothing(late_ms):
    pass


class Sampler:
    """Runs for ever; calls `on_epoch(start_utc_s, uptime_s, activity, still_hour, overrun)`.

    While the student pauses nothing is read, and `on_rest()` is called each second instead. A
    minute that a pause falls into is no epoch.
    Epochs start on whole UTC minutes once the clock is set, else on whole minutes of uptime.
    `accelerometer_faults` and `light_faults` count starts and reads that a sensor did not answer:
    the samples are missing then, and the epoch's valid_s says so. `bursts`, `light_reads` and
    `epochs` count what was done. `on_second(late_ms)` is called each second, in a pause too: how
    late we are.
    """

    def __init__(self, accelerometer, light, timekeeper, on_epoch, on_rest, on_second=_nothing):
        self._accelerometer = accelerometer
        self._light = light
        self._time = timekeeper
        self._on_epoch = on_epoch
        self._on_rest = on_rest
        self._on_second = on_second
        self.accelerometer_faults = 0
        self.light_faults = 0
        self.bursts = 0
        self.light_reads = 0
        self.epochs = 0
        self._begin()

    @property
    def faults(self):
        """All of them."""
        return self.accelerometer_faults + self.light_faults

    def _begin(self):
        """Nothing measured before counts: not for this minute, nor for the hour of non-wear."""
        self._activity = Activity(self._accelerometer.mg_shift)
        self._wear = Wear()
        self._stopped = [self._accelerometer, self._light]  # sensors that have yet to start

    async def run(self):
        while True:
            if not self._time.is_paused():
                self._start_sensors()
                await self._until_pause()
                self._begin()
            self._on_rest()
            await asyncio.sleep_ms(self._time.next_second_ms())
            self._on_second(self._time.late_ms)

    async def _until_pause(self):
        time = self._time
        times_set = time.times_set
        second = self._to_the_minute()
        overrun = False
        while True:
            await asyncio.sleep_ms(time.next_second_ms())
            self._on_second(time.late_ms)
            if time.is_paused():
                return
            n = self._burst()
            second += 1
            if times_set != time.times_set:
                times_set = time.times_set
                if self._is_out_of_step(second):
                    self._activity.end_epoch()  # a minute of the old clock: it has no place
                    second = self._to_the_minute()
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

    def _start_sensors(self):
        """Start what has not started; tried again each minute. The epoch says what is missing."""
        for sensor in list(self._stopped):
            try:
                sensor.start()
                self._stopped.remove(sensor)
            except OSError:
                if sensor is self._accelerometer:
                    self.accelerometer_faults += 1
                else:
                    self.light_faults += 1

    def _to_the_minute(self):
        """Seconds until the next minute begins, as a negative number; 0 where there is no clock."""
        return -((-self._time.utc_s()) % EPOCH_S)

    def _is_out_of_step(self, second):
        """Whether second `second` of our minute is another one by the clock (2 s are let pass)."""
        late = (self._time.utc_s() - second + EPOCH_S // 2) % EPOCH_S - EPOCH_S // 2
        return late > 2 or late < -2

    def _burst(self):
        if self._accelerometer in self._stopped:
            return 0
        self.bursts += 1
        try:
            return self._accelerometer.read()
        except OSError:
            self.accelerometer_faults += 1
            return 0

    def _read_light(self):
        if self._light in self._stopped:
            return
        self.light_reads += 1
        try:
            mlx = self._light.read()
        except OSError:
            self.light_faults += 1
            return
        if mlx >= 0:
            self._activity.add_light(mlx)

    def _end_epoch(self, overrun):
        activity = self._activity
        activity.end_epoch()
        self.epochs += 1
        still_hour = self._wear.step(activity.state)
        utc_s = self._time.utc_s()
        start_utc_s = (utc_s + EPOCH_S // 2) // EPOCH_S * EPOCH_S - EPOCH_S if utc_s else 0
        uptime_s = self._time.uptime_s - EPOCH_S
        self._on_epoch(start_utc_s, uptime_s, activity, still_hour, overrun)
        if self._stopped:
            self._start_sensors()
