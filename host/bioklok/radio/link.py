"""Bluetooth LE through bleak: find devices by their service, connect, carry frames.

bleak's classes for a virtual radio come in as an `Adapter`; without one it is the machine's own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from biocore import gatt
from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakDeviceNotFoundError, BleakError
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection

from bioklok.errors import BioklokFailure, NotFound
from bioklok.radio.port import LinkLost

SCAN_S = 10.0
CONNECT_S = 20.0  # below 10 s, real adapters miss devices that advertise slowly
CONNECT_ATTEMPTS = 3  # where the stack reports an error at once, as many do now and then
MIN_FRAME_BYTES: int = gatt.DEFAULT_MTU - gatt.ATT_OVERHEAD_BYTES
MAX_FRAME_BYTES: int = gatt.WANTED_MTU - gatt.ATT_OVERHEAD_BYTES


@dataclass(frozen=True)
class Adapter:
    """Which radio bleak uses: backend classes and their options, or the machine's own (None)."""

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


SYSTEM = Adapter()


@dataclass(frozen=True)
class Sighting:
    """One device in range: its handle for bleak, its 6-byte tag (may be empty), signal in dBm."""

    device: BLEDevice
    tag: bytes
    rssi_dbm: int


class BleakLink:
    """A `bioklok.radio.port.Link` on a connected BleakClient; made by `connect`."""

    def __init__(self, client: BleakClient, rx: BleakGATTCharacteristic) -> None:
        self._client = client
        self._rx = rx
        self._incoming: asyncio.Queue[bytes | None] = asyncio.Queue()

    @property
    def frame_bytes(self) -> int:
        """Bytes in one write. BlueZ may not know the MTU and then says 20, which always works."""
        size = self._rx.max_write_without_response_size
        return max(MIN_FRAME_BYTES, min(size, MAX_FRAME_BYTES))

    def on_frame(self, _: BleakGATTCharacteristic, data: bytearray) -> None:
        """bleak's callback for a notification."""
        self._incoming.put_nowait(bytes(data))

    def on_disconnect(self) -> None:
        """Wake whoever waits for a frame: none will come any more."""
        self._incoming.put_nowait(None)

    async def send(self, frame: bytes) -> None:
        """Write one frame, without response: it may be lost, which the transport repairs."""
        try:
            await self._client.write_gatt_char(self._rx, frame, response=False)
        except (BleakError, OSError, TimeoutError) as error:
            raise LinkLost(f"The connection to the device was lost ({error}).") from error

    async def receive(self, timeout_s: float) -> bytes:
        """Return the next notification; TimeoutError when none came, LinkLost when none can."""
        if self._incoming.empty():
            # Not wait_for: before Python 3.12 it may swallow a cancellation that comes with one.
            async with asyncio.timeout(timeout_s):
                frame = await self._incoming.get()
        else:  # no need to arm a timer
            frame = self._incoming.get_nowait()
        if frame is None:
            self._incoming.put_nowait(None)  # for whoever asks again
            raise LinkLost("The connection to the device was lost.")
        return frame


def _no_radio(error: Exception) -> BioklokFailure:
    if isinstance(error, BleakBluetoothNotAvailableError):
        return BioklokFailure(f"Bluetooth is not available on this computer: {error.args[0]}")
    # Without D-Bus or BlueZ, bleak lets an OSError or a D-Bus error through.
    return BioklokFailure(f"Bluetooth is not available on this computer ({error}).")


async def has_adapter(adapter: Adapter = SYSTEM) -> None:
    """Return if Bluetooth can be used; BioklokFailure says why it cannot."""
    async with listen(adapter, lambda _: None):
        return


def _scanner(
    adapter: Adapter, callback: Callable[[BLEDevice, AdvertisementData], None]
) -> BleakScanner:
    options: dict[str, Any] = dict(adapter.options)
    if adapter.scanner is not None:
        options["backend"] = adapter.scanner
    return BleakScanner(callback, service_uuids=[gatt.SERVICE_UUID], **options)


