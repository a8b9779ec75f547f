"""The open page's draft: a power cut takes a quarter of an hour at most, and gives none twice."""

CELLS = bytearray(8 * 4096)  # before the sources cut the heap to pieces
IMAGE = bytearray(len(CELLS))

# ruff: noqa: E402
from app import selftest
from app.bookmarks import SECTORS as BOOKMARK_SECTORS
from app.drafts import HALF_EPOCHS
from app.journal import Journal
from app.slot_ring import SECTORS as RING_SECTORS
from biocore import page
from nor_flash import SECTOR, Flash, PowerCut
from test_journal import Fields, Random

START = 1763000040
DRAFTS_AT = (BOOKMARK_SECTORS + RING_SECTORS) * SECTOR


def live(journal, minutes, first=0):
    """Minutes of a log, as app.tracker writes them; yields after each."""
    for m in range(first, first + minutes):
        journal.append(START + 60 * m, 60 * m, Fields, 0, 0)
        journal.save_draft()
        yield m


def minutes_of(journal):
    """The minute of each epoch stored, in order."""
    found = []
    buffer = bytearray(page.PAGE_BYTES)
    sequence = journal.read_into(0, buffer)
    while sequence >= 0:
        found += [(utc_s - START) // 60 for utc_s, _ in page.records(buffer)]
        sequence = journal.read_into(sequence + 1, buffer)
    return found


def test_a_cut_in_any_minute_loses_a_quarter_of_an_hour_at_most():
    for minutes in range(1, 75):
        flash = Flash(8)
        for _ in live(Journal(flash, Random()), minutes):
            pass
        again = Journal(flash, Random(50))
        kept = minutes_of(again)
        assert kept == list(range(len(kept)))
        assert minutes - 15 <= len(kept) <= minutes, (minutes, len(kept))
        assert again.n_epochs == len(kept)
        assert minutes_of(Journal(flash, Random(60))) == kept  # once, at however many starts


def test_a_cut_in_any_byte_of_an_hour_and_of_the_start_after_it():
    lost = set()
    for left in range(0, 2600, 9):
        flash = Flash(8)
        done = -1
        try:
            journal = Journal(flash, Random())
            flash.left = left
            for minute in live(journal, 70):
                done = minute
        except PowerCut:
            pass
        for cut in (left % 600, -1):  # the start is cut too, and comes again
            flash.left = cut
            try:
                again = Journal(flash, Random(50))
            except PowerCut:
                continue
        kept = minutes_of(again)
        assert kept == list(range(len(kept))), left
        assert done - 14 <= len(kept) <= done + 2, (left, done, len(kept))
        lost.add(done + 1 - len(kept))
        flash.left = -1
        for _ in live(again, 30, 100):
            pass
        assert minutes_of(again)[-1] == 129
    assert lost == {10, 14}  # 10: all was written in time, and the rest was never due


def test_what_comes_back_is_a_page_of_its_own_start():
    flash = Flash(8)
    journal = Journal(flash, Random())
    for _ in live(journal, 47):
        pass
    again = Journal(flash, Random(50))
    buffer = bytearray(page.PAGE_BYTES)
    assert again.read_into(1, buffer) == 1
    head = page.header(buffer)
    assert head[page.H_N_EPOCHS] == HALF_EPOCHS
    assert head[page.H_BOOT_ID] == journal.boot_id != again.boot_id
    assert head[page.H_START_UTC_S] == START + 1800 and head[page.H_UPTIME_S] == 1800
    assert again.next_sequence == 2 and again.newest_utc_s == START + 44 * 60


def test_a_wipe_takes_drafts_with_it():
    flash = Flash(8)
    journal = Journal(flash, Random())
    for _ in live(journal, 20):
        pass
    assert flash.bytes[DRAFTS_AT : DRAFTS_AT + 512] != b"\xff" * 512
    journal.wipe()
    assert flash.bytes[DRAFTS_AT : DRAFTS_AT + 2 * SECTOR] == b"\xff" * (2 * SECTOR)
    assert minutes_of(Journal(flash, Random(50))) == []


def test_while_a_burst_is_on_the_air_it_waits():
    flash = Flash(8)
    journal = Journal(flash, Random())
    for m in live(journal, 18):
        journal.is_held = 10 <= m < 16
    assert len(minutes_of(Journal(flash, Random(50)))) == 18


def test_a_draft_that_fails_costs_no_page():
    flash = Flash(8)
    journal = Journal(flash, Random())

    def fail():
        raise OSError(5)

    failures = 0
    for m in range(30):
        flash.on_write = fail if m == 14 else lambda: None
        journal.append(START + 60 * m, 60 * m, Fields, 0, 0)
        try:
            journal.save_draft()
        except OSError:
            failures += 1
    assert failures == 1
    assert len(minutes_of(journal)) == 30


class Bench:
    def __init__(self, flash):
        self.flash = flash


def test_a_self_test_that_the_power_leaves_takes_nothing():
    """With the ring full, and drafts at all places in their sectors."""
    for minutes in (20, 8 * 30 + 20, 11 * 30 + 20, 16 * 30 + 20, 30 * 30 + 20):
        flash = Flash(8, CELLS)
        for _ in live(Journal(flash, Random()), minutes):
            pass
        IMAGE[:] = CELLS
        kept = minutes_of(Journal(flash, Random(50)))
        assert kept[-1] >= minutes - 16
        for cut in (0, 1, 30, 63, 64, -1):
            CELLS[:] = IMAGE
            flash.left = cut
            try:
                assert selftest._flash(Bench(flash)) is None
            except PowerCut:
                pass
            flash.left = -1
            again = Journal(flash, Random(50))
            assert minutes_of(again) == kept, (minutes, cut)
            for _ in live(again, 45, minutes + 10):
                pass
            assert minutes_of(Journal(flash, Random(60)))[-1] == minutes + 10 + 44


def test_both_sectors_wear_alike_and_last():
    flash = Flash(8)
    erases = {}
    erase = flash.erase

    def count(address):
        erases[address] = erases.get(address, 0) + 1
        erase(address)

    flash.erase = count
    journal = Journal(flash, Random())
    days = 30
    for _ in live(journal, days * 1440):
        pass
    worn = [erases[DRAFTS_AT], erases[DRAFTS_AT + SECTOR]]
    assert max(worn) - min(worn) <= 1
    assert 100_000 * days / max(worn) / 365 >= 5, worn
