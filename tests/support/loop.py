"""An asyncio loop in virtual time: nothing waits, the clock jumps to what is due next."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Selector(selectors.BaseSelector):
    """Asks the real selector without waiting; the wait moves the clock instead."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.now_s = 1000.0

    def select(self, timeout=None):
        ready = self._real.select(0)
        if not ready:
            if timeout is None:
                raise RuntimeError("everybody waits for something that will not come")
            self.now_s += max(timeout, 0)
        return ready

    def register(self, fileobj, events, data=None):
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj):
        return self._real.unregister(fileobj)

    def modify(self, fileobj, events, data=None):
        return self._real.modify(fileobj, events, data)

    def close(self):
        self._real.close()

    def get_map(self):
        return self._real.get_map()


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now_s


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """asyncio.run in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
