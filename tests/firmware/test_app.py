"""The rooms of the app in virtual time, on the fake chips of the simulated board."""

import asyncio

from app.buttons import Buttons
from app.indicator import Indicator
from app.ledger import Ledger
from app.settings import DEFAULTS, Settings, from_text
from app.timekeeper import Timekeeper
from biocore.lamp import FOCUS
from biocore.record import MARK_SHARP, MARK_STRIP, MARK_TIRED
from drivers.rgb_pwm import RgbPwm
from hw.button import Button
from sim.pins import Pin, Pwm
from sim.virtual_time import Clock, VirtualTime

NOON = 1763031600  # 2025-11-13 11:00 UTC, 12:00 in Haarlem
TIME = VirtualTime(free=True)
TIME.install()


class Tracker:
    """Notes what the button says; the real one needs a journal and an hour of epochs."""

    lamp = FOCUS

    def __init__(self):
        self.marks = []

    def mark(self, bit):
        self.marks.append(bit)


class Wrist:
    def __init__(self, utc_s=NOON, text=""):
        # Clock counts from the start of virtual time, which other tests have moved on already.
        clock = Clock(TIME, utc_s - TIME.now_ms() // 1000 if utc_s else 0)
        self.settings = Settings(text)
        time = Timekeeper(clock, self.settings)
        self.pin = Pin()
        self.pwm = (Pwm(), Pwm(), Pwm())
        self.tracker = Tracker()
        self.ledger = Ledger()
        self.indicator = Indicator(
            RgbPwm(*self.pwm), time, self.settings, self.tracker, self.ledger
        )
        self.settings.on_change = self.indicator.look
        self.presses = 0
        self.wipes = 0
        self.buttons = Buttons(
            Button(self.pin, clock), time, self.tracker, self.indicator, self, self
        )
        self.channel = 2  # blue
        self.brightest = 0
        self.steepest = 0
        self.lit_ms = []  # when it lit up

    def press(self):
        self.presses += 1

    def ask(self):
        self.wipes += 1

    async def live(self, moments, ms):
        running = [asyncio.create_task(room.run()) for room in (self.buttons, self.indicator)]
        watching = asyncio.create_task(self.watch())
        now = 0
        for at, level in moments:
            await asyncio.sleep_ms(at - now)
            now = at
            self.pin.drive(level)
        await asyncio.sleep_ms(ms - now)
        for task in running:
            task.cancel()
        watching.cancel()

    async def watch(self):
        last = 0
        while True:
            duty = self.pwm[self.channel].duty
            level = int(duty**0.5 + 0.5)
            self.brightest = max(self.brightest, duty)
            self.steepest = max(self.steepest, abs(level - last))
            if level and not last:
                self.lit_ms.append(TIME.now_ms())
            last = level
            await asyncio.sleep_ms(20)


def press(at, count, held=120):
    moments = []
    for _ in range(count):
        moments += [(at, 0), (at + held, 1)]
        at += held + 200
    return moments


def test_a_short_press_shows_the_state_and_leaves_no_mark():
    wrist = Wrist()
    asyncio.run(wrist.live(press(100, 1), 5000))
    assert wrist.tracker.marks == []
    assert wrist.brightest == 0xB2 * 0xB2  # the blue of focus
    assert [c.duty for c in wrist.pwm] == [0, 0, 0]  # and out again


def test_two_three_and_long_presses_are_marks():
    wrist = Wrist()
    moments = press(100, 2) + press(5000, 3) + press(10000, 1, held=2500)
    asyncio.run(wrist.live(moments, 20000))
    assert wrist.tracker.marks == [MARK_SHARP, MARK_TIRED, MARK_STRIP]


def test_ten_seconds_ask_for_a_wipe_in_a_pause_too_and_not_in_the_dark_hours():
    wrist = Wrist()
    asyncio.run(wrist.live(press(100, 1, held=10_500), 20_000))
    assert wrist.wipes == 1 and wrist.tracker.marks == [] and wrist.presses == 0
    asyncio.run(wrist.live(press(100, 1, held=9_500), 20_000))
    assert wrist.wipes == 1 and wrist.tracker.marks == [MARK_STRIP]
    wrist = Wrist(text='{"paused_until_utc_s": %d}' % (NOON + 86400))
    asyncio.run(wrist.live(press(100, 1, held=10_500), 20_000))
    assert wrist.wipes == 1
    wrist = Wrist(utc_s=NOON + 11 * 3600)  # 23:00
    asyncio.run(wrist.live(press(100, 1, held=10_500), 20_000))
    assert wrist.wipes == 0


def test_however_one_presses_the_lamp_stays_within_its_limits():
    wrist = Wrist()
    moments = []
    for i in range(12):
        moments += press(100 + 600 * i, 1)
    asyncio.run(wrist.live(moments, 20000))
    assert len(wrist.lit_ms) >= 3
    assert (
        min([wrist.lit_ms[i + 1] - wrist.lit_ms[i] for i in range(len(wrist.lit_ms) - 1)]) >= 1000
    )
    # 0xB2 in no less than 200 ms, looked at every 20 ms, shown every 40 ms
    assert wrist.steepest <= 0xB2 * 60 // 200
    assert wrist.presses == 12


def test_switched_off_in_the_middle_of_a_pattern_it_is_dark():
    wrist = Wrist()

    async def main():
        await wrist.live(press(100, 1), 1400)
        await asyncio.sleep_ms(10)

    asyncio.run(main())
    assert wrist.brightest > 0
    assert [c.duty for c in wrist.pwm] == [0, 0, 0]


def test_ten_seconds_is_kept_for_wiping():
    wrist = Wrist()
    asyncio.run(wrist.live(press(100, 1, held=11000), 20000))
    assert wrist.tracker.marks == []


def test_dark_at_night_whatever_is_pressed_but_marks_count():
    wrist = Wrist(NOON + 10 * 3600)  # 22:00 in Haarlem
    asyncio.run(wrist.live(press(100, 1) + press(4000, 2), 9000))
    assert wrist.brightest == 0
    assert wrist.tracker.marks == [MARK_SHARP]


def test_a_clock_that_was_never_set_is_not_night():
    wrist = Wrist(0)
    asyncio.run(wrist.live(press(100, 1), 5000))
    assert wrist.brightest > 0


def test_a_second_is_a_second_however_late_the_work():
    clock = Clock(TIME, NOON)
    time = Timekeeper(clock, Settings(""))
    start = clock.ticks_ms()

    async def seconds():
        for n in range(1, 11):
            await asyncio.sleep_ms(time.next_second_ms() + (300 if n % 3 == 0 else 0))

    asyncio.run(seconds())
    assert time.uptime_s == 10
    assert (clock.ticks_ms() - start) & ((1 << 30) - 1) == 10000


def test_settings_survive_nonsense():
    assert from_text("{") == DEFAULTS
    assert from_text("[1]") == DEFAULTS
    assert from_text('{"utc_offset_min": "x", "other": 1}') == DEFAULTS
    assert from_text('{"utc_offset_min": 120}')["utc_offset_min"] == 120


def test_dark_time_across_midnight_and_within_a_day():
    def dark(text, utc_s):
        return Timekeeper(Clock(TIME, utc_s), Settings(text)).is_dark_time()

    now = TIME.now_ms() // 1000
    assert dark("", NOON + 12 * 3600 - now)
    assert not dark("", NOON - now)
    assert dark('{"dark_from_min": 660, "dark_until_min": 780}', NOON - now)
    assert not dark('{"dark_from_min": 0, "dark_until_min": 0}', NOON - now)
