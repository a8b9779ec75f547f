"""What the student decided and said, over a session with the firmware's own rooms, to the wrist."""

import struct
from dataclasses import astuple

import pytest
from app.sync import SyncService
from biocore import message
from biocore.page import records
from bioklok.analysis.replay import replay
from bioklok.device_facts import DeviceSettings, Orders
from support.loop import run
from support.pair import NOW, Device, Flash, MemoryStore, session

BEGAN = NOW // 86_400 * 86_400 - 86_400 * 10
WISHED = DeviceSettings(1230, 400, 1305, 405, NOW + 7 * 86_400, 1)
QUARTER = NOW // 900


class Fields:
    """One minute as the tracker gets it: asleep 22:00-07:00 UTC."""

    light_mlx = 200_000
    valid_s = 60
    clipped = False

    def __init__(self, minute: int) -> None:
        is_asleep = minute % 1440 < 420 or minute % 1440 >= 1320
        self.enmo_dmg = 10 if is_asleep else 600 + minute % 37 * 9
        self.angle_step_median_cdeg = 5 if is_asleep else 300
        self.angle_step_max_cdeg = 50 if is_asleep else 3000
        self.light_alpha_q18 = 0 if is_asleep else 1600


class Clerk:
    """Orders of a test; notes nothing."""

    def __init__(self, orders: Orders) -> None:
        self.given = orders

    def note_status(self, info, status) -> None:
        return

    def orders(self, info) -> Orders:
        return self.given

    def wiped(self, info) -> None:
        return


