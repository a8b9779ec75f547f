"""The right half of a schematic: the lamp, and where the current comes from."""

from bioklok.boards.electrics import led_ma
from bioklok.boards.model import Board

from hardware.drawings import symbols
from hardware.drawings.sheet import CHIP, Sheet

_EDGE = CHIP[1]
_CELL = ("LiPo, 3.7 V", "plugged in last")


def cell_net(board: Board) -> str:
    """Return what the cell's + is called on this board."""
    nets = {wire.net for wire in board.circuit.wires}
    return "BAT+" if "BAT+" in nets else "BAT"


def draw(sheet: Sheet, y: float) -> float:
    """Draw it from y down; return where it ends."""
    lamps = {"rgb_pwm": _rgb, "ws2812": _ws2812, "st7789": _screen}
    y = lamps[sheet.board.parts["lamp"]](sheet, y)
    if "hold" in sheet.board.parts:
        sheet.pin("hold", "pin", y + 40, is_left=False, start=_EDGE + 130)
        symbols.block(sheet.canvas, (_EDGE + 130, y + 12), (190, 56), "holds its supply")
        y += 100
    return _supply(sheet, y)


def _rgb(sheet: Sheet, y: float) -> float:
    """A resistor and an LED for each colour, the cathodes joined."""
    board, canvas = sheet.board, sheet.canvas
    currents = led_ma(board)
    common = _EDGE + 370
    first = y + 56
    for n, colour in enumerate(currents):
        at = first + 84 * n
        wire = sheet.wire(f"lamp {colour}")
        assert wire is not None  # checked with the wiring
        small = board.circuit.small[wire.through]
        sheet.pin("lamp", colour, at, is_left=False, start=_EDGE + 87)
        canvas.line(f"LED {colour}", [(_EDGE + 133, at), (_EDGE + 248, at)])
        canvas.line("LED K", [(_EDGE + 272, at), (common, at)])
        symbols.resistor(canvas, (_EDGE + 110, at), small.ref, small.text)
        words = f"{colour}, {currents[colour]:.0f} mA"
        symbols.diode(canvas, (_EDGE + 260, at), words, is_led=True)
        if n:
            canvas.dot((common, at), 4.5)
    last = first + 84 * (len(currents) - 1)
    canvas.line("LED K", [(common, first), (common, last + 44)])
    symbols.ground(canvas, (common, last + 44))
    sheet.note((common + 10, last + 30), "K")
    return last + 96


def _ws2812(sheet: Sheet, y: float) -> float:
    """The matrix behind its switch."""
    board, canvas = sheet.board, sheet.canvas
    x = _EDGE + 290
    data, power = y + 60, y + 190
    symbols.block(
        canvas, (x, data - 34), (136, 78), "matrix", f"{board.value('lamp', 'pixels')} x WS2812"
    )
    sheet.pin("lamp", "data", data, is_left=False, start=x)
    canvas.text((x - 36, data - 6), "DIN", 15)
    switch = _EDGE + 120
    symbols.block(canvas, (switch, power - 38), (122, 76), "switch", "load switch")
    sheet.pin("lamp", "power", power, is_left=False, start=switch)
    canvas.text((switch - 30, power - 6), "ON", 15)
    canvas.line("BAT switch", [(switch + 30, power - 38), (switch + 30, power - 58)])
    symbols.flag(canvas, (switch + 30, power - 58), cell_net(board))
    canvas.line("GND switch", [(switch + 60, power + 38), (switch + 60, power + 52)])
    symbols.ground(canvas, (switch + 60, power + 52))
    canvas.line("lamp supply", [(switch + 122, power), (x + 40, power), (x + 40, data + 44)])
    canvas.text((switch + 128, power - 6), "VOUT", 15)
    canvas.text((x + 48, data + 62), "5V", 15)
    canvas.line("GND matrix", [(x + 100, data + 44), (x + 100, data + 84)])
    symbols.ground(canvas, (x + 100, data + 84))
    return power + 92


def _screen(sheet: Sheet, y: float) -> float:
    """A screen on its bus."""
    nets = [net for role, net, _, _ in sheet.board.nets if role == "lamp"]
    first = y + 40
    high = 40.0 * (len(nets) - 1) + 44
    symbols.block(sheet.canvas, (_EDGE + 190, first - 22), (170, high), "screen", "ST7789")
    for n, net in enumerate(nets):
        at = first + 40 * n
        sheet.pin("lamp", net, at, is_left=False, start=_EDGE + 190)
        sheet.canvas.text((_EDGE + 12, at - 6), net, 15)
    return first + high


