"""The wiring drawing: boards as they look from above, each wire in its colour with its name."""

from bioklok.boards.circuit import MAIN_BUNDLE
from bioklok.boards.model import Board
from bioklok.boards.sentences import inside_sentence, wire_sentence

from hardware.drawings import faces
from hardware.drawings.blocks import Block
from hardware.drawings.canvas import GREY, INK, Canvas
from hardware.drawings.plan import WIDE, Plan, Side, make_plan

HOW_TO_READ = (
    "Seen from above. A dot is a joint; without a dot wires only cross.",
    "Van boven gezien. Een stip is een verbinding; zonder stip kruisen draden alleen maar.",
)
_NOTES = (
    "Solder without the cell; it is plugged in last. Measure its plug first: red is not always +.",
    "Soldeer zonder accu; die gaat er het laatst in. Meet eerst de stekker: rood is niet altijd +.",
)
_ORDER = (
    "Pads of parts with * may lie in another order on yours: go by the name that is printed.",
    "Aansluitingen van delen met * kunnen bij jou anders liggen: kijk naar de opdruk.",
)


def sentences(board: Board) -> str:
    """Return all wires in words, both languages, for those who listen."""
    return "\n".join(
        f"{wire_sentence(board, wire, 'en')}. | {wire_sentence(board, wire, 'nl')}."
        for wire in board.circuit.wires
    )


def inside_sentences(board: Board) -> str:
    """The same for a board that is closed."""
    return "\n".join(
        f"{inside_sentence(board, net, 'en')}. | {inside_sentence(board, net, 'nl')}."
        for net in board.nets
    )


def draw_wiring(board: Board) -> Canvas:
    """Return the drawing of a board that is wired."""
    plan = make_plan(board)
    module = board.circuit.module
    title = f"{module.title}: wiring - bedrading"
    canvas = Canvas(f"{board.name}-wiring", (WIDE, plan.high), title, sentences(board))
    canvas.text((24, 38), title, 24, is_bold=True)
    for n, words in enumerate(HOW_TO_READ):
        canvas.text((24, 64 + 22 * n), words, 16, fill=GREY if n else INK)
    for block in plan.blocks:
        _body(canvas, plan, block)
    _module(canvas, plan)
    _wires(canvas, plan)
    for block in plan.blocks:
        _face(canvas, plan, block)
    _pads(canvas, plan)
    notes = [*_NOTES, *([module.note, module.note_nl] if module.note else [])]
    if any(product.is_assumed for product in board.circuit.products.values()):
        notes += _ORDER
    for n, words in enumerate(notes):
        canvas.text(
            (24, plan.high - 18 + 22 * (n + 1 - len(notes))), words, 16, fill=GREY if n % 2 else INK
        )
    return canvas


def _colour(plan: Plan, name: str) -> str:
    return plan.board.circuit.colours[name].hex


def _wires(canvas: Canvas, plan: Plan) -> None:
    """First along the levels, then up and down over them; last the joints."""
    for wire in plan.board.circuit.wires:
        y = plan.levels[wire.net]
        members = plan.members(wire.net)
        colour = plan.board.circuit.colours[wire.colour]
        first = members[0][0]
        of_cell = "" if wire.bundle == MAIN_BUNDLE else " (cell)"
        canvas.text((plan.labels_px - 20, y + 6), colour.nl, 17, anchor="end", fill=GREY)
        canvas.text((14, y + 6), colour.name + of_cell, 17, is_bold=True)
        canvas.shape(
            "path",
            d=f"M{plan.labels_px - 12:g} {y:g}H{first:g}",
            stroke="#B8BEC7",
            stroke_width=1.5,
            stroke_dasharray="2 5",
            fill="none",
        )
        canvas.wire(wire.net, [(first, y), (members[-1][0], y)], colour.hex)
    for wire in plan.board.circuit.wires:
        y = plan.levels[wire.net]
        lanes = {
            lane.x: lane.pad
            for side in (plan.left, plan.right, plan.under)
            for lane in side.lanes
            if lane.wire is wire
        }
        members = plan.members(wire.net)
        for x, end_y in members:
            points = [(x, y), (x, end_y)] + ([lanes[x]] if x in lanes else [])
            canvas.wire(wire.net, points, _colour(plan, wire.colour), is_over=True)
        if members[0][0] != members[-1][0]:
            ends = ((members[0][0], y), (members[-1][0], y))
            canvas.stub(ends[0], ends[1], _colour(plan, wire.colour))
            canvas.stub(ends[1], ends[0], _colour(plan, wire.colour))
        for x, _ in members[1:-1]:
            canvas.dot((x, y))


