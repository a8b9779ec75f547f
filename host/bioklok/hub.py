"""The hub: one scanner for all devices, sessions side by side, everyone in turn.

It finds, recognises and connects; what a session does is the business of whoever makes the hub. Who
goes first, who is left alone and for how long is decided by the pure `bioklok.schedule`.
"""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from biocore import gatt
from biocore.crypto import SALT_BYTES, advertising_tag

from bioklok.radio.link import Adapter, Sighting, connect, listen
from bioklok.radio.port import Link
from bioklok.schedule import Outcome, Rules, Schedule

CONNECTIONS = 3  # adapters carry 5 to 7 at once, some of them fewer while they scan
CONNECT_S = 10.0  # it was heard just now; meanwhile nobody else can be connected to
RESCAN_S = 900.0  # the scanner starts afresh: stacks forget whom they saw, and wake up if they hang
END_S = 5.0  # for a session to close its link
KEYS_S = 60.0  # a device that was provisioned meanwhile is known after so long
TAG_S = 600.0  # a window is a minute long, and every press in it makes it longer
MAX_TAGS = 4096  # passers-by that are remembered as such

Connection = AbstractAsyncContextManager[Link]
Session = Callable[[str, Connection], Awaitable[Outcome]]


def recognise(tag: bytes, keys: Mapping[str, bytes]) -> str | None:
    """Return the device that advertises with `tag`, by its key; None: none of these.

    tag: salt | HMAC, see `biocore.crypto.advertising_tag`. keys: device id -> 32 bytes.
    """
    if len(tag) != gatt.TAG_BYTES:
        return None
    salt = tag[:SALT_BYTES]
    for device_id, key in keys.items():
        if hmac.compare_digest(advertising_tag(key, salt), tag):
            return device_id
    return None


