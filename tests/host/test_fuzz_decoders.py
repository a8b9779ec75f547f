"""What comes over the air, searched for what breaks its readers: messages, pages and frames.

Out come only the errors that are declared; what the seal has not seen is never believed.
"""

import struct
from contextlib import suppress

from biocore import crypto, message, page
from biocore import frame as framing
from biocore.channel import Channel
from biocore.errors import DamagedData, PeerRefused
from biocore.record import EPOCH_FIELDS
from hypothesis import example, given
from hypothesis import strategies as st
from support.fuzz import profiles

RANGES = {"B": (0, 255), "H": (0, 65535), "h": (-32768, 32767), "I": (0, 2**32 - 1)}


def field(code):
    if code.endswith("s"):
        return st.binary(min_size=int(code[:-1]), max_size=int(code[:-1]))
    return st.integers(*RANGES[code])


# -- messages ------------------------------------------------------------------------------------

MESSAGES = st.sampled_from(sorted(message.FIELDS)).flatmap(
    lambda opcode: st.tuples(
        st.just(opcode), st.tuples(*[field(code) for _, code, _ in message.FIELDS[opcode]])
    )
)


@profiles(quick=200, long=20_000)
def test_a_message_is_read_as_it_was_written_whatever_a_newer_peer_adds(profile):
    @profile
    @given(MESSAGES, st.binary(max_size=40))
    def check(written, more):
        opcode, fields = written
        whole = message.encode(opcode, *fields)
        carried = (more,) if opcode == message.PIECE else ()
        assert message.decode(whole + more) == (opcode, (*fields, *carried))
        if len(whole) > 1:
            with suppress(DamagedData):
                raise AssertionError(message.decode(whole[:-1]))

    check()


@profiles(quick=300, long=40_000)
def test_any_bytes_are_a_message_or_damaged(profile):
    sizes = st.sampled_from([0, 1, 2, 511, 512, 513, 514, 1024, 1025, 2560, 2561, 2562, 3073])
    whole_pages = sizes.map(lambda n: bytes([message.PAGES]) + bytes(n))

    @profile
    @given(st.one_of(st.binary(max_size=64), whole_pages))
    def check(text):
        with suppress(DamagedData):
            opcode, fields = message.decode(text)
            if opcode == message.PAGES:
                assert fields == text[1:]
                assert 1 <= len(fields) // page.PAGE_BYTES <= message.PAGES_PER_MESSAGE
            elif opcode == message.PIECE:
                *known, carried = fields
                assert message.encode(opcode, *known) + carried == text
            else:
                again = message.encode(opcode, *fields)
                assert again == text[: len(again)]

    check()


# -- pages ---------------------------------------------------------------------------------------

RECORDS = st.lists(
    st.tuples(*[field(code) for _, code, *_ in EPOCH_FIELDS]), min_size=1, max_size=30
)
NUMBERS = st.integers(0, 2**32 - 1)


def page_of(records, sequence, journal_id, start_utc_s=0):
    builder = page.PageBuilder()
    builder.begin(journal_id, 2, start_utc_s, 0)
    for record in records:
        builder.append(*record)
    return bytes(builder.close(sequence))


def signed(content):
    """With a checksum that is right, whatever the content."""
    return content[:508] + struct.pack("<I", framing.crc32(content[:508]))


