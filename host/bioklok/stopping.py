"""Ctrl-C and SIGTERM as a wish to stop, so that what runs can end in good order."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def stop_on_signals() -> Iterator[asyncio.Event]:
    """Give an event that the first SIGINT or SIGTERM sets; a second one acts as it always does.

    For the main thread, where Python runs its signal handlers.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    before: dict[signal.Signals, Any] = {}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)
        before.clear()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        restore()
        loop.call_soon_threadsafe(stop.set)

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, on_signal)
        yield stop
    finally:
        restore()
