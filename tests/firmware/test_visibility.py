"""When the device can be found, in virtual time."""

import asyncio

from app.guard import FAILURES, Guard
from app.settings import Settings
from app.timekeeper import Timekeeper
from app.visibility import PRESS_S, SCHEDULE_S, SCHEDULED_S, Visibility
from biocore.crypto import advertising_tag
from sim.virtual_time import Clock, VirtualTime

TIME = VirtualTime(free=True)
TIME.install()
KEY = bytes(range(32))
NOON = 1763031600


class Radio:
    def __init__(self):
        self.tag = None
        self.tags = []
        self.seconds = 0
        self.at = []  # second in which each window opened

    def start(self, tag):
        self.tag = tag
        self.tags.append(tag)

    def quiet(self):
        self.tag = None


class Chance:
    """A salt is another each time; the moment of the next window goes all over its range."""

    n = 0

    def __call__(self, size):
        self.n += 1
        return (self.n * 40503 & 0xFFFF).to_bytes(size, "big")


def live(seconds, utc_s=NOON, key=KEY, presses=(), fail=False):
    """Run for so long; return the radio, which counted the seconds it could be found."""
    clock = Clock(TIME, utc_s - TIME.now_ms() // 1000)
    time = Timekeeper(clock, Settings(""))
    guard = Guard(time.ticks_ms)
    radio = Radio()
    visibility = Visibility(radio, time, guard, key, Chance())
    for _ in range(FAILURES if fail else 0):
        guard.failed()

    async def main():
        task = asyncio.create_task(visibility.run())
        for second in range(seconds):
            if second in presses:
                visibility.press()
            await asyncio.sleep_ms(1000)
            radio.seconds += radio.tag is not None
            if radio.tag is not None and len(radio.tags) > len(radio.at):
                radio.at.append(second)
        task.cancel()

    asyncio.run(main())
    return radio


def near(seconds, expected):
    return abs(seconds - expected) <= 2


def test_nobody_finds_it_between_the_windows():
    assert live(800, NOON + 60).seconds == 0


def test_a_press_opens_a_minute():
    radio = live(300, NOON + 60, presses=(10,))
    assert near(radio.seconds, PRESS_S)
    assert len(radio.tags) == 1


def test_pressing_again_makes_it_longer_under_the_same_tag():
    radio = live(300, NOON + 60, presses=(10, 50))
    assert near(radio.seconds, PRESS_S + 40)
    assert len(radio.tags) == 1


def test_about_every_half_hour_by_day_with_a_new_tag_and_never_on_the_clock():
    radio = live(9 * 3600, NOON - 5 * 3600)
    n = len(radio.tags)
    assert 16 <= n <= 20 and len(set(radio.tags)) == n
    assert abs(radio.seconds - n * SCHEDULED_S) <= 2 * n
    for tag in radio.tags:
        assert tag == advertising_tag(KEY, tag[:3])
    gaps = [radio.at[i + 1] - radio.at[i] for i in range(n - 1)]
    assert min(gaps) >= SCHEDULE_S // 2 and max(gaps) <= 3 * SCHEDULE_S // 2 + SCHEDULED_S + 2
    assert max(gaps) - min(gaps) >= SCHEDULE_S // 2
    assert len(set([at % 900 // 60 for at in radio.at])) >= 8


def test_not_at_night_but_a_press_counts():
    radio = live(3600, NOON + 11 * 3600, presses=(100,))
    assert near(radio.seconds, PRESS_S)


def test_closed_after_failed_proofs():
    assert live(50, NOON + 60, presses=(5,), fail=True).seconds == 0


def test_without_a_key_the_tag_says_nothing():
    radio = live(100, NOON + 60, key=None, presses=(5,))
    assert radio.tags and radio.tags[0] != advertising_tag(KEY, radio.tags[0][:3])
