"""Two places for the application on a board, `a` and `b`, and which of them runs.

Lies at the root of the board as source, beside boot.py, and is changed by cable alone: what chooses
between two applications must not be part of either. The board's slot.json is

    {"slot": "a", "tries": 0, "good": true}

and is only ever replaced by a rename, so that it names one slot at every moment. An application
that is new is tried: it is looked over (each file's SHA-256 by its manifest, the manifest's HMAC by
the key of the device), and if it has not said after three starts that it runs, the other one comes
back. One that raises is started anew (`failed`), for nobody is there to do it, and is on trial
then, well as it may have run before. Nothing here raises for what is on flash: whatever is wrong
with a slot, it does not run.
"""

import json
import os
import sys
import time

import manifest as manifests

SLOTS = ("a", "b")
MOST_TRIES = 3
MANIFEST = "manifest.json"
SEAL = "manifest.hmac"
_STATE = "slot.json"
_PAUSE_S = 5  # a watchdog that runs bites after eight
_DIRECTORY = 0x4000  # of a file's mode


class Slots:
    """The slots of the file system below `root`, which ends with a slash."""

    def __init__(self, root="/"):
        self._root = root
        self.running = None

    # -- files

    def path(self, slot, name):
        """Where a file of a slot is."""
        return self._root + slot + "/" + name

    def _read(self, path):
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError:
            return None

    def _put(self, path, data):
        """Write a small file whole: what is there under its name is the old one or the new one."""
        with open(path + "~", "wb") as file:
            file.write(data)
        os.rename(path + "~", path)

    def _remove(self, path):
        try:
            os.remove(path)
        except OSError:
            pass

    def _size(self, path):
        """Bytes of a file, -1 where there is none."""
        try:
            return os.stat(path)[6]
        except OSError:
            return -1

    # -- what a slot holds

    def key(self):
        """The device's key of 32 bytes; None before provisioning."""
        key = self._read(self._root + "key")
        return key if key and len(key) == 32 else None

    def build_of(self, slot):
        """The number of a slot's build, which rises; 0 where nothing is known."""
        head = manifests.head(self.path(slot, MANIFEST)) if slot else None
        return head["build"] if head else 0

    def fits(self, head):
        """Whether an application is for the board of the one that runs."""
        running = manifests.head(self.path(self.running, MANIFEST)) if self.running else None
        return running is None or head.get("board") == running.get("board")

    def is_whole(self, slot):
        """Whether every file is there as the manifest says, and the manifest is sealed by our key.

        A board without a key (before provisioning) has nothing to check a seal with.
        """
        path = self.path(slot, MANIFEST)
        try:
            if self.key() is not None and not self.is_seal(path, self._read(self.path(slot, SEAL))):
                return False
            for name, size, digest in manifests.entries(path):
                file = self.path(slot, name)
                if self._size(file) != size or manifests.digest(file) != digest:
                    return False
        except (OSError, ValueError):
            return False
        return manifests.head(path) is not None

    def is_seal(self, path, seal):
        """Whether this is the HMAC of a file's bytes by this device's key. Raises OSError."""
        key = self.key()
        return key is not None and seal == manifests.seal(path, key)

    # -- starting

    def state(self):
        """(slot or None, tries, good) as slot.json says."""
        try:
            state = json.loads(self._read(self._root + _STATE) or b"{}")
            slot, tries, good = state.get("slot"), state.get("tries", 0), state.get("good", False)
            if slot in SLOTS and isinstance(tries, int):
                return slot, tries, good is True
        except (ValueError, AttributeError):
            pass
        return None, 0, False

    def _put_state(self, slot, tries, good):
        state = {"slot": slot, "tries": tries, "good": good}
        self._put(self._root + _STATE, json.dumps(state).encode())

    def choose(self):
        """Return the slot that is to run now, None where neither can. To be called once a start.

        1 it has run well before: it runs. 2 it is tried, for the first time only if it is whole.
        3 it had its tries, or is not whole: the other runs, if that is whole. 4 slot.json is gone:
        the newest that is whole.
        """
        slot, tries, good = self.state()
        if slot is None:
            self.running = self._newest_whole()
            if self.running is not None:
                self._try_put(self.running, 1, False)
            return self.running
        if good:
            self.running = slot
            return slot
        if tries < MOST_TRIES and (tries or self.is_whole(slot)):
            # Without room for this line it would be tried for ever: then rather the other one.
            if self._try_put(slot, tries + 1, False):
                self.running = slot
                return slot
        other = "a" if slot == "b" else "b"
        if self.is_whole(other):
            self._try_put(other, 1, False)
            slot = other
        self.running = slot
        return slot

    def _try_put(self, slot, tries, good):
        try:
            self._put_state(slot, tries, good)
        except OSError:
            return False
        return True

    def _newest_whole(self):
        whole = [(self.build_of(slot), slot) for slot in SLOTS if self.is_whole(slot)]
        return max(whole)[1] if whole else None

    def settled(self):
        """The application says that it runs. Raises OSError where that cannot be kept."""
        slot, _, good = self.state()
        if slot is not None and slot == self.running and not good:
            self._put_state(slot, 0, True)

    def failed(self):
        """The application that runs has raised. Once it may: it has its tries again."""
        slot, _, good = self.state()
        if good and slot == self.running:
            self._try_put(slot, 1, False)

    # -- for app.update, which fills the slot that does not run

    @property
    def idle(self):
        """The slot that does not run."""
        return "a" if self.running == "b" else "b"

    # Outside of the slots: until a manifest is taken, what is in the idle one may yet be needed.
    @property
    def _coming(self):
        return self._root + "manifest.part"

    def begin_coming(self):
        """Begin the manifest that is being sent, empty. Raises OSError."""
        with open(self._coming, "wb"):
            pass

    def add_coming(self, data):
        """Add a piece to it. Raises OSError."""
        with open(self._coming, "ab") as file:
            file.write(data)

    def is_seal_coming(self, seal):
        """Whether this is its HMAC by our key. Raises OSError."""
        return self.is_seal(self._coming, seal)

    def head_coming(self):
        """What it says before the files. Raises OSError, ValueError."""
        head = manifests.head(self._coming)
        if head is None:
            raise ValueError("no manifest")
        return head

    def names_coming(self):
        """The files that it names. Raises OSError, ValueError."""
        return [entry[0] for entry in manifests.entries(self._coming)]

    def take(self, name):
        """The manifest that came is the idle slot's now, by this name. Raises OSError."""
        os.rename(self._coming, self.path(self.idle, name))

    def entries(self, name):
        """manifest.entries of a manifest in the idle slot."""
        return manifests.entries(self.path(self.idle, name))

    def size(self, name):
        """Bytes of a file of the idle slot, -1 where there is none."""
        return self._size(self.path(self.idle, name))

    def digest(self, name):
        """SHA-256 of a file of the idle slot in hexadecimal digits; empty where there is none."""
        return manifests.digest(self.path(self.idle, name))

    def put(self, name, data):
        """Write a small file of the idle slot whole. Raises OSError."""
        self._put(self.path(self.idle, name), data)

    def append(self, name, data):
        """Add to a file of the idle slot. Raises OSError."""
        with open(self.path(self.idle, name), "ab") as file:
            file.write(data)

    def rename(self, name, new):
        """Give a file of the idle slot another name. Raises OSError."""
        os.rename(self.path(self.idle, name), self.path(self.idle, new))

    def remove(self, name):
        """Remove a file of the idle slot, if it is there."""
        self._remove(self.path(self.idle, name))

    def make_folders(self, names):
        """Make the idle slot, and the folders that these files of it lie in."""
        for name in names:
            parts = (self.idle + "/" + name).split("/")
            for n in range(1, len(parts)):
                try:
                    os.mkdir(self._root + "/".join(parts[:n]))
                except OSError:
                    pass  # it is there

    def files(self, folder=""):
        """Yield all files of the idle slot, by their names in it; what was given may be removed."""
        for entry in list(os.ilistdir(self.path(self.idle, folder))):
            name = folder + entry[0]
            if entry[1] == _DIRECTORY:
                yield from self.files(name + "/")
            else:
                yield name

    def switch(self):
        """Name the idle slot: the next start tries it, if it is whole. Raises OSError."""
        self._put_state(self.idle, 0, False)


_board = Slots()


def choose():
    """For boot.py: what of the board is to run now."""
    return _board.choose()


def running():
    """For board.py: the board's slots; None where boot.py did not start what runs."""
    return _board if _board.running else None


def failed(error):
    """For main.py: the application raised. Says why, and starts the chip anew; does not return.

    A prompt would be the end: no wrist has a reset button. Whoever wants one has some seconds for
    a Ctrl-C. Raises the error again where boot.py started nothing.
    """
    if _board.running is None:
        raise error
    import machine

    sys.print_exception(error)
    _board.failed()
    print("it starts anew in %d s; Ctrl-C: a prompt" % _PAUSE_S)
    time.sleep(_PAUSE_S)
    machine.reset()
