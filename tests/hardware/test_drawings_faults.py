"""What the search for overlaps in a drawing is for is found, each kind planted once."""

from hardware.drawings.canvas import Canvas, faults


def paper():
    return Canvas("x", (400, 300), "x", "x")


def fault_of(canvas):
    (found,) = faults(canvas)
    return found


def test_words_on_words_are_found():
    canvas = paper()
    canvas.text((20, 50), "one", 16)
    canvas.text((40, 55), "two", 16)
    assert fault_of(canvas) == "'one' lies on 'two'"


def test_words_beyond_the_edge_are_found():
    canvas = paper()
    canvas.text((380, 50), "too long", 16)
    assert "beyond the edge" in fault_of(canvas)


def test_upright_words_have_an_upright_box():
    canvas = paper()
    canvas.text((100, 200), "upright", 16, is_upright=True)
    canvas.wire("a", [(98, 20), (98, 120)], "#FFFFFF")
    assert faults(canvas) == []
    canvas.wire("b", [(90, 150), (110, 150)], "#FFFFFF")
    assert fault_of(canvas) == "wire b runs through 'upright'"


def test_a_wire_through_words_or_a_part_is_found():
    canvas = paper()
    canvas.text((20, 50), "word", 16)
    canvas.wire("a", [(10, 45), (200, 45)], "#FFFFFF")
    assert fault_of(canvas) == "wire a runs through 'word'"
    canvas = paper()
    canvas.body("the board", (100, 100), (100, 100))
    canvas.wire("a", [(50, 150), (110, 150)], "#FFFFFF")  # to a pad at its edge
    assert faults(canvas) == []
    canvas.wire("b", [(50, 175), (250, 175)], "#FFFFFF")
    assert fault_of(canvas) == "wire b runs through the board"


def test_two_nets_on_one_another_are_found_and_a_crossing_is_none():
    canvas = paper()
    canvas.wire("a", [(10, 50), (200, 50)], "#FFFFFF")
    canvas.wire("b", [(100, 10), (100, 90)], "#FFFFFF")
    assert faults(canvas) == []
    canvas.wire("c", [(150, 54), (300, 54)], "#FFFFFF")
    assert fault_of(canvas) == "wires a and c lie on one another"


def test_a_part_on_a_part_and_a_word_on_a_resistor_are_found():
    canvas = paper()
    canvas.body("one", (10, 10), (100, 50))
    canvas.body("other", (90, 40), (100, 50))
    assert fault_of(canvas) == "one lies on other"
    canvas = paper()
    canvas.fixture("a resistor", (100, 100), (46, 18))
    canvas.text((110, 104), "R1", 15)
    assert fault_of(canvas) == "'R1' lies on a resistor"
