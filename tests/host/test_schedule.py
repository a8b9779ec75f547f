"""Whose turn it is: time is a number here, nothing waits."""

import random

import pytest
from bioklok.schedule import Outcome, Rules, Schedule

RULES = Rules(every_s=900, back_off_s=30, back_off_max_s=1800, gone_s=60, max_devices=8)


def session(schedule: Schedule, device: str, now_s: float, outcome: Outcome) -> None:
    schedule.heard(device, now_s)
    assert schedule.next(now_s) == device
    schedule.started(device)
    schedule.ended(device, now_s, outcome)


def test_a_device_is_due_when_it_is_first_heard_and_once_at_a_time() -> None:
    schedule = Schedule(RULES)
    assert schedule.next(5) is None
    assert schedule.next_due_s(5) is None
    schedule.heard("a", 5)
    assert schedule.next(5) == "a"
    schedule.started("a")
    schedule.heard("a", 6)
    assert schedule.next(6) is None
    assert schedule.next_due_s(6) is None


def test_after_a_good_sync_it_is_left_alone_and_then_due_again() -> None:
    schedule = Schedule(RULES)
    session(schedule, "a", 100, Outcome.DONE)
    schedule.heard("a", 999)
    assert schedule.next(999) is None
    assert schedule.next_due_s(999) == 1000
    assert schedule.next(1000) == "a"


def test_back_off_doubles_up_to_its_cap_and_is_forgotten_after_a_good_sync() -> None:
    schedule = Schedule(RULES)
    now_s = 0.0
    waits = []
    for _ in range(9):
        session(schedule, "a", now_s, Outcome.FAILED)
        schedule.heard("a", now_s)
        due_s = schedule.next_due_s(now_s)
        assert due_s is not None
        waits.append(due_s - now_s)
        now_s = due_s
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
    session(schedule, "a", now_s, Outcome.DONE)
    session(schedule, "a", now_s + 900, Outcome.FAILED)
    schedule.heard("a", now_s + 900)
    assert schedule.next_due_s(now_s + 900) == now_s + 930


def test_a_session_that_got_part_of_the_way_is_tried_again_soon() -> None:
    schedule = Schedule(RULES)
    for start_s in (0, 100):
        session(schedule, "a", start_s, Outcome.FAILED)
    session(schedule, "a", 300, Outcome.PARTLY)
    assert schedule.next_due_s(300) == 330


def test_a_device_that_fails_for_ever_breaks_no_arithmetic() -> None:
    schedule = Schedule(RULES)
    for n in range(5000):
        session(schedule, "a", 1e5 * n, Outcome.FAILED)
    schedule.heard("a", 5e8)
    assert schedule.next_due_s(5e8) == pytest.approx(1e5 * 4999 + 1800)


def test_who_has_waited_longest_goes_first() -> None:
    schedule = Schedule(RULES)
    for now_s, device in ((3, "a"), (1, "c"), (2, "b")):
        schedule.heard(device, now_s)
    order = []
    while (device := schedule.next(10)) is not None:
        order.append(device)
        schedule.started(device)
    assert order == ["c", "b", "a"]


def test_a_device_that_went_away_is_not_called_and_keeps_its_place() -> None:
    schedule = Schedule(RULES)
    schedule.heard("away", 0)
    schedule.heard("here", 50)
    assert schedule.next(60) == "away"
    assert schedule.next(61) == "here"
    assert schedule.next_due_s(200) is None
    schedule.heard("here", 300)
    schedule.heard("away", 300)
    assert schedule.next(300) == "away"


def test_passers_by_make_room_for_each_other_but_never_for_a_session() -> None:
    schedule = Schedule(RULES)
    schedule.heard("busy", 0)
    schedule.started("busy")
    for n in range(10_000):
        schedule.heard(f"passer {n}", n)
        assert len(schedule) <= 8
    assert "busy" in schedule
    assert "passer 9999" in schedule
    assert "passer 0" not in schedule
    full = Schedule(Rules(max_devices=1))
    full.heard("busy", 0)
    full.started("busy")
    full.heard("late", 1)
    assert "late" not in full


@pytest.mark.parametrize("seed", range(5))
def test_nobody_starves(seed: int) -> None:
    """40 devices always in range, 3 at once, sessions of up to 60 s of which a third fail: whoever
    is due waits no longer than one session of all others takes."""
    chance = random.Random(seed)
    schedule = Schedule(Rules(every_s=900))
    devices = [f"d{n}" for n in range(40)]
    turns = dict.fromkeys(devices, 0)
    failures = dict.fromkeys(devices, 0)
    due_s = dict.fromkeys(devices, 0.0)
    running: list[tuple[float, str]] = []
    longest_wait_s = 0.0
    for now_s in range(4 * 3600):
        for device in devices:
            schedule.heard(device, now_s)
        for end in [end for end in running if end[0] <= now_s]:
            running.remove(end)
            device = end[1]
            is_done = chance.random() < 2 / 3
            schedule.ended(device, now_s, Outcome.DONE if is_done else Outcome.FAILED)
            failures[device] = 0 if is_done else failures[device] + 1
            pause_s = 900 if is_done else min(30 * 2 ** (failures[device] - 1), 1800)
            due_s[device] = now_s + pause_s
        while len(running) < 3 and (chosen := schedule.next(now_s)) is not None:
            schedule.started(chosen)
            longest_wait_s = max(longest_wait_s, now_s - due_s[chosen])
            turns[chosen] += 1
            running.append((now_s + chance.uniform(5, 60), chosen))
    assert 0 < longest_wait_s <= 61 * 39 / 3  # the simulation looks once a second
    assert min(turns.values()) >= 8
