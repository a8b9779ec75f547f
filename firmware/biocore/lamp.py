"""The lamp as data: state to colour and pattern, with the safety limits. Colour never stands alone:
each state has its own pattern (and a symbol on the page).

Colours stay apart under every colour-vision deficiency. Never faster than 1 Hz, no red flashing,
rise and fall of at least 200 ms.
"""

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


UNKNOWN = const(0)
FOCUS = const(1)
EASY = const(2)
PAUSE = const(3)

NOTED_SYMBOL = const(4)  # behind those of the states

STATES = ("unknown", "focus", "easy", "pause")

MIN_RAMP_MS = const(200)
MIN_PERIOD_MS = const(1000)

# A pattern: colour (r, g, b of 255), then keyframes (duration in ms, brightness of 255 at its end),
# joined by straight lines and starting and ending dark.
_BLUE = (0x00, 0x72, 0xB2)
_ORANGE = (0xE6, 0x9F, 0x00)
_WARM = (255, 147, 60)

PATTERNS = (
    # unknown: dark, one short tick
    (_WARM, ((200, 40), (200, 0))),
    # focus: steady, 2 s
    (_BLUE, ((300, 255), (1400, 255), (300, 0))),
    # easy: two slow pulses, 0.5 Hz
    (_ORANGE, ((900, 255), (200, 255), (900, 0), (900, 255), (200, 255), (900, 0))),
    # pause: breathing, 0.25 Hz, dim
    (_WARM, ((2000, 90), (2000, 0))),
)
# By itself, where the student switched that on: dim and slow, and nothing where nothing is known.
# It begins anew after GLOW_REST_MS.
_GLOW = const(24)
GLOW_REST_MS = const(4000)
GLOWS = (
    None,
    (_BLUE, ((1500, _GLOW), (3000, _GLOW), (1500, 0))),
    (_ORANGE, ((1500, _GLOW), (1500, 0), (1500, _GLOW), (1500, 0))),
    (_WARM, ((3000, _GLOW), (3000, 0))),
)
# A mark was noted: one soft white swell.
NOTED = (_WARM, ((400, 120), (400, 0)))
# All is wiped: three slow ones, as for nothing else.
WIPED = (_WARM, ((500, 120), (700, 0), (500, 120), (700, 0), (500, 120), (500, 0)))


def brightness(keyframes, t_ms):
    """Brightness (0..255) at `t_ms` after a pattern's start, or -1 once it is over."""
    level = 0
    for duration_ms, end in keyframes:
        if t_ms < duration_ms:
            return level + (end - level) * t_ms // duration_ms
        t_ms -= duration_ms
        level = end
    return -1
