"""Ten seconds on the button: log, key and settings go, the lamp says so, the device starts anew."""

import asyncio

from worn_board import Board  # first: it keeps room for a flash

# isort: split
from app.device import Device
from biocore import page
from sim.virtual_time import VirtualTime

TIME = VirtualTime(free=True)
TIME.install()
NOON = 1763031600


def n_stored(journal):
    buffer = bytearray(page.PAGE_BYTES)
    n = 0
    sequence = journal.read_into(0, buffer)
    while sequence >= 0:
        n += 1
        sequence = journal.read_into(sequence + 1, buffer)
    return n


def fail():
    raise OSError(5)


class Life:
    """A device that measures for 70 minutes, and then is held for `held_ms`."""

    def __init__(self, held_ms, flash_fails=False):
        self.board = board = Board(TIME, NOON)
        self.device = device = Device(board)
        device.settings.put("glow", 1)
        device.settings.save()
        self.journal_id = device.journal.journal_id
        self.swells = 0
        self.ended_by_itself = False
        asyncio.run(self._live(held_ms, flash_fails))

    async def _live(self, held_ms, flash_fails):
        board = self.board
        running = asyncio.create_task(self.device.run())
        await asyncio.sleep_ms(70 * 60_000)
        self.pages = n_stored(self.device.journal)
        if flash_fails:
            board.flash.on_write = fail
        watching = asyncio.create_task(self._watch())
        board.pin.drive(0)
        await asyncio.sleep_ms(held_ms)
        board.pin.drive(1)
        await asyncio.sleep_ms(20_000)
        board.flash.on_write = lambda: None
        watching.cancel()
        self.ended_by_itself = running.done()
        board.power.go()
        await running

    async def _watch(self):
        last = 0
        while True:
            level = self.board.pwm[0].duty
            self.swells += level > 0 and last == 0
            last = level
            await asyncio.sleep_ms(20)


def test_all_of_it_goes_and_the_lamp_says_so_and_it_starts_anew():
    life = Life(10_500)
    assert life.pages >= 2
    board = life.board
    assert life.ended_by_itself and board.power.is_restarted and not board.power.is_off
    assert board.key() is None
    assert life.swells == 3
    again = Device(board)
    assert again.journal.journal_id != life.journal_id
    assert n_stored(again.journal) <= 1  # the minute that it went on measuring
    assert again.settings.get("glow") == 0 and again.desk.key is None


def test_a_shorter_press_takes_nothing():
    life = Life(9_000)
    assert not life.ended_by_itself and life.board.power.is_off
    assert life.board.key() is not None
    assert Device(life.board).journal.journal_id == life.journal_id


def test_a_flash_that_fails_keeps_the_key_and_counts_and_it_can_be_held_again():
    life = Life(10_500, flash_fails=True)
    assert not life.ended_by_itself and life.swells == 0
    assert life.board.key() is not None and life.device.wiper.faults == 1
    assert life.device.faults() >= 1
