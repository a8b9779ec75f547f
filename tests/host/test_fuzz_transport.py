"""Two transports and a wire that does whatever it likes, in whatever order a search thinks of."""

from biocore.frame import ACK, NUMBERS, SEALED, WINDOW
from biocore.transport import Transport
from biocore.units import TICKS_PERIOD, ticks_add
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.fuzz import profiles

SIDES = st.integers(0, 1)
PLACES = st.integers(0, 1 << 16)
FRAME_BYTES = st.sampled_from([20, 128, 244, 514])
# Nothing lasts longer while frames are under way: each end gives a silent peer up after a minute.
LONGEST_STEP_MS = 60_000


class End:
    """One transport, what it was given and what came out of the other one."""

    def __init__(self, now_ms: int, number: int, first: int) -> None:
        self.now_ms = now_ms
        self.transport = Transport(now_ms)
        self.transport.outgoing._next = number
        self.transport.incoming._expected = first
        self.written: list[tuple[int, bytes]] = []
        self.got: list[tuple[int, bytes]] = []
        self.wire: list[tuple[bytes, bool]] = []  # on the way to this end: (frame, is damaged)
        self.fed = self.fed_damaged = self.fed_data = self.fed_bytes = 0
        self.taken = self.taken_bytes = 0
        self.in_order = 0  # data frames that were taken in order
        self.expected = first


