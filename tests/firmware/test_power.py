"""The power port of real boards: when the chip sleeps, what wakes it, and how it ends."""

import asyncio
import time
from asyncio import core

import esp32
import machine
from app.ledger import Ledger
from hw.button import Button
from hw.power import LOOKS, LOW_MV, OFF_MS, Power, WakePin
from hw.sleep_esp32 import light_sleep
from sim.virtual_time import VirtualTime

REAL_IO = core._io_queue
REAL_TICKS = core.ticks


class Radio:
    """`rest()` as hw.radio has it, without a stack."""

    is_wanted = False
    rests = 0

    def rest(self):
        self.rests += 1
        return not self.is_wanted


class Chip:
    """A board's parts in virtual time; light sleep passes that."""

    def __init__(self, sleeps=True, mv=3900, by_gpio=False):
        machine.unsolder()
        esp32.has_wake_on_gpio(by_gpio)
        core._io_queue = REAL_IO
        self.time = VirtualTime(free=True)
        self.time.install()
        self.events = []  # (ms, level): what a finger does, asleep or awake
        machine.solder("sleep", self.sleep)
        self.raw = machine.Pin(3, machine.Pin.IN, machine.Pin.PULL_UP)
        self.pin = WakePin(self.raw)
        self.button = Button(self.pin, self.time)
        self.radio = Radio()
        self.mv = mv
        sleep = light_sleep(self.raw, 1) if sleeps else None
        self.power = Power(self.radio, lambda: self.mv, self.pin, sleep)
        self.ledger = Ledger()
        self.power.begin(self.ledger)

    def sleep(self, ms):
        """As a chip: edges are not seen, a low level on the pin ends it."""
        until = self.time.now_ms() + ms
        if self.events and self.events[0][0] <= until:
            at, level = self.events.pop(0)
            self.raw._value = level  # no interrupt: it sleeps
            until = max(at, self.time.now_ms())
        self.time._now += until - self.time.now_ms()

    def old(self):
        """As if the program ran for an hour already."""
        self.power._is_young = False
        return self

    def run(self, what):
        try:
            asyncio.run(what)
        finally:
            core._io_queue = REAL_IO
            core.ticks = REAL_TICKS


async def seconds(n):
    for _ in range(n):
        await asyncio.sleep_ms(1000)


def test_between_two_bursts_it_is_in_light_sleep():
    chip = Chip().old()
    chip.run(seconds(60))
    slept = sum([ms for kind, ms in machine.slept])
    assert 59_000 <= slept <= 60_000, slept
    assert chip.time.now_ms() >= 60_000


def test_not_with_the_radio_or_the_lamp_on_nor_in_the_first_minutes():
    chip = Chip().old()
    chip.radio.is_wanted = True
    chip.run(seconds(10))
    assert machine.slept == [] and chip.radio.rests >= 10
    chip = Chip().old()
    chip.ledger.is_lit = True
    chip.run(seconds(10))
    assert machine.slept == []
    chip = Chip()
    chip.run(seconds(10))
    assert machine.slept == []
    chip = Chip(sleeps=False).old()
    chip.run(seconds(10))
    assert machine.slept == []


def test_short_waits_are_no_reason_to_sleep():
    chip = Chip().old()

    async def busy():
        for _ in range(100):
            await asyncio.sleep_ms(10)

    chip.run(busy())
    assert machine.slept == []


def test_a_press_ends_the_sleep_and_is_felt():
    for by_gpio in (False, True):
        chip = Chip(by_gpio=by_gpio).old()
        felt = []

        async def press(chip=chip, felt=felt):
            others = asyncio.create_task(seconds(20))
            chip.events = [(chip.time.now_ms() + 2300, 0)]
            began = chip.time.now_ms()
            await chip.button.wait(-1)
            felt.append((chip.button.next_edge()[0], chip.time.now_ms() - began))
            n = len(machine.slept)
            await asyncio.sleep_ms(500)  # held: the level would wake it again and again
            assert len(machine.slept) == n
            chip.raw.drive(1)
            await chip.button.wait(-1)
            felt.append((chip.button.next_edge()[0], 0))
            others.cancel()

        chip.run(press())
        assert felt == [(True, 2300), (False, 0)], felt
        assert chip.button.next_edge() is None


def test_a_press_is_felt_while_it_is_awake_too():
    for is_busy in (True, False):  # with something due each second, and with nothing due at all
        chip = Chip().old()
        chip.radio.is_wanted = True
        felt = []

        async def press(chip=chip, felt=felt, is_busy=is_busy):
            others = asyncio.create_task(seconds(9) if is_busy else asyncio.Event().wait())
            await asyncio.sleep_ms(330)
            for level in (0, 1):
                chip.raw.drive(level)
                began = chip.time.now_ms()
                await chip.button.wait(-1)
                felt.append((chip.button.next_edge()[0], chip.time.now_ms() - began <= 20))
                await asyncio.sleep_ms(120)
            others.cancel()

        chip.run(press())
        assert felt == [(True, True), (False, True)], felt


def test_after_an_hour_asleep_the_button_is_not_down_for_ever():
    chip = Chip().old()
    chip.run(seconds(100))
    assert chip.pin.value() == 1 and not chip.button.is_pressed()
    assert sum([ms for _, ms in machine.slept]) >= 99_000


def test_what_wakes_is_the_pin_and_without_it_nothing_sleeps():
    machine.unsolder()
    pin = machine.Pin(37, machine.Pin.IN)
    esp32.has_wake_on_gpio(True)
    assert light_sleep(pin, 0) is machine.lightsleep
    assert esp32.wakes_gpio == [(pin, esp32.WAKEUP_ALL_LOW)] and not esp32.wakes
    esp32.has_wake_on_gpio(False)
    assert light_sleep(pin, 0) is not None
    assert esp32.wakes == [(pin, esp32.WAKEUP_ALL_LOW)]
    had = esp32.wake_on_ext0
    del esp32.wake_on_ext0
    try:
        assert light_sleep(pin, 0) is None
    finally:
        esp32.wake_on_ext0 = had


def test_time_awake_is_counted_and_sleep_is_not():
    chip = Chip().old()

    async def work():
        for _ in range(6):
            until = time.ticks_add(time.ticks_ms(), 200)
            while time.ticks_diff(until, time.ticks_ms()) > 0:
                pass
            await asyncio.sleep_ms(1000)

    chip.run(work())
    assert chip.ledger.awake_s == 1, chip.ledger.awake_s


def test_a_cell_that_is_nearly_empty_ends_it_after_a_minute_and_a_dip_does_not():
    chip = Chip(sleeps=False)
    ended = []

    async def live():
        async def off():
            await chip.power.wait_off()
            ended.append(chip.time.now_ms())

        waiting = asyncio.create_task(off())
        await asyncio.sleep_ms(5000)
        for mv in (LOW_MV - 100, 3900, 0, LOW_MV - 1):
            chip.mv = mv
            await asyncio.sleep_ms(40_000)
            assert ended == []
        low_since = chip.time.now_ms() - 40_000
        await asyncio.sleep_ms(60_000)
        assert len(ended) == 1 and 50_000 <= ended[0] - low_since <= 70_000
        await waiting

    chip.run(live())
    assert LOOKS * 10 == 60
    chip.power.off()
    assert machine.slept[-1] == ("deep", OFF_MS)
    chip.power.restart()
    assert machine.slept[-1] == ("reset", 0)
