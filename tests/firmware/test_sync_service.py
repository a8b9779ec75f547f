"""The device's side of a session, on a radio port in memory."""

import asyncio

from app.sync import MAX_WINDOW_PAGES, SyncService
from biocore import frame, message
from biocore.page import PageBuilder

IDENTITY = b"bioklok1"


class MemoryRadio:
    """The radio port: frames of one connection in, frames out. Leaves when all was read."""

    def __init__(self, incoming, frame_bytes=244, room=1_000_000):
        self.frame_bytes = frame_bytes
        self.sent = []
        self._incoming = list(incoming)
        self._connections = 1
        self._room = room  # frames until the host is gone

    async def wait_connected(self):
        if not self._connections:
            raise EOFError
        self._connections -= 1

    async def receive(self):
        return self._incoming.pop(0) if self._incoming else None

    async def send(self, piece):
        if len(self.sent) == self._room:
            return False
        self.sent.append(bytes(piece))
        return True


class MemoryJournal:
    def __init__(self, sequences):
        self.journal_id = 7
        self.boot_id = 8
        self.oldest = sequences[0]
        self.next_sequence = sequences[-1] + 1
        self.acknowledged = 0
        self.n_pages = len(sequences)
        self.n_epochs = len(sequences)
        self.n_flushes = 0
        self.is_broken = False
        self._sequences = sequences

    def flush(self):
        self.n_flushes += 1

    def read_into(self, sequence, buffer):
        if self.is_broken:
            raise OSError(5)
        for found in self._sequences:
            if found >= sequence:
                builder = PageBuilder()
                builder.begin(self.journal_id, self.boot_id, 0, 0)
                builder.append(1, 2, 3, 4, 5, 6, 7, 8)
                buffer[:] = builder.close(found)
                return found
        return -1

    def acknowledge(self, next_sequence):
        assert next_sequence <= self.next_sequence
        self.acknowledged = max(self.acknowledged, next_sequence)


def pieces(*messages, frame_bytes=244):
    out = []
    for number, text in enumerate(messages):
        out.extend([bytes(piece) for piece in frame.frames(text, number, frame_bytes)])
    return out


def serve(radio, journal):
    """Run one connection to its end; return the service and the decoded answers."""
    service = SyncService(radio, journal, IDENTITY)
    is_over = False
    try:
        asyncio.run(service.run())
    except EOFError:  # the radio has no second connection to wait for
        is_over = True
    assert is_over
    incoming = frame.Reassembler()
    answers = []
    for expected, whole in enumerate([w for w in map(incoming.feed, radio.sent) if w]):
        assert whole[0] == expected, "messages are numbered from 0 without a gap"
        answers.append(message.decode(whole[1]))
    return service, answers


def talk(*messages, sequences=(0, 1, 2), frame_bytes=244):
    journal = MemoryJournal(list(sequences))
    radio = MemoryRadio(pieces(*messages, frame_bytes=frame_bytes), frame_bytes)
    return journal, serve(radio, journal)[1]


BYE = message.encode(message.BYE)
HELLO = message.encode(message.HELLO, frame.PROTOCOL_VERSION, message.AUTH_NONE)
INFO = message.encode(message.INFO, bytes(8), 0, 0, 0, 0, 0, 0, 0)


def fetch(start, window):
    return message.encode(message.FETCH, start, window)


def ack(following):
    return message.encode(message.ACK, following)


def error(code):
    return (message.ERROR, (code,))


def opcodes(answers):
    return [answer[0] for answer in answers]


def test_a_whole_session():
    journal, answers = talk(HELLO, INFO, fetch(0, 2), ack(2), fetch(2, 2), ack(3), BYE)
    assert opcodes(answers) == [
        message.HELLO,
        message.INFO,
        message.PAGE,
        message.PAGE,
        message.SENT,
        message.ACK,
        message.PAGE,
        message.SENT,
        message.ACK,
    ]
    assert answers[1][1] == (IDENTITY, 7, 8, 0, 3, 0, 3, 3)
    assert answers[4][1] == (2, 2, 1)
    assert answers[7][1] == (1, 3, 0)
    assert journal.acknowledged == 3


