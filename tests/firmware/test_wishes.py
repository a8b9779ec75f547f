"""What a student decided, on the wrist: a glow, a pause, and what of it outlives whom."""

import asyncio

from app.journal import Journal
from app.sampler import Sampler
from app.settings import Settings
from app.timekeeper import Timekeeper
from app.tracker import Tracker
from biocore import page
from biocore.estimator import Estimator
from biocore.lamp import EASY, UNKNOWN
from biocore.record import MARK_SHARP
from biocore.replay import Elapsed, step_page
from nor_flash import SECTOR, Flash
from sim.virtual_time import Clock
from test_app import NOON, TIME, Wrist, press
from test_snapshots import Random

CELLS = bytearray(8 * SECTOR)  # the heap has no room for one a test
GLOW = '{"glow": 1}'
BLUE = 0xB2
DIM = BLUE * 24 // 255  # the most of the glow


def lived(wrist, moments, ms):
    asyncio.run(wrist.live(moments, ms))
    return wrist


def test_without_the_wish_nothing_glows():
    assert lived(Wrist(), [], 60000).lit_ms == []


def test_a_glow_comes_and_goes_dim_and_slow():
    wrist = lived(Wrist(text=GLOW), [], 60000)
    assert wrist.brightest == DIM * DIM
    gaps = [wrist.lit_ms[i + 1] - wrist.lit_ms[i] for i in range(len(wrist.lit_ms) - 1)]
    assert len(gaps) >= 4 and min(gaps) >= 9000
    assert wrist.steepest <= 1


def test_a_press_ends_the_glow_gently_and_shows_the_state():
    for at in (1200, 3000, 5900):  # in its rise, its middle, its fall
        wrist = lived(Wrist(text=GLOW), press(at, 1), at + 4500)
        assert wrist.brightest == BLUE * BLUE
        assert wrist.steepest <= BLUE * 60 // 200
        lit = wrist.lit_ms
        assert min([lit[i + 1] - lit[i] for i in range(len(lit) - 1)]) >= 1000
        assert wrist.tracker.marks == []


def test_the_wish_is_followed_at_once_both_ways():
    wrist = Wrist()

    async def main():
        living = asyncio.create_task(wrist.live([], 60000))
        await asyncio.sleep_ms(20000)
        assert wrist.lit_ms == []
        wrist.settings.put("glow", 1)
        await asyncio.sleep_ms(2000)
        assert len(wrist.lit_ms) == 1
        wrist.settings.put("glow", 0)
        await living
        assert len(wrist.lit_ms) == 1

    asyncio.run(main())


def test_no_glow_in_the_dark_hours_nor_of_what_is_not_known():
    dark = Wrist(NOON + 10 * 3600, GLOW)  # 22:00 in Haarlem
    assert lived(dark, [], 120000).lit_ms == []
    unknown = Wrist(text=GLOW)
    unknown.tracker.lamp = UNKNOWN
    assert lived(unknown, [], 120000).lit_ms == []


def test_it_glows_again_when_the_dark_hours_end():
    wrist = lived(Wrist(NOON + 19 * 3600 - 90, GLOW), [], 180000)  # 06:58:30 in Haarlem
    assert wrist.lit_ms and wrist.lit_ms[0] - TIME.now_ms() >= -90000


def test_each_state_glows_in_its_own_way():
    wrist = Wrist(text=GLOW)
    wrist.tracker.lamp = EASY
    wrist.channel = 0  # red
    lived(wrist, [], 7000)
    assert len(wrist.lit_ms) == 2  # two slow pulses


def test_in_a_pause_a_press_makes_visible_and_nothing_else():
    until = NOON + 3600
    wrist = Wrist(text='{"glow": 1, "paused_until_utc_s": %d}' % until)
    lived(wrist, press(100, 1) + press(3000, 2) + press(8000, 1, held=2500), 20000)
    assert wrist.presses == 3
    assert wrist.tracker.marks == [] and wrist.lit_ms == []


def paused(text, utc_s):
    return Timekeeper(Clock(TIME, utc_s), Settings(text)).is_paused()


def test_a_pause_ends_when_it_is_over_and_not_while_nobody_knows_the_time():
    now = TIME.now_ms() // 1000
    assert not paused("", NOON - now)
    assert paused('{"paused_until_utc_s": %d}' % (NOON + 1), NOON - now)
    assert not paused('{"paused_until_utc_s": %d}' % NOON, NOON - now)
    assert paused('{"paused_until_utc_s": 1000}', 0)


