"""Page, frames and messages: round trips, damage, and the golden vectors that both ends keep."""

import json
from binascii import hexlify, unhexlify

from biocore import frame, gatt, message, page, record
from biocore.errors import DamagedData, PeerRefused

VECTORS = __file__.rsplit("/", 2)[0] + "/vectors/wire.json"


def vectors():
    with open(VECTORS) as file:
        return json.load(file)


def built_page():
    builder = page.PageBuilder()
    builder.begin(0x11223344, 0xAABBCCDD, 1763000040, 120)
    for i in range(page.MAX_EPOCHS):
        builder.append(10 * i, 20 * i, 30 * i, 4000000000 + i, 65535, i, i % 8, 60)
    return bytes(builder.close(7))


def raises(error, function, *arguments):
    try:
        function(*arguments)
    except error:
        return True
    return False


def test_sizes_are_what_flash_and_air_expect():
    assert page.HEADER_BYTES == 28
    assert record.EPOCH_BYTES == 16
    assert page.MAX_EPOCHS == 30
    assert page.HEADER_BYTES + page.MAX_EPOCHS * record.EPOCH_BYTES <= page.CRC_OFFSET


def test_golden_page():
    assert hexlify(built_page()).decode() == vectors()["page"]


def test_page_round_trip():
    head = page.header(built_page())
    assert head[page.H_SEQUENCE] == 7
    assert head[page.H_JOURNAL_ID] == 0x11223344
    assert head[page.H_BOOT_ID] == 0xAABBCCDD
    assert head[page.H_CLOCK] == page.CLOCK_SET
    rows = list(page.records(built_page()))
    assert len(rows) == 30
    assert rows[29] == (1763000040 + 29 * 60, (290, 580, 870, 4000000029, 65535, 29, 5, 60))


def test_every_flipped_bit_and_every_cut_of_a_page_is_noticed():
    whole = built_page()
    for at in range(page.PAGE_BYTES):
        torn = bytearray(whole)
        torn[at] ^= 1 << at % 8
        assert page.check(torn) == page.TORN
    for n in range(1, page.PAGE_BYTES):
        cut = whole[:n] + b"\xff" * (page.PAGE_BYTES - n)
        if cut != whole:
            assert page.check(cut) == page.TORN
    assert page.check(b"\xff" * page.PAGE_BYTES) == page.BLANK
    assert page.check(whole[:-1]) == page.TORN
    assert raises(DamagedData, page.header, b"\xff" * page.PAGE_BYTES)


def test_a_page_of_another_layout_is_refused_by_name():
    import struct

    whole = bytearray(built_page())
    whole[2] = 9
    struct.pack_into("<I", whole, page.CRC_OFFSET, page.crc32(memoryview(whole)[: page.CRC_OFFSET]))
    assert page.check(whole) == page.VALID
    assert raises(DamagedData, page.header, whole)


def test_a_full_page_takes_no_more():
    builder = page.PageBuilder()
    builder.begin(1, 2, 0, 0)
    for _ in range(page.MAX_EPOCHS):
        builder.append(0, 0, 0, 0, 0, 0, 0, 0)
    assert builder.is_full()
    assert raises(ValueError, builder.append, 0, 0, 0, 0, 0, 0, 0, 0)


def test_golden_frames():
    text = message.encode_page(built_page())
    made = [hexlify(f).decode() for f in frame.frames(text, 513, 244)]
    assert made == vectors()["frames_244"]


def test_frames_round_trip_at_every_mtu():
    text = message.encode_page(built_page())
    for mtu in (23, 24, 64, 131, 185, 247, 517):
        reassembler = frame.Reassembler()
        out = []
        for piece in frame.frames(text, 65535, mtu - 3):
            assert len(piece) <= mtu - 3
            out.append(reassembler.feed(piece))
        assert out[-1] == (65535, text)
        assert set(out[:-1]) <= {None}