def live(device: Device, begin_s: int, n_minutes: int, uptime_s: int = 0) -> None:
    """Take so many minutes through estimator and journal."""
    for n in range(n_minutes):
        start_s = begin_s // 60 * 60 + 60 * n
        fields = Fields(start_s // 60)
        device.tracker.on_epoch(start_s, uptime_s + 60 * n, fields, False, False)


def spoken(device: Device) -> list[tuple[int, tuple[int, ...]]]:
    """Listen to what the device is told from now on."""
    heard: list[tuple[int, tuple[int, ...]]] = []
    answer = device.service._answer

    def listen(text: bytes) -> None:
        heard.append(message.decode(text))
        answer(text)

    device.service._answer = listen
    return heard


def graded(store: MemoryStore) -> list[tuple[int, int]]:
    """(quarter, grade) of every report in the log, in the order in which they were learnt."""
    found = []
    for pages in store.journals.values():
        for _sequence, page in sorted(pages.items()):
            for start_s, record in records(page):
                grade, age = record[6] >> 3 & 7, record[5] >> 10
                if grade:
                    found.append((start_s // 900 - age, grade))
    return found


def test_what_was_decided_comes_to_the_device_once_and_stays():
    async def main():
        flash = Flash()
        device, store = Device(flash, utc_s=NOW), MemoryStore()
        device.log(60)
        clerk = Clerk(Orders(settings=WISHED))
        heard = spoken(device)
        await session(device, store, clerk=clerk)
        named = {one: device.settings.get(one) for one in WISHED.__dataclass_fields__}
        assert named == dict(zip(WISHED.__dataclass_fields__, astuple(WISHED), strict=True))
        assert device.time.is_paused()
        told = [fields for opcode, fields in heard if opcode == message.SETTINGS]
        assert told[-1][1:] == astuple(WISHED) and len(told) == 2
        heard.clear()
        await session(device, store, clerk=clerk)
        told = [fields for opcode, fields in heard if opcode == message.SETTINGS]
        assert len(told) == 1  # the question: there was nothing to say
        heard.clear()
        lighter = Clerk(Orders(settings=DeviceSettings(glow=0)))
        await session(device, store, clerk=lighter)
        keep, time = message.KEEP_MINUTE, message.KEEP_TIME
        told = [fields for opcode, fields in heard if opcode == message.SETTINGS]
        assert told[-1] == (message.KEEP_OFFSET, keep, keep, keep, keep, time, 0)
        await device.off()
        again = Device(flash, seed=2)
        assert again.settings.get("bed_min") == 1305 and again.settings.get("glow") == 0
        assert again.time.is_paused()  # it does not know the time

    run(main())


class OldService(SyncService):
    """The service of firmware 0.1: SETTINGS has three fields, REPORT is no message."""

    def _say(self, opcode, *fields):
        if opcode == message.SETTINGS:
            self._channel.write(bytes([opcode]) + struct.pack("<hHH", *fields[:3]))
        else:
            super()._say(opcode, *fields)

    def _answer(self, text):
        if text[0] == message.REPORT:
            self._error(message.E_DAMAGED)
        else:
            super()._answer(text[:7] if text[0] == message.SETTINGS else text)


def test_an_older_device_is_told_what_it_knows():
    async def main():
        device, store = Device(Flash(), utc_s=NOW), MemoryStore()
        device.service = OldService(device.radio, device.service._device)
        device.log(60)
        reports = ((QUARTER, 4),)
        result, _ = await session(device, store, clerk=Clerk(Orders(None, WISHED, reports)))
        assert result.pages_new == 2
        assert device.settings.get("dark_from_min") == 1230
        assert device.settings.get("glow") == 0 and device.settings.get("bed_min") == 1290
        await device.off()

    run(main())


def test_an_older_host_leaves_the_rest_as_it_is():
    keep = message.KEEP_MINUTE
    told = bytes([message.SETTINGS]) + struct.pack("<hHH", 60, 1200, keep)
    opcode, fields = message.decode(told)
    assert opcode == message.SETTINGS
    assert fields == (60, 1200, keep, keep, keep, message.KEEP_TIME, message.KEEP_FLAG)


async def lived(flash: Flash) -> tuple[Device, MemoryStore]:
    """A device that was worn for ten days up to now."""
    device, store = Device(flash, utc_s=NOW, estimates=True), MemoryStore()
    live(device, BEGAN, (NOW - BEGAN) // 60)
    return device, store


def test_reports_are_learnt_once_however_often_a_sync_is_repeated():
    async def main():
        device, store = await lived(Flash(96))
        told = ((QUARTER - 8, 5), (QUARTER - 2, 1), (QUARTER, 2))
        clerk = Clerk(Orders(reports=told))
        uptime_s = (NOW - BEGAN) // 60 * 60
        for n in range(3):
            await session(device, store, clerk=clerk, now=NOW + 1200 * n)
            live(device, NOW + 1200 * n, 20, uptime_s + 1200 * n)
        await session(device, store, clerk=clerk, now=NOW + 3600)
        assert graded(store) == list(told)
        assert device.tracker._estimator.focus._n == 3
        result = replay(next(iter(store.journals.values())).values())
        assert len(result) > 10 * 1400 and result.is_as_logged.all()
        assert device.tracker.faults == 0
        await device.off()

    run(main())


@pytest.mark.parametrize("minutes_before_the_cut", [0, 1, 2, 35])
def test_a_reboot_between_loses_no_report_and_doubles_none(minutes_before_the_cut):
    """What was in RAM only is gone; the next sync brings it again, and the log knows the rest."""

    async def main():
        flash = Flash(96)
        device, store = await lived(flash)
        told = ((QUARTER - 4, 4), (QUARTER - 1, 2))
        clerk = Clerk(Orders(reports=told))
        await session(device, store, clerk=clerk)
        uptime_s = (NOW - BEGAN) // 60 * 60
        live(device, NOW, minutes_before_the_cut, uptime_s)
        await device.off()  # nothing is written: the power is gone
        again = Device(flash, utc_s=NOW + 2700, seed=2, estimates=True)
        await session(again, store, clerk=clerk, now=NOW + 2700)
        live(again, NOW + 2700, 40)
        await session(again, store, clerk=clerk, now=NOW + 5400)
        assert graded(store) == list(told)
        result = replay(next(iter(store.journals.values())).values())
        assert result.is_as_logged.all()
        await again.off()

    run(main())


def test_what_can_not_be_learnt_is_refused_and_the_rest_goes_on():
    async def main():
        device, store = await lived(Flash(96))
        bad = ((QUARTER - 64, 3), (QUARTER + 2, 3), (QUARTER, 0), (QUARTER, 6), (2**32 - 1, 3))
        many = tuple((QUARTER - n, 3) for n in range(20))
        heard = []
        say = device.service._say

        def listen(opcode, *fields):
            if opcode == message.REPORT:
                heard.append(fields)
            say(opcode, *fields)

        device.service._say = listen
        await session(device, store, clerk=Clerk(Orders(reports=bad + many + many[:1])))
        codes = [code for _quarter, _grade, code in heard]
        assert codes[:5] == [message.REPORT_REFUSED] * 5
        assert codes[5:21] == [message.REPORT_TAKEN] * 16
        assert codes[21:25] == [message.REPORT_REFUSED] * 4 and codes[25] == message.REPORT_KNOWN
        live(device, NOW, 18, (NOW - BEGAN) // 60 * 60)
        await session(device, store, clerk=Clerk(Orders()), now=NOW + 1080)
        assert sorted(graded(store)) == sorted(many[:16])
        await device.off()

    run(main())


def test_a_device_that_does_not_know_the_time_takes_no_report():
    async def main():
        device = Device(Flash(), estimates=True)
        assert device.tracker.report(QUARTER, 3, 0) == message.REPORT_REFUSED
        await device.off()

    run(main())
