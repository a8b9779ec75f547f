"""Page, frames and messages: round trips, damage, and the golden vectors that both ends keep."""

import json
from binascii import hexlify, unhexlify

from biocore import gatt, message, page, record, transport
from biocore.errors import DamagedData

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
    end = transport.Transport(0)
    end.outgoing._next = 513
    end.write(message.encode_pages(built_page()))
    made = []
    frame = end.next_frame(0, 244)
    while frame is not None:
        made.append(hexlify(frame).decode())
        frame = end.next_frame(0, 244)
    assert made == vectors()["frames_244"]
    other = transport.Transport(0)
    other.incoming.early[2] = b""
    other.incoming._ack_now = True
    assert hexlify(other.next_frame(0, 244)).decode() == vectors()["ack"]


def test_messages_round_trip():
    assert message.decode(message.encode(message.FETCH, 70000, 16)) == (message.FETCH, (70000, 16))
    fields = (b"12345678", 1, 2, 3, 4, 5, 6, 7, 8)
    assert message.decode(message.encode(message.INFO, *fields)) == (message.INFO, fields)
    assert message.decode(message.encode_pages(built_page())) == (message.PAGES, built_page())
    assert message.decode(message.encode(message.BYE)) == (message.BYE, ())


def test_unknown_optional_fields_are_skipped_and_short_messages_refused():
    longer = message.encode(message.ACK, 9) + b"more"
    assert message.decode(longer) == (message.ACK, (9,))
    assert raises(DamagedData, message.decode, message.encode(message.ACK, 9)[:-1])
    assert raises(DamagedData, message.decode, b"\x63")
    assert raises(DamagedData, message.decode, b"")
    assert raises(DamagedData, message.decode, message.encode_pages(built_page())[:-1])


def test_the_question_of_every_message_can_be_read():
    for opcode in message.FIELDS:
        assert message.decode(message.ask(opcode))[0] == opcode


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


def test_a_placed_page_is_the_same_page_at_another_time():
    import struct

    builder = page.PageBuilder()
    builder.begin(1, 2, 0, 600)
    builder.append(10, 20, 30, 40, 50, 60, 7, 60)
    whole = bytes(builder.close(7))
    assert page.header(whole)[page.H_CLOCK] == page.CLOCK_UNSET
    copy = page.placed(whole, 1763000040)
    head = page.header(copy)
    assert head[page.H_START_UTC_S] == 1763000040 and head[page.H_CLOCK] == page.CLOCK_PLACED
    assert list(page.records(copy)) == [(1763000040, (10, 20, 30, 40, 50, 60, 7, 60))]
    assert copy[28:508] == whole[28:508] and struct.unpack_from("<I", whole, 16)[0] == 0
