"""Another application comes, piece by piece, into the slot that does not run.

`slots` is the board's port (slots.Slots at the root of the board). What can come of a step is a
number, for the host to read; nothing that a host sends makes this raise but OSError, where the
flash does not take it. The device goes on running the old application all the while.
"""

import asyncio

from biocore.message import (
    FILE_MANIFEST,
    FILE_NONE,
    MANIFEST_BYTES,
    OFFER,
    PIECE,
    UPDATE_DAMAGED,
    UPDATE_NO_ROOM,
    UPDATE_NO_SLOTS,
    UPDATE_NOT_OFFERED,
    UPDATE_NOT_OURS,
    UPDATE_OLDER,
    UPDATE_OTHER_BOARD,
    UPDATE_TAKEN,
    UPDATE_UNREADABLE,
)

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


MANIFEST = "manifest.json"
SEAL = "manifest.hmac"
COMING = "manifest.new"  # of an application that is still being written

_SETTLED_MS = const(300_000)  # running for so long, an application is taken for one that runs


class Update:
    """`run` is the device's part; `answer` answers the messages of a host.

    is_switched: another application was named, and the device has to start anew.
    Beneath, without messages: `offer`, then `write` what `place` asks for until it is None, then
    `switch`.

    place: (number of the file in the manifest, offset) that is wanted next; None where all is
    there. An update that broke off goes on where it was: offer the same manifest again.
    """

    def __init__(self, slots):
        self._slots = slots
        self._files = ()
        self._number = 0
        self._manifest = None  # while it comes: bytes, their size, its seal
        self._size = 0
        self._seal = b""
        self._named = False
        self._switched = asyncio.Event()
        self.place = None

    @property
    def is_switched(self):
        return self._switched.is_set()

    async def run(self):
        """Say, once it has run for a while, that this application runs; return to start anew."""
        try:
            await asyncio.wait_for_ms(self._switched.wait(), _SETTLED_MS)
            return
        except asyncio.TimeoutError:
            pass
        if self._slots is not None:
            try:
                self._slots.settled()
            except OSError:
                pass  # it is tried anew, then
        await self._switched.wait()

    # -- the messages

    def answer(self, opcode, fields):
        """The fields of the answer to OFFER, PIECE or SWITCH."""
        if opcode == OFFER:
            return self._offered(fields)
        if opcode == PIECE:
            return self._piece(fields)
        return (self.switch(),)

    def _offered(self, fields):
        size, seal = fields[0], fields[1]
        self._files = ()
        self._manifest = None
        code = UPDATE_TAKEN
        if self._slots is None:
            code = UPDATE_NO_SLOTS
        elif not 0 < size <= MANIFEST_BYTES:
            code = UPDATE_UNREADABLE
        else:
            self._manifest = bytearray()
            self._size = size
            self._seal = seal
        return (size, seal) + self._place() + (code,)

    def _piece(self, fields):
        """A piece of the manifest, then of its files."""
        number, offset, _, data = fields
        if number != FILE_MANIFEST:
            code = self.write(number, offset, data)
        elif self._manifest is None:
            code = UPDATE_NOT_OFFERED
        else:
            code = self._write_manifest(self._manifest, offset, data)
        return self._place() + (code,)

    def _write_manifest(self, manifest, offset, data):
        if offset == len(manifest) and offset + len(data) <= self._size:
            manifest.extend(data)
        if len(manifest) < self._size:
            return UPDATE_TAKEN
        self._manifest = None
        return self.offer(bytes(manifest), self._seal)

    def _place(self):
        """(number, offset) that is wanted next."""
        if self._manifest is not None:
            return FILE_MANIFEST, len(self._manifest)
        return self.place if self._files and self.place else (FILE_NONE, 0)

    # -- beneath them

    def offer(self, text, seal):
        """Take a manifest, as bytes, and its HMAC. Returns UPDATE_TAKEN, or why not."""
        slots = self._slots
        if slots is None:
            return UPDATE_NO_SLOTS
        if not slots.is_seal(text, seal):
            return UPDATE_NOT_OURS
        manifest = slots.manifest(text)
        if manifest is None:
            return UPDATE_UNREADABLE
        if not slots.fits(manifest):
            return UPDATE_OTHER_BOARD
        if manifest["build"] < slots.build_of(slots.running):
            return UPDATE_OLDER
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
            self._files = ()
            return UPDATE_NO_ROOM
        return UPDATE_TAKEN

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

        Returns UPDATE_TAKEN, also for what is left out: `place` says how it goes on.
        """
        if not self._files:
            return UPDATE_NOT_OFFERED
        if self.place == (number, offset) and data:
            name, size, _ = self._files[number]
            if offset + len(data) > size:
                return UPDATE_DAMAGED
            try:
                self._slots.append(name, data)
                if offset + len(data) < size:
                    self.place = (number, offset + len(data))
                else:
                    self._look()
            except OSError:
                self._files = ()
                return UPDATE_NO_ROOM
        return UPDATE_TAKEN

    def switch(self):
        """Look the coming application over and name it: it runs from the next start on."""
        if not self._files:
            return UPDATE_NOT_OFFERED
        if self.place is not None:
            return UPDATE_DAMAGED
        slots = self._slots
        try:
            if slots.size(COMING) >= 0:
                slots.rename(COMING, MANIFEST)
            if not slots.switch():
                return UPDATE_DAMAGED
        except OSError:
            return UPDATE_NO_ROOM
        self._files = ()
        self._named = True
        return UPDATE_TAKEN

    def start_anew(self):
        """The session is over: if another application was named, `run` returns."""
        if self._named:
            self._switched.set()
