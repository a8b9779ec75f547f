"""The guard of the sync's door, on the device's own clock of ticks."""

from app.guard import FAILURES, Guard


def test_the_guard_closes_for_longer_each_time_and_opens_for_the_right_one():
    class Time:
        ms = 0

        def __call__(self):
            return self.ms

    time = Time()
    guard = Guard(time)
    closed = []
    for _ in range(9):
        for _ in range(FAILURES):
            assert not guard.is_closed()
            guard.failed()
        began = time.ms
        while guard.is_closed():
            time.ms += 1000
        closed.append(time.ms - began)
    assert closed[0] == 60_000 and closed[1] == 120_000 and closed[-1] == 3_600_000
    guard.passed()
    for _ in range(FAILURES):
        guard.failed()
    began = time.ms
    while guard.is_closed():
        time.ms += 1000
    assert time.ms - began == 60_000
