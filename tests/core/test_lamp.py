from biocore.lamp import MIN_PERIOD_MS, MIN_RAMP_MS, NOTED, PATTERNS, STATES, brightness


def peaks(keyframes):
    """Times at which the brightness begins to fall."""
    found = []
    t = level = 0
    for duration, end in keyframes:
        if end < level:
            found.append(t)
        t += duration
        level = end
    return found


def test_patterns_are_safe():
    """Rise and fall of at least 200 ms, never faster than 1 Hz, no red flashing."""
    for (red, green, blue), keyframes in PATTERNS + (NOTED,):
        level = 0
        for duration, end in keyframes:
            if end != level:
                assert duration >= MIN_RAMP_MS
            level = end
        assert level == 0
        at = peaks(keyframes)
        assert all([at[i + 1] - at[i] >= MIN_PERIOD_MS for i in range(len(at) - 1)])
        assert green + blue >= red // 3


def test_every_state_has_its_own_pattern():
    assert len(PATTERNS) == len(STATES)
    assert len(set(PATTERNS)) == len(PATTERNS)


def test_brightness_runs_along_straight_lines_and_ends():
    keyframes = ((200, 100), (400, 100), (200, 0))
    assert brightness(keyframes, 0) == 0
    assert brightness(keyframes, 100) == 50
    assert brightness(keyframes, 300) == 100
    assert brightness(keyframes, 700) == 50
    assert brightness(keyframes, 800) == -1


def test_brightness_never_jumps():
    for _, keyframes in PATTERNS:
        last = 0
        for t in range(0, 6000, 20):
            now = max(brightness(keyframes, t), 0)
            assert abs(now - last) <= 255 * 20 // MIN_RAMP_MS + 1
            last = now
