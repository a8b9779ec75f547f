"""Carries a window of pages from the journal into a channel, a message at a time."""

from biocore import message
from biocore.page import PAGE_BYTES

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


MAX_WINDOW_PAGES = const(256)  # between two SENT at most


class Courier:
    """`begin` a window, then `send` whenever the channel has room, until `is_busy` is False.

    `pages_sent` counts; `split`: messages that went page by page, for want of room. A new `begin`
    replaces a window that is under way; that one gets no SENT.
    """

    def __init__(self, journal):
        self._journal = journal
        # One for good, and the message sealed out of it is the only copy: a heap in pieces may have
        # no room for a second one.
        self._message = bytearray(1 + message.PAGES_PER_MESSAGE * PAGE_BYTES)
        self._message[0] = message.PAGES
        self._from = 0
        self._left = 0
        self._sent = 0
        self.is_busy = False
        self.pages_sent = 0
        self.split = 0

    def begin(self, start, n_pages):
        """Pages from `start` on, at most so many."""
        self._from = start
        self._left = min(n_pages, MAX_WINDOW_PAGES)
        self._sent = 0
        self.is_busy = True

    def stop(self):
        """No more of this window."""
        self.is_busy = False

    def send(self, channel):
        """Write the next pages of the window, and the SENT that ends it. OSError: the flash."""
        journal = self._journal
        pages = memoryview(self._message)[1:]
        size = 0
        sequence = 0
        while self._left and size < len(pages):
            sequence = journal.read_into(self._from, pages[size : size + PAGE_BYTES])
            if sequence < 0:
                break
            size += PAGE_BYTES
            self._from = sequence + 1
            self._left -= 1
            self._sent += 1
            self.pages_sent += 1
        if size:
            self._write(channel, size)
        if sequence >= 0 and self._left:
            return
        has_more = sequence >= 0 and journal.has_from(self._from)
        if not has_more:  # gaps at the end are not worth asking for again
            self._from = max(self._from, journal.next_sequence)
        self.is_busy = False
        channel.write(message.encode(message.SENT, self._sent, self._from, int(has_more)))

    def _write(self, channel, size):
        """Write so many bytes of pages: in one message, or one by one where there is no room for
        it in one piece."""
        text = memoryview(self._message)
        try:
            channel.write(text[: 1 + size])
            return
        except MemoryError:
            self.split += 1
        for at in range(0, size, PAGE_BYTES):
            text[1 : 1 + PAGE_BYTES] = text[1 + at : 1 + at + PAGE_BYTES]
            channel.write(text[: 1 + PAGE_BYTES])
