"""The watchdog: fed by the sampler while it is on time, by nobody else while the program runs."""

import asyncio

import machine
from app.device import LATE_MS
from app.sampler import Sampler
from app.settings import Settings
from app.timekeeper import Timekeeper
from hw.watchdog import START_FEEDS, TIMEOUT_MS, Watchdog, restart_cause
from sim.virtual_time import Clock, VirtualTime

TIME = VirtualTime(free=True)
TIME.install()


class Accelerometer:
    mg_shift = 4
    overrun = False
    buffer = bytearray(32 * 6)

    def start(self):
        pass

    def read(self):
        return 25


class Light:
    def start(self):
        pass

    def read(self):
        return -1


def wrist():
    """A sampler that feeds a watchdog as app.device has it; returns (sampler, machine's WDT)."""
    machine.unsolder()
    machine.solder("now_ms", TIME.now_ms)
    watchdog = Watchdog(0)

    def on_second(late_ms):
        if late_ms < LATE_MS:
            watchdog.feed()

    clock = Clock(TIME, 1763031600 - TIME.now_ms() // 1000)
    timekeeper = Timekeeper(clock, Settings(""))

    def nothing(*_):
        pass

    return Sampler(Accelerometer(), Light(), timekeeper, nothing, nothing, on_second), watchdog


def run(seconds, *others):
    sampler, watchdog = wrist()

    async def main():
        tasks = [asyncio.create_task(sampler.run())]
        tasks += [asyncio.create_task(other()) for other in others]
        await asyncio.sleep_ms(seconds * 1000)
        for task in tasks:
            task.cancel()

    asyncio.run(main())
    (wdt,) = machine.watchdogs
    return sampler, watchdog, wdt


def hold_up(ms):
    """A piece of work that does not let go of the processor for so long."""
    TIME._now += ms


def test_on_time_it_is_fed_each_second():
    sampler, _, wdt = run(600)
    assert sampler.bursts >= 598 and wdt.n_fed >= 598, (sampler.bursts, wdt.n_fed)
    assert wdt.timeout == TIMEOUT_MS <= 8388
    assert not wdt.has_bitten(TIME.now_ms())


def test_a_pause_is_no_reason_to_bite():
    machine.unsolder()
    machine.solder("now_ms", TIME.now_ms)
    watchdog = Watchdog(0)
    clock = Clock(TIME, 1763031600 - TIME.now_ms() // 1000)
    settings = Settings("")
    settings.put("paused_until_utc_s", 1763031600 + 400_000)
    rests = []
    sampler = Sampler(
        Accelerometer(),
        Light(),
        Timekeeper(clock, settings),
        None,
        lambda: rests.append(1),
        lambda late_ms: watchdog.feed(),
    )

    async def main():
        task = asyncio.create_task(sampler.run())
        await asyncio.sleep_ms(60_000)
        task.cancel()

    asyncio.run(main())
    assert len(rests) >= 59 and sampler.bursts == 0
    assert not machine.watchdogs[0].has_bitten(TIME.now_ms())


def test_work_that_holds_everything_up_for_two_seconds_is_let_pass():
    async def busy():
        for _ in range(20):
            await asyncio.sleep_ms(10_000)
            hold_up(2000)

    _, _, wdt = run(300, busy)
    assert not wdt.has_bitten(TIME.now_ms())


def test_a_task_that_never_lets_go_gets_no_feed():
    async def stuck():
        await asyncio.sleep_ms(30_000)
        assert not machine.watchdogs[0].has_bitten(TIME.now_ms())
        hold_up(TIMEOUT_MS + 1000)

    _, _, wdt = run(60, stuck)
    assert wdt.longest_ms > TIMEOUT_MS


def test_a_sampler_that_falls_behind_for_good_is_not_fed():
    async def hog():  # leaves less than a second of work a second
        while True:
            await asyncio.sleep_ms(0)
            hold_up(1500)

    _, _, wdt = run(120, hog)
    assert wdt.has_bitten(TIME.now_ms())
    assert TIME.now_ms() - wdt.last_ms > 60_000


def by_timer(timer, times):
    """The timer rings, as long as it does."""
    for _ in range(times):
        hold_up(timer.period)
        if timer.callback is not None:
            timer.callback(timer)


def begun():
    machine.unsolder()
    machine.solder("now_ms", TIME.now_ms)
    watchdog = Watchdog(-1)
    (timer,), (wdt,) = machine.timers, machine.watchdogs
    assert timer.number == -1 and timer.period < TIMEOUT_MS
    return watchdog, timer, wdt


def test_a_start_of_minutes_is_not_bitten_and_one_that_hangs_is():
    """The watchdog of the program before a soft reset runs on: this one feeds it from the start."""
    _, timer, wdt = begun()
    by_timer(timer, START_FEEDS)
    assert 500_000 < START_FEEDS * timer.period < 700_000
    assert not wdt.has_bitten(TIME.now_ms())
    by_timer(timer, 10)
    assert wdt.has_bitten(TIME.now_ms())


def test_once_the_program_runs_the_timer_feeds_no_more():
    watchdog, timer, wdt = begun()
    by_timer(timer, 3)
    watchdog.feed()
    by_timer(timer, 10)
    assert wdt.has_bitten(TIME.now_ms())


def test_who_takes_the_board_over_by_cable_is_not_bitten():
    for feeds in (0, 5):
        watchdog, timer, wdt = begun()
        for _ in range(feeds):
            watchdog.feed()
        watchdog.release()
        watchdog.release()
        by_timer(timer, 2 * START_FEEDS)
        assert not wdt.has_bitten(TIME.now_ms())


def test_what_started_the_chip():
    for cause, code in (
        (machine.PWRON_RESET, 1),
        (machine.HARD_RESET, 2),
        (machine.SOFT_RESET, 2),
        (machine.WDT_RESET, 3),
        (machine.DEEPSLEEP_RESET, 4),
        (99, 0),
    ):
        machine.solder("reset_cause", cause)
        assert restart_cause() == code
    machine.unsolder()
