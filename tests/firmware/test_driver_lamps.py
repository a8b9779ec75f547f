"""The lamps: each shows the colour that it is told, within bounds, and its symbol where it can."""

from biocore.lamp import EASY, FOCUS, NOTED_SYMBOL, PATTERNS, PAUSE, STATES, UNKNOWN, brightness
from drivers.rgb_pwm import RgbPwm
from drivers.st7789_lamp import HEIGHT, WIDTH, St7789Lamp
from drivers.symbols import SIDE, SYMBOLS, is_lit
from drivers.ws2812 import LIMIT_DOT, LIMIT_MATRIX, TIMING_NS, Ws2812
from sensor_world import Time
from sim.pins import Pwm
from sim.st7789 import Screen
from sim.ws2812 import Chain


def picture(state):
    return [
        "".join("#" if is_lit(state, row, column) else "." for column in range(SIDE))
        for row in range(SIDE)
    ]


def test_the_symbols_are_those_of_the_states():
    assert len(SYMBOLS) == len(STATES) + 1 and len(STATES) == NOTED_SYMBOL
    assert picture(UNKNOWN) == [".###.", "#...#", "..##.", ".....", "..#.."]
    assert picture(FOCUS) == ["..#..", "..#..", ".###.", ".###.", "#####"]
    assert picture(EASY) == [".###.", "#...#", "#...#", "#...#", ".###."]
    assert picture(PAUSE) == [".#.#."] * 5
    assert picture(NOTED_SYMBOL) == [".....", "....#", "#..#.", ".##..", "....."]