def test_a_stranger_gets_the_version_and_nothing_else():
    journal, answers = talk(INFO, fetch(0, 2), ack(2), HELLO, fetch(0, 2), ack(2))
    wrong = error(message.E_ORDER)
    assert answers[:3] == [wrong, wrong, wrong]
    assert answers[3] == (message.HELLO, (frame.PROTOCOL_VERSION, message.AUTH_NONE))
    assert answers[4:] == [wrong, wrong]
    assert journal.n_flushes == journal.acknowledged == 0


def test_after_bye_the_host_is_a_stranger_again():
    _, answers = talk(HELLO, INFO, BYE, fetch(0, 2))
    assert answers[-1] == error(message.E_ORDER)


def test_another_version_is_refused():
    _, answers = talk(message.encode(message.HELLO, 9, 0), INFO)
    assert answers == [error(message.E_VERSION), error(message.E_ORDER)]


def test_sealed_frames_are_refused():
    (piece,) = pieces(HELLO)
    sealed = bytes([piece[0] | frame.SEALED]) + piece[1:-4]
    radio = MemoryRadio([sealed + frame.crc32(sealed).to_bytes(4, "little")])
    assert serve(radio, MemoryJournal([0]))[1] == [error(message.E_VERSION)]


def test_garbage_is_answered_and_survived():
    garbage = [b"", b"\x00", b"\xff" * 244, b"\x13" * 9]
    radio = MemoryRadio(garbage + pieces(HELLO, b"\x63unknown", message.encode_page(bytes(512))))
    _, answers = serve(radio, MemoryJournal([0]))
    damaged = error(message.E_DAMAGED)
    assert answers[:4] == [damaged] * 4
    assert answers[4][0] == message.HELLO
    assert answers[5:] == [damaged, error(message.E_ORDER)]


def test_the_open_page_is_flushed_once_a_connection():
    journal, answers = talk(HELLO, INFO, INFO, HELLO, INFO)
    assert opcodes(answers).count(message.INFO) == 3
    assert journal.n_flushes == 1


def test_gaps_are_skipped_and_the_end_is_the_end_of_the_journal():
    _, answers = talk(HELLO, INFO, fetch(1, 9), sequences=(0, 4, 5, 9))
    assert opcodes(answers[2:]) == [message.PAGE] * 3 + [message.SENT]
    assert answers[-1][1] == (3, 10, 0)


def test_a_window_of_no_pages_says_where_we_are():
    _, answers = talk(HELLO, INFO, fetch(1, 0), fetch(3, 0))
    assert answers[2:] == [(message.SENT, (0, 1, 1)), (message.SENT, (0, 3, 0))]


def test_a_window_has_an_upper_limit():
    _, answers = talk(HELLO, INFO, fetch(0, 65535), sequences=range(40))
    assert opcodes(answers).count(message.PAGE) == MAX_WINDOW_PAGES
    assert answers[-1][1] == (MAX_WINDOW_PAGES, MAX_WINDOW_PAGES, 1)


def test_the_cursor_stays_within_the_journal():
    journal, answers = talk(HELLO, INFO, ack(4_000_000_000))
    assert answers[-1] == (message.ACK, (3,))
    assert journal.acknowledged == 3


def test_pages_fit_through_the_smallest_mtu():
    _, answers = talk(HELLO, INFO, fetch(0, 3), frame_bytes=20)
    assert opcodes(answers[2:]) == [message.PAGE] * 3 + [message.SENT]


def test_a_journal_that_cannot_be_read_is_named():
    journal = MemoryJournal([0, 1])
    journal.is_broken = True
    _, answers = serve(MemoryRadio(pieces(HELLO, INFO, fetch(0, 2), HELLO)), journal)
    assert answers[2:] == [error(message.E_STORAGE), answers[0]]


def test_a_host_that_leaves_in_the_middle_of_a_window_ends_it():
    radio = MemoryRadio(pieces(HELLO, INFO, fetch(0, 32)), room=7)
    journal = MemoryJournal(list(range(32)))
    service, answers = serve(radio, journal)
    assert service.pages_sent == opcodes(answers).count(message.PAGE) == 1
    assert service.sessions == 1
