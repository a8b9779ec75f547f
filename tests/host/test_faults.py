"""The faulty air by itself: two bumble radios on it, in virtual time, no code of the sync."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from bioklok.simulator.faults import HOLD_S, REORDER_DEPTH, Counts, Faults, FaultyLink
from support import loop
from support.two_radios import Ends, N, carry, ends_on, numbered

DIRECTIONS = pytest.mark.parametrize("to_host", [True, False], ids=["to host", "to device"])


@DIRECTIONS
def test_without_faults_all_arrives_in_order(to_host: bool) -> None:
    values, counts, _ = carry(Faults(), to_host)
    assert values == numbered()
    assert counts == Counts(frames=N, delivered=N)


@DIRECTIONS
def test_loss(to_host: bool) -> None:
    values, counts, _ = carry(Faults(loss=0.5), to_host)
    assert values == [frame for frame in numbered() if frame in values]
    assert counts == Counts(frames=N, delivered=len(values), lost=N - len(values))
    assert 0.4 * N < counts.lost < 0.6 * N


@DIRECTIONS
def test_duplication(to_host: bool) -> None:
    values, counts, _ = carry(Faults(duplication=0.3), to_host)
    assert sorted(values) == values
    assert sum(n - 1 for n in Counter(values).values()) == counts.duplicated > 0.2 * N
    assert set(values) == set(numbered())


@DIRECTIONS
def test_reordering(to_host: bool) -> None:
    values, counts, seconds = carry(Faults(reordering=0.3), to_host)
    assert sorted(values) == numbered() != values
    place = {value: i for i, value in enumerate(values)}
    late = [place[value] - i for i, value in enumerate(numbered())]
    # Those that were held come late, by what overtook them and the held ones let go before them.
    assert 0 < sum(n > 0 for n in late) <= counts.reordered
    assert -2 * REORDER_DEPTH < min(late) < 0 < max(late) <= 2 * REORDER_DEPTH
    assert max(seconds) < 2 * HOLD_S


@DIRECTIONS
def test_damage_turns_one_bit(to_host: bool) -> None:
    values, counts, _ = carry(Faults(damage=0.3), to_host)
    turned = [
        (int.from_bytes(value) ^ int.from_bytes(frame)).bit_count()
        for value, frame in zip(values, numbered(), strict=True)
    ]
    assert set(turned) == {0, 1}
    assert sum(turned) == counts.damaged > 0.2 * N


@DIRECTIONS
def test_truncation(to_host: bool) -> None:
    values, counts, _ = carry(Faults(truncation=0.3), to_host)
    cut = [
        len(value)
        for value, frame in zip(values, numbered(), strict=True)
        if value != frame and frame.startswith(value)
    ]
    assert len(cut) == sum(a != b for a, b in zip(values, numbered(), strict=True))
    assert len(cut) == counts.truncated > 0.2 * N
    assert min(cut) == 0 and max(cut) == 19


@DIRECTIONS
def test_delay_keeps_the_order(to_host: bool) -> None:
    values, counts, seconds = carry(Faults(delay_ms=200), to_host, frames=numbered(50))
    assert values == numbered(50)
    assert counts.delayed == 50
    assert seconds == sorted(seconds)
    assert 0.1 < max(seconds) < 0.21


ALL = Faults(loss=0.2, duplication=0.2, reordering=0.2, damage=0.2, truncation=0.2, delay_ms=20.0)


@DIRECTIONS
def test_the_same_seed_is_the_same_fate(to_host: bool) -> None:
    once, again = carry(ALL, to_host, seed=7), carry(ALL, to_host, seed=7)
    assert once[:2] == again[:2]
    assert carry(ALL, to_host, seed=8)[0] != once[0]


def test_the_directions_draw_apart() -> None:
    assert carry(Faults(loss=0.5), True)[0] != carry(Faults(loss=0.5), False)[0]


def test_one_chance_changed_leaves_the_others_where_they_were() -> None:
    arrived = carry(Faults(loss=0.3), True)[0]
    shortened = carry(Faults(loss=0.3, truncation=0.5), True)[0]
    assert arrived != shortened
    assert all(a.startswith(b) for a, b in zip(arrived, shortened, strict=True))


@DIRECTIONS
def test_the_counts_add_up(to_host: bool) -> None:
    values, counts, _ = carry(ALL, to_host)
    assert counts.frames == N
    assert counts.frames + counts.duplicated == counts.delivered + counts.lost
    assert (len(values), counts.stranded, counts.cuts) == (counts.delivered, 0, 0)
    assert min(counts.damaged, counts.truncated, counts.reordered) > 0


def cut_at(faults: Faults, to_host: bool) -> tuple[Ends, Counts]:
    """Send ten frames, losing the link on the way; connect again and send one."""

    async def run() -> tuple[Ends, Counts]:
        link = FaultyLink(1, **{"to_host" if to_host else "to_device": faults})
        async with ends_on(link) as ends:
            for frame in numbered(10):
                await ends.send(to_host, frame)
            await asyncio.sleep(5)
            assert sorted(ends.ended) == ["device", "host"]
            assert not ends.central.connections and not ends.peripheral.connections
            await ends.connect()
            await ends.send(to_host, b"again")
            await asyncio.sleep(5)
        return ends, link.to_host if to_host else link.to_device

    result: tuple[Ends, Counts] = loop.run(run())
    return result


@DIRECTIONS
@pytest.mark.parametrize("n", [1, 2, 10])
def test_a_cut_before_the_nth_frame(to_host: bool, n: int) -> None:
    ends, counts = cut_at(Faults(cut_before=n), to_host)
    assert ends.values() == [*numbered(10)[: n - 1], b"again"]
    assert (counts.cuts, counts.delivered, counts.stranded) == (1, n, 11 - n)


@DIRECTIONS
@pytest.mark.parametrize("n", [1, 2, 10])
def test_a_cut_after_the_nth_frame(to_host: bool, n: int) -> None:
    ends, counts = cut_at(Faults(cut_after=n), to_host)
    assert ends.values() == [*numbered(10)[:n], b"again"]
    assert (counts.cuts, counts.delivered, counts.stranded) == (1, n + 1, 10 - n)


@DIRECTIONS
def test_a_cut_strands_what_is_on_its_way(to_host: bool) -> None:
    faults = Faults(cut_after=3, delay_ms=500, duplication=0.5, loss=0.3)
    ends, counts = cut_at(faults, to_host)
    assert counts.cuts == 1 and counts.stranded > 0
    assert counts.frames + counts.duplicated == counts.delivered + counts.lost + counts.stranded
    assert len(ends.arrived) == counts.delivered


def test_connecting_and_requests_go_through_the_worst_of_air() -> None:
    async def run() -> None:
        worst = Faults(loss=1.0, duplication=1.0, reordering=1.0, damage=1.0, truncation=1.0)
        link = FaultyLink(1, worst, replace(worst, cut_before=2))
        async with ends_on(link) as ends:  # connects, agrees on the MTU, discovers, subscribes
            await ends.rx.write_value(b"a request", with_response=True)
            assert ends.values() == [b"a request"]
        assert link.to_host == link.to_device == Counts()

    loop.run(run())
