"""Stands in for MicroPython's `bluetooth` where there is none, as on the unix port from PyPI.

What a radio would do, it asks of a virtual air: a Unix stream socket whose path is in the
environment variable BIOKLOK_SIM_AIR. Without it this is a working radio with nobody in range.

It refuses what silicon refuses: values are cut at the size of their buffer (20 bytes unless
`gatts_set_buffer` says more), notifications are cut at MTU - 3 without a word, and with twelve of
them waiting the next one raises OSError(ENOMEM), as NimBLE does on the ESP32
(MSYS_1_BLOCK_COUNT = 12). The air may say another number, or 0: then none is ever refused, as with
BTstack on the Pico W, which grows its heap instead.
"""

import asyncio
import errno
import os
import struct

import simair
import simgatt
from micropython import const

FLAG_READ = const(0x0002)
FLAG_WRITE_NO_RESPONSE = const(0x0004)
FLAG_WRITE = const(0x0008)
FLAG_NOTIFY = const(0x0010)
FLAG_INDICATE = const(0x0020)

_IRQ_CENTRAL_CONNECT = const(1)
_IRQ_CENTRAL_DISCONNECT = const(2)
_IRQ_GATTS_WRITE = const(3)
_IRQ_MTU_EXCHANGED = const(21)

_NOTIFY_BUFFERS = const(12)


class UUID:
    """A 16-bit UUID from an int, or a 128-bit one from its string."""

    def __init__(self, value):
        if isinstance(value, int):
            self.data = struct.pack("<H", value)
        else:
            digits = value.replace("-", "")
            if len(digits) != 32:
                raise ValueError("invalid UUID")
            self.data = bytes([int(digits[i : i + 2], 16) for i in range(30, -1, -2)])