def test_any_two_symbols_differ_in_a_third_of_their_dots():
    for a in range(len(SYMBOLS)):
        for b in range(a):
            apart = sum(
                is_lit(a, i // SIDE, i % SIDE) != is_lit(b, i // SIDE, i % SIDE) for i in range(25)
            )
            assert apart >= 8, (a, b, apart)


def test_a_dot_shows_colours_in_their_order_and_below_its_limit():
    chain = Chain(1, TIMING_NS)
    lamp = Ws2812(chain.write)
    lamp.show(255, 0, 0)
    assert chain.pixels == [(LIMIT_DOT, 0, 0)]
    lamp.show(0, 255, 128)
    assert chain.pixels == [(0, LIMIT_DOT, 25)]  # light follows the square
    lamp.show(1, 0, 0)
    assert chain.pixels == [(1, 0, 0)]  # the faintest is still there
    lamp.show(0, 0, 0)
    assert chain.pixels == [(0, 0, 0)]


def test_a_dot_that_was_lit_before_a_restart_is_put_out():
    chain = Chain(1, TIMING_NS)
    chain.pixels = [(255, 255, 255)]
    Ws2812(chain.write)
    assert chain.pixels == [(0, 0, 0)]


def test_a_matrix_shows_its_symbol():
    chain = Chain(25, TIMING_NS)
    lamp = Ws2812(chain.write, 25)
    for state in (UNKNOWN, FOCUS, EASY, PAUSE):
        lamp.symbol(state)
        lamp.show(0, 0, 255)
        for i in range(25):
            lit = is_lit(state, i // SIDE, i % SIDE)
            assert chain.pixels[i] == ((0, 0, LIMIT_MATRIX) if lit else (0, 0, 0)), (state, i)


def test_the_brightest_white_of_a_matrix_stays_below_100_milliamperes():
    chain = Chain(25, TIMING_NS)
    lamp = Ws2812(chain.write, 25)
    for state in range(len(SYMBOLS)):
        lamp.symbol(state)
        lamp.show(255, 255, 255)
        assert chain.milliamperes() < 100, state


def test_in_the_dark_the_lamps_have_no_supply():
    chain = Chain(25, TIMING_NS)
    lamp = Ws2812(chain.write, 25, chain.power)
    assert not chain.is_on
    lamp.symbol(EASY)
    for _ in range(3):
        lamp.show(0, 200, 0)
    assert chain.is_on and sum(green > 0 for _, green, _ in chain.pixels) == 12
    lamp.show(0, 0, 0)
    lamp.show(0, 0, 0)
    assert not chain.is_on and chain.milliamperes() == 0
    assert chain.switched == 3


def test_a_chain_is_one_or_twenty_five():
    try:
        Ws2812(lambda data: None, 24)
    except ValueError:
        return
    raise AssertionError


def screen_lamp():
    time = Time()
    screen = Screen(time.now_ms)
    backlight = Pwm()

    def wait_ms(ms):
        time.ms += ms

    lamp = St7789Lamp(
        screen, screen.select, screen.command, screen.reset, backlight, wait_ms, time.now_ms
    )
    return lamp, screen, backlight, time


def dots(screen):
    """What colour the middle of each dot of the symbol has."""
    left, top = (WIDTH - 120) // 2, (HEIGHT - 120) // 2
    return [screen.at(left + 12 + 24 * (i % 5), top + 12 + 24 * (i // 5)) for i in range(25)]


def test_the_screen_starts_black_dark_and_asleep():
    _, screen, backlight, _ = screen_lamp()
    assert screen.is_asleep and screen.is_shown and screen.is_inverted
    assert backlight.duty == 0
    assert not screen.has_anything_left()
    assert screen.refused == 0


def test_the_screen_shows_symbol_and_colour():
    lamp, screen, backlight, time = screen_lamp()
    time.ms += 1000
    for state in range(len(SYMBOLS)):
        lamp.symbol(state)
        lamp.show(0, 0x72, 0xB2)
        assert not screen.is_asleep
        assert backlight.duty == 0xB2 * 0xB2
        # 0 of 31, 0x72/0xB2 of 63, 31 of 31
        blue = 0 << 11 | 40 << 5 | 31
        assert dots(screen) == [
            blue if is_lit(state, i // SIDE, i % SIDE) else 0 for i in range(25)
        ]
        assert screen.at(0, 0) == screen.at(WIDTH - 1, HEIGHT - 1) == 0


def test_every_pattern_keeps_the_times_of_the_screen_and_is_painted_at_most_thrice():
    for state, (colour, keyframes) in enumerate(PATTERNS):
        lamp, screen, backlight, time = screen_lamp()
        time.ms += 1000
        lamp.symbol(state)
        paints = []
        paint = lamp._paint
        lamp._paint = lambda *a, paint=paint, paints=paints: paints.append(paint(*a))
        began = time.ms
        shone = asked = 0
        while True:
            level = brightness(keyframes, time.ms - began)
            if level < 0:
                break
            lamp.show(*[part * level // 255 for part in colour])
            asked = max(asked, max(colour) * level // 255)
            shone = max(shone, backlight.duty)
            time.ms += 40
        lamp.show(0, 0, 0)
        assert screen.refused == 0, STATES[state]
        assert screen.is_asleep and backlight.duty == 0, STATES[state]
        assert 1 <= len(paints) <= 3, (STATES[state], len(paints))
        assert shone == asked**2 > 0, STATES[state]


def test_a_press_right_after_dark_waits_for_the_screen_and_then_shines():
    lamp, screen, backlight, time = screen_lamp()
    time.ms += 1000
    lamp.show(255, 0, 0)
    time.ms += 200
    lamp.show(0, 0, 0)
    assert screen.is_asleep
    for _ in range(4):
        time.ms += 40
        lamp.show(255, 0, 0)
    assert screen.refused == 0
    assert not screen.is_asleep and backlight.duty == 65025


def test_dark_soon_after_light_is_dark_at_once_and_asleep_later():
    lamp, screen, backlight, time = screen_lamp()
    time.ms += 1000
    lamp.show(255, 0, 0)
    time.ms += 40
    lamp.show(0, 0, 0)
    assert backlight.duty == 0 and screen.refused == 0
    time.ms += 200
    lamp.show(0, 0, 0)
    assert screen.is_asleep


def test_all_lamps_take_a_symbol():
    lamp = RgbPwm(Pwm(), Pwm(), Pwm())
    lamp.symbol(FOCUS)
    lamp.show(0, 0, 9)
