"""Another application comes, piece by piece, into the slot that does not run.

`slots` is the board's port (slots.Slots at the root of the board). What can come of a step is a
number, for the host to read; nothing that a host sends makes this raise but OSError, where the
flash does not take it. The device goes on running the old application all the while.
"""

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


MANIFEST = "manifest.json"
SEAL = "manifest.hmac"
COMING = "manifest.new"  # of an application that is still being written

# What came of an offer, a piece or a switch
TAKEN = const(0)
OLDER = const(1)  # than the application that runs
NOT_OURS = const(2)  # the HMAC is not by this device's key, or there is no key
DAMAGED = const(3)  # what was written is not what the manifest says
NO_ROOM = const(4)
UNREADABLE = const(5)  # a manifest that is none
NO_SLOTS = const(6)  # this board has no place for another application
NOTHING_OFFERED = const(7)

MOST_MANIFEST_BYTES = const(16384)


class Update:
    """`offer`, then `write` what `place` asks for until it is None, then `switch`.

    place: (number of the file in the manifest, offset) that is wanted next; None where all is
    there. An update that broke off goes on where it was: offer the same manifest again.
    """

    def __init__(self, slots):
        self._slots = slots
        self._files = None
        self._number = 0
        self.place = None

    def offer(self, text, seal):
        """Take a manifest, as bytes, and its HMAC. Returns TAKEN, or why not."""
        slots = self._slots
        if slots is None:
            return NO_SLOTS
        if not slots.is_seal(text, seal):
            return NOT_OURS
        manifest = slots.manifest(text)
        if manifest is None:
            return UNREADABLE
        if manifest["build"] < slots.build_of(slots.running):
            return OLDER
        self._files = [(one["path"], one["size"], one["sha256"]) for one in manifest["files"]]
        self._number = 0
        try:
            slots.make_folders([one[0] for one in self._files])
            # From here on nobody starts this slot until the switch.
            slots.remove(MANIFEST)
            slots.put(SEAL, seal)
            slots.put(COMING, text)
            self._clear()
            self._look()
        except OSError:
            self._files = None
            return NO_ROOM
        return TAKEN

    def _clear(self):
        """Remove what belongs to another application."""
        wanted = [one[0] for one in self._files] + [SEAL, COMING]
        for name in self._slots.files():
            if name not in wanted:
                self._slots.remove(name)

    def _look(self):
        """Find the next place. A file that has its size and not its digest is begun anew."""
        slots = self._slots
        while self._number < len(self._files):
            name, size, digest = self._files[self._number]
            if not size:
                slots.append(name, b"")  # nobody sends a piece of nothing
            there = max(slots.size(name), 0)
            if there == size and slots.digest(name) == digest:
                self._number += 1
                continue
            if there >= size:
                slots.remove(name)
                there = 0
                if not size:
                    self._number += 1  # a digest that no file has: the switch will say so
                    continue
            self.place = (self._number, there)
            return
        self.place = None

    def write(self, number, offset, data):
        """Add a piece where `place` wants one; what belongs elsewhere is left out.

        Returns TAKEN, also for what is left out: `place` says how it goes on.
        """
        if self._files is None:
            return NOTHING_OFFERED
        if self.place == (number, offset) and data:
            name, size, _ = self._files[number]
            if offset + len(data) > size:
                return DAMAGED
            try:
                self._slots.append(name, data)
                if offset + len(data) < size:
                    self.place = (number, offset + len(data))
                else:
                    self._look()
            except OSError:
                self._files = None
                return NO_ROOM
        return TAKEN

    def switch(self):
        """Look the coming application over and name it: it runs from the next start on."""
        if self._files is None:
            return NOTHING_OFFERED
        if self.place is not None:
            return DAMAGED
        slots = self._slots
        try:
            if slots.size(COMING) >= 0:
                slots.rename(COMING, MANIFEST)
            return TAKEN if slots.switch() else DAMAGED
        except OSError:
            return NO_ROOM
