"""A colour screen with an ST7789V2 as the lamp: it shows the symbol, its backlight the brightness.

Source: Sitronix ST7789V2 datasheet, commands of chapter 9; "Sleep In" and "Sleep Out" (9.1.11 and
9.1.12) for the times. Dark means asleep: the panel then keeps its picture and takes microamperes.
"""

from drivers.symbols import SIDE, SYMBOLS
from micropython import const

_SLEEP_IN = const(0x10)
_SLEEP_OUT = const(0x11)
_INVERT_ON = const(0x21)  # the panel of the stick is wired inverted
_DISPLAY_ON = const(0x29)
_COLUMNS = const(0x2A)
_ROWS = const(0x2B)
_WRITE = const(0x2C)
_ORDER = const(0x36)
_PIXELS = const(0x3A)

_AWAKE_MS = const(5)  # after Sleep Out before anything else
_CHANGE_MS = const(120)  # between Sleep In and Sleep Out
_RESET_MS = const(120)

# The panel is 135 by 240 in the middle of the controller's 240 by 320 (portrait).
WIDTH = const(135)
HEIGHT = const(240)
_LEFT = const(52)
_TOP = const(40)
_DOT = const(24)  # side of a symbol's dot, in pixels
_MASK = const(0x3FFFFFFF)  # ticks wrap at 2**30


class St7789Lamp:
    """`spi.write(data)`; pins with `value`: select and reset (low: yes), command (low: a command);
    `backlight.duty_u16`; `wait_ms(n)`, `ticks_ms()`.

    A show paints only when symbol or colour has changed (15 ms at 20 MHz), and never blocks longer
    than that and 5 ms.
    """

    def __init__(self, spi, select, command, reset, backlight, wait_ms, ticks_ms):
        self._spi = spi
        self._select = select
        self._command = command
        self._reset = reset
        self._backlight = backlight
        self._wait_ms = wait_ms
        self._ticks_ms = ticks_ms
        self._one = bytearray(1)
        self._four = bytearray(4)
        self._line = bytearray(2 * SIDE * _DOT)
        self._symbol = 0
        self._painted = (-1, 0, 0, 0)  # symbol and colour
        self._is_asleep = True
        self._start()
        self._changed_ms = ticks_ms()

    def show(self, red, green, blue):
        """Set the colour, each 0 to 255: hue in the picture, brightness by the backlight."""
        level = max(red, green, blue)
        if level == 0:
            self._backlight.duty_u16(0)
            if not self._is_asleep and self._may_change():
                self._sleep(_SLEEP_IN, True)
            return
        if self._is_asleep:
            if not self._may_change():
                return  # a moment more of darkness
            self._sleep(_SLEEP_OUT, False)
            self._wait_ms(_AWAKE_MS)
        red, green, blue = red * 255 // level, green * 255 // level, blue * 255 // level
        if self._is_another(red, green, blue, level):
            self._paint(red, green, blue)
        self._backlight.duty_u16(level * level)

    def symbol(self, state):
        """Which symbol is shown from now on: a state of biocore.lamp."""
        self._symbol = state

    def _is_another(self, red, green, blue, level):
        """Whether to paint. A dim colour is coarse (8 of 255 may be 7.5): it is no new one."""
        symbol, old_red, old_green, old_blue = self._painted
        slack = 8 + 512 // level
        return (
            symbol != self._symbol
            or abs(red - old_red) > slack
            or abs(green - old_green) > slack
            or abs(blue - old_blue) > slack
        )

    def _may_change(self):
        return (self._ticks_ms() - self._changed_ms) & _MASK >= _CHANGE_MS

    def _sleep(self, command, is_asleep):
        self._send(command)
        self._is_asleep = is_asleep
        self._changed_ms = self._ticks_ms()

    def _start(self):
        """Reset it, set it up and make it black; it stays asleep."""
        self._backlight.duty_u16(0)
        self._select.value(1)
        self._reset.value(0)
        self._wait_ms(1)
        self._reset.value(1)
        self._wait_ms(_RESET_MS)
        self._send(_PIXELS, b"\x55")  # 16 bits a pixel
        self._send(_ORDER, b"\x00")
        self._send(_INVERT_ON)
        self._window(0, 0, WIDTH, HEIGHT)
        line = self._line
        self._send(_WRITE)
        left = 2 * WIDTH * HEIGHT
        while left >= len(line):
            self._data(line)
            left -= len(line)
        if left:
            self._data(memoryview(line)[:left])
        self._send(_DISPLAY_ON)

    def _paint(self, red, green, blue):
        self._painted = (self._symbol, red, green, blue)
        pixel = (red & 0xF8) << 8 | (green & 0xFC) << 3 | blue >> 3
        side = SIDE * _DOT
        self._window((WIDTH - side) // 2, (HEIGHT - side) // 2, side, side)
        self._send(_WRITE)
        line = self._line
        for row in SYMBOLS[self._symbol]:
            for x in range(side):
                dot = pixel if row >> (SIDE - 1 - x // _DOT) & 1 else 0
                line[2 * x] = dot >> 8
                line[2 * x + 1] = dot & 0xFF
            for _ in range(_DOT):
                self._data(line)

    def _window(self, left, top, width, height):
        self._send(_COLUMNS, self._bounds(_LEFT + left, width))
        self._send(_ROWS, self._bounds(_TOP + top, height))

    def _bounds(self, first, n):
        four = self._four
        last = first + n - 1
        four[0] = first >> 8
        four[1] = first & 0xFF
        four[2] = last >> 8
        four[3] = last & 0xFF
        return four

    def _send(self, command, data=None):
        self._one[0] = command
        self._command.value(0)
        self._select.value(0)
        self._spi.write(self._one)
        self._select.value(1)
        self._command.value(1)
        if data is not None:
            self._data(data)

    def _data(self, data):
        self._select.value(0)
        self._spi.write(data)
        self._select.value(1)
