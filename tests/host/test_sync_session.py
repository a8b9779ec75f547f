"""Host session against the firmware's own service: every fault ends in the same store."""

import pytest
from app.desk import EARLIEST_UTC_S
from app.guard import FAILURES
from biocore import message, transport
from biocore.channel import Channel
from bioklok.errors import BioklokFailure
from bioklok.radio.port import LinkLost
from bioklok.sync import sync
from support.loop import run
from support.pair import IDENTITY, KEY, NOW, Device, Faults, Flash, MemoryStore, PowerCut, Wire

MTUS = (23, 131, 247, 517)


CLEAN = Faults()


async def session(  # noqa: PLR0917
    device,
    store,
    mtu=247,
    faults=CLEAN,
    key=KEY,
    now=NOW,
    paced=None,
    **options,
):
    wire = Wire(mtu, faults, paced)
    link = device.connect(wire)
    try:
        return await sync(link, store, key=key, utc_s=lambda: now, **options), wire
    finally:
        wire.cut()


def undisturbed(n_epochs=90 * 30):
    """What a store holds after a sync that nothing disturbed, as the reference."""

    async def main():
        device, store = Device(Flash()), MemoryStore()
        device.log(n_epochs)
        result, wire = await session(device, store)
        await device.off()
        return store.journals, result, wire

    return run(main())


def test_all_pages_once_and_acknowledged():
    async def main():
        device, store = Device(Flash()), MemoryStore()
        device.log(100)  # three full pages and ten minutes that are still in RAM
        result, _ = await session(device, store)
        assert result.info.device_id == IDENTITY.hex()
        assert result.info.n_epochs == 100 and result.pages_new == 4 and result.epochs == 100
        assert device.journal.acknowledged == 4
        again, _ = await session(device, store)
        assert again.pages_new == 0 and again.epochs == 0
        device.log(45, first=100)
        third, _ = await session(device, store)
        assert third.epochs == 45
        assert result.status.battery_mv == 3900
        await device.off()

    run(main())


@pytest.mark.parametrize("mtu", MTUS)
def test_half_lost_doubled_and_reordered_converges(mtu):
    async def main():
        device, store = Device(Flash()), MemoryStore()
        device.log(12 * 30)
        faults = Faults(lose=0.5, double=0.2, shuffle=0.3, seed=mtu)
        result, _ = await session(device, store, mtu, faults, stall_s=600)
        (pages,) = store.journals.values()
        assert sorted(pages) == list(range(12))
        assert result.frames_repeated > 0
        await device.off()

    run(main())


@pytest.mark.parametrize("mtu", [23, 247])
def test_damaged_frames_are_counted_and_repaired(mtu):
    async def main():
        device, store = Device(Flash()), MemoryStore()
        device.log(8 * 30)
        result, _ = await session(device, store, mtu, Faults(damage=0.2, seed=5), stall_s=600)
        assert result.frames_dropped > 0
        assert len(next(iter(store.journals.values()))) == 8
        await device.off()

    run(main())


def test_link_cut_at_every_frame_ends_in_the_same_store():
    reference, _, wire = undisturbed(40 * 30)

    async def main(cut_at):
        device, store = Device(Flash()), MemoryStore()
        device.log(40 * 30)
        with pytest.raises(LinkLost):
            await session(device, store, faults=Faults(cut_at=cut_at))
        await session(device, store)
        assert store.journals == reference
        assert device.journal.acknowledged == 40
        await device.off()

    # the last frames are the goodbye's: without them the session has ended well already
    for cut_at in range(wire.n_frames - 8):
        run(main(cut_at))


