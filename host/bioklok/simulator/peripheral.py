"""Performs the calls of one firmware process on a bumble peripheral and reports what happens to it.

The other end is the stand-in `bluetooth` of firmware/sim/modules; `simair` there holds the table of
operations with their payloads. Frames: u16 length of what follows, u8 operation, payload.
"""

import asyncio
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from bumble import core
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Descriptor, Service

ADVERTISING_INTERVAL_MS = 20  # whatever the firmware asks for: nobody waits in a simulation


@dataclass(frozen=True)
class Personality:
    """How the Bluetooth stack of a device treats notifications.

    `notify_buffers`: with so many waiting, the next one is refused with ENOMEM; 0: it takes all and
    queues them. `stops_after_reconnect`: from the second connection on none goes out, until the
    stack has been switched off and on again.
    """

    notify_buffers: int
    stops_after_reconnect: bool = False


NIMBLE = Personality(notify_buffers=12)  # ESP32, MSYS_1_BLOCK_COUNT
BTSTACK = Personality(notify_buffers=0)  # Pico W
BTSTACK_12801 = Personality(notify_buffers=0, stops_after_reconnect=True)  # micropython#12801


class Op(IntEnum):
    """Operations on the socket; a test compares them with firmware/sim/modules/simair.py."""

    HELLO = 0x01
    REGISTER = 0x02
    ADVERTISE = 0x03
    DISCONNECT = 0x04
    NOTIFY = 0x05
    SET_VALUE = 0x06
    SET_MTU = 0x07
    ANSWER = 0x80
    CONNECTED = 0x81
    DISCONNECTED = 0x82
    WRITTEN = 0x83
    MTU = 0x84
    SENT = 0x85


