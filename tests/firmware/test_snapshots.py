"""The estimator's state through restarts: its slots on flash, and the tracker that resumes it."""

from app.bookmarks import SECTORS as BOOKMARK_SECTORS
from app.journal import Journal
from app.settings import Settings
from app.snapshots import SLOT_BYTES, STATE_BYTES, Snapshots
from app.tracker import Tracker
from biocore import page
from biocore.estimator import SNAPSHOT_BYTES, Estimator
from biocore.lamp import UNKNOWN
from biocore.record import (
    FLAG_CLIPPED,
    FLAG_GRADE_AGE_SHIFT,
    FLAG_OVERRUN,
    MARK_GRADE_SHIFT,
)
from biocore.replay import Elapsed, step_page
from nor_flash import SECTOR, Flash, PowerCut

JOURNAL = 77
NOON = 1763031600 // 60  # minutes
LEAST_LAMPS = 3


class Random:
    """Numbers that are the same on every run."""

    def __init__(self, seed):
        self._state = seed

    def below(self, n):
        self._state = (self._state * 4005 + 12345) & 0xFFFFF
        return (self._state >> 4) % n

    def __call__(self, n):
        return bytes([self.below(256) for _ in range(n)])


def put(snapshots, sequence, fill):
    at = snapshots.STATE_AT
    for i in range(STATE_BYTES):
        snapshots.slot[at + i] = fill
    snapshots.put(sequence)


def newest(flash, journal=JOURNAL):
    """(sequence, fill) of what a start finds; None where there is nothing."""
    snapshots = Snapshots(flash, 0, journal)
    sequence = snapshots.newest()
    if sequence < 0:
        return None
    state = snapshots.slot[snapshots.STATE_AT : snapshots.STATE_AT + STATE_BYTES]
    assert state == bytes([state[0]]) * STATE_BYTES
    return sequence, state[0]


def test_a_slot_is_one_page_of_flash_and_has_room_for_the_state():
    assert SLOT_BYTES == 256
    assert SNAPSHOT_BYTES <= STATE_BYTES


def test_the_newest_comes_back_over_many_rounds():
    flash = Flash(2)
    assert newest(flash) is None
    snapshots = Snapshots(flash, 0, JOURNAL)
    for sequence in range(100):
        put(snapshots, sequence, sequence)
        assert newest(flash) == (sequence, sequence)
        if sequence % 7 == 0:
            snapshots = Snapshots(flash, 0, JOURNAL)
    assert flash.erased == 7  # 16 slots a sector


def test_power_cut_at_any_byte_leaves_the_one_before():
    for at_slot in (0, 15, 16, 31):
        for cut in range(0, SLOT_BYTES + 1, 5):
            flash = Flash(2)
            snapshots = Snapshots(flash, 0, JOURNAL)
            for sequence in range(at_slot + 1):
                put(snapshots, sequence, sequence)
            flash.left = cut
            try:
                put(snapshots, 200, 200)
                assert cut == SLOT_BYTES
            except PowerCut:
                pass
            flash.left = -1
            found = newest(flash)
            assert found == (at_slot, at_slot) or (cut > 250 and found == (200, 200))
            again = Snapshots(flash, 0, JOURNAL)
            put(again, 201, 201)
            assert newest(flash) == (201, 201)


def test_a_flash_that_takes_erases_alone_keeps_the_newest():
    for n_good in range(1, 40):
        for bytes_torn in (0, 100):
            flash = Flash(2)
            snapshots = Snapshots(flash, 0, JOURNAL)
            for sequence in range(n_good):
                put(snapshots, sequence, sequence)
            for again in range(50):
                flash.left = bytes_torn
                try:
                    put(snapshots, 200, 200)
                    raise AssertionError("it was taken")
                except PowerCut:
                    pass
                flash.left = -1
                assert newest(flash) == (n_good - 1, n_good - 1), (n_good, again)
            put(snapshots, 201, 201)
            assert newest(flash) == (201, 201)


def test_another_journals_state_is_nobodys():
    flash = Flash(2)
    put(Snapshots(flash, 0, JOURNAL), 5, 5)
    assert newest(flash, JOURNAL + 1) is None
    snapshots = Snapshots(flash, 0, JOURNAL)
    snapshots.wipe(JOURNAL)
    assert newest(flash) is None
    put(snapshots, 6, 6)
    assert newest(flash) == (6, 6)


class Fields:
    """One epoch, as biocore.activity.Activity has it."""

    light_mlx = 0
    valid_s = 60
    clipped = False


def live(activity, random, minute):
    """Asleep 22:00-07:00 UTC, else about; a third of all minutes odd."""
    of_day = minute % 1440
    asleep = of_day < 420 or of_day >= 1320
    odd = random.below(3) == 0
    if asleep:
        activity.enmo_dmg = 10
        activity.angle_step_median_cdeg = 5
        activity.angle_step_max_cdeg = 300 if odd else 30
        activity.light_alpha_q18 = 0
    else:
        activity.enmo_dmg = random.below(2000)
        activity.angle_step_median_cdeg = 20 if odd else 300
        activity.angle_step_max_cdeg = 700 + random.below(5000)
        activity.light_alpha_q18 = 65535 if odd else random.below(6000) + of_day


