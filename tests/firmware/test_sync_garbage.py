"""What sealing a frame leaves on the device's heap."""

import gc

from biocore import crypto, message
from biocore.channel import Channel
from biocore.frame import WINDOW
from biocore.page import PAGE_BYTES

KEY = bytes(range(32))
NONCE = bytes(16)


def test_garbage_for_one_frame_of_200_bytes_stays_below_2500_bytes():
    """Issue's bound, for sealing, cutting and checking sums of a full message of pages."""
    session_key = crypto.session_key(KEY, NONCE, NONCE)
    channel = Channel(0)
    channel.secure(session_key, crypto.DEVICE_TO_HOST, crypto.HOST_TO_DEVICE)
    channel.transport.outgoing.window = WINDOW
    page = message.encode_pages(bytes(message.PAGES_PER_MESSAGE * PAGE_BYTES))
    channel.write(page)
    while channel.transport.next_frame(0, 200) is not None:
        pass
    channel.transport.outgoing.under_way = []
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    n_frames = 0
    channel.write(page)
    while channel.transport.next_frame(0, 200) is not None:
        n_frames += 1
    used = gc.mem_alloc() - before
    gc.enable()
    assert n_frames == 14
    assert used / n_frames <= 2500, used / n_frames
