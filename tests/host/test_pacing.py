"""The paced air by itself: two bumble radios on it, in virtual time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from bioklok.simulator.faults import PHONE, Faults, FaultyLink, Pacing
from support import loop
from support.two_radios import carry, ends_on, numbered

DIRECTIONS = pytest.mark.parametrize("to_host", [True, False], ids=["to host", "to device"])


@DIRECTIONS
def test_a_paced_air_carries_so_many_packets_an_interval(to_host: bool) -> None:
    values, _, seconds = carry(Faults(), to_host, frames=numbered(40, 128), pacing=PHONE)
    assert values == numbered(40, 128)
    events = Counter(round(at, 4) for at in seconds)
    assert list(events.values()) == [4] * 10
    gaps = [b - a for a, b in zip(list(events), list(events)[1:], strict=False)]
    assert gaps == pytest.approx([0.03] * 9, abs=1e-3)


def test_a_long_frame_takes_several_packets() -> None:
    async def took(size: int) -> float:
        link = FaultyLink(pacing=PHONE)
        async with ends_on(link) as ends:
            for frame in numbered(80, size):
                await ends.send(True, frame)
            await asyncio.sleep(5)
            seconds = ends.seconds()
        return seconds[-1] - seconds[0]

    # opcode and handle count: 128 bytes of value fit one packet, 129 take two
    one, two = loop.run(took(128)), loop.run(took(129))
    assert one == pytest.approx(0.03 * 19, abs=1e-3)
    assert two == pytest.approx(0.03 * 39, abs=1e-3)


def test_what_has_not_left_is_not_reported_as_sent() -> None:
    """bumble itself says "sent" at once; a stack on this air meets full buffers."""

    async def run(pacing: Pacing | None, wait: Callable[[], Awaitable[None]]) -> int:
        async with ends_on(FaultyLink(pacing=pacing)) as ends:
            for frame in numbered(40):
                await ends.send(True, frame)
            await wait()
            return int(ends.peripheral.host.le_acl_packet_queue.pending)

    assert loop.run(run(None, lambda: asyncio.sleep(0.001))) == 0
    assert loop.run(run(PHONE, lambda: asyncio.sleep(0.001))) >= 36
    assert loop.run(run(PHONE, lambda: asyncio.sleep(0.04))) <= 36
    assert loop.run(run(PHONE, lambda: asyncio.sleep(1))) == 0


def test_a_lost_frame_takes_its_time_on_the_air() -> None:
    faults = Faults(loss=1.0, cut_after=40)

    async def run() -> float:
        link = FaultyLink(1, faults, pacing=PHONE)
        async with ends_on(link) as ends:
            began = asyncio.get_running_loop().time()
            for frame in numbered(40):
                await ends.send(True, frame)
            while not ends.ended:
                await asyncio.sleep(0.001)
            return asyncio.get_running_loop().time() - began

    assert loop.run(run()) == pytest.approx(0.3, abs=0.035)
