"""The hidden truth: where a virtual student's clock stands and how sharp the student is.

Not the estimator's model: the clock is Hannay, Booth & Forger's of 2019 with a period and a
sensitivity of the student's own (the wrist runs Forger's of 1999), sleep pressure is Daan, Beersma
& Borbely's of 1984 with own time constants (the wrist: three-process), and how sharpness hangs on
the two differs from student to student.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.study.students import FloatArray, Life

# Under this light the published model's CBTmin comes 1.1 h before mid-sleep; children's comes about
# half an hour after it (DLMO 2 h before sleep onset and 7 h before CBTmin: Crowley et al. 2006).
MARKER_H = 1.95


@dataclass(frozen=True)
class Body:
    """At every minute of a life: sharpness in points (without mood and situation), and of it sleep
    pressure (0 to 1) and sleep inertia (0 to 1)."""

    points: FloatArray
    pressure: FloatArray
    inertia: FloatArray


def clock_hours(lives: list[Life], step_min: int = 10) -> FloatArray:
    """Hours since the true CBTmin at every minute, students x minutes (24 to a turn).

    Hannay19, RK4, all students at once; the state begins as published and settles in the burn-in.
    """
    sensitivity = np.array([life.student.light_sensitivity for life in lives])
    period_h = np.array([life.student.period_h for life in lives])
    minutes = len(lives[0].state)
    r = np.full(len(lives), 0.82041911)
    psi = np.full(len(lives), 1.71383697)
    n = np.full(len(lives), 0.52318122)
    out = np.empty((len(lives), minutes // step_min + 1))
    out[:, 0] = psi
    lux = np.stack([life.eye_lx for life in lives]) * sensitivity[:, None]
    drive = lux**1.5
    alpha = (0.05 * drive / (drive + 9325)).reshape(len(lives), -1, step_min).mean(axis=2)
    h = step_min / 60
    for i in range(minutes // step_min):
        a = alpha[:, i]
        k1 = _hannay(r, psi, n, a, period_h)
        k2 = _hannay(r + h / 2 * k1[0], psi + h / 2 * k1[1], n + h / 2 * k1[2], a, period_h)
        k3 = _hannay(r + h / 2 * k2[0], psi + h / 2 * k2[1], n + h / 2 * k2[2], a, period_h)
        k4 = _hannay(r + h * k3[0], psi + h * k3[1], n + h * k3[2], a, period_h)
        r, psi, n = (
            y + h / 6 * (s1 + 2 * (s2 + s3) + s4)
            for y, s1, s2, s3, s4 in zip((r, psi, n), k1, k2, k3, k4, strict=True)
        )
        out[:, i + 1] = psi
    at = np.arange(out.shape[1]) * step_min
    every = np.arange(minutes)
    turned = np.stack([np.interp(every, at, row) for row in out])
    return np.asarray((turned - np.pi - MARKER_H * np.pi / 12) % (2 * np.pi) * 12 / np.pi)


def _hannay(
    r: FloatArray, psi: FloatArray, n: FloatArray, alpha: FloatArray, period_h: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dR/dt, dPsi/dt, dn/dt per hour (single population, published parameters but the period)."""
    b = 33.75 * (1 - n) * alpha
    first, second = psi - 0.0026, 2 * psi - 0.957756
    r4 = r**4
    amplitude = 0.3855 / 2 * b * (1 - r4) * np.cos(first)
    amplitude += 0.1977 / 2 * b * r * (1 - r4 * r4) * np.cos(second)
    turn = 0.0400692 * b - 0.3855 / 2 * b * (r**3 + 1 / r) * np.sin(first)
    turn -= 0.1977 / 2 * b * (1 + r4 * r4) * np.sin(second)
    return (
        -0.024 * r + 0.06358 * np.cos(-0.09318) / 2 * r * (1 - r4) + amplitude,
        2 * np.pi / period_h + 0.06358 / 2 * np.sin(-0.09318) * (1 + r4) + turn,
        60 * (alpha * (1 - n) - 0.0075 * n),
    )


def sharpness(life: Life, clock_h: FloatArray) -> Body:
    """What the body makes of this life; `clock_h` from `clock_hours`."""
    student = life.student
    minutes = len(life.state)
    pressure = np.empty(minutes)
    inertia = np.zeros(minutes)
    up_at, h = 0, 0.5
    for first, last in zip(life.onset_min, life.wake_min, strict=True):
        to_sleep, to_wake = max(min(int(first), minutes), up_at), max(min(int(last), minutes), 0)
        awake_h = np.arange(1, to_sleep - up_at + 1) / 60
        pressure[up_at:to_sleep] = 1 - (1 - h) * np.exp(-awake_h / student.wake_constant_h)
        inertia[up_at:to_sleep] = np.exp(-awake_h / student.inertia_h)
        h = pressure[to_sleep - 1] if to_sleep > up_at else h
        asleep_h = np.arange(1, to_wake - to_sleep + 1) / 60
        pressure[to_sleep:to_wake] = h * np.exp(-asleep_h / student.sleep_constant_h)
        h = pressure[to_wake - 1] if to_wake > to_sleep else h
        up_at = max(to_wake, to_sleep)
    turn = 2 * np.pi / 24 * (clock_h - student.clock_peak_h)
    dip = 2 * np.pi / 12 * (clock_h - student.dip_h)
    points = (
        student.clock_points * np.cos(turn)
        - student.dip_points * np.cos(dip)
        - student.pressure_points * pressure
        - student.inertia_points * inertia
    )
    return Body(points, pressure, inertia)