def test_device_dies_at_every_flash_write_ends_in_the_same_store():
    async def writes():
        device, store = Device(Flash()), MemoryStore()
        device.log(33 * 30 + 7)
        before = device.flash.n_writes
        await session(device, store)
        await device.off()
        return before, device.flash.n_writes, store.journals

    before, after, reference = run(writes())
    assert after - before >= 4  # the open page, and a cursor for each window

    async def main(cut_after):
        flash, store = Flash(), MemoryStore()
        device = Device(flash)
        device.log(33 * 30 + 7)
        flash.cut_after = cut_after
        with pytest.raises((LinkLost, BioklokFailure, PowerCut)):
            await session(device, store, stall_s=5)
        await device.off()
        flash.cut_after = None
        device = Device(flash, seed=2)
        await session(device, store)
        (pages,) = store.journals.values()
        # the page in RAM is gone with the power, if that is what was cut; nothing else
        (expected,) = reference.values()
        missing = {n: p for n, p in expected.items() if n not in pages}
        assert set(missing) <= {33}
        assert {n: p for n, p in expected.items() if n in pages} == pages
        await device.off()

    for cut_after in range(before, after):
        run(main(cut_after))


def test_host_dies_between_commit_and_acknowledgement():
    class Killed(Exception):
        pass

    def killed():
        raise Killed

    reference, _, _ = undisturbed(40 * 30)

    async def main(at):
        device, store = Device(Flash()), MemoryStore()
        device.log(40 * 30)
        commits = iter(range(100))
        store.after_commit = lambda: killed() if next(commits) == at else None
        with pytest.raises(Killed):
            await session(device, store)
        assert device.journal.acknowledged == 16 * at
        store.after_commit = lambda: None
        await session(device, store)
        assert store.journals == reference and device.journal.acknowledged == 40
        await device.off()

    for at in range(3):
        run(main(at))


def test_a_store_that_was_deleted_gets_all_that_is_still_there():
    async def main():
        device = Device(Flash())
        device.log(20 * 30)
        await session(device, MemoryStore())
        store = MemoryStore()
        result, _ = await session(device, store)
        assert result.pages_new == 20 and result.epochs == 600
        await device.off()

    run(main())


def test_a_wiped_device_is_another_journal():
    async def main():
        flash, store = Flash(), MemoryStore()
        device = Device(flash)
        device.log(90)
        await session(device, store)
        device.journal.wipe()
        device.log(60, first=500)
        result, _ = await session(device, store)
        assert result.pages_new == 2
        assert sorted(len(pages) for pages in store.journals.values()) == [2, 3]
        await device.off()

    run(main())


def test_a_log_that_lost_its_oldest_pages_goes_on_with_what_there_is():
    async def main():
        device, store = Device(Flash(sectors=4)), MemoryStore()  # room for 16 pages
        device.log(30 * 30)
        result, _ = await session(device, store)
        assert result.info.oldest > 0 and result.status.pages_lost > 0
        (pages,) = store.journals.values()
        assert sorted(pages) == list(range(result.info.oldest, 30))
        await device.off()

    run(main())


# -- strangers ---------------------------------------------------------------------------------


def test_a_host_without_the_key_gets_nothing_and_is_turned_away_after_three_tries():
    async def main():
        device, store = Device(Flash()), MemoryStore()
        device.log(90)
        for _ in range(FAILURES):
            assert not device.guard.is_closed()
            with pytest.raises(BioklokFailure, match="provision it again"):
                await session(device, store, key=bytes(32))
        assert device.guard.is_closed()
        assert store.journals == {}
        assert device.guard.refused == FAILURES
        await device.off()

    run(main())


def test_a_device_with_another_key_is_not_believed():
    """Somebody plays a Bioklok: it cannot prove itself, and its pages are never asked for."""

    async def main():
        device, store = Device(Flash(), key=bytes(32)), MemoryStore()
        device.log(90)
        with pytest.raises(BioklokFailure):
            await session(device, store)
        assert store.journals == {}
        await device.off()

    run(main())


def test_a_device_that_was_never_provisioned_says_so():
    async def main():
        device = Device(Flash(), key=None)
        with pytest.raises(BioklokFailure, match="never provisioned"):
            await session(device, MemoryStore())
        await device.off()

    run(main())