class Sensor:
    """Counts what is read; a second brings 25 samples of a hand that moves."""

    mg_shift = 0
    overrun = False

    def __init__(self):
        self.buffer = bytearray(150)
        self.starts = 0
        self.reads = 0

    def start(self):
        self.starts += 1

    def read(self):
        self.reads += 1
        for i in range(25):
            self.buffer[6 * i + 4] = (37 * self.reads + i) & 255
            self.buffer[6 * i + 5] = 3
        return 25


class Lux(Sensor):
    def read(self):
        self.reads += 1
        return 100000


class Worn:
    """Sampler, tracker and journal of a device, on a flash."""

    def __init__(self, utc_s=NOON):
        self.flash = Flash(10, CELLS)
        self.journal = Journal(self.flash, Random(3))
        self.settings = Settings("", self.journal.bookmarks)
        self.clock = Clock(TIME, utc_s - TIME.now_ms() // 1000 if utc_s else 0)
        self.time = Timekeeper(self.clock, self.settings)
        self.tracker = Tracker(self.journal, self.settings)
        self.sensor = Sensor()
        self.sampler = Sampler(
            self.sensor, Lux(), self.time, self.tracker.on_epoch, self.tracker.rest
        )

    def pages(self):
        found = []
        sequence = self.journal.oldest
        while True:
            one = bytearray(page.PAGE_BYTES)
            sequence = self.journal.read_into(sequence, one)
            if sequence < 0:
                return found
            found.append(one)
            sequence += 1

    def minutes(self):
        return [start for one in self.pages() for start, _ in page.records(one)]


def test_a_pause_leaves_no_epoch_reads_no_sensor_and_ends_by_itself():
    worn = Worn()

    async def main():
        running = asyncio.create_task(worn.sampler.run())
        await asyncio.sleep_ms(10 * 60000 + 30000)
        worn.tracker.mark(MARK_SHARP)
        worn.settings.put("paused_until_utc_s", NOON + 40 * 60)
        await asyncio.sleep_ms(5000)
        reads = worn.sensor.reads
        assert worn.tracker.lamp == UNKNOWN
        assert len(worn.minutes()) == 10  # what was in RAM came to flash
        await asyncio.sleep_ms(29 * 60000)
        assert worn.sensor.reads == reads and worn.sensor.starts == 1
        await asyncio.sleep_ms(15 * 60000)
        running.cancel()

    asyncio.run(main())
    worn.journal.flush()
    minutes = [(start - NOON) // 60 for start in worn.minutes()]
    assert minutes == list(range(10)) + list(range(40, 40 + len(minutes) - 10))
    assert len(minutes) >= 13 and worn.sensor.starts == 2
    assert not any([record[6] for one in worn.pages() for _, record in page.records(one)])
    assert worn.settings.get("paused_until_utc_s") == 0


def test_what_the_wrist_logged_around_a_pause_is_what_its_pages_say():
    worn = Worn()

    async def main():
        running = asyncio.create_task(worn.sampler.run())
        await asyncio.sleep_ms(47 * 60000 + 1000)
        worn.settings.put("paused_until_utc_s", NOON + 3 * 3600)
        await asyncio.sleep_ms(4 * 3600000)
        running.cancel()

    asyncio.run(main())
    worn.journal.flush()
    estimator, elapsed = Estimator(), Elapsed()
    n_minutes = 0
    for one in worn.pages():
        replayed = step_page(estimator, one, elapsed)
        for _, record in page.records(one):
            assert record[5] == next(replayed)
            n_minutes += 1
    assert 150 < n_minutes < 160


def test_wishes_outlive_a_restart_and_go_with_their_wearers_log():
    worn = Worn()
    chosen = {"glow": 1, "bed_min": 1320, "paused_until_utc_s": NOON + 900, "utc_offset_min": 120}
    for name, value in chosen.items():
        worn.settings.put(name, value)
    worn.settings.save()
    again = Settings("", Journal(worn.flash, Random(4)).bookmarks)
    assert {name: again.get(name) for name in chosen} == chosen
    worn.journal.wipe()
    worn.settings.save()
    fresh = Settings("", Journal(worn.flash, Random(5)).bookmarks)
    plain = Settings("")
    for name in ("glow", "bed_min", "paused_until_utc_s", "strips", "dark_from_min"):
        assert fresh.get(name) == plain.get(name)
    assert fresh.get("utc_offset_min") == 120  # where it is worn is no secret of its wearer


def test_a_flash_that_fails_as_a_pause_begins_is_counted():
    worn = Worn()

    def program(address, data):
        raise OSError(5)

    async def main():
        running = asyncio.create_task(worn.sampler.run())
        await asyncio.sleep_ms(3 * 60000)
        worn.flash.program = program
        worn.settings.put("paused_until_utc_s", NOON + 3600)
        await asyncio.sleep_ms(5000)
        assert not running.done()
        running.cancel()

    asyncio.run(main())
    assert worn.tracker.faults == 1
