"""hw.radio on a stack that takes every notification and says nothing, as BTstack does."""

import asyncio

import bluetooth
from hw.radio import Radio
from radio_air import with_radio


def with_btstack(test):
    """`test(radio, air)` on a stack that refuses no notification."""

    async def on_btstack(radio, air):
        bluetooth.BLE()._notify_buffers = 0
        await air.connects()
        await radio.wait_connected()
        await test(radio, air)

    with_radio(on_btstack)


def test_no_more_than_the_limit_waits_in_a_stack_that_takes_all():
    async def test(radio, air):
        radio.limit_frames = 20
        told = []
        ble = bluetooth.BLE()
        ble._tell = lambda op, payload: told.append(payload)
        try:
            for i in range(50):
                assert await radio.send(bytes([i]))
        finally:
            del ble._tell
        assert len(told) == radio.in_stack == 20
        assert (radio.n_sent, radio.held_back) == (50, 30)
        radio.confirm(7)
        assert radio.in_stack == 13
        radio.confirm(3)  # an old word changes nothing
        assert radio.in_stack == 13
        for _ in range(10):
            await radio.send(b"x")
        assert (radio.in_stack, radio.held_back) == (20, 33)
        radio.confirm(radio.n_sent)
        assert radio.in_stack == 0

    with_btstack(test)


def test_without_a_limit_all_is_handed_over():
    async def test(radio, air):
        for _ in range(200):
            assert await radio.send(b"x")
        assert (radio.n_sent, radio.held_back) == (200, 0)

    with_btstack(test)


def test_drain_waits_for_the_hosts_word_and_no_longer_than_told():
    async def test(radio, air):
        await radio.send(b"bye")
        assert await radio.drain(20) is False
        draining = asyncio.create_task(radio.drain(1000))
        await asyncio.sleep(0)
        radio.confirm(radio.n_sent)
        assert await draining is True
        await radio.send(b"again")
        draining = asyncio.create_task(radio.drain(1000))
        await asyncio.sleep(0)
        await air.leaves()
        assert await draining is True  # nothing is left to wait for

    with_btstack(test)


def test_a_restart_ends_the_connection_and_advertises_again():
    async def test(radio, air):
        ble = bluetooth.BLE()
        switched = []
        active = ble.active
        ble.active = lambda *on: switched.extend(on) or active(*on)
        receiving = asyncio.create_task(radio.receive())
        await asyncio.sleep(0)
        try:
            radio.restart()
        finally:
            del ble.active
        assert switched == [False, True]
        assert await receiving is None
        assert await radio.send(b"x") is False
        assert (radio.restarts, radio._is_advertising, radio.in_stack) == (1, True, 0)
        await air.connects()
        await radio.wait_connected()
        await air.writes(b"heard")
        assert await radio.receive() == b"heard"

    with_btstack(test)


def test_a_radio_that_is_off_stays_off_when_restarted():
    radio = Radio()
    radio.restart()
    assert not bluetooth.BLE().active()
    assert radio.restarts == 0


def test_a_restart_works_after_the_window_has_closed():
    async def test(radio, air):
        radio.quiet()  # visibility: the window (30 s) is over, the connection stands
        radio.restart()  # sync: nothing was confirmed for 30 s
        assert radio.restarts == 1, "the stack was not restarted"

    with_btstack(test)