class TwoEnds(RuleBasedStateMachine):
    @initialize(
        clocks=st.tuples(PLACES, PLACES),
        numbers=st.tuples(st.sampled_from([0, NUMBERS - 3]), st.sampled_from([0, NUMBERS - 20])),
    )
    def connect(self, clocks, numbers):
        """Both clocks are about to wrap, by another amount each; numbers too, sometimes."""
        self.ends = [End(TICKS_PERIOD - clocks[i], numbers[i], numbers[1 - i]) for i in (0, 1)]
        self.n = 0

    @rule(side=SIDES, size=st.sampled_from([1, 12, 13, 14, 100, 544, 2592]), sealed=st.booleans())
    def write(self, side, size, sealed):
        end = self.ends[side]
        if not end.transport.has_room():
            return
        self.n += 1
        text = (bytes([self.n & 255, self.n >> 8 & 255]) * size)[:size]
        flags = SEALED if sealed else 0
        end.transport.write(text, flags)
        end.written.append((flags, text))

    @rule(side=SIDES, frame_bytes=FRAME_BYTES, at_most=st.integers(1, 40))
    def send(self, side, frame_bytes, at_most):
        for _ in range(at_most):
            if not self.take(side, frame_bytes):
                break

    @rule(side=SIDES, at=PLACES)
    def deliver(self, side, at):
        """One of those on the way arrives: any of them."""
        wire = self.ends[side].wire
        if wire:
            self.arrive(side, *wire.pop(at % len(wire)))

    @rule(side=SIDES)
    def deliver_all(self, side):
        wire = self.ends[side].wire
        while wire:
            self.arrive(side, *wire.pop(0))

    @rule(side=SIDES, at=PLACES, n=st.integers(1, 20))
    def lose(self, side, at, n):
        wire = self.ends[side].wire
        if wire:
            del wire[at % len(wire) : at % len(wire) + n]

    @rule(side=SIDES, at=PLACES)
    def double(self, side, at):
        wire = self.ends[side].wire
        if wire:
            wire.append(wire[at % len(wire)])

    @rule(side=SIDES, at=PLACES, bit=PLACES)
    def damage(self, side, at, bit):
        wire = self.ends[side].wire
        if wire and not wire[at % len(wire)][1]:
            piece = bytearray(wire[at % len(wire)][0])
            piece[bit // 8 % len(piece)] ^= 1 << bit % 8
            wire[at % len(wire)] = bytes(piece), True

    @rule(side=SIDES, at=PLACES, size=PLACES)
    def cut(self, side, at, size):
        wire = self.ends[side].wire
        if wire and not wire[at % len(wire)][1]:
            whole = wire[at % len(wire)][0]
            wire[at % len(wire)] = whole[: size % len(whole)], True

    @rule(ms=st.one_of(st.integers(0, 50), st.integers(50, LONGEST_STEP_MS)))
    def wait(self, ms):
        for end in self.ends:
            end.now_ms = ticks_add(end.now_ms, ms)

    @rule(side=SIDES, frame_bytes=FRAME_BYTES)
    def wait_as_told(self, side, frame_bytes):
        """Before the time that `wait_ms` names nothing is to be sent."""
        wait_ms = self.ends[side].transport.wait_ms(self.ends[side].now_ms)
        if wait_ms > 1:
            self.wait(wait_ms - 1)
            assert not self.take(side, frame_bytes)
            self.wait(1)

    @precondition(lambda self: all(self.is_quiet(end) for end in self.ends))
    @rule(ms=st.integers(0, TICKS_PERIOD - 1))
    def nothing_for_days(self, ms):
        self.wait(ms)

    # -- what holds -------------------------------------------------------------------------

    @invariant()
    def each_message_once_and_in_order(self):
        for i in (0, 1):
            got = self.ends[1 - i].got
            assert got == self.ends[i].written[: len(got)]

    @invariant()
    def counters_agree(self):
        for end in self.ends:
            transport = end.transport
            assert transport.frames_received == end.fed
            assert transport.bytes_received == end.fed_bytes
            assert transport.frames_damaged == end.fed_damaged
            assert transport.frames_sent == end.taken
            assert transport.bytes_sent == end.taken_bytes
            assert transport.frames_repeated <= end.taken
            assert transport.frames_confirmed <= end.taken
            # A data frame is taken in order, is early, or was here before.
            early = transport.incoming.early
            assert end.fed_data == transport.frames_doubled + end.in_order + len(early)

    @invariant()
    def what_is_kept_is_bounded(self):
        for end in self.ends:
            assert len(end.transport.outgoing.under_way) <= WINDOW
            assert len(end.transport.incoming.early) < WINDOW

    @invariant()
    def a_wait_of_nothing_is_worth_it(self):
        """Where `wait_ms` is 0 there is a frame, or the next wait is longer."""
        for side, end in enumerate(self.ends):
            if end.transport.wait_ms(end.now_ms) == 0 and not self.take(side, 244):
                assert end.transport.wait_ms(end.now_ms) != 0

    def teardown(self):
        """Over a wire that is well again all of it arrives, and both ends come to rest."""
        if not hasattr(self, "ends"):
            return
        for _ in range(600):
            for side in (0, 1):
                # At one moment there is only so much to send: each frame once, and what is new.
                frames = 0
                while self.take(side, 244):
                    frames += 1
                    assert frames <= 2 * WINDOW + 2
                self.deliver_all(1 - side)
            if all(self.is_quiet(end) for end in self.ends):
                break
            self.wait(50)
        for i in (0, 1):
            assert self.ends[1 - i].got == self.ends[i].written
            assert self.ends[i].transport.is_idle()
        self.counters_agree()

    # -- the radio ---------------------------------------------------------------------------

    def is_quiet(self, end):
        return end.transport.is_idle() and end.transport.wait_ms(end.now_ms) < 0 and not end.wire

    def take(self, side, frame_bytes):
        """Put this end's next frame on the wire; False where there is none."""
        end = self.ends[side]
        frame = end.transport.next_frame(end.now_ms, frame_bytes)
        if frame is None:
            return False
        end.taken += 1
        end.taken_bytes += len(frame)
        self.ends[1 - side].wire.append((bytes(frame), False))
        return True

    def arrive(self, side, frame, is_damaged):
        end = self.ends[side]
        end.fed += 1
        end.fed_bytes += len(frame)
        end.fed_damaged += is_damaged
        end.fed_data += not is_damaged and not frame[0] & ACK
        end.got.extend(end.transport.feed(frame, end.now_ms))
        expected = end.transport.incoming._expected
        end.in_order += (expected - end.expected) & NUMBERS
        end.expected = expected


@profiles(quick=60, long=3_000)
def test_whatever_the_wire_does(profile):
    run_state_machine_as_test(TwoEnds, settings=profile)
