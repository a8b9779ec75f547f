"""The journal on NOR flash, and what a power cut leaves behind."""

from app.bookmarks import ACKNOWLEDGED, JOURNAL_ID, Bookmarks
from app.journal import Journal
from biocore import page
from nor_flash import SECTOR, Flash, PowerCut


class Fields:
    enmo_dmg = 1
    angle_step_median_cdeg = 2
    angle_step_max_cdeg = 3
    light_mlx = 4
    light_alpha_q18 = 5
    valid_s = 60


class Random:
    def __init__(self, start=1):
        self.n = start

    def __call__(self, n):
        self.n += 1
        return bytes([self.n]) * n


def add(journal, minutes, start=1763000040, first=0):
    for m in range(first, first + minutes):
        journal.append(start + 60 * m if start else 0, 60 * m, Fields, 0, 0)


def stored(journal):
    """Sequences that can be read, in order."""
    found = []
    buffer = bytearray(page.PAGE_BYTES)
    sequence = journal.read_into(0, buffer)
    while sequence >= 0:
        assert page.header(buffer)[page.H_SEQUENCE] == sequence
        found.append(sequence)
        sequence = journal.read_into(sequence + 1, buffer)
    return found


def test_half_an_hour_is_a_page_and_survives_a_restart():
    flash = Flash(8)
    journal = Journal(flash, Random())
    add(journal, 95)
    assert journal.n_pages == 3 and journal.n_epochs == 90
    journal.flush()
    again = Journal(flash, Random(50))
    assert again.journal_id == journal.journal_id
    assert again.boot_id != journal.boot_id
    assert again.n_pages == 4 and again.n_epochs == 95
    assert again.next_sequence == 4 and again.oldest == 0
    assert stored(again) == [0, 1, 2, 3]


def test_flush_of_nothing_writes_nothing():
    journal = Journal(Flash(8), Random())
    journal.flush()
    journal.flush()
    assert journal.n_pages == 0 and journal.next_sequence == 0
    assert journal.read_into(0, bytearray(512)) == -1


def test_a_gap_or_a_clock_that_was_set_begins_a_new_page():
    journal = Journal(Flash(8), Random())
    add(journal, 5)
    add(journal, 5, first=7)  # two minutes are missing
    assert journal.n_pages == 1
    add(journal, 5, start=0, first=12)  # the clock was lost
    add(journal, 5, first=17)  # and set again
    journal.flush()
    assert journal.n_pages == 4 and journal.n_epochs == 20


def test_a_full_log_drops_the_oldest_sector_and_counts_what_no_host_had():
    flash = Flash(8)  # two sectors of pages: 16 slots
    journal = Journal(flash, Random())
    add(journal, 16 * 30)
    assert stored(journal) == list(range(16))
    journal.acknowledge(3)
    add(journal, 30, first=480)
    assert stored(journal) == list(range(8, 17))
    assert journal.oldest == 8
    assert journal.n_pages == 9 and journal.n_epochs == 270
    assert journal.n_lost == 5
    again = Journal(flash, Random(9))
    assert stored(again) == list(range(8, 17))
    assert again.n_epochs == 270 and again.next_sequence == 17


def test_wear_is_even():
    flash = Flash(8)
    journal = Journal(flash, Random())
    add(journal, 30 * 16 * 6)
    # bookmarks: once; pages: each of two sectors once a round, from the second round on
    assert flash.erased <= 1 + 2 * 5


def test_acknowledge_only_rises_and_survives():
    flash = Flash(8)
    journal = Journal(flash, Random())
    add(journal, 90)
    journal.acknowledge(2)
    journal.acknowledge(1)
    journal.acknowledge(99)
    assert journal.acknowledged == 2
    assert Journal(flash, Random()).acknowledged == 2


def test_power_cut_at_every_byte_of_a_page():
    whole = Flash(8)
    add(Journal(whole, Random()), 60)
    for cut in range(0, page.PAGE_BYTES, 3):
        flash = Flash(8)
        flash.bytes[:] = whole.bytes
        journal = Journal(flash, Random())
        flash.left = cut
        try:
            add(journal, 30, first=60)
            raise AssertionError("the power was not cut")
        except PowerCut:
            pass
        flash.left = -1
        again = Journal(flash, Random(9))
        assert stored(again) == [0, 1]
        add(again, 30, first=100)
        assert again.n_pages == 3 and again.n_epochs == 90
        # a cut before the first byte leaves the slot blank, any other burns its number
        assert stored(again)[:2] == [0, 1] and stored(again)[2] == (2 if cut == 0 else 3)
        assert stored(Journal(flash, Random())) == stored(again)


def test_a_flash_that_takes_nothing_is_an_error_and_erases_nothing():
    flash = Flash(8)
    journal = Journal(flash, Random())
    add(journal, 90)
    erased = flash.erased
    flash.program = lambda address, data: None
    add(journal, 29, first=90)
    try:
        add(journal, 1, first=119)
        raise AssertionError("no error")
    except OSError:
        pass
    assert flash.erased == erased and stored(journal) == [0, 1, 2]


def test_wipe_begins_another_journal_and_a_power_cut_in_it_leaves_none():
    for cut in (0, 1, 20, 40, 100):
        flash = Flash(8)
        journal = Journal(flash, Random())
        add(journal, 300)
        before = journal.journal_id
        flash.left = cut
        try:
            journal.wipe()
        except PowerCut:
            pass
        flash.left = -1
        again = Journal(flash, Random(90))
        if again.journal_id == before:
            assert cut < 16 and stored(again) == list(range(10))
        else:
            assert stored(again) == [] and again.n_epochs == 0
            add(again, 60)
            assert len(stored(again)) == 2


def test_pages_of_an_earlier_journal_are_not_ours():
    flash = Flash(8)
    add(Journal(flash, Random()), 90)
    flash.erase(0)
    flash.erase(SECTOR)  # as a wipe that was cut off before the pages
    journal = Journal(flash, Random(77))
    assert journal.n_pages == 0 and stored(journal) == []
    add(journal, 60)
    assert journal.n_pages == 2 and len(stored(journal)) == 2


def test_bookmarks_keep_the_last_value_over_many_moves():
    flash = Flash(2)
    bookmarks = Bookmarks(flash, 0)
    bookmarks.put(JOURNAL_ID, 42)
    for value in range(1, 1200):
        bookmarks.put(ACKNOWLEDGED, value)
    again = Bookmarks(flash, 0)
    assert again.get(ACKNOWLEDGED) == 1199 and again.get(JOURNAL_ID) == 42


def test_power_cut_anywhere_in_bookmarks_keeps_the_old_or_has_the_new():
    for cut in range(0, 60):
        flash = Flash(2)
        bookmarks = Bookmarks(flash, 0)
        bookmarks.put(JOURNAL_ID, 42)
        for value in range(1, 254):  # the sector is full but for one entry
            bookmarks.put(ACKNOWLEDGED, value)
        flash.left = cut
        value = 253
        try:
            for value in (254, 255, 256):
                bookmarks.put(ACKNOWLEDGED, value)
        except PowerCut:
            pass
        flash.left = -1
        again = Bookmarks(flash, 0)
        assert again.get(JOURNAL_ID) == 42
        assert again.get(ACKNOWLEDGED) in (value - 1, value)
        again.put(ACKNOWLEDGED, 1000)
        assert Bookmarks(flash, 0).get(ACKNOWLEDGED) == 1000
