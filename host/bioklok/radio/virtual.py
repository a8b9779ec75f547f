"""bleak on a virtual radio: backend classes over a bumble `Device` that plays the computer.

They enter bleak by its own door (`backend=`), so everything above them is the bleak of every day.
`virtual_adapter(central)` makes the `Adapter` that `scan` and `connect` take.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from biocore import gatt
from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str
from bumble import att, core
from bumble.core import AdvertisingData
from bumble.device import Device, Peer

from bioklok.radio.link import Adapter

_T = TypeVar("_T")

_SERVICE_LISTS = (
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
)


def virtual_adapter(central: Device, mtu: int = gatt.WANTED_MTU) -> Adapter:
    """Return the Adapter of this powered bumble device, which asks for `mtu` when it connects.

    With `mtu` 23 no exchange takes place, as with a stack that leaves the MTU alone.
    """
    return Adapter(BumbleScanner, BumbleClient, {"central": central, "mtu": mtu})


def _uuid_text(uuid: core.UUID) -> str:
    dashed = uuid.to_hex_str("-") if len(uuid.uuid_bytes) == 16 else uuid.to_hex_str()
    return normalize_uuid_str(dashed)


class BumbleScanner(BaseBleakScanner):
    """Scans with the bumble device `central`."""

    def __init__(
        self,
        detection_callback: Any,
        service_uuids: list[str] | None,
        scanning_mode: str,
        *,
        central: Device,
        **_: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._central = central
        self._is_active = scanning_mode == "active"

    async def start(self) -> None:
        """Start to report advertisements."""
        self.seen_devices = {}
        self._central.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        await self._central.start_scanning(active=self._is_active, filter_duplicates=False)

    async def stop(self) -> None:
        """Stop; nothing is reported after this."""
        self._central.remove_listener(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        if self._central.is_scanning:
            await self._central.stop_scanning()

    def _on_advertisement(self, advertisement: Any) -> None:
        data = advertisement.data
        uuids = [
            _uuid_text(u) for kind in _SERVICE_LISTS for row in data.get_all(kind) for u in row
        ]
        if not self.is_allowed_uuid(uuids):
            return
        name = data.get(AdvertisingData.COMPLETE_LOCAL_NAME)
        content = AdvertisementData(
            local_name=name,
            manufacturer_data=dict(data.get_all(AdvertisingData.MANUFACTURER_SPECIFIC_DATA)),
            service_data={},
            service_uuids=uuids,
            tx_power=None,
            rssi=advertisement.rssi,
            platform_data=(advertisement,),
        )
        address = advertisement.address.to_string(False)
        device = self.create_or_update_device(
            address, address, name, {"address": advertisement.address}, content
        )
        self.call_detection_callbacks(device, content)


_ABANDON_S = 2.0
_ending: set[asyncio.Task[None]] = set()  # the loop alone would let them be collected


def _end_unwanted(attempt: "asyncio.Future[Any]") -> None:
    """Close a connection that came about after nobody wanted it any more."""
    if attempt.cancelled() or attempt.exception() is not None:
        return
    task = asyncio.ensure_future(attempt.result().disconnect())
    _ending.add(task)
    task.add_done_callback(_ending.discard)


class BumbleClient(BaseBleakClient):
    """Connects with the bumble device `central` to a device that `BumbleScanner` has seen."""

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        central: Device,
        mtu: int,
        services: set[str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(address_or_ble_device, **options)
        if isinstance(address_or_ble_device, str):
            raise BleakError("the virtual radio connects to a scanned device, not to an address")
        self._peer_address = address_or_ble_device.details["address"]
        self._central = central
        self._wanted_mtu = mtu
        self._service_filter = services
        self._connection: Any = None
        self._peer: Any = None
        self._subscribers: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        """The address: our devices have no name."""
        return self.address

    @property
    def mtu_size(self) -> int:
        """The MTU agreed on, 23 before."""
        return int(self._connection.att_mtu if self._connection else gatt.DEFAULT_MTU)

    @property
    def is_connected(self) -> bool:
        """True until either side or the air has ended the connection."""
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:
        """Connect, agree on the MTU, discover services; whole or not at all."""
        if self._connection:
            raise BleakError("already connected")
        attempt = asyncio.ensure_future(
            self._central.connect(self._peer_address, timeout=self._timeout)
        )
        try:
            self._connection = await asyncio.shield(attempt)
        except asyncio.CancelledError:
            # bumble's controller goes on connecting, whoever stopped waiting: see it through.
            attempt.add_done_callback(_end_unwanted)
            await asyncio.wait([attempt], timeout=_ABANDON_S)
            raise
        except (TimeoutError, core.TimeoutError) as error:
            raise BleakDeviceNotFoundError(self.address, f"{self.address} not found") from error
        except core.ConnectionError as error:
            raise BleakError(f"connection failed: {error}") from error
        self._connection.on("disconnection", self._on_disconnection)
        self._peer = Peer(self._connection)
        try:
            # A peer that vanishes here leaves bumble waiting for 30 s for its answer.
            async with asyncio.timeout(self._timeout):
                if self._wanted_mtu > gatt.DEFAULT_MTU:
                    await self._io(self._connected_peer().request_mtu(self._wanted_mtu))
                if pair:
                    await self.pair()
                await self._io(self._connected_peer().discover_all())
                self.services = self._collect_services()
        except BaseException:
            await asyncio.shield(self.disconnect())
            raise

    def _collect_services(self) -> BleakGATTServiceCollection:
        collection = BleakGATTServiceCollection()
        for service in self._connected_peer().services:
            service_uuid = _uuid_text(service.uuid)
            if self._service_filter and service_uuid not in self._service_filter:
                continue
            bleak_service = BleakGATTService(service, service.handle, service_uuid)
            collection.add_service(bleak_service)
            for item in service.characteristics:
                characteristic = BleakGATTCharacteristic(
                    item,
                    item.handle,
                    _uuid_text(item.uuid),
                    list(gatt_char_props_to_strs(int(item.properties))),
                    lambda: self.mtu_size - gatt.ATT_OVERHEAD_BYTES,
                    bleak_service,
                )
                collection.add_characteristic(characteristic)
                for descriptor in item.descriptors:
                    kind = _uuid_text(descriptor.type)
                    collection.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, kind, characteristic)
                    )
        return collection

    def _on_disconnection(self, _: int) -> None:
        self._connection = self._peer = self.services = None
        self._subscribers.clear()
        if self._disconnected_callback:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        """End the connection, if there is one."""
        if self._connection:
            try:
                await self._connection.disconnect()
            except core.BaseBumbleError as error:
                raise BleakError(f"disconnect failed: {error}") from error

    async def pair(self, *_: Any, **__: Any) -> None:
        """Pair with the peer."""
        await self._io(self._connected_peer().connection.pair())

    async def unpair(self) -> None:
        """Forget the bond with the peer."""
        if self._central.keystore:
            await self._central.keystore.delete(str(self._peer_address))
        await self.disconnect()

    def _connected_peer(self) -> Any:
        if not self._peer:
            raise BleakError("Not connected")
        return self._peer

    async def _io(self, operation: Awaitable[_T]) -> _T:
        """Run one request; bumble's errors become bleak's, and a lost link ends it at once."""
        if not self._connection:
            raise BleakError("Not connected")
        try:
            # bumble's own request would wait for an answer that nobody will give any more
            result: _T = await self._connection.cancel_on_disconnection(operation)
            return result
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except core.BaseBumbleError as error:
            raise BleakError(str(error)) from error
        except asyncio.CancelledError:
            if self._connection is None:
                raise BleakError("disconnected") from None
            raise

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """Read a characteristic from the peer."""
        return bytearray(await self._io(self._connected_peer().read_value(characteristic.obj)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_: Any
    ) -> bytearray:
        """Read a descriptor from the peer."""
        return bytearray(await self._io(self._connected_peer().read_value(descriptor.obj)))

    async def write_gatt_char(
        self, characteristic: BleakGATTCharacteristic, data: Any, response: bool
    ) -> None:
        """Write a characteristic of the peer; without response, MTU - 3 bytes are all it gets."""
        peer = self._connected_peer()
        value = bytes(data) if response else bytes(data)[: self.mtu_size - gatt.ATT_OVERHEAD_BYTES]
        await self._io(peer.write_value(characteristic.obj, value, response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
        """Write a descriptor of the peer."""
        await self._io(self._connected_peer().write_value(descriptor.obj, bytes(data), True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any
    ) -> None:
        """Subscribe; `callback` gets a copy of every notification."""

        def on_value(value: bytes) -> None:
            callback(bytearray(value))

        self._subscribers[characteristic.handle] = on_value
        await self._io(self._connected_peer().subscribe(characteristic.obj, on_value))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        subscriber = self._subscribers.pop(characteristic.handle, None)
        await self._io(self._connected_peer().unsubscribe(characteristic.obj, subscriber))
