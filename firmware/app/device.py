"""The device: builds its parts on a board's ports and runs them until the power goes.

Ports of a board: accelerometer, light, button, rgb, flash, radio, clock, power, `device_id`
(8 bytes), `key()`, `entropy(n)`, `battery_mv()`, `settings_text()`. See docs/architecture.md.
"""

import asyncio

from app.buttons import Buttons
from app.desk import Desk
from app.guard import Guard
from app.indicator import Indicator
from app.journal import Journal
from app.sampler import Sampler
from app.settings import Settings
from app.sync import SyncService
from app.timekeeper import Timekeeper
from app.tracker import Tracker
from app.visibility import Visibility


class Device:
    """`run` returns after the journal is safely written, once the board says the power goes."""

    def __init__(self, board):
        self._board = board
        self.journal = Journal(board.flash, board.entropy)
        self.settings = Settings(board.settings_text(), self.journal.bookmarks)
        # First: it may have a log to go through, for minutes, which is no time of the sampler's.
        self.tracker = Tracker(self.journal, self.settings)
        self.timekeeper = Timekeeper(board.clock, self.settings)
        self.indicator = Indicator(board.rgb, self.timekeeper, self.settings, self.tracker)
        self.settings.on_change = self.indicator.look
        self.sampler = Sampler(
            board.accelerometer,
            board.light,
            self.timekeeper,
            self.tracker.on_epoch,
            self.tracker.rest,
        )
        guard = Guard(self.timekeeper.ticks_ms)
        self.visibility = Visibility(
            board.radio, self.timekeeper, guard, board.key(), board.entropy
        )
        self.buttons = Buttons(
            board.button, self.timekeeper, self.tracker, self.indicator, self.visibility
        )
        self.desk = Desk(
            board,
            self.journal,
            self.timekeeper,
            self.settings,
            self.faults,
            guard,
            self.tracker.report,
        )
        self.sync = SyncService(board.radio, self.desk)

    def faults(self):
        """Sensor reads and page writes that failed since start-up."""
        return self.sampler.faults + self.tracker.faults

    async def run(self):
        board = self._board
        rooms = (self.sampler, self.buttons, self.indicator, self.visibility, self.sync)
        tasks = [asyncio.create_task(room.run()) for room in rooms]
        tasks.append(asyncio.create_task(board.power.wait_off()))
        try:
            # The first to end is the power, or a room that failed: either way stop and save.
            await _first(tasks)
        finally:
            for task in tasks:
                task.cancel()
            self.desk.settle()
            self.journal.flush()
            board.radio.stop()


async def _first(tasks):
    """Return when one task ends; raise what it raised."""
    done = asyncio.Event()
    result = []

    async def watch(task):
        try:
            await task
            result.append(None)
        except Exception as error:  # noqa: BLE001 - handed on to the caller below
            result.append(error)
        done.set()

    watchers = [asyncio.create_task(watch(task)) for task in tasks]
    await done.wait()
    for watcher in watchers:
        watcher.cancel()
    if result[0] is not None:
        raise result[0]
