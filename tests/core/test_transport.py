"""The transport against a channel that does everything wrong, in simulated time, seeded."""

from biocore import frame as framing
from biocore.errors import DamagedData, PeerRefused
from biocore.frame import SEALED, WINDOW
from biocore.incoming import MAX_MESSAGE_BYTES
from biocore.transport import Transport

START = (1 << 30) - 5000  # the tick counter wraps during every test
MASK = (1 << 30) - 1


class Channel:
    """Carries frames late; loses, doubles, shuffles, damages and cuts some: shares of 256."""

    def __init__(  # noqa: PLR0917
        self, seed, lose=0, double=0, shuffle=0, damage=0, cut=0
    ):
        self._seed = seed
        self._shares = (lose, double, shuffle, damage, cut)
        self._under_way = []
        self._count = 0

    def _chance(self, share):
        self._seed = self._seed * 16807 % 2147483647
        return (self._seed >> 8) % 256 < share

    def send(self, frame, t):
        lose, double, shuffle, damage, cut = self._shares
        for _ in range(2 if self._chance(double) else 1):
            if self._chance(lose):
                continue
            piece = bytearray(frame)
            if self._chance(damage):
                piece[self._seed % len(piece)] ^= 1 << self._seed % 8
            if self._chance(cut):
                piece = piece[: self._seed % len(piece)]
            late = 15 + (self._seed % 120 if self._chance(shuffle) else 0)
            self._count += 1
            self._under_way.append((t + late, self._count, bytes(piece)))
        self._under_way.sort()

    def arrived(self, t):
        while self._under_way and self._under_way[0][0] <= t:
            yield self._under_way.pop(0)[2]


def converse(  # noqa: PLR0917
    up, down, texts_up, texts_down, frame_bytes=100, limit_ms=600_000
):
    """Two ends send messages through two channels. Return what each got, and both ends."""
    ends = [Transport(START), Transport(START)]
    waiting = [list(texts_up), list(texts_down)]
    got = [[], []]
    t = 0
    while t < limit_ms:
        now = (START + t) & MASK
        for i in (0, 1):
            out, incoming = ((up, down), (down, up))[i]
            end = ends[i]
            for frame in incoming.arrived(t):
                for flags, text in end.feed(frame, now):
                    got[i].append((flags, text))
            while waiting[i] and end.has_room():
                end.write(waiting[i].pop(0), SEALED if i else 0)
            for _ in range(4):  # what a radio takes in one step
                frame = end.next_frame(now, frame_bytes)
                if frame is None:
                    break
                assert len(frame) <= frame_bytes
                out.send(frame, t)
            assert len(end.outgoing.under_way) <= end.outgoing.window <= WINDOW
            assert len(end.incoming.early) < WINDOW
            if (
                end.wait_ms(now) == 0
            ):  # then there is something, or a look finds the time of the next
                frame = end.next_frame(now, frame_bytes)
                if frame is None:
                    assert end.wait_ms(now) != 0
                else:
                    out.send(frame, t)
        if not waiting[0] and not waiting[1] and ends[0].is_idle() and ends[1].is_idle():
            return got, ends, t
        t += 5
    raise AssertionError("did not converge")


def texts(n, size=544):
    return [bytes([(i + k) & 255 for k in range(size - i % 7)]) for i in range(n)]


def arrives(got, up, down):
    assert got[1] == [(0, text) for text in up]
    assert got[0] == [(SEALED, text) for text in down]


def test_a_clean_channel_repeats_nothing():
    up, down = texts(3, 40), texts(30)
    got, ends, _ = converse(Channel(1), Channel(2), up, down)
    arrives(got, up, down)
    assert ends[0].frames_repeated == ends[1].frames_repeated == 0
    assert ends[0].frames_doubled == ends[1].frames_doubled == 0


