"""Runs a device through a world: the unmodified firmware, as fast as it computes."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bioklok.errors import BioklokFailure
from bioklok.simulator.image import new_image
from bioklok.simulator.interpreter import (
    command,
    environment,
    find_micropython,
    firmware_digest,
)
from bioklok.simulator.world import World, code_digest

HEAP = "360k"  # with the fakes of chips, flash, radio and world in it
_STOP_S = 10


@dataclass(frozen=True)
class Run:
    """What a run was: recorded seconds that went through the device, and seconds it took."""

    world_s: int
    took_s: float


def run_world(
    world: World,
    flash: Path,
    *,
    micropython: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Run:
    """Feed a world to a new device and keep its flash image at `flash`.

    The device's id and random numbers follow from `device_seed`, so the same world gives the same
    image to the bit. `progress` is told (seconds fed, of so many). Raises
    BioklokFailure where the device stops before its world does.
    """
    interpreter = find_micropython(micropython)
    seed = device_seed(world)
    started = time.perf_counter()
    with new_image(flash, seed) as image:
        done = _feed(interpreter, image, world, seed, progress)
    return Run(done, time.perf_counter() - started)


def run_again(
    world: World, flash: Path, seed: str, *, micropython: Path | None = None, **variables: str
) -> None:
    """Start the device that `flash` belongs to once more, and feed it a world until that ends.

    `seed`: what its random numbers follow from in this start. `variables`: those of boards/sim.
    Raises BioklokFailure where the device stops before its world does, as after a power cut.
    """
    _feed(find_micropython(micropython), flash, world, seed, lambda done, total: None, **variables)


@cache
def _code() -> str:
    return f"firmware {firmware_digest()}, worlds {code_digest(Path(__file__).parent)}"


def device_seed(world: World) -> str:
    """Return what a device's identity follows from: the world, and all code that has a say."""
    return f"{world.seed}, {_code()}"


def _feed(
    interpreter: Path,
    image: Path,
    world: World,
    seed: str,
    progress: Callable[[int, int], None],
    **variables: str,
) -> int:
    read_end, write_end = os.pipe()
    with (
        open(read_end, "rb", buffering=0) as of_device,
        open(write_end, "wb", buffering=0) as stream,
        tempfile.TemporaryFile() as errors,
    ):

        def start() -> "subprocess.Popen[bytes]":
            return subprocess.Popen(
                command(interpreter, HEAP),
                env=environment(
                    BIOKLOK_SIM_FLASH=str(image),
                    BIOKLOK_SIM_WORLD=f"/dev/fd/{read_end}",
                    BIOKLOK_SIM_SEED=seed,
                )
                | variables,
                pass_fds=(read_end,),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,  # Ctrl-C is the host's to handle
            )

        done = 0
        with _running(start) as device:
            of_device.close()
            try:
                _write_all(stream.fileno(), world.header())
                for chunk in world.chunks:
                    _write_all(stream.fileno(), chunk.tobytes())
                    done += len(chunk)
                    progress(done, world.n_seconds)
            except BrokenPipeError:
                pass  # the device has stopped: its exit code says why, below
            stream.close()  # the end of the world
            code = device.wait(timeout=None)
        if code != 0 or done < world.n_seconds:
            errors.seek(0)
            raise BioklokFailure(explain(errors.read().decode(errors="replace"), code, image))
    return done


@contextmanager
def _running(start: "Callable[[], subprocess.Popen[bytes]]") -> "Iterator[subprocess.Popen[bytes]]":
    """Give a process for a `with` block; one that the block did not see to its end is killed.

    Signals break in on the main thread alone. So it is started on another: where one comes just
    then, the process is known all the same by the time that the exception is seen here.
    """
    started: list[subprocess.Popen[bytes]] = []
    try:
        with ThreadPoolExecutor(1) as starter:
            starter.submit(lambda: started.append(start())).result()
        yield started[0]
    except BaseException:
        for process in started:
            process.kill()
            process.wait(_STOP_S)
        raise


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def explain(output: str, code: int, image: Path) -> str:
    """One line on why the device stopped, from the last line of its traceback."""
    lines = [line for line in output.splitlines() if line.strip()]
    last = lines[-1] if lines else f"exit code {code}"
    if "ENOSPC" in last or "EFBIG" in last or "[Errno 27]" in last:
        return f"no room for the flash image in {image.parent}: free some space and run it again"
    if "MemoryError" in last:
        last += " (out of heap)"
    return f"the simulated device stopped: {last}"