def _module(canvas: Canvas, plan: Plan) -> None:
    module = plan.board.circuit.module
    x, y, wide, high = plan.module
    canvas.body(module.short, (x, y), (wide, high), fill="#E7F0EA")
    _socket(canvas, x + wide / 2, y)
    canvas.text((x + wide / 2, y + 44), module.short, 15, anchor="middle", is_bold=True)
    if not module.is_numbered:
        canvas.shape(
            "rect",
            x=x + wide / 2 - 18,
            y=y + 90,
            width=36,
            height=52,
            rx=4.0,
            fill=faces.CAN,
            stroke=INK,
        )
        canvas.fixture("the chip", (x + wide / 2, y + 116), (36, 52))
    if module.under:
        x, y, wide, high = plan.underside
        canvas.body("underside", (x, y), (wide, high), fill="#F4F1E8", stroke_dasharray="6 4")
        _socket(canvas, x + wide / 2, y)
        canvas.text((x + 14, y + 46), "underside", 15, is_bold=True)
        canvas.text((x + 14, y + 66), "onderkant", 15, fill=GREY)


def _socket(canvas: Canvas, x: float, y: float) -> None:
    canvas.shape(
        "rect",
        x=x - 27,
        y=y - 12,
        width=54,
        height=34,
        rx=6.0,
        fill=faces.TIN,
        stroke=INK,
        stroke_width=1.5,
    )
    canvas.text((x, y + 11), "USB", 14, anchor="middle")


def _side_pads(canvas: Canvas, plan: Plan, side: Side, direction: int) -> None:
    module = plan.board.circuit.module
    size = 15 if module.is_numbered else 17
    for n, pad in enumerate(side.pads):
        faces.pad(canvas, (pad.x, pad.y), pad.wire is not None)
        number = n + 1 if direction < 0 else len(module.left) + len(module.right) - n
        words = f"{pad.label} {number}" if direction > 0 else f"{number} {pad.label}"
        canvas.text(
            (pad.x - 13 * direction, pad.y + size * 0.35),
            words if module.is_numbered else pad.label,
            size,
            anchor="end" if direction > 0 else "start",
            is_bold=pad.wire is not None,
            fill=INK if pad.wire is not None else GREY,
        )


def _pads(canvas: Canvas, plan: Plan) -> None:
    _side_pads(canvas, plan, plan.left, -1)
    _side_pads(canvas, plan, plan.right, 1)
    for pad in plan.under.pads:
        canvas.shape(
            "rect",
            x=pad.x - 16,
            y=pad.y - 16,
            width=34,
            height=32,
            rx=5.0,
            fill=faces.GOLD,
            stroke=INK,
            stroke_width=1.3,
        )
        canvas.text((pad.x - 22, pad.y + 6), pad.label, 16, anchor="end", is_bold=True)
    for block in plan.blocks:
        for one in block.pads:
            faces.pad(canvas, (one.x, one.y), one.wire is not None)


def _body(canvas: Canvas, plan: Plan, block: Block) -> None:
    is_small = block.kind == "divider" or block.kind in plan.board.circuit.small
    look = {"fill": "#FBFAF6", "stroke_dasharray": "6 4"} if is_small else {}
    canvas.body(block.title, (block.x, block.y), (block.wide, block.high), **look)


