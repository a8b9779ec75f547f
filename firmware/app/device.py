"""The device: builds its parts on a board's ports and runs them until the power goes.

Ports of a board: accelerometer, light, button, rgb, flash, radio, clock, power, `device_id`
(8 bytes), `slots` (slots.Slots; None: one application only), `key()`, `forget()`,
`entropy(n)`, `battery_mv()`, `settings_text()`, `watchdog`, `restart_cause()`. See
docs/architecture.md.
"""

import asyncio

from app.buttons import Buttons
from app.desk import Desk
from app.faults import Faults
from app.guard import Guard
from app.indicator import Indicator
from app.journal import Journal
from app.ledger import CountedFlash, Ledger
from app.sampler import Sampler
from app.settings import Settings
from app.sync import SyncService
from app.timekeeper import Timekeeper
from app.tracker import Tracker
from app.update import Update
from app.visibility import Visibility
from app.wiper import Wiper

LATE_MS = 3000  # the sampler catches up with less; the watchdog bites five seconds later


class Device:
    """`run` returns after the journal is safely written, once the board says the power goes."""

    def __init__(self, board):
        self._board = board
        self.ledger = Ledger()
        self.journal = Journal(CountedFlash(board.flash, self.ledger), board.entropy)
        self._kinds = Faults(board.restart_cause(), self.journal.bookmarks)
        self.settings = Settings(board.settings_text(), self.journal.bookmarks)
        # First: it may have a log to go through, for minutes, which is no time of the sampler's.
        self.tracker = Tracker(self.journal, self.settings)
        self.timekeeper = Timekeeper(board.clock, self.settings)
        self.indicator = Indicator(
            board.rgb, self.timekeeper, self.settings, self.tracker, self.ledger
        )
        self.settings.on_change = self.indicator.look  # pyright: ignore[reportAttributeAccessIssue]
        self.sampler = Sampler(
            board.accelerometer,
            board.light,
            self.timekeeper,
            self.tracker.on_epoch,
            self.tracker.rest,
            self._on_second,
        )
        guard = Guard(self.timekeeper.ticks_ms)
        self.visibility = Visibility(
            board.radio, self.timekeeper, guard, board.key(), board.entropy
        )
        self.wiper = Wiper(self.journal, self.settings, self.indicator, board.forget)
        self.buttons = Buttons(
            board.button,
            self.timekeeper,
            self.tracker,
            self.indicator,
            self.visibility,
            self.wiper,
        )
        self.update = Update(board.slots)
        self.desk = Desk(
            board,
            self.journal,
            self.timekeeper,
            self.settings,
            self.faults,
            guard,
            self.tracker.report,
            self._duty,
            self.update,
        )
        self.sync = SyncService(board.radio, self.desk)

    def faults(self):
        """Sensor reads and page writes that failed since start-up."""
        return self._kinds.total(self.sampler, self.tracker) + self.wiper.faults

    def _duty(self, writes_failed):
        """The fields of STATUS behind the first five."""
        return self.ledger.fields(
            self.timekeeper.uptime_s, self.sampler, self.visibility
        ) + self._kinds.fields(
            self.sampler,
            self.tracker,
            self.sync,
            self._board.radio,
            writes_failed + self.wiper.faults,
        )

    def _on_second(self, late_ms):
        """Each second of the sampler: whoever blocks it for long keeps the watchdog hungry."""
        if self._board.radio.is_connected():
            self.ledger.connected_s += 1
        if late_ms < LATE_MS:
            self._board.watchdog.feed()

    def _save(self):
        """What is open comes to flash. A flash that does not take it keeps nobody from going off:
        the cell is empty, or another application waits."""
        self.desk.settle()
        try:
            self.journal.flush()
        except OSError:
            pass

    async def run(self):
        board = self._board
        board.power.begin(self.ledger)
        rooms = (
            self.sampler,
            self.buttons,
            self.indicator,
            self.visibility,
            self.sync,
            self.update,
            self.wiper,
        )
        tasks = [asyncio.create_task(room.run()) for room in rooms]
        tasks.append(asyncio.create_task(board.power.wait_off()))
        try:
            # The first to end is the power, or a room that failed: either way stop and save.
            await _first(tasks)
        finally:
            for task in tasks:
                task.cancel()
            self._save()
            board.radio.stop()
        if self.update.is_switched or self.wiper.is_done:
            board.power.restart()
        else:
            board.power.off()


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
