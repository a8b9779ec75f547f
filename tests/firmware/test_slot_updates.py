"""An update into the slot that does not run, which the power may leave at any write."""

from app.update import Update
from biocore.message import (
    FILE_MANIFEST,
    UPDATE_DAMAGED,
    UPDATE_NO_ROOM,
    UPDATE_NOT_OFFERED,
    UPDATE_NOT_OURS,
    UPDATE_OLDER,
    UPDATE_OTHER_BOARD,
    UPDATE_TAKEN,
    UPDATE_UNREADABLE,
)
from lfs_flash import go_back, mount, put
from slot_board import ROOT, application, board, offer, seal_of, start, switch, update, write


def test_an_update_runs_from_the_next_start_on():
    board()
    assert update(11) == (UPDATE_TAKEN, 2440)
    slots, slot = start()
    assert slot == "b" and slots.is_whole("b")
    slots.settled()
    assert update(12) == (UPDATE_TAKEN, 2440)
    assert start()[1] == "a"


def test_lower_builds_other_keys_and_rubbish_are_refused():
    board(b=8)
    assert update(9) == (UPDATE_OLDER, 0)
    coming = Update(start()[0])
    manifest = application(11)[1]
    assert offer(coming, manifest, seal_of(manifest, bytes(32))) == UPDATE_NOT_OURS
    assert offer(coming, manifest, b"") == UPDATE_NOT_OURS
    assert write(coming, 0, 0, b"x")[2] == UPDATE_NOT_OFFERED
    assert write(coming, FILE_MANIFEST, 0, b"x")[2] == UPDATE_NOT_OFFERED
    assert switch(coming) == UPDATE_NOT_OFFERED
    assert offer(coming, b"") == offer(coming, bytes(20_000)) == UPDATE_UNREADABLE
    lines = manifest.split(b"\n")
    for text in (
        b"[]",
        b'{"build": 11, "files": []}',
        b'{"build": 11, "files": [\n]}\n',
        b"\n".join(lines[:-2]),  # breaks off
        manifest.replace(b"\n", b""),  # in one line
        manifest.replace(b'"build": 11', b'"build": "11"'),
        manifest.replace(b"app/m0.mpy", b"../key"),
        manifest.replace(b"app/m0.mpy", b"/key"),
        manifest.replace(b"app/m0.mpy", b"manifest.hmac"),
        manifest.replace(b'"size": 900', b'"size": "900"'),
        manifest.replace(b'"size": 900', b'"size": -1'),
        manifest.replace(b"app/m0.mpy", b"app/" + b"m" * 400),
    ):
        assert offer(coming, text) == UPDATE_UNREADABLE, text
    other = manifest.replace(b'"board": "test"', b'"board": "toast"')
    assert offer(coming, other) == UPDATE_OTHER_BOARD
    assert start()[1] == "a"
    assert start()[0].is_whole("b")  # what there is to fall back on was not touched


def test_a_piece_that_is_wrong_is_asked_for_again():
    board()
    coming = Update(start()[0])
    files, manifest = application(11)
    assert offer(coming, manifest) == UPDATE_TAKEN
    assert coming.place == (0, 0)
    assert switch(coming) == UPDATE_DAMAGED
    assert write(coming, 1, 0, b"x") == (0, 0, UPDATE_TAKEN)  # not what was asked for
    assert write(coming, 0, 0, bytes(901))[2] == UPDATE_DAMAGED
    assert write(coming, 0, 0, bytes(900)) == (0, 0, UPDATE_TAKEN)
    assert write(coming, 0, 0, b"") == (0, 0, UPDATE_TAKEN)
    assert write(coming, 0, 0, files["app/m0.mpy"]) == (1, 0, UPDATE_TAKEN)


def test_what_is_there_already_is_looked_over_one_file_a_message():
    board()
    files, manifest = application(11)
    put(ROOT + "b/app/m0.mpy", files["app/m0.mpy"])
    put(ROOT + "b/app/m1.mpy", bytes(1500))  # the right size, and damaged
    put(ROOT + "b/app/m2.mpy", files["app/m2.mpy"][:13])
    put(ROOT + "b/app/old.mpy", b"of another application")
    coming = Update(start()[0])
    assert offer(coming, manifest) == UPDATE_TAKEN and coming.place == (0, 900)
    assert write(coming, 0, 900, b"") == (1, 1500, UPDATE_TAKEN)
    assert write(coming, 1, 1500, b"") == (1, 0, UPDATE_TAKEN)
    assert write(coming, 1, 0, files["app/m1.mpy"]) == (2, 13, UPDATE_TAKEN)
    assert write(coming, 2, 13, files["app/m2.mpy"][13:]) == (3, 0, UPDATE_TAKEN)
    assert write(coming, 3, 0, b"")[2] == UPDATE_TAKEN and coming.place is None
    assert switch(coming) == UPDATE_TAKEN
    slots, slot = start()
    assert slot == "b" and "app/old.mpy" not in [name for name in files_of(slots, "b")]


def files_of(slots, slot):
    """All files of a slot, as those of the idle one."""
    slots.running = "a" if slot == "b" else "b"
    return slots.files()


def test_a_full_flash_is_said_and_the_old_one_runs_on():
    flash = board()
    coming = Update(start()[0])
    files, manifest = application(11)
    assert offer(coming, manifest) == UPDATE_TAKEN
    flash.cut = flash.writes + 1
    found = write(coming, 0, 0, files["app/m0.mpy"])
    assert found[2] == UPDATE_NO_ROOM, found
    mount(flash)
    assert write(coming, 0, 0, files["app/m0.mpy"])[2] == UPDATE_NOT_OFFERED
    assert start()[1] == "a"


def test_the_power_goes_at_every_write_of_an_update():
    """Something whole runs after each, the old one until the switch; then it goes on."""
    flash = board()
    image = bytes(flash.data)
    mount(flash)
    update(11)
    n_writes = flash.writes
    assert n_writes > 40
    outcomes = set()
    for cut in range(1, n_writes + 2):  # the last one comes too late
        go_back(flash, image)
        flash.cut = cut
        try:
            update(11)
        except OSError:
            pass
        mount(flash)
        slots, slot = start()
        assert slot in ("a", "b") and slots.is_whole(slot), cut
        outcomes.add(slot)
        if slot == "a":
            code, sent = update(11)
            assert code == UPDATE_TAKEN and sent <= 2440, cut
            slots, slot = start()
            assert slot == "b", cut
        slots.settled()
        assert start()[1] == "b" and slots.is_whole("b"), cut
    assert outcomes == {"a", "b"}
