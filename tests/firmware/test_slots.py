"""Two slots: what starts, what falls back, at whatever write the power goes."""

import slots as at_root
from lfs_flash import format_and_mount, go_back, mount, put
from slot_board import ROOT, application, board, seal_of, start
from slots import MOST_TRIES, Slots


def test_hmac_is_that_of_rfc_4231():
    format_and_mount()
    key = b"\x0b" * 20
    found = "".join(["%02x" % one for one in seal_of(b"Hi There", key)])
    assert found == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"


def test_what_has_run_well_starts_without_a_write():
    flash = board()
    mount(flash)
    assert start()[1] == "a"
    assert flash.writes == 0


def test_a_new_one_is_tried_and_stays_once_it_has_said_that_it_runs():
    flash = board(b'{"slot": "b", "tries": 0, "good": false}', b=11)
    slots, slot = start()
    assert slot == "b"
    slots.settled()
    for _ in range(5):
        assert start()[1] == "b"
    mount(flash)
    start()[0].settled()
    assert flash.writes == 0


def test_three_starts_that_fail_and_the_other_one_comes_back():
    board(b'{"slot": "b", "tries": 0, "good": false}', b=11)
    assert [start()[1] for _ in range(MOST_TRIES + 1)] == ["b"] * MOST_TRIES + ["a"]
    slots = Slots(ROOT)
    assert slots.choose() == "a"
    slots.settled()
    assert [start()[1] for _ in range(5)] == ["a"] * 5


def test_with_no_other_it_is_tried_for_ever():
    board(b'{"slot": "a", "tries": 0, "good": false}')
    assert [start()[1] for _ in range(6)] == ["a"] * 6


def test_a_damaged_or_foreign_one_is_not_started_at_all():
    for harm in ("file", "size", "seal", "manifest"):
        board(b'{"slot": "b", "tries": 0, "good": false}', b=11)
        if harm == "file":
            put(ROOT + "b/app/m1.mpy", bytes(1500))
        elif harm == "size":
            put(ROOT + "b/app/m1.mpy", application(11)[0]["app/m1.mpy"] + b"x")
        elif harm == "seal":
            put(ROOT + "b/manifest.hmac", bytes(32))
        else:
            put(ROOT + "b/manifest.json", b'{"build": 11, "files": ')
        assert start()[1] == "a", harm


def test_without_slot_json_the_newest_whole_one_runs():
    for text in (None, b"", b"[]", b'"a"', b'{"slot": "c"}', b'{"slot": "a", "tries": "1"}'):
        board(text, b=11)
        assert start()[1] == "b", text
        put(ROOT + "b/app/m0.mpy", b"")
        put(ROOT + "slot.json", text or b"")
        assert start()[1] == "a", text


def test_an_empty_board_says_so():
    format_and_mount()
    assert start()[1] is None


def test_a_board_without_a_key_runs_what_is_whole():
    board(b'{"slot": "b", "tries": 0, "good": false}', b=11)
    put(ROOT + "key", b"")
    put(ROOT + "b/manifest.hmac", b"")
    assert start()[1] == "b"


def test_the_power_goes_at_every_write_of_a_start():
    for state, b in ((b'{"slot": "b", "tries": 0, "good": false}', 11), (None, 11)):
        for tries in range(MOST_TRIES + 1):
            flash = board(state, b)
            for _ in range(tries):
                start()
            image = bytes(flash.data)
            for cut in range(1, 12):
                go_back(flash, image)
                flash.cut = cut
                try:
                    slots, _ = start()
                    slots.settled()
                except OSError:
                    pass
                mount(flash)
                slots, slot = start()
                assert slot is not None and slots.is_whole(slot), (state, tries, cut)


def test_a_board_has_its_slots_only_where_one_of_them_was_started():
    mount(board())
    at_root._board = Slots(ROOT)
    assert at_root.running() is None
    assert at_root.choose() == "a"
    assert at_root.running().running == "a"
