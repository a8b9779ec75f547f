"""A simulated device within reach of a virtual radio: the firmware in real time, on its flash."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bioklok.errors import BioklokFailure
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.image import read_device_id
from bioklok.simulator.interpreter import command, environment, find_micropython
from bioklok.simulator.run import HEAP, explain

_STOP_S = 10.0


@asynccontextmanager
async def device_on_air(
    air: VirtualAir, flash: Path, micropython: Path | None = None
) -> AsyncIterator[str]:
    """Switch on the device of a flash image on `air`; gives its device id (hex).

    It is switched off at the end as by hand, so that it can save what it holds. Raises
    BioklokFailure where the image is none, or the device stops by itself with an error.
    """
    device_id = read_device_id(flash)
    process = await asyncio.create_subprocess_exec(
        *command(find_micropython(micropython), HEAP),
        env=environment(
            BIOKLOK_SIM_FLASH=str(flash),
            BIOKLOK_SIM_AIR=air.socket_path,
            BIOKLOK_SIM_SEED=secrets.token_hex(8),
        ),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is the host's to handle
    )
    assert process.stdin is not None
    try:
        yield device_id
    finally:
        process.stdin.close()
        try:
            output, _ = await asyncio.wait_for(process.communicate(), _STOP_S)
        except TimeoutError:
            process.kill()
            output, _ = await process.communicate()
    if process.returncode:
        raise BioklokFailure(explain(output.decode(errors="replace"), process.returncode, flash))
