"""What the virtual radio carries: raw notifications, and a week's pages, on the same link."""

import asyncio
import time
from pathlib import Path

from biocore import gatt
from bioklok.radio.link import connect, scan
from bioklok.radio.virtual import virtual_adapter
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.interpreter import environment, find_micropython

PROGRAM = Path(__file__).with_name("raw_main.py")


async def _raw(n: int) -> float:
    async with VirtualAir() as air:
        device = await asyncio.create_subprocess_exec(
            *(str(find_micropython()), "-X", "heapsize=400k", str(PROGRAM), str(n)),
            env=environment(BIOKLOK_SIM_AIR=air.socket_path),
        )
        try:
            adapter = virtual_adapter(air.central)
            (sighting,) = await scan(adapter, enough=1)
            async with connect(sighting.device, adapter) as link:
                await link.send(b"go")
                received = len(await link.receive(10))
                started = time.perf_counter()
                for _ in range(n - 1):
                    received += len(await link.receive(10))
                took_s = time.perf_counter() - started
        finally:
            device.kill()
            await device.wait()
    return received / took_s


def raw_bytes_per_s(n: int = 1000) -> float:
    """Payload bytes a second of `n` notifications at the MTU that we ask for."""
    rate = asyncio.run(_raw(n))
    assert rate > gatt.DEFAULT_MTU
    return rate