def _supply(sheet: Sheet, y: float) -> float:
    """The cell and what lies between it and the board; what the board gives to the others."""
    module = sheet.board.circuit.module
    if module.is_inside:
        return _cell_inside(sheet, y)
    canvas = sheet.canvas
    gives, ground = y + 60, y + 120
    sheet.supply("3V3", gives, is_left=False, start=_EDGE + 60)
    canvas.line("pad 3V3", [(_EDGE + 60, gives), (_EDGE + 60, gives - 14)])
    symbols.flag(canvas, (_EDGE + 60, gives - 14), "3V3")
    sheet.supply("GND", ground, is_left=False, start=_EDGE + 60)
    canvas.line("pad GND", [(_EDGE + 60, ground), (_EDGE + 60, ground + 12)])
    symbols.ground(canvas, (_EDGE + 60, ground + 12))
    return (_cell_at_pads if "cell +" in {w.net for w in sheet.board.circuit.wires} else _charged)(
        sheet, ground + 40
    )


def _cell_at_pads(sheet: Sheet, y: float) -> float:
    """The cell at the board's own charger."""
    canvas = sheet.canvas
    plus, minus, x = y + 50, y + 130, _EDGE + 220
    sheet.supply("BAT+", plus, is_left=False, start=x)
    sheet.supply("BAT-", minus, is_left=False, start=x)
    canvas.line("pad BAT+", [(x, plus), (x, plus + 34)])
    canvas.line("pad BAT-", [(x, plus + 46), (x, minus)])
    canvas.line("pad BAT+", [(_EDGE + 90, plus), (_EDGE + 90, plus - 16)])
    symbols.flag(canvas, (_EDGE + 90, plus - 16), "BAT+")
    canvas.dot((_EDGE + 90, plus), 4.5)
    symbols.cell(canvas, (x, plus + 20), _CELL)
    sheet.note((_EDGE + 20, minus + 26), "pads under the board: its charger is inside")
    return minus + 50


def _charged(sheet: Sheet, y: float) -> float:
    """The cell at a charger of its own; a diode keeps USB's 5 V away from it."""
    canvas = sheet.canvas
    small = next(one for one in sheet.board.circuit.small.values() if one.ring)
    line, x = y + 50, _EDGE + 236
    own = x + 168
    sheet.supply(small.ring, line, is_left=False, start=_EDGE + 98)
    canvas.line("BAT", [(_EDGE + 122, line), (x, line)])
    # The symbol points to its ring: here to the left.
    symbols.diode_left(canvas, (_EDGE + 110, line), f"{small.ref} {small.text}")
    canvas.line("BAT", [(_EDGE + 190, line), (_EDGE + 190, line - 16)])
    symbols.flag(canvas, (_EDGE + 190, line - 16), cell_net(sheet.board))
    canvas.dot((_EDGE + 190, line), 4.5)
    symbols.block(canvas, (x, line - 26), (124, 78), "charger", "USB 5 V")
    canvas.line("GND charger", [(x + 30, line + 52), (x + 30, line + 72)])
    symbols.ground(canvas, (x + 30, line + 72))
    canvas.line("cell +", [(x + 124, line), (own, line), (own, line + 24)])
    canvas.line("cell -", [(own, line + 36), (own, line + 72)])
    symbols.cell(canvas, (own, line + 10), ("LiPo", "3.7 V"))
    symbols.ground(canvas, (own, line + 72))
    return line + 104


def _cell_inside(sheet: Sheet, y: float) -> float:
    canvas = sheet.canvas
    x = _EDGE + 60
    symbols.flag(canvas, (x, y + 40), cell_net(sheet.board))
    canvas.line("BAT", [(x, y + 40), (x, y + 64)])
    canvas.line("GND cell", [(x, y + 76), (x, y + 104)])
    symbols.cell(canvas, (x, y + 50), (f"LiPo, {sheet.board.battery_mah} mAh", "in the stick"))
    symbols.ground(canvas, (x, y + 104))
    return y + 140
