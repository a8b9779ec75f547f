"""Another application comes, piece by piece, into the slot that does not run.

`slots` is the board's port (slots.Slots at the root of the board). What can come of a step is a
number, for the host to read; nothing that a host sends makes this raise. The device goes on running
the old application all the while.
"""

import asyncio

from biocore.message import (
    FILE_MANIFEST,
    FILE_NONE,
    MANIFEST_BYTES,
    OFFER,
    PIECE,
    SWITCH,
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
    place: (number of the file in the manifest, offset) that is wanted next; None where all is
    there. Of a file that seems to be there the empty piece at its end is wanted: then it is looked
    over, one file a message, as a digest takes its time. So it is with the manifest, which is
    looked over in many steps: between two messages the sampler has its turn. An update that broke
    off goes on where it was: offer the same manifest again.
    """

    def __init__(self, slots):
        self._slots = slots
        self._expected = -1  # bytes of the manifest that is coming; -1: none is
        self._there = 0  # of them
        self._seal = b""
        self._steps = None  # what is left to look at of a manifest that is there
        self._entries = None  # the manifest's lines to come, while files are
        self._entry = None
        self._number = 0
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

    def start_anew(self):
        """The session is over: if another application was named, `run` returns."""
        if self._named:
            self._switched.set()

    def answer(self, opcode, fields):
        """The fields of the answer to OFFER, PIECE or SWITCH."""
        try:
            if opcode == OFFER:
                return fields[:2] + self._place(self._offered(fields[0], fields[1]))
            if opcode == PIECE:
                return self._place(self._piece(fields[0], fields[1], fields[3]))
            return (self._switch(),)
        except (OSError, ValueError):  # the flash is full, or does not give back what it took
            self._end()
        except MemoryError:  # the session ends: what was half done must not pass for whole
            self._end()
            raise
        failed = UPDATE_NO_ROOM
        if opcode == SWITCH:
            return (failed,)
        return (fields[:2] if opcode == OFFER else ()) + self._place(failed)

    def _place(self, code):
        """(number, offset) that is wanted next, and the code."""
        if self._expected >= 0:
            return FILE_MANIFEST, self._there, code
        return (self.place or (FILE_NONE, 0)) + (code,)

    def _end(self):
        """Nothing is offered any more."""
        if self._entries is not None:
            self._entries.close()
        self._entries = self._entry = self.place = self._steps = None
        self._expected = -1

    # -- the manifest

    def _offered(self, size, seal):
        self._end()
        if self._slots is None:
            return UPDATE_NO_SLOTS
        if not 0 < size <= MANIFEST_BYTES:
            return UPDATE_UNREADABLE
        self._slots.begin_coming()
        self._expected = size
        self._there = 0
        self._seal = seal
        return UPDATE_TAKEN

    def _piece(self, number, offset, data):
        if number != FILE_MANIFEST:
            return self._write(number, offset, data)
        if self._expected < 0:
            return UPDATE_NOT_OFFERED
        if offset != self._there or offset + len(data) > self._expected:
            return UPDATE_TAKEN
        if data:
            self._slots.add_coming(data)
            self._there += len(data)
        elif self._there == self._expected:
            return self._look_on()
        return UPDATE_TAKEN

    def _look_on(self):
        """The next step of looking at a manifest that is there."""
        if self._steps is None:
            self._steps = self._look_at_manifest()
        try:
            next(self._steps)
        except StopIteration as end:
            self._steps = None
            self._expected = -1
            return end.value
        return UPDATE_TAKEN

    def _look_at_manifest(self):
        """All of it is there. Until it is taken, nothing of the other slot is touched.

        A generator of steps that a FIFO can wait for; returns what has come of it.
        """
        slots = self._slots
        if not slots.is_seal_coming(self._seal):
            return UPDATE_NOT_OURS
        yield
        try:
            head = slots.head_coming()
            names = slots.names_coming()
        except ValueError:
            return UPDATE_UNREADABLE
        if any([names.index(names[i]) != i for i in range(len(names))]):
            return UPDATE_UNREADABLE  # there twice: one of them would never be as it says
        if not slots.fits(head):
            return UPDATE_OTHER_BOARD
        if head["build"] < slots.build_of(slots.running):
            return UPDATE_OLDER
        yield
        slots.make_folders(names)
        # From here on nobody starts this slot until the switch.
        slots.remove(MANIFEST)
        yield
        names += [SEAL, COMING]
        for name in slots.files():
            if name not in names:
                slots.remove(name)  # of another application
                yield
        slots.put(SEAL, self._seal)
        slots.take(COMING)
        self._entries = slots.entries(COMING)
        self._number = -1
        self._next()
        return UPDATE_TAKEN

    # -- its files

    def _next(self):
        """Go on to the next file of the manifest."""
        self._number += 1
        try:
            self._entry = next(self._entries)  # pyright: ignore[reportArgumentType]
        except StopIteration:
            self._entry = None
        self._look()

    def _look(self):
        """Find how much of the file is there."""
        self.place = None
        if self._entry is None:
            return
        name, size, _ = self._entry
        there = self._slots.size(name)
        if there > size:
            self._slots.remove(name)
            there = 0
        if not size:
            self._slots.append(name, b"")
        self.place = (self._number, max(there, 0))

    def _write(self, number, offset, data):
        """Add a piece where `place` wants one; what belongs elsewhere is left out."""
        if self._entries is None:
            return UPDATE_NOT_OFFERED
        if self.place != (number, offset):
            return UPDATE_TAKEN  # `place` says how it goes on
        name, size, digest = self._entry  # pyright: ignore[reportGeneralTypeIssues]
        there = offset + len(data)
        if there > size:
            return UPDATE_DAMAGED
        if data:
            self._slots.append(name, data)
        if there < size:
            self.place = (number, there)
        elif self._slots.digest(name) == digest:
            self._next()
        else:
            self._slots.remove(name)
            self._look()
        return UPDATE_TAKEN

    def _switch(self):
        """Name the application that has come: it is tried from the next start on."""
        if self._entries is None:
            return UPDATE_NOT_OFFERED
        if self.place is not None:
            return UPDATE_DAMAGED
        self._slots.rename(COMING, MANIFEST)
        self._slots.switch()
        self._end()
        self._named = True
        return UPDATE_TAKEN
