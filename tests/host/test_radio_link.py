"""Scan and connect on real bleak and a bumble air, with devices that are not quite ours."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from biocore import gatt
from bioklok.errors import BioklokFailure, NotFound
from bioklok.radio.link import connect, has_adapter, scan
from bioklok.radio.port import LinkLost
from bioklok.radio.virtual import virtual_adapter
from bioklok.simulator.air import VirtualAir, radio_on
from bumble.device import Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

TEST_S = 15
TAG = b"tag-07"


def in_air(test: Callable[[VirtualAir], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(TEST_S), VirtualAir() as air:
            await test(air)

    asyncio.run(run())


async def advertise(
    air: VirtualAir, data: bytes, services: list[Service], number: int = 1
) -> Device:
    device = await radio_on(air.link, "Bioklok", f"F6:00:00:00:00:{number:02X}")
    device.add_services(services)
    await device.start_advertising(
        advertising_data=data, advertising_interval_min=20, advertising_interval_max=20
    )
    return device


async def let_go(device: Device) -> None:
    """Wait until the other side, too, has heard that the connection is over."""
    for connection in list(device.connections.values()):
        gone = asyncio.Event()
        connection.once("disconnection", lambda _reason, gone=gone: gone.set())
        await gone.wait()
    assert not device.connections


def bioklok_service(received: list[bytes]) -> tuple[Service, Characteristic]:
    rx = Characteristic(
        gatt.RX_UUID,
        Characteristic.Properties.WRITE,
        Characteristic.WRITEABLE,
        CharacteristicValue(write=lambda _, value: received.append(value)),
    )
    tx = Characteristic(
        gatt.TX_UUID, Characteristic.Properties.NOTIFY, Characteristic.Permissions(0), b""
    )
    return Service(gatt.SERVICE_UUID, [rx, tx]), tx


def test_nothing_in_range_is_said_in_one_line() -> None:
    async def test(air: VirtualAir) -> None:
        with pytest.raises(NotFound, match="No Bioklok in range"):
            await scan(virtual_adapter(air.central), timeout_s=0.1)

    in_air(test)


def test_a_device_is_known_by_its_service_and_never_by_its_name() -> None:
    async def test(air: VirtualAir) -> None:
        await advertise(air, b"\x08\x09Bioklok", [])  # complete local name, no service
        with pytest.raises(NotFound):
            await scan(virtual_adapter(air.central), timeout_s=0.2)
        await advertise(air, gatt.advertisement(TAG), [], number=2)
        (sighting,) = await scan(virtual_adapter(air.central), timeout_s=5, enough=1)
        assert (sighting.tag, sighting.device.name) == (TAG, None)

    in_air(test)


@pytest.mark.parametrize(("mtu", "frame_bytes"), [(23, 20), (100, 97), (247, 244), (517, 244)])
def test_frames_are_as_long_as_the_mtu_allows(mtu: int, frame_bytes: int) -> None:
    async def test(air: VirtualAir) -> None:
        received: list[bytes] = []
        service, tx = bioklok_service(received)
        device = await advertise(air, gatt.advertisement(TAG), [service])
        adapter = virtual_adapter(air.central, mtu)
        (sighting,) = await scan(adapter, timeout_s=5, enough=1)
        async with connect(sighting.device, adapter, timeout_s=5) as link:
            assert link.frame_bytes == frame_bytes
            await link.send(bytes(range(frame_bytes)))
            await device.notify_subscribers(tx, b"a" * frame_bytes)
            assert await link.receive(5) == b"a" * frame_bytes
            with pytest.raises(TimeoutError):
                await link.receive(0.01)
        assert received == [bytes(range(frame_bytes))]
        await let_go(device)

    in_air(test)


def test_a_link_that_the_device_ends_is_lost_for_both_directions() -> None:
    async def test(air: VirtualAir) -> None:
        service, _ = bioklok_service([])
        device = await advertise(air, gatt.advertisement(TAG), [service])
        adapter = virtual_adapter(air.central)
        (sighting,) = await scan(adapter, timeout_s=5, enough=1)
        async with connect(sighting.device, adapter, timeout_s=5) as link:
            (connection,) = device.connections.values()
            await connection.disconnect()
            for _ in range(2):
                with pytest.raises(LinkLost):
                    await link.receive(5)
            with pytest.raises(LinkLost):
                await link.send(b"anyone?")

    in_air(test)


def test_a_device_that_vanishes_while_it_answers_ends_the_wait() -> None:
    async def test(air: VirtualAir) -> None:
        service, _ = bioklok_service([])
        device = await advertise(air, gatt.advertisement(TAG), [service])

        async def vanish(connection, value) -> None:
            await connection.disconnect()

        service.characteristics[0].value = CharacteristicValue(write=vanish)
        adapter = virtual_adapter(air.central)
        (sighting,) = await scan(adapter, timeout_s=5, enough=1)
        async with connect(sighting.device, adapter, timeout_s=5) as link:
            await link.send(b"hello")  # without response: the loss shows in what comes back
            with pytest.raises(LinkLost):
                await link.receive(5)
        await let_go(device)

    in_air(test)


def test_a_device_without_our_characteristics_is_refused_and_let_go() -> None:
    async def test(air: VirtualAir) -> None:
        device = await advertise(air, gatt.advertisement(TAG), [Service(gatt.SERVICE_UUID, [])])
        adapter = virtual_adapter(air.central)
        (sighting,) = await scan(adapter, timeout_s=5, enough=1)
        with pytest.raises(BioklokFailure, match="does not offer"):
            async with connect(sighting.device, adapter, timeout_s=5):
                pass
        await let_go(device)

    in_air(test)


def test_a_device_that_went_away_after_the_scan_is_not_found() -> None:
    async def test(air: VirtualAir) -> None:
        device = await advertise(air, gatt.advertisement(TAG), [])
        adapter = virtual_adapter(air.central)
        (sighting,) = await scan(adapter, timeout_s=5, enough=1)
        await device.stop_advertising()
        air.link.remove_controller(device.host.hci_sink.sink)
        with pytest.raises(NotFound, match="out of range"):
            async with connect(sighting.device, adapter, timeout_s=0.3):
                pass

    in_air(test)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="BlueZ is Linux's")
def test_a_computer_without_bluetooth_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    for look in (scan(timeout_s=0.1), has_adapter()):
        with pytest.raises(BioklokFailure, match="Bluetooth is not available on this computer"):
            asyncio.run(look)


def test_an_adapter_that_is_there_is_found() -> None:
    in_air(lambda air: has_adapter(virtual_adapter(air.central)))
