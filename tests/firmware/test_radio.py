"""hw.radio on the stand-in `bluetooth` with nobody in range; the tests play the air's events."""

import asyncio
import errno

import bluetooth
import simair
from biocore import gatt
from radio_air import TAG, Air, with_radio


def test_writes_arrive_whole_in_order_and_as_copies():
    async def test(radio, air):
        await air.connects()
        await radio.wait_connected()
        written = [bytes([i]) * 244 for i in range(16)]
        for data in written:
            await air.writes(data)
        for data in written:
            assert await radio.receive() == data

    with_radio(test)


def test_a_waiting_task_is_woken_by_a_write():
    async def test(radio, air):
        await air.connects()
        await radio.wait_connected()
        receiving = asyncio.create_task(radio.receive())
        await asyncio.sleep(0)
        await air.writes(b"late")
        assert await receiving == b"late"

    with_radio(test)


def test_of_a_flood_what_does_not_fit_is_dropped_and_counted():
    async def test(radio, air):
        await air.connects()
        await radio.wait_connected()
        for i in range(19):
            await air.writes(bytes([i]))
        assert radio.overflows == 3
        for i in range(16):
            assert await radio.receive() == bytes([i])
        await air.writes(b"goes on")
        assert await radio.receive() == b"goes on"

    with_radio(test)


def test_the_frame_size_follows_the_mtu_up_to_what_we_asked_for():
    async def test(radio, air):
        await air.connects()
        await radio.wait_connected()
        assert radio.frame_bytes == 20
        await air.agrees_mtu(100)
        assert radio.frame_bytes == 97
        await air.agrees_mtu(517)
        assert radio.frame_bytes == gatt.WANTED_MTU - 3
        await air.leaves()
        assert radio.frame_bytes == 20

    with_radio(test)


def test_send_waits_for_room_and_loses_nothing():
    async def test(radio, air):
        await air.connects()
        await radio.wait_connected()
        for _ in range(12):
            assert await radio.send(b"fits")
        sending = asyncio.create_task(radio.send(b"waits"))
        await asyncio.sleep_ms(20)
        assert not sending.done()
        await air.has_sent(1)
        assert await sending is True
        assert bluetooth.BLE()._connections[1].free_buffers == 0

    with_radio(test)


def test_a_send_that_waits_ends_with_the_connection():
    async def test(radio, air):
        await air.connects()
        await radio.wait_connected()
        for _ in range(12):
            await radio.send(b"fits")
        sending = asyncio.create_task(radio.send(b"waits"))
        await asyncio.sleep(0)
        await air.leaves()
        assert await sending is False

    with_radio(test)


def test_an_ended_connection_is_never_mistaken_for_the_next():
    async def test(radio, air):
        await air.connects(1)
        await radio.wait_connected()
        await air.writes(b"old")
        await air.leaves(1)
        await air.connects(2)
        await air.writes(b"new", 2)
        assert await radio.receive() is None
        assert await radio.send(b"to the old one") is False
        await radio.wait_connected()
        assert await radio.receive() == b"new"

    with_radio(test)


def test_it_advertises_again_after_a_connection():
    async def test(radio, air):
        seen = []
        ble = bluetooth.BLE()
        ask = ble._ask
        ble._ask = lambda op, payload: seen.append((op, payload)) or ask(op, payload)
        try:
            await air.connects()
            await radio.wait_connected()
            assert seen == []
            await air.leaves()
            waiting = asyncio.create_task(radio.wait_connected())
            await asyncio.sleep(0)
            ((op, payload),) = seen
            assert op == simair.OP_ADVERTISE
            assert payload[5:] == gatt.advertisement(TAG)
            await air.connects()
            await waiting
        finally:
            del ble._ask

    with_radio(test)


def test_a_stopped_radio_ends_its_connection():
    async def test(radio, air):
        await air.connects()
        await radio.wait_connected()
        radio.stop()
        assert await radio.receive() is None
        assert await radio.send(b"x") is False
        assert not bluetooth.BLE().active()

    with_radio(test)


# --- the stand-in says no where silicon does ---------------------------------------------------


def refusal(call, *arguments):
    """Return the errno of the OSError that a call raises, 0 if it raises none."""
    try:
        call(*arguments)
    except OSError as error:
        return error.errno
    return 0


def test_the_stand_in_refuses_what_silicon_refuses():
    ble = bluetooth.BLE()
    assert bluetooth.BLE() is ble
    assert refusal(ble.gap_advertise, 100_000) == errno.ENODEV
    assert refusal(ble.gatts_read, 3) == errno.ENODEV

    async def test(radio, air):
        assert refusal(ble.gatts_read, 999) == errno.EINVAL
        assert refusal(ble.gatts_notify, 1, radio._tx, b"x") == errno.ENOTCONN
        assert refusal(ble.gap_advertise, 100_000, bytes(32)) == errno.EINVAL
        await air.connects()
        for _ in range(12):
            assert refusal(ble.gatts_notify, 1, radio._tx, b"x") == 0
        assert refusal(ble.gatts_notify, 1, radio._tx, b"x") == errno.ENOMEM

    with_radio(test)


def test_a_buffer_of_the_stand_in_holds_20_bytes_until_told_otherwise():
    async def test(radio, air):
        ble = bluetooth.BLE()
        ble.irq(None)  # the radio's handler would read what is written
        service = (bluetooth.UUID(0x1234), ((bluetooth.UUID(0x1235), bluetooth.FLAG_WRITE),))
        (((value,),)) = ble.gatts_register_services((service,))
        other = Air(ble, value)
        await air.connects()
        await other.writes(bytes(50))
        assert len(ble.gatts_read(value)) == 20
        ble.gatts_set_buffer(value, 60, True)
        await other.writes(bytes(50))
        await other.writes(bytes(50))
        assert len(ble.gatts_read(value)) == 60
        assert ble.gatts_read(value) == b""

    with_radio(test)


def test_the_address_is_private_where_the_stack_can():
    async def test(radio, air):
        assert not radio.has_fixed_address
        bluetooth.BLE()._notify_buffers = 0  # BTstack, which knows none
        radio._switch_on()
        assert radio.has_fixed_address

    with_radio(test)
