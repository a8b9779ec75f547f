"""What the device does when another application was named: it saves, and starts anew."""

import asyncio

from worn_board import Board  # first: it keeps room for a flash

# isort: split
from app.device import Device
from biocore.message import FILE_MANIFEST, OFFER, PIECE, SWITCH, UPDATE_TAKEN
from sim.virtual_time import VirtualTime

TIME = VirtualTime(free=True)
TIME.install()


class Slots:
    """An update that is whole: what is written and looked over is test_slot_updates'."""

    running = "a"

    def __init__(self):
        self.n_settled = 0

    def settled(self):
        self.n_settled += 1

    def begin_coming(self):
        pass

    def add_coming(self, data):
        pass

    def is_seal_coming(self, seal):
        return True

    def head_coming(self):
        return {"build": 2, "files": []}

    def names_coming(self):
        return ["x"]

    def entries(self, name):
        yield "x", 0, ""

    def fits(self, head):
        return True

    def build_of(self, slot):
        return 1

    def files(self):
        return []

    def size(self, name):
        return 0

    def digest(self, name):
        return ""

    def ignore(self, *_):
        pass

    make_folders = remove = put = append = rename = take = switch = ignore


def live(during):
    """Run a device for six minutes at most."""
    board = Board(TIME, 1763031600)
    board.slots = Slots()
    device = Device(board)

    async def both():
        running = asyncio.create_task(device.run())
        await asyncio.sleep_ms(360_000)
        during(device)
        await asyncio.sleep_ms(10_000)
        board.power.go()
        await running

    asyncio.run(both())
    return board


def test_after_a_switch_the_device_starts_anew_once_the_host_has_gone():
    def switch(device):
        update = device.update
        assert update.answer(OFFER, (1, b"", 0, 0, 0))[4] == UPDATE_TAKEN
        answer = update.answer(PIECE, (FILE_MANIFEST, 0, 0, b"{"))
        while answer == (FILE_MANIFEST, 1, UPDATE_TAKEN):
            answer = update.answer(PIECE, (FILE_MANIFEST, 1, 0, b""))
        assert answer == (0, 0, UPDATE_TAKEN)
        assert update.answer(PIECE, (0, 0, 0, b""))[2] == UPDATE_TAKEN
        assert update.answer(SWITCH, (0,)) == (UPDATE_TAKEN,)
        assert not device.update.is_switched  # the host is still there, and hears so
        device.update.start_anew()

    board = live(switch)
    assert board.power.is_restarted and not board.power.is_off
    assert not board.radio.is_found


def test_without_one_it_goes_off_and_has_said_that_it_runs():
    board = live(lambda device: device.update.start_anew())
    assert board.power.is_off and not board.power.is_restarted
    assert board.slots.n_settled == 1


def test_a_flash_that_takes_nothing_keeps_nobody_from_going_off():
    def fail():
        raise OSError(5)

    def broken(device):
        device._board.flash.on_write = fail

    board = live(broken)
    assert board.power.is_off and not board.radio.is_found