@profiles(quick=60, long=5_000)
def test_a_page_is_read_as_it_was_written_and_one_wrong_bit_is_seen(profile):
    @profile
    @given(RECORDS, NUMBERS, NUMBERS, st.integers(0, 2**31), st.integers(0, 8 * 512 - 1))
    def check(records, sequence, journal_id, start_utc_s, bit):
        whole = page_of(records, sequence, journal_id, start_utc_s=start_utc_s)
        head = page.header(whole)
        assert head[page.H_SEQUENCE] == sequence and head[page.H_JOURNAL_ID] == journal_id
        assert [record for _, record in page.records(whole)] == records
        wrong = bytearray(whole)
        wrong[bit // 8] ^= 1 << bit % 8
        assert page.check(bytes(wrong)) == page.TORN

    check()


@profiles(quick=150, long=20_000)
def test_any_bytes_are_a_page_or_damaged(profile):
    raw = st.one_of(
        st.binary(max_size=40),
        st.binary(min_size=512, max_size=512),
        st.binary(max_size=508).map(lambda b: signed(b + b"\xff" * (508 - len(b)))),
        st.tuples(st.binary(min_size=4, max_size=28), st.integers(0, 255)).map(
            lambda t: signed(
                (struct.pack("<HBB", page.PAGE_MAGIC, 1, t[1]) + t[0]).ljust(508, b"\0")
            )
        ),
    )

    @profile
    @given(raw, NUMBERS)
    @example(signed(struct.pack("<HBB", page.PAGE_MAGIC, 2, 1).ljust(508, b"\0")), 0)
    def check(content, start_utc_s):
        verdict = page.check(content)
        try:
            records = list(page.records(content))
            copy = page.placed(content, start_utc_s)
        except DamagedData:
            head = content[:3]
            assert verdict != page.VALID or head != struct.pack("<HB", page.PAGE_MAGIC, 1)
        else:
            assert verdict == page.VALID and 1 <= len(records) <= page.MAX_EPOCHS
            assert page.header(copy)[page.H_START_UTC_S] == start_utc_s

    check()


# -- frames, with and without seal -----------------------------------------------------------------

TEXTS = st.lists(st.binary(min_size=1, max_size=600), min_size=1, max_size=6)
# What somebody does to the frames of a session: which, and how. The last three mend the checksum.
DEEDS = st.lists(
    st.tuples(
        st.integers(0, 99),
        st.sampled_from(
            ["repeat", "drop", "swap", "cut", "flip", "flip and sign", "invent", "replay"]
        ),
        st.integers(0, 8 * 520),
    ),
    max_size=8,
)


def tampered(frames, deeds):
    frames = list(frames)
    for which, deed, at in deeds:
        if not frames:
            return frames
        i = which % len(frames)
        changed = bytearray(frames[i])
        if deed == "repeat":
            frames.insert(at % (len(frames) + 1), frames[i])
        elif deed == "drop" or len(changed) <= framing.HEADER_BYTES + framing.CRC_BYTES:
            del frames[i]
        elif deed == "swap":
            j = at % len(frames)
            frames[i], frames[j] = frames[j], frames[i]
        elif deed == "cut":
            frames[i] = frames[i][: at % len(frames[i])]
        elif deed == "replay":  # once more, under the number of another
            struct.pack_into("<H", changed, 1, at % len(frames))
            framing.sign(changed)
            frames[at % len(frames)] = bytes(changed)
        elif deed == "invent":
            changed = bytearray(struct.pack("<BH", 3 << 4 | at % 16, which % 40) + b"?" * 20)
            framing.sign(changed)
            frames.insert(i, bytes(changed))
        else:
            changed[at // 8 % len(changed)] ^= 1 << at % 8
            if deed == "flip and sign":
                framing.sign(changed)
            frames[i] = bytes(changed)
    return frames


def secured(outgoing, incoming, n=0):
    channel = Channel(0)
    channel.secure(crypto.session_key(bytes(32), bytes([n]) * 16, bytes(16)), outgoing, incoming)
    return channel


def frames_of(channel, texts, frame_bytes):
    """All frames of these messages, each answered at once."""
    frames = []
    for text in texts:
        channel.write(text)
        while (frame := channel.transport.next_frame(0, frame_bytes)) is not None:
            frames.append(bytes(frame))
            number = struct.unpack_from("<H", frame, 1)[0]
            channel.feed(framing.ack_frame(number + 1, 0), 0)
    return frames


def heard(channel, frames):
    """What a peer makes of these frames until it has had enough: texts, and the error that ends."""
    got = []
    try:
        for t, frame in enumerate(frames):
            text = channel.feed(frame, t)
            while text is not None:
                got.append(text)
                text = channel.more()
    except (DamagedData, PeerRefused) as error:
        return got, error
    return got, None


def is_answer(frame):
    is_whole = len(frame) == framing.ACK_BYTES and not framing.is_damaged(frame)
    return is_whole and frame[0] >> 4 == framing.PROTOCOL_VERSION and bool(frame[0] & framing.ACK)


@profiles(quick=150, long=15_000)
def test_whatever_is_done_to_sealed_frames_nothing_else_is_heard_and_all_is_counted(profile):
    @profile
    @given(TEXTS, DEEDS, st.sampled_from([20, 128, 244, 514]))
    def check(texts, deeds, frame_bytes):
        sender = secured(crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST)
        frames = frames_of(sender, texts, frame_bytes)
        receiver = secured(crypto.DEVICE_TO_HOST, crypto.HOST_TO_DEVICE)
        bad = tampered(frames, deeds)
        got, error = heard(receiver, bad)
        assert got == texts[: len(got)]
        transport, incoming = receiver.transport, receiver.transport.incoming
        n = transport.frames_received
        left = transport.frames_damaged + transport.frames_doubled + len(incoming.early)
        by_transport = error is not None and not receiver.refused  # it ended at that very frame
        counted = left + incoming._expected + by_transport
        # An answer that cannot be, to what was never sent, is among the damaged too.
        assert counted <= n <= counted + sum(map(is_answer, bad[:n]))
        if error is None:
            assert n == len(bad)
            # A forged frame may take a true one's place, and a true one may come too early to keep.
            forged = [one for one in bad if one not in frames and not framing.is_damaged(one)]
            if set(frames) <= set(bad) and not forged and not transport.frames_doubled:
                assert got == texts

    check()


@profiles(quick=60, long=5_000)
def test_frames_of_another_session_are_not_heard(profile):
    @profile
    @given(TEXTS, st.sampled_from([20, 244]))
    def check(texts, frame_bytes):
        frames = frames_of(
            secured(crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST, 1), texts, frame_bytes
        )
        receiver = secured(crypto.DEVICE_TO_HOST, crypto.HOST_TO_DEVICE, 2)
        assert heard(receiver, frames)[0] == [] and receiver.refused == 1
        mirror = secured(crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST, 1)
        assert heard(mirror, frames)[0] == [] and mirror.refused == 1

    check()


@profiles(quick=150, long=15_000)
def test_frames_in_the_clear_end_in_messages_or_a_declared_error(profile):
    @profile
    @given(TEXTS, DEEDS, st.lists(st.binary(max_size=40), max_size=5), st.booleans())
    def check(texts, deeds, junk, is_sealed):
        frames = frames_of(Channel(0), texts, 100)
        receiver = secured(b"one", b"other") if is_sealed else Channel(0)
        got, _ = heard(receiver, tampered(frames, deeds) + junk)
        assert not (got and is_sealed)

    check()
