"""Sessions that end badly: a row for each, one line for the person, the link closed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from biocore.crypto import advertising_tag
from bioklok.collect import STALL_S, sync_in_range
from bioklok.errors import BioklokFailure, NotFound
from bioklok.keyring import Keyring
from bioklok.store import Store, open_store
from bioklok.sync import SyncResult
from support.loop import run as virtually
from support.scripted_radio import ScriptedAir, out_of_reach

DEVICE = "0102030405060708"
KEY = b"k" * 32
TAG = advertising_tag(KEY, b"abc")


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'b.sqlite'}") as opened:
        yield opened


@contextmanager
def no_bars(_device_id: str):
    yield lambda done, total: None


async def sync_heard(store: Store, air: ScriptedAir) -> tuple[Exception, float]:
    """Sync the one in range, which must fail. Returns how, and after how long."""
    keyring = Keyring(store, bytes(32))
    keyring.add(DEVICE, KEY)
    ends: list[tuple[Exception, float]] = []

    def on_end(device_id: str, end: SyncResult | Exception) -> None:
        assert device_id == DEVICE
        assert isinstance(end, BioklokFailure)
        ends.append((end, loop.time() - start_s))

    loop = asyncio.get_running_loop()
    start_s = loop.time()
    advertising = asyncio.ensure_future(air.advertise_always({"aa": TAG}))
    try:
        with pytest.raises(BioklokFailure, match="No device was synced"):
            await sync_in_range(
                store, keyring, None, no_bars, on_end, adapter=air.adapter, listen_s=0.5
            )
    finally:
        advertising.cancel()
    (end,) = ends
    return end


def test_a_device_that_says_nothing_is_given_up_after_a_minute(store: Store) -> None:
    async def work() -> None:
        air = ScriptedAir()
        failure, took_s = await sync_heard(store, air)
        assert "got no further for 60 s" in str(failure)
        assert STALL_S <= took_s < STALL_S + 10
        assert (air.n_connected, air.most_connected) == (0, 1)
        (row,) = store.sessions(9)
        assert (row.device_id, row.journal, row.frames) == (DEVICE, None, 0)
        assert row.result == str(failure)

    virtually(work())


def test_a_device_that_cannot_be_reached_leaves_a_row_too(store: Store) -> None:
    async def work() -> None:
        air = ScriptedAir()
        air.fault = out_of_reach("aa")
        failure, _ = await sync_heard(store, air)
        assert isinstance(failure, NotFound)
        (row,) = store.sessions(9)
        assert (row.device_id, row.journal, row.result) == (DEVICE, None, str(failure))

    virtually(work())


def test_nobody_in_range_leaves_no_row(store: Store) -> None:
    async def work() -> None:
        keyring = Keyring(store, bytes(32))
        keyring.add(DEVICE, KEY)
        air = ScriptedAir()
        with pytest.raises(NotFound, match="No Bioklok in range"):
            await sync_in_range(
                *(store, keyring, None, no_bars, lambda *_: None), adapter=air.adapter, listen_s=0.1
            )

    virtually(work())
    assert store.sessions(9) == []
