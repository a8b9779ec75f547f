"""An application that raises: started anew, with its tries, until the other one comes back."""

import machine
import slots as at_root
from lfs_flash import AT, mount, put
from slot_board import ROOT, board, start
from slots import MOST_TRIES, Slots

GOOD = b'{"slot": "b", "tries": 0, "good": true}'


def fails():
    """A start that ends in an exception; which slot it was."""
    slots, slot = start()
    slots.failed()
    return slot


def test_one_that_ran_well_and_raises_now_has_its_tries_and_then_the_other_runs():
    board(GOOD, b=11)
    assert [fails() for _ in range(MOST_TRIES)] == ["b"] * MOST_TRIES
    assert start()[1] == "a"


def test_raising_once_in_a_life_costs_nothing():
    board(GOOD, b=11)
    for _ in range(5):
        assert fails() == "b"
        slots, slot = start()
        assert slot == "b"
        slots.settled()
    assert start()[1] == "b"


def test_a_file_that_rotted_brings_the_other_one_back():
    board(GOOD, b=11)
    put(ROOT + "b/app/m0.mpy", b"")
    while True:
        slots, slot = start()
        if slot == "a":
            break
        slots.failed()
    assert slots.is_whole("a")


def test_where_both_raise_they_take_turns_and_neither_is_given_up():
    board(GOOD, b=11)
    ran = [fails() for _ in range(12)]
    assert ran == ["b"] * 3 + ["a"] * 3 + ["b"] * 3 + ["a"] * 3, ran


def test_with_no_other_it_is_started_anew_for_ever():
    board(b'{"slot": "a", "tries": 0, "good": true}')
    assert [fails() for _ in range(8)] == ["a"] * 8


def test_the_power_goes_while_a_failure_is_noted():
    flash = board(GOOD, b=11)
    slots, _ = start()
    for cut in (1, 2, 3):
        flash.cut = flash.writes + cut
        slots.failed()  # raises nothing
        mount(flash)
        again, slot = start()
        assert slot == "b" and again.is_whole("b")


def test_the_chip_starts_anew():
    board()
    machine.unsolder()
    at_root._PAUSE_S = 0
    at_root._board = Slots(ROOT)
    try:
        at_root.failed(ImportError("no module named 'app'"))
    except ImportError:
        pass
    else:
        raise AssertionError("boot.py started nothing: that is no application of ours")
    assert machine.slept == []
    assert at_root.choose() == "a"
    at_root.failed(OSError(5))
    assert machine.slept == [("reset", 0)]
    assert Slots(ROOT).state() == ("a", 1, False)
    assert AT + "/" == ROOT
