"""The session in docs/protocol.md is one: both ends take its frames and understand them."""

from pathlib import Path

from biocore import crypto, message
from biocore.channel import Channel
from bioklok.worked_session import KEY, NONCE_DEVICE, NONCE_HOST, example_page

DOC = Path(__file__).parents[2] / "docs" / "protocol.md"


def documented():
    text = DOC.read_text(encoding="utf-8")
    part = text.split("<!-- gen:session -->")[1].split("<!-- /gen -->")[0]
    for line in part.strip().strip("`").strip().splitlines():
        sender, what, digits = line.split()
        yield sender, what, bytes.fromhex(digits)


def test_the_documented_session_replays():
    ends = {"host": Channel(0), "device": Channel(0)}
    key = crypto.session_key(KEY, NONCE_HOST, NONCE_DEVICE)
    heard = []
    n_frames = 0
    for sender, what, frame in documented():
        n_frames += 1
        receiver = ends["device" if sender == "host" else "host"]
        text = receiver.feed(frame, n_frames)
        if what == "ack":
            assert text is None
        while text is not None:
            opcode, fields = message.decode(text)
            heard.append((sender, opcode, fields))
            assert getattr(message, what) == opcode
            if (sender, opcode) == ("device", message.PROOF):
                assert fields == (crypto.device_proof(key),)
                ends["host"].secure(key, crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST)
                ends["device"].secure(key, crypto.DEVICE_TO_HOST, crypto.HOST_TO_DEVICE)
            text = receiver.more()
    assert ("device", message.PAGES, example_page()) in heard
    assert [opcode for _, opcode, _ in heard][:4] == [message.HELLO] * 2 + [message.PROOF] * 2
    assert heard[-1][1] == message.BYE
    assert n_frames > 20


def test_a_changed_frame_of_it_is_noticed():
    frames = list(documented())
    at = next(i for i, (_, what, _) in enumerate(frames) if what == "PAGES")
    sender, _, frame = frames[at]
    changed = bytearray(frame)
    changed[40] ^= 1
    end = Channel(0)
    assert sender == "device"
    assert end.feed(changed, 0) is None and end.transport.frames_damaged == 1
