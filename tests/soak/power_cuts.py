"""Runs under MicroPython: a life in which the power goes at a random byte of a random flash write.

`power_cuts.py CUTS SEED`. The real journal, bookmarks, snapshots and tracker on a NOR flash in RAM.
After each cut the device starts anew, and every page that was written whole has to be there, what
was acknowledged has to stay acknowledged, no start may fail, no more than a quarter of an hour may
be lost, and what the lamp showed has to be what a replay of the pages gives (test_snapshots.Host).
Prints figures as JSON.
"""

import gc
import json
import sys

here = sys.path[0]
sys.path.insert(0, here + "/../firmware")

from app.journal import Journal  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.tracker import Tracker  # noqa: E402
from biocore import page  # noqa: E402
from nor_flash import Flash, PowerCut  # noqa: E402
from test_snapshots import NOON, Fields, Host, Random, live  # noqa: E402

SECTORS = 10  # four of them the ring: 32 pages, so that it goes round all the time
MOST_BYTES = 2400  # until the next cut: a few pages, snapshots and bookmarks between them
KEPT = 24  # pages that are looked for after each start
MOST_LOST = 15 + 5  # minutes: in one of ten a burst holds the writes up, seldom in five in a row


class Written(Host):
    """What came to flash whole, by number; and the replay of all of it."""

    def __init__(self):
        super().__init__()
        self.pages = {}
        self.acknowledged = 0

    def take(self, one):
        super().take(one)
        if len(one) == page.PAGE_BYTES:
            sequence = page.header(one)[page.H_SEQUENCE]
            self.pages[sequence] = bytes(one)
            for old in [one for one in self.pages if one <= sequence - KEPT]:
                del self.pages[old]


def check(journal, host, buffer):
    """A start: nothing that was written is gone, nothing that was acknowledged is open again."""
    assert journal.acknowledged >= host.acknowledged, "an acknowledgement is lost"
    for sequence, there in host.pages.items():
        if sequence >= journal.oldest:
            assert journal.read_into(sequence, buffer) == sequence, "a page is lost"
            assert buffer == there, "a page has changed"
    newest = max(host.pages) if host.pages else -1
    assert journal.next_sequence > newest, "a number is given twice"
    assert not host.pages or journal.oldest <= newest, "the newest page was dropped"


def live_until_the_cut(journal, tracker, host, random, utc_min):
    """Minutes, presses, settling and acknowledgements; returns the minute it came to."""
    sampled = Fields()
    for uptime_min in range(3 * 1440):
        if random.below(60) == 0:
            tracker.mark(1 + random.below(3))
        journal.is_held = random.below(10) == 0
        live(sampled, random, utc_min)
        try:
            tracker.on_epoch(60 * utc_min, 60 * uptime_min, sampled, False, False)
            if random.below(20) == 0:
                journal.acknowledge(journal.next_sequence)
                journal.settle()
                host.acknowledged = journal.acknowledged
        except PowerCut:
            return utc_min + 1
        utc_min += 1
    return utc_min


def main(cuts, seed):
    random = Random(seed)
    flash = Flash(SECTORS)
    host = Written()
    flash.on_programmed = host.take
    buffer = bytearray(page.PAGE_BYTES)
    utc_min = NOON
    at_start = kept = 0
    began = utc_min  # of the last life
    for n in range(cuts):
        # Now and then it goes again while it starts: a write of the start itself is cut.
        flash.left = random.below(MOST_BYTES) if random.below(8) else random.below(40)
        try:
            journal = Journal(flash, random)
            tracker = Tracker(journal, Settings("", journal.bookmarks))
        except PowerCut:
            at_start += 1
            continue
        left = flash.left
        flash.left = -1
        check(journal, host, buffer)
        newest = journal.newest_utc_s // 60
        assert newest >= kept, "what was there at the last start is gone"
        lost = utc_min - max(newest, began)
        assert lost <= MOST_LOST, "%d minutes are lost" % lost
        kept, began = newest, utc_min
        flash.left = left
        utc_min = live_until_the_cut(journal, tracker, host, random, utc_min)
        if n % 16 == 0:
            gc.collect()
    figures = {"cuts": cuts, "at_start": at_start, "epochs": host.n, "lamps": len(host.lamps)}
    print(json.dumps(figures))


main(int(sys.argv[1]), int(sys.argv[2]))
