"""The schematic of a board: its chip in the middle, what measures at its left, what shines and
feeds at its right. Drawn from wiring.toml: no pin, value or name stands here."""

from bioklok.boards.electrics import pull_up_ohm
from bioklok.boards.model import Board

from hardware.drawings import schematic_right, symbols
from hardware.drawings.canvas import GREY, INK, Canvas
from hardware.drawings.sheet import CHIP, WIDE, Sheet
from hardware.drawings.wiring_picture import inside_sentences, sentences

_TOP_PX = 128.0
_SENSOR_PX = 134.0
_HEADS = (
    "Lines that cross without a dot do not touch. What has the same name, as 3V3, is joined.",
    "Kruisen lijnen zonder stip, dan raken ze elkaar niet. Wat hetzelfde heet (3V3) is verbonden.",
)
_INSIDE = (
    "All of this is inside the stick; only the hat is plugged in. Resistors are the maker's.",
    "Dit zit allemaal in de stick; alleen de hat steek je erop. Weerstanden: van de maker.",
)


def draw_schematic(board: Board) -> Canvas:
    """Return the schematic of a board."""
    circuit = board.circuit
    title = f"{circuit.module.title}: schematic - schema"
    words = inside_sentences(board) if circuit.module.is_inside else sentences(board)
    # Drawn twice: the first time shows how high it becomes.
    high = 0.0
    for _ in range(2):
        canvas = Canvas(f"{board.name}-schematic", (WIDE, high), title, words)
        canvas.text((24, 38), title, 24, is_bold=True)
        for n, line in enumerate(_INSIDE if circuit.module.is_inside else _HEADS):
            canvas.text((24, 64 + 22 * n), line, 16, fill=GREY if n else INK)
        sheet = Sheet(canvas, board)
        left = _left(sheet, _TOP_PX)
        right = schematic_right.draw(sheet, _TOP_PX)
        _chip(sheet, max(left, right) - 14)
        high = max(left, right) + 24
    return canvas


def _chip(sheet: Sheet, bottom: float) -> None:
    left, right = CHIP
    top = _TOP_PX - 26
    module = sheet.board.circuit.module
    sheet.canvas.body(module.short, (left, top), (right - left, bottom - top), rx=3.0)
    middle = (left + right) / 2
    sheet.canvas.text((middle, top + 24), module.short, 16, anchor="middle", is_bold=True)
    chip = sheet.board.chip_name.upper().replace("ESP32C3", "ESP32-C3")
    sheet.canvas.text((middle, top + 44), chip, 15, anchor="middle", fill=GREY)
    sheet.name_pins()


def _left(sheet: Sheet, y: float) -> float:
    """Buses with their sensors, the button, the divider; return where they end."""
    for bus in dict.fromkeys(sheet.board.buses.values()):
        y = _bus(sheet, bus, y)
    y = _button(sheet, y)
    return _divider(sheet, y)


