from biocore.button import DOUBLE, GAP_MS, LONG, NOTHING, SHORT, TRIPLE, WIPE, Gestures

WRAP = 1 << 30


def press(gestures, at, held, found):
    found.append(gestures.edge(True, at % WRAP))
    found.append(gestures.edge(False, (at + held) % WRAP))
    return at + held


def gestures_of(presses, start=1000):
    """presses: (pause before, held) in ms. Return what came out, without the nothings."""
    gestures = Gestures()
    found = []
    at = start
    for pause, held in presses:
        at = press(gestures, at + pause, held, found)
    found.append(gestures.poll((at + GAP_MS) % WRAP))
    return [g for g in found if g != NOTHING]


def test_presses():
    assert gestures_of([(0, 120)]) == [SHORT]
    assert gestures_of([(0, 120), (200, 120)]) == [DOUBLE]
    assert gestures_of([(0, 120), (200, 120), (200, 120)]) == [TRIPLE]
    assert gestures_of([(0, 80), (100, 80), (100, 80), (100, 80)]) == [TRIPLE]


def test_two_slow_presses_are_two_short_ones():
    assert gestures_of([(0, 120), (900, 120)]) == [SHORT, SHORT]


def test_long_press_counts_when_it_is_let_go():
    assert gestures_of([(0, 2500)]) == [LONG]
    assert gestures_of([(0, 9900)]) == [LONG]


def test_ten_seconds_count_when_it_is_let_go_and_what_lies_on_it_is_no_finger():
    assert gestures_of([(0, 10000)]) == [WIPE]
    assert gestures_of([(0, 19999)]) == [WIPE]
    assert gestures_of([(0, 20000)]) == []
    assert gestures_of([(0, 8 * 3_600_000)]) == []
    assert gestures_of([(0, 25000), (900, 120)]) == [SHORT]
    gestures = Gestures()
    gestures.edge(True, 0)
    assert gestures.poll(15000) == NOTHING
    assert gestures.wait_ms(4000) == 16000


def test_what_lay_on_it_for_a_week_leaves_a_button_that_works():
    for days in (1, 6, 7, 9, 12, 13):  # the ticks wrap after 12.4
        gestures = Gestures()
        gestures.edge(True, 1000)
        assert gestures.wait_ms(1000) == 20000
        assert gestures.poll(21000) == NOTHING
        assert gestures.wait_ms(21000) == -1
        at = (days * 86_400_000 + 1000) % WRAP
        assert gestures.edge(False, at) == NOTHING
        found = [gestures.edge(True, (at + 5000) % WRAP), gestures.edge(False, (at + 5100) % WRAP)]
        found.append(gestures.poll((at + 6000) % WRAP))
        assert found == [NOTHING, NOTHING, SHORT], days


def test_contact_bounce_is_one_press():
    gestures = Gestures()
    found = []
    for at in (1000, 1003, 1006, 1009, 1012):
        found.append(gestures.edge(at % 2 == 0, at))
    found.append(gestures.edge(True, 1050))  # looked at again: it is down
    found.append(gestures.edge(False, 1200))
    found.append(gestures.edge(True, 1204))
    found.append(gestures.edge(False, 1240))
    found.append(gestures.poll(2000))
    assert [g for g in found if g != NOTHING] == [SHORT]


def test_across_the_wrap_of_the_tick_counter():
    assert gestures_of([(0, 120), (200, 120)], start=WRAP - 250) == [DOUBLE]
    assert gestures_of([(0, 3000)], start=WRAP - 1500) == [LONG]


def test_nothing_to_wait_for_while_nothing_happens():
    gestures = Gestures()
    assert gestures.wait_ms(5) == -1
    gestures.edge(True, 1000)
    gestures.edge(False, 1100)
    assert gestures.wait_ms(1200) == GAP_MS - 100
