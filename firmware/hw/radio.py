"""The radio port of the app on MicroPython's `bluetooth`.

That is NimBLE on the ESP32 and BTstack on the Pico W. One central at a time. The interrupt handler
copies what came in and wakes the task, nothing more.

A frame may get lost here, in either direction, as it may on the air: the transport above repairs
it. Lost are writes that come faster than they are read, and notifications beyond the bound that
`limit_frames` sets on what waits in the stack.
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

_PRIVATE_ADDRESS = const(2)  # resolvable, changed by the stack: the tag changes, so must this
_ADVERTISE_INTERVAL_US = const(250_000)
# A transport's window of writes may come in one burst while the device is busy with its flash.
_QUEUE_FRAMES = const(16)
# Less than a connection interval (7.5 ms at least), after which buffers come free.
_BACK_OFF_MS = const(5)
# Twelve buffers of NimBLE at one a connection interval of 30 ms, and some to spare.
_DRAIN_MS = const(400)
_TRACKED_FRAMES = const(128)  # the most that `in_stack` says, and `limit_frames` can be
_RX_BYTES = gatt.WANTED_MTU - gatt.ATT_OVERHEAD_BYTES


class Radio:
    """GATT peripheral with one writable and one notifying characteristic.

    `overflows` counts writes that were dropped because they came faster than they were read,
    `held_back` notifications dropped at the bound, `stack_errors` errors of the stack, which
    end a connection or a window (`last_errno`: the latest), `restarts` the times it was restarted.

    `limit_frames`: BTstack queues notifications on the heap without limit and never says when one
    has left. With a limit (0: none) `send` drops what would be more than so many that the host has
    not confirmed, see `confirm`. `n_sent` counts the frames of this connection given to `send`.
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
        # n_sent of each notification that the stack took and the host has not confirmed
        self._unconfirmed = deque((), _TRACKED_FRAMES)  # noqa: RUF037
        self.n_sent = 0
        self.limit_frames = 0
        self.has_fixed_address = False
        self.overflows = 0
        self.held_back = 0
        self.restarts = 0
        self.stack_errors = 0
        self.last_errno = 0

    @property
    def frame_bytes(self):
        """How many bytes one notification carries on this connection."""
        return self._mtu - gatt.ATT_OVERHEAD_BYTES

    def start(self, tag):
        """Switch the radio on and advertise with this 6-byte tag; again: only change the tag.

        Raises OSError where the stack does, for want of memory say: it is off then, and counted.
        """
        self._advertisement = gatt.advertisement(tag)
        try:
            if not self._ble.active():
                self._switch_on()
            if self._connection < 0:
                self._advertise()
        except OSError as error:
            self._failed(error)
            self.stop()
            raise

    def _switch_on(self):
        ble = self._ble
        ble.active(True)
        ble.config(mtu=gatt.WANTED_MTU)
        try:
            ble.config(addr_mode=_PRIVATE_ADDRESS)
        except OSError:  # BTstack refuses: its address can be followed, see docs/security.md
            self.has_fixed_address = True
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

    def restart(self):
        """Switch the stack off and on again and advertise; a connection ends with it.

        BTstack may stop notifying after a reconnect (micropython#12801) and only this helps. The
        app calls it when the host goes on asking and confirms nothing. No effect when off.
        """
        if not self._ble.active():
            return
        self._is_advertising = False
        self._ble.active(False)
        self._forget()
        self.restarts += 1
        # Only while a window is open; half of a stack would be found and serve nobody.
        if not (self._try(self._switch_on) and self._try(self._advertise)):
            self.stop()

    def quiet(self):
        """Stop advertising; a connection that stands is left alone. `start` begins again."""
        self._advertisement = None
        if self._is_advertising:
            self._is_advertising = False
            self._try(self._ble.gap_advertise, None)

    def _try(self, call, *arguments):
        """Call the stack; False where it raised, which is counted."""
        try:
            call(*arguments)
        except OSError as error:
            self._failed(error)
            return False
        return True

    def _failed(self, error):
        self.stack_errors += 1
        self.last_errno = error.errno

    def rest(self):
        """Switch the stack off where no window is open and nobody is connected; True where it is
        off."""
        if self._ble.active():
            if self._advertisement is not None or self._connection >= 0:
                return False
            self.stop()
        return True

    def stop(self):
        """Switch the radio off; a connection ends with it."""
        self._advertisement = None
        self._is_advertising = False
        self._try(self._ble.active, False)
        self._forget()

    async def wait_connected(self):
        """Return once a host is connected; advertises until then."""
        while self._connection < 0 or self._session == self._served:
            if self._connection < 0 and not self._is_advertising:
                self._try(self._advertise)  # or the next window does
            await self._wake.wait()
        self._served = self._session

    async def receive(self):
        """Return the bytes of the next write, or None once this connection has ended."""
        while self._is_served():
            if self._queue:
                return self._queue.popleft()
            await self._wake.wait()
        return None

    def take(self):
        """Return the bytes of the next write if one is here, else None; does not wait."""
        return self._queue.popleft() if self._queue and self._is_served() else None

    def is_connected(self):
        """Whether the connection that `wait_connected` returned for still stands."""
        return self._is_served()

    async def wait(self, timeout_ms):
        """Return when a write is here, the connection has ended, or after `timeout_ms` (-1: no)."""
        if self._queue or not self._is_served():
            return
        if timeout_ms < 0:
            await self._wake.wait()
            return
        try:
            await asyncio.wait_for_ms(self._wake.wait(), timeout_ms)
        except asyncio.TimeoutError:
            return

    async def send(self, frame):
        """Notify one frame, waiting for a free buffer; False once this connection has ended.

        True says that the stack has it, or that it was dropped at the bound of `limit_frames`.
        """
        while self._is_served():
            if self.limit_frames and self.in_stack >= self.limit_frames:
                self.held_back += 1
                self.n_sent += 1
                return True
            try:
                self._ble.gatts_notify(self._connection, self._tx, frame)  # pyright: ignore[reportCallIssue]
                self.n_sent += 1
                self._unconfirmed.append(self.n_sent)  # pyright: ignore[reportArgumentType]
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
                    self._failed(error)
                    self.disconnect()
        return False

    @property
    def in_stack(self):
        """Notifications of this connection that may still wait in the stack."""
        return len(self._unconfirmed)

    def confirm(self, n_sent):
        """The host has the frame that made `n_sent` so high: notifications keep their order, so
        it and all before it have left the stack."""
        unconfirmed = self._unconfirmed
        while unconfirmed and unconfirmed[0] <= n_sent:
            unconfirmed.popleft()

    async def drain(self, timeout_ms=_DRAIN_MS):
        """Wait until the host has confirmed all, or the time is over; True if it has.

        Before `disconnect`, which takes away what still waits in the stack. Where nobody confirms,
        the time is what the stack gets to send it.
        """
        waited_ms = 0
        while self.in_stack and waited_ms < timeout_ms and self._is_served():
            await asyncio.sleep_ms(_BACK_OFF_MS)
            waited_ms += _BACK_OFF_MS
        return not self.in_stack

    def disconnect(self):
        """End the connection there is, if any; nothing more is received or sent on it. `drain`
        first, where the host should have what was sent."""
        if self._connection >= 0 and not self._is_ending:
            self._is_ending = True
            self._wake.set()
            if not self._try(self._ble.gap_disconnect, self._connection):
                self._forget()  # it has gone by itself

    def _is_served(self):
        is_up = self._connection >= 0 and not self._is_ending
        return is_up and self._session == self._served

    def _advertise(self):
        if self._advertisement is not None:
            self._ble.gap_advertise(_ADVERTISE_INTERVAL_US, self._advertisement)
            self._is_advertising = True

    def _forget(self):
        self._connection = -1
        self._is_ending = False
        self._mtu = gatt.DEFAULT_MTU
        self.confirm(self.n_sent)
        self.n_sent = 0
        while self._queue:
            self._queue.popleft()
        self._wake.set()

    def _on_event(self, event, data):
        # `data` may hold memoryviews that die with this call: keep integers and copies only.
        if event == _IRQ_GATTS_WRITE:
            if data[0] == self._connection and data[1] == self._rx:
                frame = self._ble.gatts_read(self._rx)  # pyright: ignore[reportArgumentType]
                if len(self._queue) < _QUEUE_FRAMES:
                    self._queue.append(frame)  # pyright: ignore[reportArgumentType]
                    self._wake.set()
                else:
                    self.overflows += 1
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
