"""Strangers, forgers and wrong clocks: what a sync refuses, on both sides."""

import pytest
from app.desk import EARLIEST_UTC_S
from app.guard import FAILURES
from biocore import frame as framing
from biocore import message
from biocore.channel import Channel
from bioklok.errors import BioklokFailure
from bioklok.radio.port import LinkLost
from bioklok.sync import sync
from support.loop import run
from support.pair import IDENTITY, KEY, NOW, Device, Flash, MemoryStore, session
from support.wire import Faults, Wire

MTUS = (23, 131, 247, 517)


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
            if who == "device" and not frame[0] & (framing.SEALED | framing.ACK):
                text = plain.feed(frame, 0)
                seen += [text] if text else []
        opcodes = [message.decode(text)[0] for text in seen]
        assert opcodes == [message.HELLO, message.PROOF]
        assert message.decode(seen[0])[1][0] == framing.PROTOCOL_VERSION
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
        assert not any(frame[0] & framing.SEALED for frame in got)
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
            if self.n_frames == self.at and frame[0] & framing.SEALED:
                frame[framing.HEADER_BYTES] ^= 1
                framing.sign(frame)
                self.hit = True
            super().carry(bytes(frame), to_host)

    async def main(at):
        device, store = Device(Flash()), MemoryStore()
        device.log(5 * 30)
        wire = Enemy(at)
        link = device.connect(wire)
        try:
            await sync(link, store, key=KEY, utc_s=lambda: NOW, stall_s=30)
            assert not wire.hit
        except BioklokFailure:
            assert wire.hit
        wire.cut()
        await session(device, store)
        (pages,) = store.journals.values()
        assert sorted(pages) == list(range(5))
        await device.off()
        return wire.hit

    assert sum([run(main(at)) for at in range(30)]) >= 12


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


def test_summer_time_reaches_the_device_with_the_next_sync():
    async def main():
        device, store = Device(Flash()), MemoryStore()
        await session(device, store)
        assert device.settings.get("utc_offset_min") == 60  # nobody's: as provisioned
        hours = device.settings.get("dark_from_min"), device.settings.get("dark_until_min")
        for offset_min in (120, 60, -210):
            store.offset_min = offset_min
            await session(device, store)
            assert device.settings.get("utc_offset_min") == offset_min
        kept = device.settings.get("dark_from_min"), device.settings.get("dark_until_min")
        assert kept == hours == (21 * 60, 7 * 60)
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
        with pytest.raises(BioklokFailure, match=r"does not believe this computer's clock \(202"):
            await session(device, store, now=wrong)
        assert abs(device.clock.utc()[0] - NOW) <= 2
        assert sum(map(len, store.journals.values())) == 3  # what was measured is safe all the same
        await device.off()

    run(main())


def test_a_device_without_a_clock_refuses_what_is_before_its_log_or_its_program():
    async def main():
        device = Device(Flash())
        device.log(90, start_utc_s=NOW)
        for wrong in (NOW - 86400, EARLIEST_UTC_S - 1):
            with pytest.raises(BioklokFailure, match="does not believe"):
                await session(device, MemoryStore(), now=wrong)
        await session(device, MemoryStore(), now=NOW + 90 * 60)
        await device.off()

    run(main())
