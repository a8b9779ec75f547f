"""A simulated device within reach of a virtual radio: the firmware in real time, on its flash."""

import asyncio
import secrets
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bioklok.errors import BioklokFailure
from bioklok.files import alone
from bioklok.simulator.air import VirtualAir
from bioklok.simulator.image import VirtualIdentity, read_identity
from bioklok.simulator.interpreter import (
    command,
    environment,
    find_micropython,
    has_bluetooth,
)
from bioklok.simulator.run import HEAP, explain

_STOP_S = 10.0


@asynccontextmanager
async def device_on_air(
    air: VirtualAir, flash: Path, micropython: Path | None = None
) -> AsyncIterator[VirtualIdentity]:
    """Switch on the device of a flash image on `air`; gives its identity.

    It is switched off at the end as by hand, so that it can save what it holds. Raises
    BioklokFailure where the image is none, or the device stops by itself with an error.
    """
    identity = read_identity(flash)
    busy = f"another program runs the device of {flash}: wait for it, or sync a copy"
    with alone(flash, busy):
        async with _switched_on(air, flash, micropython):
            yield identity


@asynccontextmanager
async def _switched_on(
    air: VirtualAir, flash: Path, micropython: Path | None
) -> AsyncIterator[None]:
    failure: Exception | None = None
    async with power_on(air, flash, micropython) as process:
        assert process.stdin is not None
        try:
            async with _while_alive(process):
                yield
        except (TimeoutError, BioklokFailure) as seen:
            failure = seen  # that a link broke is known before why: whoever served it may be dying
        finally:
            process.stdin.close()
            try:
                output, _ = await asyncio.wait_for(process.communicate(), _STOP_S)
            except TimeoutError:
                process.kill()
                output, _ = await process.communicate()
    if process.returncode:
        why = explain(output.decode(errors="replace"), process.returncode, flash)
        raise BioklokFailure(why) from failure
    if failure is not None:
        raise failure


@asynccontextmanager
async def _while_alive(process: Process) -> AsyncIterator[None]:
    """End the block with TimeoutError once the process stops with an error: nobody will answer."""
    async with asyncio.timeout(None) as limit:

        def on_end(ended: asyncio.Future[int]) -> None:
            if not ended.cancelled() and ended.result() != 0:
                limit.reschedule(asyncio.get_running_loop().time())

        waiting = asyncio.ensure_future(process.wait())
        waiting.add_done_callback(on_end)
        try:
            yield
        finally:
            waiting.remove_done_callback(on_end)
            waiting.cancel()


@asynccontextmanager
async def power_on(
    air: VirtualAir, flash: Path, micropython: Path | None = None, **variables: str
) -> AsyncIterator[Process]:
    """Start the firmware on a flash image, on `air`; gives its process, which is gone at the end.

    It stops by itself once its standard input is closed. An interpreter that has a `bluetooth` of
    its own (NimBLE) uses that, through a pseudo-terminal; any other uses our stand-in.
    """
    interpreter = find_micropython(micropython)
    if has_bluetooth(interpreter):
        async with air.uart() as path:
            process = await _start(interpreter, flash, variables | {"MICROPYBTUART": path}, False)
            async with _gone_after(process):
                yield process
    else:
        variables |= {"BIOKLOK_SIM_AIR": air.socket_path}
        process = await _start(interpreter, flash, variables, True)
        async with _gone_after(process):
            yield process


async def _start(
    interpreter: Path, flash: Path, variables: dict[str, str], stand_ins: bool
) -> Process:
    variables = {"BIOKLOK_SIM_SEED": secrets.token_hex(8)} | variables
    return await asyncio.create_subprocess_exec(
        *command(interpreter, HEAP),
        env=environment(stand_ins, BIOKLOK_SIM_FLASH=str(flash), **variables),
        stdin=PIPE,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,  # Ctrl-C is the host's to handle
    )


@asynccontextmanager
async def _gone_after(process: Process) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
