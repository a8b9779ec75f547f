"""An interpreter with a `bluetooth` of its own joins the air through a pseudo-terminal.

There is no such interpreter to be had from a package index, so an HCI host of bumble, in a process
of its own at the other end of the pseudo-terminal, stands in for NimBLE. Shown here is the wiring:
that it is found out, started without our stand-in module, connected by its public address, carries
frames both ways, and is gone at the end. How NimBLE itself behaves is not shown.
"""

import asyncio
import sys
from pathlib import Path

import pytest
from bioklok.errors import NotFound
from bioklok.radio.link import connect, scan
from bioklok.radio.port import LinkLost
from bioklok.radio.virtual import virtual_adapter
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.faults import PHONE, Faults, FaultyLink
from bioklok.simulator.interpreter import find_micropython, has_bluetooth
from bioklok.simulator.virtual_device import device_on_air, power_on
from support import nimble_host
from support.world import image

TEST_S = 40


@pytest.fixture
def interpreter(tmp_path: Path) -> Path:
    """An executable that passes for a MicroPython with NimBLE."""
    path = tmp_path / "micropython"
    root = Path(__file__).parents[2]
    path.write_text(
        f"#!/bin/sh\n"
        f'[ "$1" = -X ] && shift 2\n'
        f"PYTHONPATH={root / 'firmware'}:{root / 'host'} "
        f'exec {sys.executable} {nimble_host.__file__} "$@"\n'
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def flash(tmp_path: Path) -> Path:
    path = tmp_path / "flash"
    path.write_bytes(image(1))
    return path


def test_an_interpreter_is_asked_whether_it_has_bluetooth(interpreter: Path, monkeypatch) -> None:
    assert has_bluetooth(interpreter)
    # Ours has none, not even with a module of that name where it would look.
    monkeypatch.setenv("MICROPYPATH", "firmware/sim/modules")
    monkeypatch.delenv("BIOKLOK_MICROPYTHON", raising=False)
    assert not has_bluetooth(find_micropython())


async def echoes(air: VirtualAir, mtu: int = 247) -> None:
    adapter = virtual_adapter(air.central, mtu)
    (sighting,) = await scan(adapter, timeout_s=20, enough=1)
    assert sighting.tag == nimble_host.TAG
    assert sighting.device.details["address"].is_public
    async with connect(sighting.device, adapter, timeout_s=10) as link:
        assert link.frame_bytes == mtu - 3
        for i in range(30):
            await link.send(bytes([i]) * link.frame_bytes)
        for i in range(30):
            assert await link.receive(10) == bytes([i]) * link.frame_bytes


@pytest.mark.parametrize("mtu", [23, 247])
def test_it_carries_frames_both_ways_twice(interpreter: Path, flash: Path, mtu: int) -> None:
    async def run() -> None:
        async with asyncio.timeout(TEST_S), VirtualAir() as air:
            async with device_on_air(air, flash, interpreter):
                await echoes(air, mtu)
                await echoes(air, mtu)
            with pytest.raises(NotFound):
                await scan(virtual_adapter(air.central), timeout_s=0.2)

    asyncio.run(run())


def test_it_gets_the_uart_and_not_our_stand_in(interpreter: Path, flash: Path) -> None:
    async def run() -> bytes:
        async with asyncio.timeout(TEST_S), VirtualAir() as air:
            async with power_on(air, flash, interpreter) as process:
                assert process.stdin is not None
                process.stdin.close()
                output, _ = await process.communicate()
            return output

    names, modules = asyncio.run(run()).decode().splitlines()[:2]
    assert names.split() == ["MICROPYPATH", "BIOKLOK_SIM_FLASH", "MICROPYBTUART"]
    assert "boards/sim" in modules and "sim/modules" not in modules


def test_its_frames_meet_the_faults_and_the_pace_too(interpreter: Path, flash: Path) -> None:
    async def run() -> None:
        link = FaultyLink(1, to_host=Faults(cut_after=12), pacing=PHONE)
        async with (
            asyncio.timeout(TEST_S),
            VirtualAir(link) as air,
            device_on_air(air, flash, interpreter),
        ):
            with pytest.raises(LinkLost):
                await echoes(air, 23)
            assert (link.to_host.delivered, link.to_host.cuts) == (12, 1)

    asyncio.run(run())


def test_a_process_that_dies_takes_its_connection_along(interpreter: Path, flash: Path) -> None:
    async def run() -> None:
        async with asyncio.timeout(TEST_S), VirtualAir() as air:
            adapter = virtual_adapter(air.central)
            async with power_on(air, flash, interpreter):
                (sighting,) = await scan(adapter, timeout_s=20, enough=1)
                context = connect(sighting.device, adapter, timeout_s=10)
                link = await context.__aenter__()
            with pytest.raises(LinkLost):
                await link.receive(10)
            await context.__aexit__(None, None, None)
            assert not air.central.connections

    asyncio.run(run())