def _face(canvas: Canvas, plan: Plan, block: Block) -> None:
    circuit = plan.board.circuit
    for pad in block.pads:
        if pad.wire is not None and pad.wire.through:
            small = circuit.small[pad.wire.through]
            middle = (pad.x, block.y - 46)
            faces.resistor(canvas, middle, small.ohm)
            canvas.text((pad.x - 14, middle[1] - 4), small.ref, 15, anchor="end", is_bold=True)
            canvas.text((pad.x - 14, middle[1] + 14), small.text, 15, anchor="end")
        if block.kind in circuit.products and pad.label:
            _pad_name(canvas, block, pad.label, pad.x, pad.wire is not None)
    if block.kind == "divider":
        _divider(canvas, plan, block)
    elif block.kind in circuit.small:
        middle = (block.x + block.wide / 2, block.y + 48)
        faces.leg(canvas, (block.pads[0].x, block.y + 12), (block.pads[0].x, middle[1]), middle)
        faces.leg(canvas, (block.pads[1].x, block.y + 12), (block.pads[1].x, middle[1]), middle)
        faces.diode(canvas, middle)
        canvas.text((middle[0], block.y + 80), block.title, 15, anchor="middle", is_bold=True)
        _names(canvas, block, ("ring to the left", "ring naar links"))
    else:
        product = circuit.products[block.kind]
        faces.FACES[product.part or product.name](canvas, block)
        _title(canvas, plan, block)


def _pad_name(canvas: Canvas, block: Block, name: str, x: float, is_used: bool) -> None:
    fill = INK if is_used else GREY
    if block.pitch < 30:
        y = block.y + block.high - 26 if block.is_top else block.y + 68
        canvas.text((x + 5, y), name, 15, is_bold=is_used, is_upright=True, fill=fill)
    else:
        y = block.y + block.high - 26 if block.is_top else block.y + 38
        canvas.text((x, y), name, 16, anchor="middle", is_bold=is_used, fill=fill)


def _title(canvas: Canvas, plan: Plan, block: Block) -> None:
    """The part's name; * where the order of its pads is assumed."""
    product = plan.board.circuit.products[block.kind]
    tail = (f" {product.number}" if product.number else "") + "\u00a0*" * product.is_assumed
    _names(canvas, block, (product.title + tail, product.title_nl + tail))


def _short(words: str, wide: float) -> list[str]:
    """Break a name into lines that fit over a part."""
    lines: list[str] = []
    for word in words.replace(" x ", "\u00a0x\u00a0").replace(" mm", "\u00a0mm").split(" "):
        if lines and len(f"{lines[-1]} {word}") * 10.4 <= wide + 16:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _divider(canvas: Canvas, plan: Plan, block: Block) -> None:
    by_source = {one.source: one for one in plan.board.circuit.small.values()}
    upper, lower = by_source["battery.upper_kohm"], by_source["battery.lower_kohm"]
    a, b, c = (pad.x for pad in block.pads)
    y = block.y + 40
    for x in (a, b, c):
        faces.leg(canvas, (x, block.y + 12), (x, y))
    faces.leg(canvas, (a, y), (c, y))
    for small, x in ((upper, (a + b) / 2), (lower, (b + c) / 2)):
        faces.resistor(canvas, (x, y), small.ohm, is_upright=False)
        canvas.text((x, y + 27), small.ref, 15, anchor="middle", is_bold=True)
        canvas.text((x, y + 44), small.text, 15, anchor="middle")
    filtering = by_source.get("battery.filter_nf")
    if filtering:
        low = block.y + 110
        faces.leg(canvas, (b, y), (b, low), (c, low), (c, y))
        faces.capacitor(canvas, ((b + c) / 2, low))
        canvas.text(((b + c) / 2, low + 28), filtering.ref, 15, anchor="middle", is_bold=True)
        canvas.text(((b + c) / 2, low + 45), filtering.text, 15, anchor="middle")
    _names(canvas, block, ("measures the cell", "meet de accu"))


def _names(canvas: Canvas, block: Block, names: tuple[str, str]) -> None:
    """A part's name in English and Dutch, once where they are the same: above an upper part,
    below a lower one."""
    texts = [(line, INK) for line in _short(names[0], block.wide)]
    if names[1] != names[0]:
        texts += [(line, GREY) for line in _short(names[1], block.wide)]
    for n, (words, fill) in enumerate(texts):
        above = block.y - 10 - 18 * (len(texts) - 1 - n)
        below = block.y + block.high + block.hang + 20 + 18 * n
        canvas.text(
            (block.x + block.wide / 2, above if block.is_top else below),
            words,
            15,
            anchor="middle",
            is_bold=fill == INK,
            fill=fill,
        )