class Recogniser:
    """Recognises devices by their tags: `recogniser(sighting) -> device id or None`.

    `keys()` gives device id -> key and is asked again now and then. Each tag is worked out once;
    those of strangers are forgotten, so that a busy corridor fills nothing. A device changes its
    tag with every window: one that is still heard after TAG_S is somebody's recording.
    """

    def __init__(
        self,
        keys: Callable[[], Mapping[str, bytes]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = keys
        self._clock = clock
        self._keys: Mapping[str, bytes] = {}
        self._asked_s: float | None = None
        self._known: dict[bytes, str | None] = {}
        self._first_s: dict[bytes, float] = {}  # when a tag of ours was first heard, oldest first

    def __repr__(self) -> str:
        return f"<Recogniser of {len(self._keys)} devices>"

    def __call__(self, sighting: Sighting) -> str | None:
        now_s = self._clock()
        if self._asked_s is None or now_s - self._asked_s >= KEYS_S:
            self._keys = self._ask()
            self._asked_s = now_s
            self._known.clear()
        if sighting.tag not in self._known:
            if len(self._known) >= MAX_TAGS:
                self._known.clear()
            self._known[sighting.tag] = recognise(sighting.tag, self._keys)
        device = self._known[sighting.tag]
        return device if device is None or self._is_fresh(sighting.tag, now_s) else None

    def _is_fresh(self, tag: bytes, now_s: float) -> bool:
        first_s = self._first_s.setdefault(tag, now_s)
        if len(self._first_s) > MAX_TAGS:
            self._first_s.pop(next(iter(self._first_s)))
        return now_s - first_s <= TAG_S


class Hub:
    """Syncs every device that `identify` knows, as it comes into range and its turn comes.

    `identify(sighting)` names a device or says None: not ours. `session(device, connection)` runs
    one session within `async with connection as link` and says how it went; an exception that it
    lets out ends the hub. At most `connections` sessions run at once.
    """

    def __init__(
        self,
        adapter: Adapter,
        identify: Callable[[Sighting], str | None],
        session: Session,
        *,
        connections: int = CONNECTIONS,
        rules: Rules | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._adapter = adapter
        self._identify = identify
        self._session = session
        self._connections = connections
        self._rules = rules or Rules()
        self._clock = clock
        self._schedule = Schedule(self._rules)
        self._heard: dict[str, Sighting] = {}  # not yet looked at, by address
        self._sightings: dict[str, Sighting] = {}  # the latest of each scheduled device
        self._running: dict[asyncio.Task[Outcome], str] = {}
        self._wake = asyncio.Event()
        # Radios make one connection at a time; BlueZ and bumble refuse a second attempt meanwhile.
        self._connecting = asyncio.Lock()

    async def run(self, stop: asyncio.Event, listen_s: float | None = None) -> None:
        """Work until `stop` is set, then end the sessions that run and close their links.

        listen_s: return after so long, once all that were heard until then had their turn.
        Raises BioklokFailure where this computer has no Bluetooth.
        """
        until_s = None if listen_s is None else self._clock() + listen_s
        stopping = asyncio.ensure_future(stop.wait())
        stopping.add_done_callback(lambda _: self._wake.set())
        try:
            is_over = False
            while not is_over:
                async with listen(self._adapter, self._on_sighting):
                    is_over = await self._serve(stop, self._clock() + RESCAN_S, until_s)
        finally:
            stopping.cancel()
            await self._end_all()

    async def _end_all(self) -> None:
        """End the sessions that run: what they committed stays, and their links are closed."""
        while self._running:
            for task in self._running:
                task.cancel()  # again, where one was lost: bumble swallows some
            done, _ = await asyncio.wait(self._running, timeout=END_S)
            for task in done:
                del self._running[task]

    def _on_sighting(self, sighting: Sighting) -> None:
        if len(self._heard) < MAX_TAGS:
            self._heard[sighting.device.address] = sighting
            self._wake.set()

    async def _serve(self, stop: asyncio.Event, rescan_s: float, until_s: float | None) -> bool:
        """Give turns until `rescan_s` on our clock, or True: until it is time to end."""
        while not stop.is_set():
            self._wake.clear()
            self._collect()
            self._look()
            self._start()
            now_s = self._clock()
            if now_s >= rescan_s:
                return False
            waits_s = [rescan_s - now_s]
            if until_s is not None:
                if now_s >= until_s and not self._running:
                    return True
                waits_s += [until_s - now_s] if now_s < until_s else []
            due_s = self._schedule.next_due_s(now_s)
            if due_s is not None and len(self._running) < self._connections:
                waits_s.append(due_s - now_s)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(waits_s)):
                    await self._wake.wait()
        return True

    def _collect(self) -> None:
        """Take in how sessions ended. Raises what a session let out."""
        for task in [task for task in self._running if task.done()]:
            device = self._running.pop(task)
            self._schedule.ended(device, self._clock(), task.result())

    def _look(self) -> None:
        """Recognise whom the scanner heard; strangers are forgotten on the spot."""
        heard, self._heard = self._heard, {}
        now_s = self._clock()
        for sighting in heard.values():
            device = self._identify(sighting)
            if device is not None:
                self._schedule.heard(device, now_s)
                self._sightings[device] = sighting
        if len(self._sightings) > len(self._schedule):
            self._sightings = {d: s for d, s in self._sightings.items() if d in self._schedule}

    def _start(self) -> None:
        """Start sessions while there is room for another and somebody's turn has come."""
        while len(self._running) < self._connections:
            device = self._schedule.next(self._clock())
            if device is None:
                return
            self._schedule.started(device)
            connection = self._connection(self._sightings[device])
            task = asyncio.ensure_future(self._session(device, connection))
            self._running[task] = device
            task.add_done_callback(lambda _: self._wake.set())

    @asynccontextmanager
    async def _connection(self, sighting: Sighting) -> AsyncIterator[Link]:
        connection = connect(sighting.device, self._adapter, CONNECT_S)
        async with self._connecting:
            link = await connection.__aenter__()
        try:
            yield link
        finally:
            await connection.__aexit__(None, None, None)
