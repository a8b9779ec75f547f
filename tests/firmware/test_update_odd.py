"""What an update must not be talked into, and what a device that is nobody's must not keep."""

import os

from app.update import Update
from biocore.message import (
    FILE_MANIFEST,
    OFFER,
    UPDATE_NOT_OFFERED,
    UPDATE_TAKEN,
    UPDATE_UNREADABLE,
)
from hw import provisioned
from lfs_flash import AT, put
from slot_board import ROOT, application, board, offer, seal_of, start, switch, update, write


def test_names_that_leave_their_slot_or_say_what_is_in_it_are_refused():
    manifest = application(11)[1]
    board()
    before = os.listdir(AT)
    coming = Update(start()[0])
    for name in (
        b"",
        b"/key",
        b"..",
        b"../key",
        b"app/../../key",
        b"app/..",
        b".",
        b"./manifest.json",
        b"././manifest.hmac",
        b"app//m0.mpy",
        b"app/",
        b"app/./m0.mpy",
        b"manifest.new",
        b"app/m1.mpy",  # twice
    ):
        text = manifest.replace(b'"app/m0.mpy"', b'"' + name + b'"')
        assert offer(coming, text) == UPDATE_UNREADABLE, name
    assert [name for name in os.listdir(AT) if name not in before] == ["manifest.part"]
    assert start()[1] == "a"


def test_memory_that_runs_out_in_the_middle_leaves_nothing_that_passes_for_whole():
    board()
    slots, _ = start()
    coming = Update(slots)
    files, manifest = application(11)
    assert offer(coming, manifest) == UPDATE_TAKEN
    entries = coming._entries

    class Dying:
        """The manifest's lines, when there is no memory for the next one."""

        close = entries.close

        def __iter__(self):
            return self

        def __next__(self):
            raise MemoryError

    coming._entries = Dying()
    try:
        write(coming, 0, 0, files["app/m0.mpy"])
    except MemoryError:
        pass  # ends the session: app.sync counts it
    else:
        raise AssertionError
    assert switch(coming) == UPDATE_NOT_OFFERED
    assert write(coming, 0, 0, b"")[2] == UPDATE_NOT_OFFERED
    assert start()[1] == "a"
    assert update(11)[0] == UPDATE_TAKEN  # what was there is not sent again
    assert start()[1] == "b"


def test_another_build_offered_in_the_middle_and_after_the_switch():
    board()
    slots, _ = start()
    coming = Update(slots)
    files, manifest = application(11)
    assert offer(coming, manifest) == UPDATE_TAKEN
    write(coming, 0, 0, files["app/m0.mpy"][:700])
    assert update(12)[0] == UPDATE_TAKEN
    slots, slot = start()
    assert slot == "b" and slots.build_of("b") == 12
    board()
    assert update(11)[0] == UPDATE_TAKEN
    # In the same session another one begins in the slot that was just named, and ends halfway.
    coming = Update(slots)
    slots.running = "a"
    assert offer(coming, application(13)[1]) == UPDATE_TAKEN
    slots, slot = start()
    assert slot == "a" and slots.is_whole("a")
    assert update(13)[0] == UPDATE_TAKEN and start()[1] == "b"


def test_nobodys_device_keeps_no_key_not_even_one_that_was_coming():
    board()
    at = os.getcwd()
    os.chdir(AT)
    try:
        for name in ("settings.json", "settings.json.new", "key.new"):
            put(ROOT + name, b"x")
        provisioned.forget()
        provisioned.forget()
        left = os.listdir("")
        assert provisioned.key() is None and provisioned.settings_text() == ""
    finally:
        os.chdir(at)
    assert not [name for name in left if name.startswith("key") or name.startswith("settings")]


def test_a_manifest_is_looked_over_in_steps_and_old_files_go_one_a_message():
    """Between two messages the sampler reads its FIFO."""
    board()
    for n in range(12):
        put(ROOT + "b/app/old%d.mpy" % n, b"x")
    slots, _ = start()
    coming = Update(slots)
    manifest = application(11)[1]
    removed = []
    remove = slots.remove

    def noted(name):
        removed[-1] += 1
        remove(name)

    slots.remove = noted
    seal = seal_of(manifest)
    number, offset, code = coming.answer(OFFER, (len(manifest), seal, 0, 0, 0))[2:]
    while code == UPDATE_TAKEN and number == FILE_MANIFEST:
        removed.append(0)
        number, offset, code = write(coming, number, offset, manifest[offset : offset + 700])
    assert (number, offset, code) == (0, 0, UPDATE_TAKEN)
    assert max(removed) == 1 and sum(removed) >= 12 and len(removed) > 14, removed
