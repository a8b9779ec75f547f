"""Feeds the decoders N random and mutated inputs: `decoders.py N SEED`. Runs on both interpreters.

Only the declared errors may come out; prints how many inputs ended how.
"""

import sys

from biocore import crypto, message, page
from biocore.channel import Channel
from biocore.errors import DamagedData, PeerRefused
from biocore.frame import CRC_BYTES, sign
from biocore.transport import Transport


class Dice:
    """xorshift32: the same on both interpreters, and quick."""

    def __init__(self, seed):
        self.state = seed or 1

    def __call__(self, n):
        x = self.state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self.state = x
        return x % n

    def bytes(self, n):
        return bytes([self(256) for _ in range(n)])


def examples():
    """Whole frames and messages, to mutate."""
    builder = page.PageBuilder()
    builder.begin(1, 2, 1763000040, 0)
    builder.append(1, 2, 3, 4, 5, 6, 7, 60)
    whole = bytes(builder.close(3))
    texts = [message.ask(opcode) for opcode in sorted(message.FIELDS)]
    texts.append(message.encode_pages(whole))
    frames = []
    for text in texts:
        end = Transport(0)
        end.write(text)
        frame = end.next_frame(0, 244)
        while frame is not None:
            frames.append(bytes(frame))
            frame = end.next_frame(0, 244)
    return frames, texts, [whole]


def mutated(dice, sample):
    data = bytearray(sample)
    for _ in range(1 + dice(3)):
        kind = dice(4)
        if not data:
            break
        at = dice(len(data))
        if kind == 0:
            data[at] ^= 1 << dice(8)
        elif kind == 1:
            data[at] = dice(256)
        elif kind == 2:
            data = data[:at]
        else:
            data = data[:at] + dice.bytes(dice(5)) + data[at:]
    return data


def secured():
    channel = Channel(0)
    key = crypto.session_key(bytes(32), bytes(16), bytes(16))
    channel.secure(key, crypto.HOST_TO_DEVICE, crypto.DEVICE_TO_HOST)
    return channel


def run(n, seed):
    dice = Dice(seed)
    frames, texts, pages = examples()
    counts = {"taken": 0, "left": 0, "damaged": 0, "refused": 0}
    channel = Channel(0)
    sealed = secured()
    for i in range(n):
        kind = dice(8)
        try:
            if kind == 0:
                result = channel.feed(dice.bytes(dice(40)), i)
            elif kind <= 4:
                data = mutated(dice, frames[dice(len(frames))])
                if len(data) > CRC_BYTES and dice(2):
                    sign(data)  # an enemy mends the checksum
                result = (channel if kind < 4 else sealed).feed(data, i)
            elif kind == 5:
                result = message.decode(bytes(mutated(dice, texts[dice(len(texts))])))
            elif kind == 6:
                result = message.decode(dice.bytes(dice(600)) if dice(20) == 0 else dice.bytes(9))
            else:
                data = bytes(mutated(dice, pages[0]))
                page.check(data)
                result = page.header(data)
            counts["left" if result is None else "taken"] += 1
        except DamagedData:
            counts["damaged"] += 1
        except PeerRefused:
            counts["refused"] += 1
        if (channel.transport.incoming._size >= 0 and dice(50) == 0) or i % 5000 == 0:
            channel = Channel(i)
        if i % 500 == 0:
            sealed = secured()
    return counts


if __name__ == "__main__":
    counts = run(int(sys.argv[1]), int(sys.argv[2]))
    print("inputs " + " ".join(["%s=%d" % item for item in sorted(counts.items())]))
