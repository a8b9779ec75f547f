"""Two bumble radios on a faulty air, in virtual time, and what arrives at either."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bioklok.simulator.controller import radio_on
from bioklok.simulator.faults import Counts, Faults, FaultyLink, Pacing
from bumble.device import Connection, Device, Peer
from bumble.gatt import Characteristic, CharacteristicValue, Service
from support import loop

N = 400
CENTRAL, PERIPHERAL = "E0:00:00:00:00:01", "F0:00:00:00:00:01"


class Ends:
    """A connection between two radios; `arrived` holds (seconds, direction is to host, value)."""

    def __init__(self, central: Device, peripheral: Device, tx: Characteristic) -> None:
        self.central = central
        self.peripheral = peripheral
        self._tx = tx
        self.arrived: list[tuple[float, bool, bytes]] = []
        self.ended: list[str] = []
        self.rx: object = None

    def arrives(self, to_host: bool, value: bytes) -> None:
        self.arrived.append((asyncio.get_running_loop().time(), to_host, value))

    async def send(self, to_host: bool, value: bytes) -> None:
        if to_host:
            (connection,) = self.peripheral.connections.values()
            await self.peripheral.notify_subscriber(connection, self._tx, value)
        else:
            await self.rx.write_value(value, with_response=False)

    async def connect(self) -> None:
        await self.peripheral.start_advertising(
            advertising_interval_min=20, advertising_interval_max=20
        )
        connection = await self.central.connect(PERIPHERAL)
        connection.on(Connection.EVENT_DISCONNECTION, lambda _: self.ended.append("host"))
        peer = Peer(connection)
        await peer.request_mtu(247)
        await peer.discover_all()
        tx, self.rx = peer.services[-1].characteristics
        await peer.subscribe(tx, lambda value: self.arrives(True, bytes(value)))

    def values(self) -> list[bytes]:
        return [value for _, _, value in self.arrived]

    def seconds(self) -> list[float]:
        return [at for at, _, _ in self.arrived]


@asynccontextmanager
async def ends_on(link: FaultyLink) -> AsyncIterator[Ends]:
    central = await radio_on(link, "host", CENTRAL)
    peripheral = await radio_on(link, "device", PERIPHERAL)
    properties = Characteristic.Properties
    tx = Characteristic("B10C", properties.NOTIFY, Characteristic.READABLE, b"")
    rx = Characteristic(
        "B10D",
        properties.WRITE | properties.WRITE_WITHOUT_RESPONSE,
        Characteristic.WRITEABLE,
        CharacteristicValue(write=lambda _, value: ends.arrives(False, bytes(value))),
    )
    peripheral.add_service(Service("B10A", [tx, rx]))
    ends = Ends(central, peripheral, tx)
    peripheral.on(
        Device.EVENT_CONNECTION,
        lambda connection: connection.on(
            Connection.EVENT_DISCONNECTION, lambda _: ends.ended.append("device")
        ),
    )
    await ends.connect()
    yield ends
    await peripheral.power_off()
    await central.power_off()


def numbered(n: int = N, size: int = 20) -> list[bytes]:
    return [i.to_bytes(2, "big") + bytes(size - 2) for i in range(n)]


def carry(
    faults: Faults,
    to_host: bool,
    seed: int = 1,
    frames: list[bytes] | None = None,
    pacing: Pacing | None = None,
) -> tuple[list[bytes], Counts, list[float]]:
    """Send frames one way and wait until all is quiet; give what came, the counts, and when."""

    async def run() -> tuple[list[bytes], Counts, list[float]]:
        link = FaultyLink(seed, **{"to_host" if to_host else "to_device": faults}, pacing=pacing)
        async with ends_on(link) as ends:
            began = asyncio.get_running_loop().time()
            for frame in frames or numbered():
                await ends.send(to_host, frame)
            await asyncio.sleep(5)  # in virtual time
            counts = link.to_host if to_host else link.to_device
            other = link.to_device if to_host else link.to_host
            assert other == Counts()
            assert len(ends.arrived) == counts.delivered
            return ends.values(), counts, [at - began for at in ends.seconds()]

    result: tuple[list[bytes], Counts, list[float]] = loop.run(run())
    return result