def test_damaged_lost_and_repeated_frames_are_refused_and_the_next_message_comes_through():
    text = message.encode_page(built_page())
    pieces = [bytes(p) for p in frame.frames(text, 1, 100)]
    for at in range(len(pieces)):
        reassembler = frame.Reassembler()
        broken = list(pieces)
        broken[at] = broken[at][:-1] + bytes([broken[at][-1] ^ 0x80])
        refused = 0
        for piece in broken:
            try:
                assert reassembler.feed(piece) is None
            except DamagedData:
                refused += 1
        assert refused >= 1 and reassembler.dropped == refused
        for piece in pieces[:-1]:
            assert reassembler.feed(piece) is None
        assert reassembler.feed(pieces[-1]) == (1, text)
    reassembler = frame.Reassembler()
    reassembler.feed(pieces[0])
    assert raises(DamagedData, reassembler.feed, pieces[2])  # one lost
    reassembler.feed(pieces[0])
    reassembler.feed(pieces[1])
    assert raises(DamagedData, reassembler.feed, pieces[1])  # one twice


def test_frames_of_no_size_carry_nothing():
    assert raises(ValueError, list, frame.frames(b"abc", 0, 8))
    assert raises(ValueError, list, frame.frames(b"", 0, 244))
    assert raises(ValueError, list, frame.frames(bytes(600), 0, 244))


def test_another_protocol_or_a_seal_is_refused_as_such():
    import struct

    for head in (2 << 4 | 3, frame.PROTOCOL_VERSION << 4 | 3 | frame.SEALED):
        other = struct.pack("<BBH", head, 0, 0) + b"\x07"
        other += struct.pack("<I", frame.crc32(other))
        assert raises(PeerRefused, frame.Reassembler().feed, other)


def test_messages_round_trip():
    assert message.decode(message.encode(message.FETCH, 70000, 16)) == (message.FETCH, (70000, 16))
    fields = (b"12345678", 1, 2, 3, 4, 5, 6, 7)
    assert message.decode(message.encode(message.INFO, *fields)) == (message.INFO, fields)
    assert message.decode(message.encode_page(built_page())) == (message.PAGE, built_page())
    assert message.decode(message.encode(message.BYE)) == (message.BYE, ())


def test_unknown_optional_fields_are_skipped_and_short_messages_refused():
    longer = message.encode(message.ACK, 9) + b"more"
    assert message.decode(longer) == (message.ACK, (9,))
    assert raises(DamagedData, message.decode, message.encode(message.ACK, 9)[:-1])
    assert raises(DamagedData, message.decode, b"\x63")
    assert raises(DamagedData, message.decode, message.encode_page(built_page())[:-1])


def test_golden_advertisement_fits_and_names_nobody():
    made = gatt.advertisement(unhexlify("010203040506"))
    assert hexlify(made).decode() == vectors()["advertisement"]
    assert len(made) == 31
    assert raises(ValueError, gatt.advertisement, b"12345")


def test_bits_are_read_by_name():
    flags = record.FLAG_ASLEEP | 3 << record.FLAG_LAMP_SHIFT | 8 << record.FLAG_REASON_SHIFT
    assert record.bits(record.EPOCH_FLAGS, "asleep", flags) == 1
    assert record.bits(record.EPOCH_FLAGS, "lamp", flags) == 3
    assert record.bits(record.EPOCH_FLAGS, "reason", flags) == 8
    assert record.bits(record.EPOCH_FLAGS, "still_hour", flags) == 0
    assert raises(ValueError, record.bits, record.EPOCH_FLAGS, "nothing", 0)


def test_the_bits_of_a_table_do_not_overlap():
    for table, width in ((record.EPOCH_FLAGS, 16), (record.EPOCH_MARKS, 8)):
        used = 0
        for _, low, n, _ in table:
            mask = ((1 << n) - 1) << low
            assert used & mask == 0 and mask < 1 << width
            used |= mask
