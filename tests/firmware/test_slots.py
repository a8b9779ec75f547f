"""Two slots: what starts, what falls back, and an update that the power may leave at any write."""

import hashlib
import json

import manifest as manifests
import slots as at_root
from app.update import Update
from biocore.message import (
    FILE_MANIFEST,
    OFFER,
    PIECE,
    SWITCH,
    UPDATE_DAMAGED,
    UPDATE_NO_ROOM,
    UPDATE_NOT_OFFERED,
    UPDATE_NOT_OURS,
    UPDATE_OLDER,
    UPDATE_OTHER_BOARD,
    UPDATE_TAKEN,
    UPDATE_UNREADABLE,
)
from lfs_flash import AT, format_and_mount, go_back, mount, put
from slots import MOST_TRIES, Slots

KEY = bytes(range(32))
ROOT = AT + "/"
PIECE_BYTES = 700


def application(build, sizes=(900, 1500, 40, 0)):
    """Files by name, and their manifest's bytes."""
    files = {}
    for n, size in enumerate(sizes):
        files["app/m%d.mpy" % n] = bytes([(build * 31 + n * 7 + i) & 255 for i in range(size)])
    lines = []
    for name in sorted(files):
        digest = "".join(["%02x" % one for one in hashlib.sha256(files[name]).digest()])
        lines.append(json.dumps({"path": name, "size": len(files[name]), "sha256": digest}))
    first = '{"board": "test", "version": "1", "build": %d, "files": [' % build
    return files, ("%s\n%s\n]}\n" % (first, ",\n".join(lines))).encode()


def seal_of(text, key=KEY):
    """HMAC-SHA256 of bytes: manifest.seal is that of a file."""
    put(ROOT + "sealed", text)
    return manifests.seal(ROOT + "sealed", key)


def lay(slot, build):
    files, manifest = application(build)
    for name, data in files.items():
        put(ROOT + slot + "/" + name, data)
    put(ROOT + slot + "/manifest.json", manifest)
    put(ROOT + slot + "/manifest.hmac", seal_of(manifest))


def board(state=b'{"slot": "a", "tries": 0, "good": true}', b=0):
    """A provisioned board with build 10 in a."""
    flash = format_and_mount()
    put(ROOT + "key", KEY)
    lay("a", 10)
    if b:
        lay("b", b)
    if state is not None:
        put(ROOT + "slot.json", state)
    return flash


def start():
    slots = Slots(ROOT)
    return slots, slots.choose()


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


# -- an update


def offer(coming, manifest, seal=None):
    """Offer a manifest and send it, by messages; what came of it."""
    seal = seal_of(manifest) if seal is None else seal
    number, offset, code = coming.answer(OFFER, (len(manifest), seal, 0, 0, 0))[2:]
    while code == UPDATE_TAKEN and number == FILE_MANIFEST:
        number, offset, code = write(
            coming, number, offset, manifest[offset : offset + PIECE_BYTES]
        )
    return code


def write(coming, number, offset, data):
    """Send a piece; (number, offset) that is wanted next, and the code."""
    return coming.answer(PIECE, (number, offset, 0, data))


def switch(coming):
    return coming.answer(SWITCH, (0,))[0]


def update(build):
    """The whole of it, as a host does; returns (what came of it, bytes sent). Raises OSError where
    the flash had no power for it."""
    slots, _ = start()
    coming = Update(slots)
    files, manifest = application(build)
    code = offer(coming, manifest)
    names = sorted(files)
    sent = 0
    while code == UPDATE_TAKEN and coming.place is not None:
        n, offset = coming.place
        piece = files[names[n]][offset : offset + PIECE_BYTES]
        code = write(coming, n, offset, piece)[2]
        sent += len(piece)
    return (code if code != UPDATE_TAKEN else switch(coming)), sent


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