def test_half_lost_doubled_and_shuffled_at_every_mtu():
    for frame_bytes, n in ((20, 3), (128, 12), (244, 20), (514, 20)):
        up, down = texts(4, 60), texts(n)
        bad = {"lose": 128, "double": 40, "shuffle": 80}
        got, ends, _ = converse(Channel(3, **bad), Channel(4, **bad), up, down, frame_bytes)
        arrives(got, up, down)
        assert ends[1].frames_repeated > 0 and ends[0].frames_doubled > 0


def test_damaged_and_cut_frames_are_counted_and_repaired():
    bad = {"damage": 40, "cut": 40}
    up, down = texts(10, 60), texts(20)
    got, ends, _ = converse(Channel(5, **bad), Channel(6, **bad), up, down, 60)
    arrives(got, up, down)
    assert ends[0].frames_damaged > 0 and ends[1].frames_damaged > 0


def test_reordering_alone_is_mostly_not_taken_for_loss():
    down = texts(40)
    got, ends, _ = converse(Channel(7, shuffle=10), Channel(8, shuffle=10), [], down, 244)
    arrives(got, [], down)
    assert ends[1].frames_repeated < ends[1].frames_sent // 4


def test_many_messages_past_the_wrap_of_the_frame_number():
    sender, receiver = Transport(0), Transport(0)
    sender.outgoing._next = receiver.incoming._expected = 65530
    for i in range(40):
        sender.write(bytes([i]))
        frame = sender.next_frame(i, 20)
        assert receiver.feed(frame, i) == [(0, bytes([i]))]
        while True:
            ack = receiver.next_frame(i + 40, 20)
            if ack is None:
                break
            sender.feed(ack, i + 40)
    assert sender.is_idle()


def test_the_window_bounds_what_is_under_way():
    end = Transport(0)
    for _ in range(20):
        end.write(bytes(500))
    frames = 0
    while end.next_frame(0, 20) is not None:
        frames += 1
    assert frames == end.outgoing.window
    assert end.wait_ms(0) > 0
    assert not end.has_room()


def test_silence_is_measured_only_while_something_is_under_way():
    end = Transport(0)
    assert end.silent_ms(99_000) == 0
    end.write(b"x")
    end.next_frame(1000, 20)
    assert end.silent_ms(4000) == 3000


def test_time_out_backs_off():
    end = Transport(0)
    end.write(b"x")
    end.next_frame(0, 20)
    times = []
    for t in range(0, 20_000, 10):
        if end.next_frame(t, 20) is not None:
            times.append(t)
    gaps = [times[i + 1] - times[i] for i in range(len(times) - 1)]
    assert len(times) >= 4
    assert all([gaps[i + 1] >= gaps[i] for i in range(len(gaps) - 1)])


def raises(error, function, *arguments):
    try:
        function(*arguments)
    except error:
        return True
    return False


def test_another_version_is_refused_as_such():
    end = Transport(0)
    end.write(b"x")
    frame = bytearray(end.next_frame(0, 20))
    frame[0] = 9 << 4 | frame[0] & 15
    framing.sign(frame)
    assert raises(PeerRefused, Transport(0).feed, frame, 0)


def test_whole_frames_that_make_no_message_end_it():
    end = Transport(0)
    frame = bytearray(12)
    frame[0] = framing.PROTOCOL_VERSION << 4 | framing.LAST
    framing.sign(frame)
    assert raises(DamagedData, end.feed, frame, 0)


def test_messages_that_do_not_fit_are_refused():
    end = Transport(0)
    assert raises(ValueError, end.write, b"")
    assert raises(ValueError, end.write, bytes(MAX_MESSAGE_BYTES + 1))


def test_random_frames_do_nothing():
    end = Transport(0)
    seed = 77
    for i in range(2000):
        seed = seed * 16807 % 2147483647
        junk = bytes([(seed >> k) & 255 for k in range(seed % 24)])
        assert end.feed(junk, i) == ()
    assert end.frames_damaged == 2000
