"""The radio port of the app on MicroPython's `bluetooth`.

That is NimBLE on the ESP32 and BTstack on the Pico W.

One central at a time. The interrupt handler copies what came in and wakes the task, nothing more.
"""

import asyncio
import errno
from collections import deque

import bluetooth
from biocore import gatt
from micropython import const

_IRQ_CENTRAL_CONNECT = const(1)
_IRQ_CENTRAL_DISCONNECT = const(2)
_IRQ_GATTS_WRITE = const(3)
_IRQ_MTU_EXCHANGED = const(21)

_ADVERTISE_INTERVAL_US = const(250_000)
# A host asks and waits, so one or two wait here; at MTU 23 a request is up to four writes.
_QUEUE_FRAMES = const(16)
# Less than a connection interval (7.5 ms at least), after which buffers come free.
_BACK_OFF_MS = const(5)
_RX_BYTES = gatt.WANTED_MTU - gatt.ATT_OVERHEAD_BYTES


class Radio:
    """GATT peripheral with one writable and one notifying characteristic.

    `overflows` counts connections that were ended because the host wrote faster than it was read;
    `stack_errors` those ended by an error of the stack, `last_errno` being the latest.
    """

    def __init__(self):
        self._ble = bluetooth.BLE()
        self._wake = asyncio.ThreadSafeFlag()
        self._queue = deque((), _QUEUE_FRAMES)  # noqa: RUF037, MicroPython wants both
        self._advertisement = None
        self._is_advertising = False
        self._rx = self._tx = 0
        self._connection = -1  # handle; -1: nobody is connected
        self._is_ending = False  # we have ended it, its interrupt is still to come
        self._session = 0  # rises with every connection
        self._served = 0  # the session that wait_connected handed out
        self._mtu = gatt.DEFAULT_MTU
        self.overflows = 0
        self.stack_errors = 0
        self.last_errno = 0

    @property
    def frame_bytes(self):
        """How many bytes one notification carries on this connection."""
        return self._mtu - gatt.ATT_OVERHEAD_BYTES

    def start(self, tag):
        """Switch the radio on and advertise with this 6-byte tag; again: only change the tag."""
        self._advertisement = gatt.advertisement(tag)
        ble = self._ble
        if not ble.active():
            ble.active(True)
            ble.config(mtu=gatt.WANTED_MTU)
            ble.irq(self._on_event)
            rx = (
                bluetooth.UUID(gatt.RX_UUID),
                bluetooth.FLAG_WRITE | bluetooth.FLAG_WRITE_NO_RESPONSE,
            )
            tx = (bluetooth.UUID(gatt.TX_UUID), bluetooth.FLAG_NOTIFY)
            service = (bluetooth.UUID(gatt.SERVICE_UUID), (rx, tx))
            ((self._rx, self._tx),) = ble.gatts_register_services((service,))
            # Not in append mode: frames have no length, so two writes must not run together. Each
            # write is copied in the interrupt that reports it, before the next can come.
            ble.gatts_set_buffer(self._rx, _RX_BYTES)
        if self._connection < 0:
            self._advertise()

    def stop(self):
        """Switch the radio off; a connection ends with it."""
        self._advertisement = None
        self._is_advertising = False
        self._ble.active(False)
        self._forget()

    async def wait_connected(self):
        """Return once a host is connected; advertises until then."""
        while self._connection < 0 or self._session == self._served:
            if self._connection < 0 and not self._is_advertising:
                self._advertise()
            await self._wake.wait()
        self._served = self._session

    async def receive(self):
        """Return the bytes of the next write, or None once this connection has ended."""
        while self._is_served():
            if self._queue:
                return self._queue.popleft()
            await self._wake.wait()
        return None

    async def send(self, frame):
        """Notify one frame, waiting for a free buffer; False once this connection has ended."""
        while self._is_served():
            try:
                self._ble.gatts_notify(self._connection, self._tx, frame)
                return True
            except OSError as error:
                # One of three things happened:
                # 1. the stack's buffers are full: what is in them goes out, then there is room
                if error.errno == errno.ENOMEM:
                    await asyncio.sleep_ms(_BACK_OFF_MS)
                # 2. the host has just gone: the interrupt that says so is on its way
                elif error.errno == errno.ENOTCONN:
                    self._forget()
                # 3. the stack cannot send: end the connection, the host starts afresh
                else:
                    self.stack_errors += 1
                    self.last_errno = error.errno
                    self.disconnect()
        return False

    def disconnect(self):
        """End the connection there is, if any; nothing more is received or sent on it."""
        if self._connection >= 0 and not self._is_ending:
            self._is_ending = True
            self._wake.set()
            self._ble.gap_disconnect(self._connection)

    def _is_served(self):
        is_up = self._connection >= 0 and not self._is_ending
        return is_up and self._session == self._served

    def _advertise(self):
        if self._advertisement is not None:
            self._ble.gap_advertise(_ADVERTISE_INTERVAL_US, adv_data=self._advertisement)
            self._is_advertising = True

    def _forget(self):
        self._connection = -1
        self._is_ending = False
        self._mtu = gatt.DEFAULT_MTU
        while self._queue:
            self._queue.popleft()
        self._wake.set()

    def _on_event(self, event, data):
        # `data` may hold memoryviews that die with this call: keep integers and copies only.
        if event == _IRQ_GATTS_WRITE:
            if data[0] == self._connection and data[1] == self._rx:
                frame = self._ble.gatts_read(self._rx)
                if len(self._queue) < _QUEUE_FRAMES:
                    self._queue.append(frame)
                    self._wake.set()
                else:  # better a lost connection, which the host sees, than a lost frame
                    self.overflows += 1
                    self.disconnect()
        elif event == _IRQ_MTU_EXCHANGED:
            if data[0] == self._connection:
                self._mtu = min(data[1], gatt.WANTED_MTU)
        elif event == _IRQ_CENTRAL_CONNECT:
            self._forget()
            self._is_advertising = False  # a connection ends it
            self._connection = data[0]
            self._session += 1
        elif event == _IRQ_CENTRAL_DISCONNECT and data[0] == self._connection:
            self._forget()