def test_a_stranger_sees_version_and_nonce_and_nothing_else():
    async def main():
        device = Device(Flash())
        device.log(90)
        _, wire = await session(device, MemoryStore())
        plain = Channel(0)
        seen = []
        for who, frame in wire.log:
            if who == "device" and not frame[0] & (transport.SEALED | transport.ACK):
                text = plain.feed(frame, 0)
                seen += [text] if text else []
        opcodes = [message.decode(text)[0] for text in seen]
        assert opcodes == [message.HELLO, message.PROOF]
        assert message.decode(seen[0])[1][0] == transport.PROTOCOL_VERSION
        # nothing on the air carries the identity, the journal's id or a page in the clear
        everything = b"".join(frame for _, frame in wire.log)
        page = bytearray(512)
        device.journal.read_into(0, page)
        for secret in (IDENTITY, page[4:12], page[28:44], KEY[:8]):
            assert bytes(secret) not in everything
        await device.off()

    run(main())


@pytest.mark.parametrize("opcode", [message.INFO, message.FETCH, message.ACK, message.WIPE])
def test_requests_before_the_proof_are_refused(opcode):
    async def main():
        device = Device(Flash())
        device.log(90)
        wire = Wire(247, Faults())
        link = device.connect(wire)
        channel = Channel(0)
        channel.write(message.ask(opcode))
        await link.send(bytes(channel.transport.next_frame(0, 244)))
        text = None
        while text is None:
            text = channel.feed(await link.receive(5), 0)
        assert message.decode(text) == (message.ERROR, (message.E_ORDER,))
        assert device.journal.n_pages == 3
        wire.cut()
        await device.off()

    run(main())


def test_a_recorded_session_cannot_be_replayed():
    async def main():
        device, store = Device(Flash()), MemoryStore()
        device.log(90)
        _, wire = await session(device, store)
        recorded = [frame for who, frame in wire.log if who == "host"]
        before = device.journal.acknowledged
        device.log(90, first=200)
        replayed = Wire(247, Faults())
        link = device.connect(replayed)
        got = []
        for frame in recorded:
            if not replayed.up:
                break
            await link.send(frame)
            try:
                while True:
                    got.append(await link.receive(0.5))
            except (TimeoutError, LinkLost):
                continue
        assert device.journal.acknowledged == before
        assert device.guard.refused == 1
        assert not any(frame[0] & transport.SEALED for frame in got)
        await device.off()

    run(main())


def test_every_sealed_frame_changed_with_a_right_checksum_ends_the_session():
    """An enemy who can change frames and mend the CRC breaks the session, never the data."""

    class Enemy(Wire):
        def __init__(self, at):
            super().__init__(247, Faults())
            self.at = at
            self.hit = False

        def carry(self, frame, to_host):
            frame = bytearray(frame)
            if self.n_frames == self.at and frame[0] & transport.SEALED:
                frame[transport.HEADER_BYTES] ^= 1
                transport._sign(frame)
                self.hit = True
            super().carry(bytes(frame), to_host)

    async def main(at):
        device, store = Device(Flash()), MemoryStore()
        device.log(5 * 30)
        wire = Enemy(at)
        link = device.connect(wire)
        try:
            await sync(link, store, key=KEY, utc_s=lambda: NOW, stall_s=30)
            assert not wire.hit or at > 40
        except BioklokFailure:
            assert wire.hit
        wire.cut()
        await session(device, store)
        (pages,) = store.journals.values()
        assert sorted(pages) == list(range(5))
        await device.off()

    for at in range(36):
        run(main(at))


# -- clocks ------------------------------------------------------------------------------------


def test_the_device_gets_the_time_and_its_start_is_known():
    async def main():
        device, store = Device(Flash()), MemoryStore()
        device.time.uptime_s = 500
        result, _ = await session(device, store)
        assert abs(device.clock.utc()[0] - NOW) <= 2
        assert result.clock.offset_ms is None
        assert abs(result.clock.started_utc_s - (NOW - 500)) <= 1
        again, _ = await session(device, store, now=NOW)
        assert abs(again.clock.offset_ms) < 5000
        await device.off()

    run(main())


