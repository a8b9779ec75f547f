"""A Bluetooth stack that refuses, for want of memory say: counted, and the device measures on."""

import asyncio
import errno

from worn_board import Board  # first: it keeps room for a flash

# isort: split
import bluetooth
from app.device import Device
from hw.radio import Radio
from radio_air import TAG, Air
from sim.virtual_time import VirtualTime

TIME = VirtualTime(free=True)
TIME.install()
NOON = 1763031600


class Stack:
    """The stand-in `bluetooth`, with calls that raise: `sick` names them."""

    def __init__(self):
        self._ble = bluetooth.BLE()
        self.sick = ()
        self.refused = 0

    def __getattr__(self, name):
        if name in self.sick:
            return self._refuse
        return getattr(self._ble, name)

    def active(self, is_on=None):
        if is_on and "active" in self.sick:
            self._refuse()
        return self._ble.active() if is_on is None else self._ble.active(is_on)

    def _refuse(self, *_):
        self.refused += 1
        raise OSError(errno.ENOMEM)


def sick_radio():
    radio = Radio()
    radio._ble = Stack()
    return radio, radio._ble


def test_a_start_that_fails_leaves_it_off_and_the_next_one_works():
    for call in ("active", "gatts_register_services", "gap_advertise"):
        radio, stack = sick_radio()
        stack.sick = (call,)
        try:
            radio.start(TAG)
        except OSError as error:
            assert error.errno == errno.ENOMEM
        else:
            raise AssertionError(call)
        assert not stack.active() and radio.stack_errors == 1 and radio.last_errno == errno.ENOMEM
        stack.sick = ()
        radio.start(TAG)
        assert stack.active() and radio._rx
        radio.stop()


def test_nothing_else_raises():
    async def test():
        radio, stack = sick_radio()
        radio.start(TAG)
        air = Air(bluetooth.BLE(), radio._rx)
        stack.sick = ("gap_advertise", "gap_disconnect")
        radio.quiet()
        await air.connects()
        await radio.wait_connected()
        radio.disconnect()
        assert not radio.is_connected()
        radio._advertisement = b"x"
        waiting = asyncio.create_task(radio.wait_connected())
        await asyncio.sleep_ms(10)
        waiting.cancel()
        stack.sick = ("gatts_register_services",)
        radio.restart()
        assert not stack.active()
        assert radio.stack_errors >= 4, radio.stack_errors

    asyncio.run(test())


def test_a_device_whose_radio_never_starts_measures_on_and_says_so_later():
    board = Board(TIME, NOON)
    board.radio, stack = sick_radio()
    stack.sick = ("active",)
    device = Device(board)
    found = []

    async def live():
        running = asyncio.create_task(device.run())
        await asyncio.sleep_ms(3 * 3_600_000)
        assert not running.done(), "the device has given up"
        found.append(stack.refused)
        stack.sick = ()
        device.visibility.press()
        await asyncio.sleep_ms(5000)
        assert stack.active()  # it is found again
        board.power.go()
        await running

    asyncio.run(live())
    assert 3 <= found[0] <= 10
    assert device.journal.n_epochs >= 178
    assert board.power.is_off and device._duty(0)[16 + 3] == found[0]
