"""Whatever stands on its flash, a device starts, logs and finds again what it has logged."""

import struct
from binascii import crc32

from app import bookmarks, slot_ring
from app.bookmarks import ACKNOWLEDGED, JOURNAL_ID, Bookmarks
from app.journal import Journal
from biocore import page
from hypothesis import given
from hypothesis import strategies as st
from support.fuzz import profiles
from support.pair import Fields, Flash

FRONT = bookmarks.SECTORS + 2 * slot_ring.SECTORS
SECTORS = FRONT + 3
SLOTS = 3 * 8
MINE = 7

# A slot as a power cut, another journal or a firmware of another day may have left it.
SLOT = st.one_of(
    st.none(),
    st.tuples(st.just("page"), st.integers(0, 5), st.sampled_from([MINE, MINE, 9])),
    st.tuples(st.just("torn"), st.integers(0, 5), st.integers(1, 511)),
    st.tuples(st.just("misplaced"), st.integers(0, 200), st.just(MINE)),
    st.tuples(st.just("format"), st.integers(0, 5), st.just(MINE)),
    st.tuples(st.just("noise"), st.binary(min_size=1, max_size=512), st.just(0)),
)


def slot_bytes(slot, what):
    if what is None:
        return b"\xff" * 512
    kind, value, other = what
    if kind == "noise":
        return value.ljust(512, b"\xff")
    sequence = value if kind == "misplaced" else value * SLOTS + slot
    builder = page.PageBuilder()
    builder.begin(MINE if kind == "torn" else other, 2, 0, 0)
    builder.append(1, 2, 3, 4, 5, 6, 7, 60)
    whole = bytes(builder.close(sequence))
    if kind == "torn":
        return whole[:other] + b"\xff" * (512 - other)
    if kind == "format":
        whole = whole[:2] + b"\x09" + whole[3:508]
        return whole + struct.pack("<I", crc32(whole))
    return whole


def entropy(n):
    return bytes([MINE]) * n


def stored(journal):
    found = []
    buffer = bytearray(512)
    sequence = journal.read_into(0, buffer)
    while sequence >= 0:
        head = page.header(bytes(buffer))
        assert head[page.H_SEQUENCE] == sequence and head[page.H_JOURNAL_ID] == journal.journal_id
        found.append(sequence)
        sequence = journal.read_into(sequence + 1, buffer)
    return found


@profiles(quick=80, long=5_000)
def test_a_device_starts_and_logs_whatever_its_flash_holds(profile):
    @profile
    @given(
        st.lists(SLOT, min_size=SLOTS, max_size=SLOTS),
        st.one_of(st.none(), st.integers(0, 6 * SLOTS)),
        st.one_of(st.none(), st.binary(max_size=64)),
    )
    def check(slots, acknowledged, noise):
        flash = Flash(SECTORS)
        if acknowledged is not None:
            marks = Bookmarks(flash, 0)
            marks.put(JOURNAL_ID, MINE)
            marks.put(ACKNOWLEDGED, acknowledged)
        if noise is not None:  # behind what is there, as a torn entry, or all there is
            at = 0 if acknowledged is None else 48
            flash.bytes[at : at + len(noise)] = noise
        for slot, what in enumerate(slots):
            at = FRONT * flash.sector_bytes + slot * 512
            flash.bytes[at : at + 512] = slot_bytes(slot, what)
        journal = Journal(flash, entropy)
        before = stored(journal)
        assert journal.n_pages == len(before)
        for minute in range(90):
            journal.append(0, 60 * minute, Fields(minute), 0, 0)
        new = set(stored(journal)) - set(before)
        assert len(new) == 3 and min(new) > max(before, default=-1)
        again = Journal(flash, entropy)
        assert again.journal_id == journal.journal_id and new <= set(stored(again))
        assert again.next_sequence == journal.next_sequence
        assert again.acknowledged == journal.acknowledged

    check()