@asynccontextmanager
async def listen(adapter: Adapter, on_sighting: Callable[[Sighting], None]) -> AsyncIterator[None]:
    """Listen for the length of a `with` block; each advertisement of a Bioklok is a sighting.

    Raises BioklokFailure when this computer has no Bluetooth.
    """

    def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
        # Some platforms filter loosely, so look again.
        if gatt.SERVICE_UUID in data.service_uuids:
            tag = data.manufacturer_data.get(gatt.COMPANY_ID, b"")
            on_sighting(Sighting(device, tag, data.rssi))

    try:
        scanner = _scanner(adapter, on_advertisement)
        await scanner.start()
    except (BleakError, OSError) as error:
        raise _no_radio(error) from error
    try:
        yield
    finally:
        with suppress(BleakError, OSError):  # an adapter that was pulled out has stopped by itself
            await scanner.stop()


async def scan(
    adapter: Adapter = SYSTEM, timeout_s: float = SCAN_S, enough: int | None = None
) -> list[Sighting]:
    """Return the devices in range that offer our service, strongest first.

    Ends after `timeout_s`, or as soon as `enough` devices were seen. Raises NotFound when there is
    none, BioklokFailure when this computer has no Bluetooth.
    """
    seen: dict[str, Sighting] = {}
    complete = asyncio.Event()

    def on_sighting(sighting: Sighting) -> None:
        seen[sighting.device.address] = sighting
        if len(seen) == enough:
            complete.set()

    async with listen(adapter, on_sighting):
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await complete.wait()
    if not seen:
        raise NotFound("No Bioklok in range: press its button once and keep it within two metres.")
    return sorted(seen.values(), key=lambda sighting: -sighting.rssi_dbm)


class _Client(BleakClientWithServiceCache):
    """A client whose errors say whether another attempt makes sense.

    bleak-retry-connector tries again after bleak's errors, and up to nine times with pauses of 4 s
    after "not found". For a device that went home that is minutes in which no other is connected
    to: it is named as what it is here and ends the attempts at once.
    """

    def __init__(self, device: BLEDevice, *, timeout: float, **options: Any) -> None:
        super().__init__(device, timeout=timeout, **options)
        self._connect_s = timeout

    async def connect(self, **options: Any) -> None:
        """Connect within the time-out this client was made with."""
        try:
            await super().connect(**options | {"timeout": self._connect_s})
        except (BleakDeviceNotFoundError, TimeoutError) as error:
            raise NotFound("The device went out of range before it could be reached.") from error
        except BleakBluetoothNotAvailableError as error:
            raise _no_radio(error) from error


@asynccontextmanager
async def connect(
    device: BLEDevice, adapter: Adapter = SYSTEM, timeout_s: float = CONNECT_S
) -> AsyncIterator[BleakLink]:
    """Connect to a device that `scan` found; the connection is closed on the way out.

    Raises NotFound when the device does not answer, BioklokFailure when it is no Bioklok or this
    computer has no Bluetooth.
    """
    links: list[BleakLink] = []

    def on_disconnect(_: BleakClient) -> None:
        for link in links:
            link.on_disconnect()

    options: dict[str, Any] = dict(adapter.options)
    if adapter.client is not None:
        options["backend"] = adapter.client
    try:
        client = await establish_connection(
            _Client,
            device,
            "Bioklok",  # for its log: the device has no name, and its address is nobody's business
            on_disconnect,
            CONNECT_ATTEMPTS,
            use_services_cache=False,  # a device with new firmware may have other handles
            timeout=timeout_s,
            **options,
        )
    except (BleakError, OSError, EOFError) as error:
        # Its own words name the device's address and sell adapters; the cause says it shorter.
        cause = error.__cause__ or error
        raise BioklokFailure(f"The device could not be reached ({cause}).") from error
    try:
        rx = client.services.get_characteristic(gatt.RX_UUID)
        tx = client.services.get_characteristic(gatt.TX_UUID)
        if rx is None or tx is None:
            raise BioklokFailure("The device does not offer the Bioklok service.")
        link = BleakLink(client, rx)
        links.append(link)
        try:
            await client.start_notify(tx, link.on_frame)
        except (BleakError, OSError) as error:
            raise LinkLost(f"The connection to the device was lost ({error}).") from error
        yield link
    finally:
        await _close(client)


async def _close(client: BleakClient) -> None:
    try:
        await client.disconnect()
    except (BleakError, OSError, TimeoutError):
        # Whatever we came for has happened or has failed by its own name; the stack drops a link
        # that it cannot close by supervision time-out.
        return