class Host:
    """Replays every page as it is written, and compares."""

    def __init__(self):
        self.estimator = Estimator()
        self.elapsed = Elapsed()
        self.lamps = set()
        self.graded = set()
        self.n = 0

    def take(self, one):
        if len(one) != page.PAGE_BYTES:
            return  # a snapshot or a bookmark
        replay = step_page(self.estimator, one, self.elapsed)
        for start, record in page.records(one):
            replayed = next(replay)
            logged = record[5] & ~(FLAG_CLIPPED | FLAG_OVERRUN)
            assert logged == replayed, self.n
            if record[6] >> MARK_GRADE_SHIFT & 7:
                quarter = (start // 60) // 15 - (logged >> FLAG_GRADE_AGE_SHIFT)
                assert quarter not in self.graded, "learnt twice"
                self.graded.add(quarter)
            self.lamps.add(logged >> 4 & 3)
            self.n += 1


def live_with_restarts(flash, seed, days):
    """Days of minutes with restarts, cuts, held bursts, clocks unset and put on, presses."""
    random = Random(seed)
    settings = Settings("")
    activity = Fields()
    utc_min = NOON
    starts = 0
    while utc_min < NOON + days * 1440:
        journal = Journal(flash, random)
        tracker = Tracker(journal, settings)
        starts += 1
        cut_bytes = random.below(40000) if random.below(2) else -1
        journal.is_held = random.below(2) == 0
        clock_at = random.below(200) if random.below(3) == 0 else 0
        stop_at = 200 + random.below(2500)
        flash.left = cut_bytes
        try:
            for uptime_min in range(stop_at):
                if random.below(400) == 0:
                    utc_min += random.below(30)  # the clock is put on
                if random.below(800) == 0:
                    settings.put("utc_offset_min", 60 * random.below(3))
                if random.below(300) == 0:
                    tracker.mark(1 + random.below(3))
                if random.below(100) == 0:  # brought by a sync, now and then for the second time
                    quarter = utc_min // 15 - random.below(20)
                    tracker.report(quarter, 1 + random.below(5), 60 * utc_min)
                live(activity, random, utc_min)
                start_s = 60 * utc_min if uptime_min >= clock_at else 0
                still = random.below(3000) == 0
                tracker.on_epoch(start_s, 60 * uptime_min, activity, still, False)
                utc_min += 1
                if random.below(40) == 0:
                    journal.settle()
            if random.below(2):
                journal.flush()
        except PowerCut:
            pass
        flash.left = -1
        utc_min += random.below(60) if random.below(3) else random.below(1000)
    return starts


def test_what_was_logged_over_restarts_is_what_the_pages_say():
    lamps = set()
    for seed in (1, 2):
        flash = Flash(10)
        host = Host()
        flash.on_programmed = host.take
        assert live_with_restarts(flash, seed, 14) >= 10
        assert host.n > 8 * 1440
        assert len(host.graded) > 50
        lamps |= host.lamps
    assert len(lamps) >= LEAST_LAMPS


def test_a_start_without_a_snapshot_goes_through_all_pages():
    flash = Flash(20)
    live_with_restarts(flash, 3, 1)
    whole = Tracker(Journal(flash, Random(8)), Settings(""))
    for sector in range(2):
        flash.erase((BOOKMARK_SECTORS + sector) * SECTOR)
    again = Tracker(Journal(flash, Random(9)), Settings(""))
    states = []
    for tracker in (whole, again):
        state = bytearray(SNAPSHOT_BYTES)
        tracker._estimator.snapshot_into(state, 0)
        states.append(state)
    assert states[0] == states[1]


def test_wiping_the_log_forgets_the_student():
    flash = Flash(10)
    journal = Journal(flash, Random(1))
    tracker = Tracker(journal, Settings(""))
    activity = Fields()
    for minute in range(100):
        live(activity, Random(1), NOON + minute)
        tracker.on_epoch(60 * (NOON + minute), 60 * minute, activity, False, False)
    journal.wipe()
    journal.flush()
    fresh = bytearray(SNAPSHOT_BYTES)
    Estimator().snapshot_into(fresh, 0)
    for one in (tracker, Tracker(Journal(flash, Random(5)), Settings(""))):
        state = bytearray(SNAPSHOT_BYTES)
        one._estimator.snapshot_into(state, 0)
        assert state == fresh


def test_a_flash_that_takes_no_snapshot_is_counted_and_the_log_goes_on():
    flash = Flash(10)
    journal = Journal(flash, Random(1))
    tracker = Tracker(journal, Settings(""))

    def put(sequence):
        raise OSError(5)

    journal.snapshots.put = put
    activity = Fields()
    for minute in range(65):
        live(activity, Random(1), NOON + minute)
        tracker.on_epoch(60 * (NOON + minute), 60 * minute, activity, False, False)
    assert journal.n_pages == 2 and tracker.faults == 2


def test_a_lamp_that_knew_is_unknown_in_a_minute_without_a_sample_and_knows_again_after():
    journal = Journal(Flash(10), Random(5))
    tracker = Tracker(journal, Settings(""))
    random = Random(1)
    fields = Fields()
    utc_min = NOON
    seen = 0
    for uptime_min in range(20 * 1440):
        live(fields, random, utc_min)
        if random.below(300) == 0:
            tracker.mark(1 + random.below(3))
        if random.below(100) == 0:
            tracker.report(utc_min // 15, 1 + random.below(5), 60 * utc_min)
        tracker.on_epoch(60 * utc_min, 60 * uptime_min, fields, False, False)
        utc_min += 1
        if tracker.lamp != UNKNOWN:
            seen += 1
            if seen >= 3:
                break
    known = tracker.lamp
    assert known != UNKNOWN
    fields.angle_step_median_cdeg = fields.angle_step_max_cdeg = 65535
    fields.enmo_dmg = fields.valid_s = 0
    tracker.on_epoch(60 * utc_min, 60 * uptime_min + 60, fields, False, False)
    assert tracker.lamp == UNKNOWN
    fields.valid_s = 60
    live(fields, random, utc_min + 1)
    tracker.on_epoch(60 * (utc_min + 1), 60 * uptime_min + 120, fields, False, False)
    assert tracker.lamp != UNKNOWN