class _Cursor:
    """Reads the fields of a payload one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def byte(self) -> int:
        return self.take(1)[0]

    def short(self) -> int:
        return int.from_bytes(self.take(2), "little")

    def take(self, size: int) -> bytes:
        piece = self._data[self._at : self._at + size]
        if len(piece) < size:
            raise ValueError("the stand-in radio sent a frame that is too short")
        self._at += size
        return piece

    def uuid(self) -> core.UUID:
        return core.UUID.from_bytes(self.take(self.byte()))

    def rest(self) -> bytes:
        return self._data[self._at :]


class Peripheral:
    """One device on the air; `run` serves its process until that closes the socket.

    `n_notified` counts the notifications that were handed to the air, `n_queued` those that wait
    now and `n_queued_max` the most there ever were.
    """

    def __init__(
        self,
        device: Device,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        personality: Personality = NIMBLE,
        advertising_ms: int = ADVERTISING_INTERVAL_MS,
    ) -> None:
        self._advertising_ms = advertising_ms
        self.device = device
        self.n_notified = 0
        self._reader = reader
        self._writer = writer
        self._attributes: dict[int, Any] = {}
        self._personality = personality
        self.n_queued_max = 0
        self._n_connections = 0
        self._n_stuck = 0  # queued for ever
        # (the packets that the radio has sent once this one has left, its connection)
        self._leaving: deque[tuple[int, int]] = deque()
        self._packets: Any = device.host.le_acl_packet_queue
        self._packets.on("flow", self._on_flow)
        device.on(Device.EVENT_CONNECTION, self._on_connection)

    @property
    def n_queued(self) -> int:
        """Notifications that the stack has taken and that have not left."""
        return len(self._leaving) + self._n_stuck

    async def run(self) -> None:
        """Serve calls until the process is gone."""
        handlers: dict[int, Callable[[_Cursor], Any]] = {
            Op.HELLO: self._hello,
            Op.REGISTER: self._register,
            Op.ADVERTISE: self._advertise,
            Op.DISCONNECT: self._disconnect,
            Op.NOTIFY: self._notify,
            Op.SET_VALUE: self._set_value,
            Op.SET_MTU: self._set_mtu,
        }
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the process has ended
            while True:
                head = await self._reader.readexactly(2)
                body = await self._reader.readexactly(int.from_bytes(head, "little"))
                await handlers[body[0]](_Cursor(body[1:]))

    async def leave(self) -> None:
        """Vanish from the air: end connections and advertising, close the socket."""
        self.device.remove_listener(Device.EVENT_CONNECTION, self._on_connection)
        for connection in list(self.device.connections.values()):
            with suppress(core.BaseBumbleError):  # the other side may have been first
                await connection.disconnect()
        await self.device.stop_advertising()
        await self.device.power_off()
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    def _send(self, op: Op, payload: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(struct.pack("<HB", 1 + len(payload), op) + payload)

    # --- calls of the process -------------------------------------------------------------

    async def _hello(self, _: _Cursor) -> None:
        address = bytes(self.device.random_address)[::-1]
        self._send(Op.ANSWER, address + bytes([self._personality.notify_buffers]))

    async def _register(self, cursor: _Cursor) -> None:
        """Add the services, answer with the handles of their values and descriptors in order."""
        in_order: list[Any] = []
        for _ in range(cursor.byte()):
            uuid = cursor.uuid()
            characteristics = []
            for _ in range(cursor.byte()):
                characteristic = self._characteristic(cursor)
                characteristics.append(characteristic)
                in_order += [characteristic, *characteristic.descriptors]
            self.device.add_service(Service(uuid, characteristics))
        for attribute in in_order:
            self._attributes[attribute.handle] = attribute
        handles = [attribute.handle for attribute in in_order]
        self._send(Op.ANSWER, struct.pack(f"<{len(handles)}H", *handles))

    def _characteristic(self, cursor: _Cursor) -> Any:
        uuid = cursor.uuid()
        # The FLAG_ constants of `bluetooth` are the property bits of the specification.
        properties = Characteristic.Properties(cursor.short() & 0xFF)
        descriptors = [
            Descriptor(cursor.uuid(), self._permissions(cursor.short()), b"")
            for _ in range(cursor.byte())
        ]
        permissions = self._permissions(int(properties))
        characteristic = Characteristic(uuid, properties, permissions, b"", descriptors)
        if permissions & Characteristic.Permissions.WRITEABLE:

            def on_write(connection: Connection, value: bytes) -> None:
                head = struct.pack("<HH", connection.handle, characteristic.handle)
                self._send(Op.WRITTEN, head + value)

            characteristic.value = CharacteristicValue(write=on_write)
        return characteristic

    @staticmethod
    def _permissions(flags: int) -> Any:
        permissions = Characteristic.Permissions(0)
        if flags & Characteristic.Properties.READ:
            permissions |= Characteristic.Permissions.READABLE
        if flags & (
            Characteristic.Properties.WRITE | Characteristic.Properties.WRITE_WITHOUT_RESPONSE
        ):
            permissions |= Characteristic.Permissions.WRITEABLE
        return permissions

    async def _advertise(self, cursor: _Cursor) -> None:
        interval_us = int.from_bytes(cursor.take(4), "little")
        data = cursor.take(cursor.byte())
        if self.device.is_advertising:
            await self.device.stop_advertising()
        if interval_us:
            await self.device.start_advertising(
                advertising_data=data,
                scan_response_data=cursor.rest(),
                advertising_interval_min=self._advertising_ms,
                advertising_interval_max=self._advertising_ms,
            )
        self._send(Op.ANSWER, b"")

    async def _disconnect(self, cursor: _Cursor) -> None:
        connection = self.device.connections.get(cursor.short())
        if connection is not None:
            with suppress(core.BaseBumbleError):  # the other side may have been first
                await connection.disconnect()
        self._send(Op.ANSWER, bytes([connection is not None]))

    async def _notify(self, cursor: _Cursor) -> None:
        number, handle = cursor.short(), cursor.short()
        connection = self.device.connections.get(number)
        if connection is None:
            return
        if self._personality.stops_after_reconnect and self._n_connections > 1:
            self._n_stuck += 1
        else:
            # Real stacks notify whether the host has subscribed or not.
            await self.device.notify_subscriber(
                connection, self._attributes[handle], cursor.rest(), force=True
            )
            self.n_notified += 1
            self._leaving.append((self._packets.queued, number))
        self.n_queued_max = max(self.n_queued_max, self.n_queued)

    async def _set_value(self, cursor: _Cursor) -> None:
        attribute = self._attributes[cursor.short()]
        attribute.value = cursor.rest()

    async def _set_mtu(self, cursor: _Cursor) -> None:
        self.device.gatt_server.max_mtu = cursor.short()

    # --- events of the air ----------------------------------------------------------------

    def _on_flow(self) -> None:
        """Packets have left: the buffers of their notifications are free again."""
        while self._leaving and self._leaving[0][0] <= self._packets.completed:
            _, number = self._leaving.popleft()
            self._send(Op.SENT, struct.pack("<HH", number, 1))

    def _on_connection(self, connection: Connection) -> None:
        self._n_connections += 1
        peer = bytes([connection.peer_address.address_type]) + bytes(connection.peer_address)[::-1]
        number = struct.pack("<H", connection.handle)
        self._send(Op.CONNECTED, number + peer)

        def on_disconnection(_: int) -> None:
            self._leaving.clear()  # what has not left by now never will
            self._n_stuck = 0
            self._send(Op.DISCONNECTED, number + peer)

        connection.on(Connection.EVENT_DISCONNECTION, on_disconnection)
        connection.on(
            Connection.EVENT_CONNECTION_ATT_MTU_UPDATE,
            lambda: self._send(Op.MTU, number + struct.pack("<H", connection.att_mtu)),
        )
