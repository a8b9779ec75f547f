"""An ST7789V2 screen by its commands, from Sitronix' datasheet: memory, window, sleep, times."""

_COLUMNS, _ROWS, _WRITE = 0x2A, 0x2B, 0x2C
_SLEEP_IN, _SLEEP_OUT = 0x10, 0x11


class Wire:
    """A pin of the screen: select, command or reset."""

    def __init__(self, on_change=None):
        self.level = 1
        self._on_change = on_change

    def value(self, level):
        self.level = level
        if self._on_change is not None:
            self._on_change(level)


class Screen:
    """`write(data)` is the SPI; `select`, `command`, `reset` its pins. A panel of 135 by 240.

    refused: commands that came when the datasheet says to wait. Pixels are kept as one byte each,
    an index into `colours` (of 16 bits), to fit a small heap.
    """

    LEFT, TOP, WIDTH, HEIGHT = 52, 40, 135, 240

    def __init__(self, now_ms):
        self._now_ms = now_ms
        self.select = Wire()
        self.command = Wire()
        self.reset = Wire(self._on_reset)
        self.colours = [0xDEAD]  # what is in the memory after power-up is anything
        self._pixels = bytearray(self.WIDTH * self.HEIGHT)
        self.refused = 0
        self.is_asleep = True
        self.is_shown = False
        self.is_inverted = False
        self._ready_ms = 0
        self._changed_ms = -1000
        self._last = 0
        self._given = b""
        self._columns = (0, 239)
        self._rows = (0, 319)
        self._at = (0, 0)

    def _on_reset(self, level):
        if level == 0:
            self.is_asleep = True
            self.is_shown = False
        else:
            self._ready_ms = self._now_ms() + 5
            self._changed_ms = self._now_ms()

    def write(self, data):
        if self.select.level:
            return
        if self.command.level == 0:
            self._take_command(data[0])
        elif self._last == _WRITE:
            self._paint(data)
        else:
            self._take_parameters(data)

    def _take_command(self, command):
        now = self._now_ms()
        self._last = 0
        if now < self._ready_ms:
            self.refused += 1
            return
        if command in (_SLEEP_IN, _SLEEP_OUT):
            if now - self._changed_ms < 120:
                self.refused += 1
                return
            self.is_asleep = command == _SLEEP_IN
            self._changed_ms = now
            self._ready_ms = now + 5
        elif command == 0x29:
            self.is_shown = True
        elif command == 0x21:
            self.is_inverted = True
        self._last = command
        self._given = b""
        if command == _WRITE:
            self._at = (self._columns[0], self._rows[0])

    def _take_parameters(self, data):
        self._given += bytes(data)
        if len(self._given) == 4 and self._last in (_COLUMNS, _ROWS):
            given = self._given
            bounds = (given[0] << 8 | given[1], given[2] << 8 | given[3])
            if self._last == _COLUMNS:
                self._columns = bounds
            else:
                self._rows = bounds

    def _index(self, colour):
        if colour not in self.colours:
            self.colours.append(colour)
        return self.colours.index(colour)

    def _paint(self, data):
        column, row = self._at
        first, last = self._columns
        old = -1
        index = 0
        for i in range(0, len(data), 2):
            colour = data[i] << 8 | data[i + 1]
            if colour != old:
                old = colour
                index = self._index(colour)
            x = column - self.LEFT
            y = row - self.TOP
            if 0 <= x < self.WIDTH and 0 <= y < self.HEIGHT:
                self._pixels[y * self.WIDTH + x] = index
            column += 1
            if column > last:
                column = first
                row += 1
        self._at = (column, row)

    def at(self, x, y):
        """The colour in the panel's memory, 16 bits."""
        return self.colours[self._pixels[y * self.WIDTH + x]]

    def has_anything_left(self):
        """Whether some of what was there at power-up is still there."""
        return any(index == 0 for index in self._pixels)
