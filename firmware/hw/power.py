"""The board's power port: sleep between what is due, and an end before the cell is empty.

Between two steps asyncio asks its queue to wait until the next is due. `Power` stands in that
place, counts how long the program ran, and puts an ESP32 into light sleep where nothing forbids it:

- the radio has to be off: light sleep loses a connection and stops advertising (micropython#6396),
  and between windows nobody is to find the device anyway
- the lamp has to be dark: PWM stands still in light sleep
- the button has to be up: it is what wakes, by its level. Awake, it is looked at
- a console on the chip's own USB goes away in light sleep; none for the first five minutes of a
  program, which is the time to get at the board over the cable

Where a board has no `sleep` the queue's own wait stays: the processor stands still until the next
interrupt, the clocks run on. So on the Pico W, where light sleep breaks the radio (#16181).
"""

import asyncio
import time
from asyncio import core  # pyright: ignore[reportAttributeAccessIssue] - not in the stubs

import machine
from micropython import const

_POLL_MS = const(20)  # a press lasts 50 and more
_LEAST_MS = const(15)  # less is not worth the way into sleep and out of it
_AWAKE_FIRST_MS = const(300_000)
_LOOK_MS = const(10_000)
LOW_MV = const(3300)
LOOKS = const(6)  # a minute: the radio pulls a cell down for a moment
OFF_MS = const(3_600_000)  # then it is looked at again: it may hang on a charger


class WakePin:
    """The pin of a button that wakes the chip: looked at, as its interrupts may be had for waking
    alone (hw.sleep_esp32). `value` and `irq` as hw.button.Button wants them.
    """

    def __init__(self, pin):
        self.pin = pin
        self._handler = None
        self._level = 1

    def value(self):
        return self.pin.value()

    def irq(self, handler):
        self._handler = handler

    def look(self):
        """Tell of an edge since the last look."""
        level = self.pin.value()
        if level != self._level and self._handler is not None:
            self._level = level
            self._handler(self)


class Power:
    """`begin(ledger)` before the loop runs; `wait_off` returns when the cell is nearly empty (or
    never); `off` after all is saved: sleeps, and starts anew after an hour; `restart`: at once.

    radio: hw.radio.Radio. battery_mv: 0 not known. pin: a WakePin, None where the button has its
    interrupt. sleep(ms): into light sleep, woken by the pin; None: the board must not. let_go():
    gives up the supply, where a board can.
    """

    def __init__(self, radio, battery_mv, pin=None, sleep=None, let_go=None):
        self._radio = radio
        self._pin = pin
        self._battery_mv = battery_mv
        self._sleep = sleep
        self._let_go = let_go
        self._ledger = None
        self._io = None
        self._began_ms = 0
        self._is_young = True
        self._woke_us = 0

    def begin(self, ledger):
        self._ledger = ledger
        self._began_ms = time.ticks_ms()
        self._woke_us = time.ticks_us()
        self._io = core._io_queue
        core._io_queue = self

    def __getattr__(self, name):
        return getattr(self._io, name)

    def wait_io_event(self, dt):
        """Wait until something comes in, or `dt` ms have passed (-1: no matter how long)."""
        self._ledger.awake(time.ticks_diff(time.ticks_us(), self._woke_us))
        try:
            if dt >= _LEAST_MS and self._may_sleep():
                self._io.wait_io_event(0)  # what has come in already goes first
                if not self._has_news():
                    self._sleep(dt)
                    self._pin.look()
            else:
                if self._pin is not None:
                    self._pin.look()
                    if not 0 <= dt <= _POLL_MS:
                        dt = _POLL_MS  # asyncio waits on for what is left
                self._io.wait_io_event(dt)
        finally:
            self._woke_us = time.ticks_us()

    def _has_news(self):
        task = core._task_queue.peek()
        return task is not None and core.ticks_diff(task.ph_key, core.ticks()) <= 0

    def _may_sleep(self):
        if self._sleep is None or self._ledger.is_lit or not self._pin.value():
            return False
        if self._is_young:
            if time.ticks_diff(time.ticks_ms(), self._began_ms) < _AWAKE_FIRST_MS:
                return False
            self._is_young = False  # for good: the ticks wrap
        return self._radio.rest()

    async def wait_off(self):
        low = 0
        while low < LOOKS:
            mv = self._battery_mv()
            low = low + 1 if 0 < mv < LOW_MV else 0
            await asyncio.sleep_ms(_LOOK_MS)

    def restart(self):
        """Start anew at once, as after an update. Does not return on a chip."""
        machine.reset()

    def off(self):
        """Does not return on a chip."""
        if self._let_go is not None:
            self._let_go()
        machine.deepsleep(OFF_MS)
