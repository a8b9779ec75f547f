"""Builds the real board file of a board on pins that the test has soldered its chips to."""

import sys

import machine
from app.journal import Journal
from sensor_world import Time, World

BOARDS = next(path for path in sys.path if path.endswith("boards/sim"))[: -len("sim")]


class Epoch:
    """One minute of a log."""

    enmo_dmg = angle_step_median_cdeg = angle_step_max_cdeg = light_mlx = light_alpha_q18 = 0
    valid_s = 60


class Bench:
    """`chips`: {(sda, scl): [classes of fake chips]}; `others`: more for machine.solder."""

    def __init__(self, name, chips, others):
        machine.unsolder()
        machine.solder("now_ms", lambda: self.time.ms)
        self.world, self.time = World(), Time()
        for (sda, scl), makers in chips.items():
            made = [maker(self.world, self.time.now_ms) for maker in makers]
            machine.solder(("i2c", sda, scl), made)
        for place, what in others.items():
            machine.solder(place, what)
        for module in ("board", "wiring"):
            sys.modules.pop(module, None)
        sys.path.insert(0, BOARDS + name)
        try:
            from board import Board

            self.board = Board()
        finally:
            sys.path.pop(0)

    def measures(self):
        """Start both sensors; after a while each has to say what the world is like."""
        board = self.board
        board.accelerometer.start()
        board.light.start()
        self.world.mlx = 250_000
        for _ in range(3):
            self.time.ms += 5000
            mlx = board.light.read()
        board.accelerometer.read()
        self.time.ms += 1000
        n = board.accelerometer.read()
        assert n == 25, n
        assert abs(mlx - 250_000) < 2500, mlx
        assert [bus.faults for bus in board.buses] == [0] * len(board.buses)

    def feels_the_button(self, pin):
        button = self.board.button
        assert button.next_edge() is None and not button.is_pressed()
        for level in (0, 1):
            machine.pins[pin].drive(level)
            if self.board.power._pin is not None:
                self.board.power._pin.look()
            assert button.is_pressed() == (not level)
            pressed, _ = button.next_edge()
            assert pressed == (not level) and button.next_edge() is None

    def feels_a_press_it_slept_through(self, pin):
        """What woke the chip is told as an edge, once."""
        power, button = self.board.power, self.board.button
        machine.pins[pin]._value = 0  # no interrupt: it slept
        assert button.next_edge() is None
        power._pin.look()
        power._pin.look()
        assert button.next_edge()[0] and button.next_edge() is None
        machine.pins[pin].drive(1)
        power._pin.look()
        assert button.next_edge()[0] is False

    def keeps_a_log(self):
        board = self.board
        journal = Journal(board.flash, board.entropy)
        for minute in range(40):
            journal.append(1763000040 + 60 * minute, 60 * minute, Epoch, 0, 0)
        journal.flush()
        again = Journal(board.flash, board.entropy)
        assert again.n_epochs == 40 and again.journal_id == journal.journal_id

    def is_watched_and_goes_off(self):
        board = self.board
        assert board.restart_cause() == 1
        (wdt,) = machine.watchdogs
        (timer,) = machine.timers
        timer.callback(timer)
        board.watchdog.feed()
        assert wdt.n_fed == 2 and timer.callback is None
        board.power.off()
        assert machine.slept[-1][0] == "deep"

    def knows_itself(self):
        board = self.board
        assert len(board.device_id) == 8
        assert len(board.entropy(4)) == 4
        assert board.key() is None and board.settings_text() == ""
        board.clock.set_utc(1_800_000_000, 250)
        seconds, ms = board.clock.utc()
        assert seconds == 1_800_000_000 and 250 <= ms < 900, (seconds, ms)
        # 2027-01-15 08:00:00, a Friday
        assert machine.rtc_set == [(2027, 1, 15, 4, 8, 0, 0, 0)]