def _bus(sheet: Sheet, bus: str, y: float) -> float:
    """Sensors one below the other, SDA and SCL upright beside them, their pull-ups on top."""
    board, canvas = sheet.board, sheet.canvas
    roles = [role for role, on in board.buses.items() if on == bus]
    lines = {"sda": 258.0, "scl": 330.0}
    first = y + 84
    low = first + _SENSOR_PX * (len(roles) - 1)
    _pull_up_note(sheet, bus, y)
    for net, x in lines.items():
        pin_y = first + (14 if net == "sda" else 46)
        end = low + (14 if net == "sda" else 46)
        symbols.flag(canvas, (x, y + 2), "3V3")
        canvas.line(f"3V3 {x:g}", [(x, y + 2), (x, y + 11)])
        canvas.line(f"{bus} {net}", [(x, y + 57), (x, end)])
        symbols.resistor(canvas, (x, y + 34), "", "", is_upright=True)
        sheet.pin(f"i2c_{bus}", net, pin_y, is_left=True, start=x)
        canvas.dot((x, pin_y), 4.5)
    for n, role in enumerate(roles):
        top = first + n * _SENSOR_PX
        product = board.circuit.products.get(role)
        name = product.en if product else board.parts[role].upper()
        address = f"0x{board.value(role, 'address'):02X}"
        symbols.block(canvas, (36, top - 8), (136, 78), name, address)
        for net, x in lines.items():
            at = top + (14 if net == "sda" else 46)
            canvas.line(f"{bus} {net}", [(172, at), (x, at)])
            canvas.text((178, at - 5), net.upper(), 15)
            if 0 < n < len(roles) - 1:
                canvas.dot((x, at), 4.5)
        if role in board.circuit.plugs:
            sheet.note((36, top + 92), "through the plug")
            continue
        canvas.line(f"{role} 3V3", [(70, top - 8), (70, top - 22)])
        symbols.flag(canvas, (70, top - 22), "3V3")
        canvas.line(f"{role} GND", [(130, top + 70), (130, top + 84)])
        symbols.ground(canvas, (130, top + 84))
    return low + _SENSOR_PX - 10


def _pull_up_note(sheet: Sheet, bus: str, y: float) -> None:
    """Who has the pull-ups, and what they come to side by side."""
    ohm = pull_up_ohm(sheet.board, bus)
    products = sheet.board.circuit.products
    kohms = (
        [products[role].pull_up_kohm for role, on in sheet.board.buses.items() if on == bus]
        if ohm
        else []
    )
    words = f"{' and '.join(f'{kohm}' for kohm in kohms)} kΩ on the" if ohm else "pull-ups inside"
    sheet.note((24, y + 2), words)
    if ohm:
        sheet.note((24, y + 21), f"breakouts: {ohm / 1000:g} kΩ in all")


def _button(sheet: Sheet, y: float) -> float:
    pin_y = y + 40
    board, canvas = sheet.board, sheet.canvas
    canvas.line("GND button", [(90, pin_y + 24), (90, pin_y), (150, pin_y)])
    symbols.ground(canvas, (90, pin_y + 24))
    sheet.pin("button", "pin", pin_y, is_left=True, start=194)
    symbols.button(canvas, (172, pin_y))
    pull = "pull-up in the chip" if board.value("button", "pull_up") else "pull-up on the board"
    canvas.text((210, pin_y + 24), pull, 15, fill=GREY)
    return pin_y + 66


def _divider(sheet: Sheet, y: float) -> float:
    """From the cell over the upper resistor to the pin, over the lower one to ground."""
    board, canvas = sheet.board, sheet.canvas
    by_source = {one.source: one for one in board.circuit.small.values()}
    x, node = 90.0, y + 106
    symbols.flag(canvas, (x, y + 20), schematic_right.cell_net(board))
    canvas.line("BAT divider", [(x, y + 20), (x, y + 37)])
    canvas.line("battery adc", [(x, y + 83), (x, node + 21)])
    canvas.line("GND divider", [(x, node + 67), (x, node + 90)])
    for name, middle in (("upper_kohm", y + 60), ("lower_kohm", node + 44)):
        small = by_source.get(f"battery.{name}")
        text = small.text if small else "equal halves"
        symbols.resistor(canvas, (x, middle), small.ref if small else "", text, is_upright=True)
    symbols.ground(canvas, (x, node + 90))
    canvas.dot((x, node), 4.5)
    start = x
    small = by_source.get("battery.filter_nf")
    if small is not None:
        start = 230.0
        canvas.line("battery adc", [(x, node), (start, node)])
        canvas.line("battery adc", [(start, node), (start, node + 39)])
        canvas.line("GND filter", [(start, node + 49), (start, node + 90)])
        symbols.capacitor(canvas, (start, node + 44), small.ref, small.text)
        symbols.ground(canvas, (start, node + 90))
        canvas.dot((start, node), 4.5)
    sheet.pin("battery", "adc", node, is_left=True, start=start)
    return node + 130
