"""A radio for real bleak whose air is a script: who advertises, who can be reached, for how long.

The backend classes enter bleak by its own door. Nothing but the air is scripted.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from biocore import gatt
from bioklok.radio.link import Adapter
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError


class ScriptedAir:
    """`advertise` lets the scanner hear a device. `n_connected` and `n_connecting` are those of
    now, `most_*` the most there ever were. `fault(address)` may raise in an attempt to connect."""

    def __init__(self, connect_s: float = 0.1) -> None:
        self.connect_s = connect_s
        self.fault: Callable[[str], None] = lambda _: None
        self.attempts: list[str] = []
        self.n_connected = self.n_connecting = 0
        self.most_connected = self.most_connecting = 0
        self.n_scans = 0
        self._hear: Callable[[BLEDevice, AdvertisementData], None] | None = None

    @property
    def adapter(self) -> Adapter:
        return Adapter(ScriptedScanner, ScriptedClient, {"air": self})

    @property
    def is_scanning(self) -> bool:
        return self._hear is not None

    def advertise(self, address: str, tag: bytes) -> None:
        if self._hear is not None:
            services = [gatt.SERVICE_UUID]
            data = AdvertisementData(None, {gatt.COMPANY_ID: tag}, {}, services, None, -60, ())
            self._hear(BLEDevice(address, None, {}), data)

    async def advertise_always(self, tags: dict[str, bytes], every_s: float = 1.0) -> None:
        while True:
            for address, tag in tags.items():
                self.advertise(address, tag)
            await asyncio.sleep(every_s)


class ScriptedScanner(BaseBleakScanner):
    def __init__(
        self,
        callback: Any,
        service_uuids: list[str] | None,
        _mode: str,
        *,
        air: ScriptedAir,
        **_: Any,
    ) -> None:
        super().__init__(callback, service_uuids)
        self._air = air

    async def start(self) -> None:
        assert self._air._hear is None, "two scanners at once"
        self._air.n_scans += 1
        self._air._hear = self.call_detection_callbacks

    async def stop(self) -> None:
        self._air._hear = None


class ScriptedClient(BaseBleakClient):
    def __init__(self, device: BLEDevice | str, *, air: ScriptedAir, **options: Any) -> None:
        super().__init__(device, **options)
        self._air = air
        self._is_connected = False

    @property
    def mtu_size(self) -> int:
        return gatt.WANTED_MTU

    @property
    def is_connected(self) -> bool:
        return self._is_connected

    async def connect(self, pair: bool, **_: Any) -> None:
        air = self._air
        air.attempts.append(self.address)
        air.n_connecting += 1
        air.most_connecting = max(air.most_connecting, air.n_connecting)
        try:
            await asyncio.sleep(air.connect_s)
            air.fault(self.address)
        finally:
            air.n_connecting -= 1
        self._is_connected = True
        air.n_connected += 1
        air.most_connected = max(air.most_connected, air.n_connected)
        service = BleakGATTService(None, 1, gatt.SERVICE_UUID)
        self.services = BleakGATTServiceCollection()
        self.services.add_service(service)
        for handle, uuid in ((2, gatt.RX_UUID), (4, gatt.TX_UUID)):
            self.services.add_characteristic(
                BleakGATTCharacteristic(None, handle, uuid, ["write"], lambda: 244, service)
            )

    async def disconnect(self) -> None:
        if self._is_connected:
            self._is_connected = False
            self._air.n_connected -= 1

    async def start_notify(self, characteristic: Any, callback: Any, **_: Any) -> None:
        return

    async def write_gatt_char(self, characteristic: Any, data: Any, response: bool) -> None:
        return

    async def pair(self, *_: Any, **__: Any) -> None:
        raise BleakError("not in this script")

    unpair = stop_notify = read_gatt_char = read_gatt_descriptor = write_gatt_descriptor = pair


def out_of_reach(*addresses: str) -> Callable[[str], None]:
    """A fault: these devices do not answer."""

    def fault(address: str) -> None:
        if address in addresses:
            raise BleakDeviceNotFoundError(address)

    return fault