class BLE:
    """The one radio of the machine, as far as this project uses it.

    Names, arguments and errors are those of MicroPython's documentation of `bluetooth.BLE`.
    """

    _radio = None

    def __new__(cls):
        if cls._radio is None:
            radio = super().__new__(cls)
            radio._active = False
            radio._handler = None
            radio._mtu = 256
            radio._reset()
            cls._radio = radio
        return cls._radio

    def _reset(self):
        self._air = None
        self._pump_task = None
        self._delivery = None
        self._mac = b"\0" * 6
        self._notify_buffers = _NOTIFY_BUFFERS
        self._values = {}
        self._connections = {}
        self._events = []

    # --- the interface of the real module -------------------------------------------------

    def active(self, on=None):
        if on is not None and bool(on) != self._active:
            if on:
                self._switch_on()
            else:
                self._switch_off()
        return self._active

    def config(self, name=None, **settings):
        if name == "mtu":
            return self._mtu
        if name == "mac":
            return (0, self._mac)
        if name is not None or len(settings) != 1:
            raise ValueError("unknown config param")
        if "mtu" in settings:
            self._mtu = settings["mtu"]
            self._tell(simair.OP_SET_MTU, struct.pack("<H", self._mtu))
        elif "addr_mode" in settings:
            # BTstack knows public and static addresses only; on the virtual air all are random.
            if settings["addr_mode"] > 1 and not self._notify_buffers:
                raise OSError(errno.EINVAL)
        else:
            raise ValueError("unknown config param")

    def irq(self, handler):
        self._handler = handler

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._must_be_active()
        data = bytes(adv_data or b"")
        response = bytes(resp_data or b"")
        if len(data) > 31 or len(response) > 31 or not connectable:
            raise OSError(errno.EINVAL)
        head = struct.pack("<IB", interval_us or 0, len(data))
        self._ask(simair.OP_ADVERTISE, head + data + response)

    def gap_disconnect(self, conn_handle):
        self._must_be_active()
        if conn_handle not in self._connections:
            return False
        answer = self._ask(simair.OP_DISCONNECT, struct.pack("<H", conn_handle))
        return bool(answer and answer[0])

    def gatts_register_services(self, services):
        self._must_be_active()
        answer = self._ask(simair.OP_REGISTER, simair.encode_services(services))
        if answer is None:  # nobody numbers the attributes: value handles from 3, like a first one
            numbers = iter(range(3, 0xFFFF, 2))
        else:
            numbers = iter(struct.unpack("<%dH" % (len(answer) // 2), answer))
        self._values = {}
        registered = []
        for _, characteristics in services:
            handles = []
            for characteristic in characteristics:
                for _ in range(1 + (len(characteristic[2]) if len(characteristic) > 2 else 0)):
                    handle = next(numbers)
                    handles.append(handle)
                    self._values[handle] = simgatt.Value()
            registered.append(tuple(handles))
        return tuple(registered)

    def gatts_read(self, value_handle):
        value = self._value(value_handle)
        data = value.data
        if value.append:
            value.data = b""
        return data

    def gatts_write(self, value_handle, data):
        value = self._value(value_handle)
        value.data = bytes(data)
        value.size = max(value.size, len(data))
        self._tell(simair.OP_SET_VALUE, struct.pack("<H", value_handle) + value.data)

    def gatts_set_buffer(self, value_handle, len, append=False):
        value = self._value(value_handle)
        value.size = len
        value.append = append
        value.data = b""

    def gatts_notify(self, conn_handle, value_handle, data=None):
        value = self._value(value_handle)
        connection = self._connections.get(conn_handle)
        if connection is None:
            raise OSError(errno.ENOTCONN)
        if self._notify_buffers:
            if not connection.free_buffers:
                raise OSError(errno.ENOMEM)
            connection.free_buffers -= 1
        payload = bytes(value.data if data is None else data)[: connection.mtu - 3]
        self._tell(simair.OP_NOTIFY, struct.pack("<HH", conn_handle, value_handle) + payload)

    # --- the air --------------------------------------------------------------------------

    def _must_be_active(self):
        if not self._active:
            raise OSError(errno.ENODEV)

    def _value(self, handle):
        self._must_be_active()
        if handle not in self._values:
            raise OSError(errno.EINVAL)
        return self._values[handle]

    def _switch_on(self):
        self._reset()
        path = os.getenv("BIOKLOK_SIM_AIR")
        if path:
            self._air = simair.Air(path)
            self._pump_task = asyncio.create_task(self._pump(self._air))
        self._active = True
        answer = self._ask(simair.OP_HELLO, b"")
        if answer:
            self._mac = answer[:6]
            self._notify_buffers = answer[6]
        self._tell(simair.OP_SET_MTU, struct.pack("<H", self._mtu))

    def _switch_off(self):
        self._stop_pump()
        if self._air is not None:
            self._air.close()
        self._reset()
        self._active = False

    def _stop_pump(self):
        if self._pump_task is not None:
            self._pump_task.cancel()
            self._pump_task = None

    def _gone(self):
        """The air has ended: from now on nobody is in range."""
        self._stop_pump()
        self._air.close()
        self._air = None
        for number, connection in list(self._connections.items()):
            head = struct.pack("<HB", number, connection.peer[0])
            self._events.append((simair.OP_DISCONNECTED, head + connection.peer[1]))

    def _tell(self, op, payload):
        if self._air is None:
            return False
        try:
            self._air.send(op, payload)
        except OSError:
            self._gone()
            self._deliver_soon()
            return False
        return True

    def _ask(self, op, payload):
        """Send a call and wait for its answer; events that come in between are kept for later."""
        if not self._tell(op, payload):
            return None
        answer = None
        while answer is None and self._air is not None:
            chunk = self._air.wait()
            if not chunk:
                self._gone()
                break
            for frame in self._air.frames(chunk):
                if frame[0] == simair.OP_ANSWER:
                    answer = frame[1]
                else:
                    self._events.append(frame)
        self._deliver_soon()
        return answer

    def _deliver_soon(self):
        if self._events:
            self._delivery = asyncio.create_task(self._deliver())

    async def _pump(self, air):
        while True:
            chunk = await air.read()
            if self._air is not air:
                return
            if not chunk:
                self._pump_task = None  # a task cannot cancel itself
                self._gone()
                await self._deliver()
                return
            self._events.extend(air.frames(chunk))
            await self._deliver()

    async def _deliver(self):
        while self._events:
            op, payload = self._events.pop(0)
            number = struct.unpack_from("<H", payload, 0)[0]
            if op == simair.OP_CONNECTED:
                peer = (payload[2], payload[3:9])
                self._connections[number] = simgatt.Connection(peer, self._notify_buffers)
                self._call(_IRQ_CENTRAL_CONNECT, (number, peer[0], memoryview(peer[1])))
            elif number not in self._connections:
                continue
            elif op == simair.OP_DISCONNECTED:
                peer = self._connections.pop(number).peer
                self._call(_IRQ_CENTRAL_DISCONNECT, (number, peer[0], memoryview(peer[1])))
            elif op == simair.OP_WRITTEN:
                handle = struct.unpack_from("<H", payload, 2)[0]
                self._values[handle].put(payload[4:])
                self._call(_IRQ_GATTS_WRITE, (number, handle))
            elif op == simair.OP_MTU:
                mtu = struct.unpack_from("<H", payload, 2)[0]
                self._connections[number].mtu = mtu
                self._call(_IRQ_MTU_EXCHANGED, (number, mtu))
            elif op == simair.OP_SENT:
                self._connections[number].free_buffers += struct.unpack_from("<H", payload, 2)[0]

    def _call(self, event, data):
        if self._handler is not None:
            self._handler(event, data)
