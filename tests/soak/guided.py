"""Feeds the decoders what atheris makes up, guided by the lines it reaches: `guided.py -runs=N`.

Arguments are libFuzzer's. Only the declared errors may come out: any other ends the program, which
leaves the input beside it. The first byte of an input says whom the rest is for.
"""

import sys

import atheris

with atheris.instrument_imports(include=["biocore", "app"]):
    from app.journal import Journal
    from biocore import crypto, frame, message, page
    from biocore.channel import Channel
    from biocore.errors import DamagedData, PeerRefused

from decoders import examples, secured
from support.pair import Fields, Flash

SECTORS = 4  # two of bookmarks, two of pages


def read_message(data):
    opcode, fields = message.decode(data)
    if opcode != message.PAGES:
        whole = message.encode(opcode, *fields)
        assert data.startswith(whole)


def read_page(data):
    content = bytearray(data[:512].ljust(512, b"\xff"))
    frame.sign(content)
    for _ in page.records(bytes(content)):
        pass
    assert page.header(page.placed(bytes(content), 60))[page.H_START_UTC_S] == 60


def pieces(data):
    """Frames, each behind its length, with a checksum that is right."""
    at = 0
    while at < len(data):
        piece = bytearray(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
        if len(piece) > frame.CRC_BYTES:
            frame.sign(piece)
        yield bytes(piece)


def feed(channel, data):
    heard = []
    for text in (b"x" * 100, b"y"):
        channel.write(text)
    for t, piece in enumerate(pieces(data)):
        text = channel.feed(piece, 37 * t)
        while text is not None:
            heard.append(text)
            text = channel.more()
        sent = 0
        while channel.transport.next_frame(37 * t, 20) is not None:
            sent += 1
            assert sent <= 2 * frame.WINDOW + 2
        assert channel.transport.wait_ms(37 * t) != 0
        assert len(channel.transport.incoming.early) < frame.WINDOW
    return heard


def feed_clear(data):
    feed(Channel(0), data)


def feed_sealed(data):
    assert not feed(secured(), data)


def unseal(data):
    crypto.unseal(bytes(32), bytes(16), b"", data)
    raise AssertionError("a seal was forged")


def mount(data):
    flash = Flash(SECTORS)
    at = 2 * flash.sector_bytes if data[:1] < b"\x80" else 0
    data = data[1:]
    flash.bytes[at : at + len(data)] = data
    for slot in range(2 * 8, SECTORS * 8):
        content = flash.bytes[512 * slot : 512 * slot + 512]
        if content[:2] == b"\x0c\xb1":
            frame.sign(content)
            content[7] = 0  # numbers of a lifetime, not of 2**32 pages
            frame.sign(content)
            flash.bytes[512 * slot : 512 * slot + 512] = content
    journal = Journal(flash, bytes)
    for minute in range(30):
        journal.append(0, 60 * minute, Fields(minute), 0, 0)
    last = journal.next_sequence - 1
    assert Journal(flash, bytes).read_into(last, bytearray(512)) == last


# Flash is slow, and frames have most to get wrong.
READERS = (feed_clear, feed_sealed) * 5 + (read_message, read_page) * 2 + (unseal, mount)


def one_input(data):
    if not data:
        return
    try:
        READERS[data[0] % len(READERS)](data[1:])
    except (DamagedData, PeerRefused):
        pass


def seeds(folder):
    """Write whole frames, messages and pages as inputs to begin with."""
    frames, texts, pages = examples()
    of_frames = b"".join(bytes([len(one)]) + one for one in frames)
    inputs = [bytes([READERS.index(read_message)]) + text for text in texts]
    inputs += [bytes([READERS.index(read_page)]) + one for one in pages]
    inputs += [bytes([READERS.index(mount), 0]) + one * 3 for one in pages]
    for reader in (feed_clear, feed_sealed):
        inputs.append(bytes([READERS.index(reader)]) + of_frames)
        inputs += [bytes([READERS.index(reader), len(one)]) + one for one in frames]
        ack = bytes(frame.ack_frame(1, 0))
        inputs.append(bytes([READERS.index(reader), len(ack)]) + ack)
    for n, one in enumerate(inputs):
        (folder / f"seed{n}").write_bytes(one)


if __name__ == "__main__":
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as corpus:
        seeds(Path(corpus))
        atheris.Setup([*sys.argv, corpus], one_input)
        atheris.Fuzz()
