"""The symbols of the lamp, 5 by 5: of biocore.lamp's states in their order, and of what was noted
(biocore.lamp.NOTED, WIPED). Colour never stands
alone: whoever cannot tell the colours tells these."""

# Rows from the top, the leftmost dot in bit 4.
SYMBOLS = (
    (0b01110, 0b10001, 0b00110, 0b00000, 0b00100),  # unknown: a question mark
    (0b00100, 0b00100, 0b01110, 0b01110, 0b11111),  # focus: a triangle
    (0b01110, 0b10001, 0b10001, 0b10001, 0b01110),  # easy: a circle
    (0b01010, 0b01010, 0b01010, 0b01010, 0b01010),  # pause: two bars
    (0b00000, 0b00001, 0b10010, 0b01100, 0b00000),  # noted: a tick
)
SIDE = 5


def is_lit(symbol, row, column):
    """Whether this dot of the symbol shines."""
    return SYMBOLS[symbol][row] >> (SIDE - 1 - column) & 1 == 1