def test_drift_is_measured_before_it_is_mended():
    async def main():
        device = Device(Flash(), utc_s=NOW - 7)
        result, _ = await session(device, MemoryStore())
        assert -7500 < result.clock.offset_ms < -6000
        assert abs(device.clock.utc()[0] - NOW) <= 1
        await device.off()

    run(main())


@pytest.mark.parametrize("wrong", [NOW + 365 * 86400, NOW - 365 * 86400, NOW + 7200])
def test_a_host_whose_clock_is_wrong_is_refused_with_a_reason(wrong):
    async def main():
        device, store = Device(Flash(), utc_s=NOW), MemoryStore()
        device.log(90)
        with pytest.raises(BioklokFailure, match="clock says 202"):
            await session(device, store, now=wrong)
        assert abs(device.clock.utc()[0] - NOW) <= 2
        assert store.journals == {}
        await device.off()

    run(main())


def test_a_device_without_a_clock_refuses_what_is_before_its_log_or_its_program():
    async def main():
        device = Device(Flash())
        device.log(90, start_utc_s=NOW)
        for wrong in (NOW - 86400, EARLIEST_UTC_S - 1):
            with pytest.raises(BioklokFailure, match="clock says"):
                await session(device, MemoryStore(), now=wrong)
        await session(device, MemoryStore(), now=NOW + 90 * 60)
        await device.off()

    run(main())


# -- silence and nonsense ----------------------------------------------------------------------


def test_a_device_that_falls_silent_is_given_up_after_the_time_out():
    class Silent:
        frame_bytes = 244

        async def send(self, frame):
            pass

        async def receive(self, timeout_s):
            import asyncio

            await asyncio.sleep(timeout_s)
            raise TimeoutError

    async def main():
        import asyncio

        began = asyncio.get_running_loop().time()
        with pytest.raises(BioklokFailure, match="nothing new for 60 s"):
            await sync(Silent(), MemoryStore(), key=KEY)
        assert 59 <= asyncio.get_running_loop().time() - began <= 66

    run(main())


def test_a_host_that_falls_silent_is_given_up_by_the_device():
    async def main():
        import asyncio

        device = Device(Flash())
        wire = Wire(247, Faults())
        device.connect(wire)
        await asyncio.sleep(16)
        assert not wire.up
        await device.off()

    run(main())


def test_a_store_ahead_of_the_device_is_an_error_not_a_mixture():
    async def main():
        flash, store = Flash(), MemoryStore()
        device = Device(flash)
        device.log(90)
        await session(device, store)
        (pages,) = store.journals.values()
        pages[50] = pages[2]
        with pytest.raises(BioklokFailure, match="wipe the device"):
            await session(device, store)
        await device.off()

    run(main())


# -- figures the issue asks for ----------------------------------------------------------------


def test_a_week_is_85_hundredths_pages_and_fits_a_phones_pace():
    """At MTU 247, page bytes of all ATT bytes of the session, both ways; and a week in 90 s when
    only 4 packets of 131 bytes go out every 30 ms."""

    async def main(mtu, paced):
        import asyncio

        device, store = Device(Flash(sectors=64)), MemoryStore()
        device.log(7 * 1440)
        began_s = asyncio.get_running_loop().time()
        result, wire = await session(device, store, mtu, paced=paced)
        assert result.pages_new == 336
        await device.off()
        att_bytes = sum(len(frame) + 3 for _, frame in wire.log)
        return 336 * 512 / att_bytes, asyncio.get_running_loop().time() - began_s

    efficiency, _ = run(main(247, None))
    assert efficiency >= 0.85, efficiency
    _, seconds = run(main(134, (0.03, 4)))
    assert seconds <= 90, seconds
    print(f"efficiency {efficiency:.3f}, a week at a phone's pace {seconds:.1f} s")
