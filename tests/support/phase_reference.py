"""The light clocks of the literature in double precision, RK4 at 15 s, and lives to run them on.

Forger, Jewett & Kronauer 1999 (J Biol Rhythms 14:533) is what the device approximates; Hannay,
Booth & Forger 2019 (J Biol Rhythms 34:658, single population) stands beside it for comparison.
"""

import math
import random
from collections.abc import Callable

from biocore.units import alpha_q18

DAY_MIN = 1440
N_DAYS = 21
BRIGHTEST_LX = 167_000.0  # where the record's alpha ends
LIGHTS_OUT = (-0.0843259, -1.09607546, 0.45584306)
HANNAY_LIGHTS_OUT = (0.82041911, 1.71383697, 0.52318122)

State = tuple[float, float, float]
Rates = Callable[[float, float, float, float], State]
Light = list[float | None]  # lux, one a minute; None: no reading


def forger_alpha(lux: float) -> float:
    return 0.05 * math.sqrt(min(lux, BRIGHTEST_LX) / 9500)


def hannay_alpha(lux: float) -> float:
    return 0.05 * lux**1.5 / (lux**1.5 + 9325)


def forger_rates(x: float, xc: float, n: float, alpha: float, taux_h: float = 24.2) -> State:
    """dx/dt, dxc/dt, dn/dt per hour."""
    b = 33.75 * (1 - n) * alpha * (1 - 0.4 * x) * (1 - 0.4 * xc)
    return (
        math.pi / 12 * (xc + b),
        math.pi
        / 12
        * (0.23 * (xc - 4 / 3 * xc**3) - x * ((24 / (0.99669 * taux_h)) ** 2 + 0.55 * b)),
        60 * (alpha * (1 - n) - 0.0075 * n),
    )


def coasting_rates(x: float, xc: float, n: float, alpha: float) -> State:
    """The project's rule for missing light: 24-hour days, no drive, n as it was."""
    dx, dxc, _ = forger_rates(x, xc, 1.0, alpha, taux_h=24.0)
    return dx, dxc, 0.0


def hannay_rates(r: float, psi: float, n: float, alpha: float) -> State:
    """dR/dt, dPsi/dt, dn/dt per hour."""
    k, gamma, beta1, a1, a2 = 0.06358, 0.024, -0.09318, 0.3855, 0.1977
    beta_l1, beta_l2, sigma = -0.0026, -0.957756, 0.0400692
    b = 33.75 * (1 - n) * alpha
    light_amp = a1 / 2 * b * (1 - r**4) * math.cos(psi + beta_l1)
    light_amp += a2 / 2 * b * r * (1 - r**8) * math.cos(2 * psi + beta_l2)
    light_phase = sigma * b - a1 / 2 * b * (r**3 + 1 / r) * math.sin(psi + beta_l1)
    light_phase -= a2 / 2 * b * (1 + r**8) * math.sin(2 * psi + beta_l2)
    return (
        -gamma * r + k * math.cos(beta1) / 2 * r * (1 - r**4) + light_amp,
        2 * math.pi / 23.84 + k / 2 * math.sin(beta1) * (1 + r**4) + light_phase,
        60 * (alpha * (1 - n) - 0.0075 * n),
    )


def rk4(rates: Rates, state: State, alpha: float, hours: float) -> State:
    a, b, c = state
    h = hours / 2
    a1, b1, c1 = rates(a, b, c, alpha)
    a2, b2, c2 = rates(a + h * a1, b + h * b1, c + h * c1, alpha)
    a3, b3, c3 = rates(a + h * a2, b + h * b2, c + h * c2, alpha)
    a4, b4, c4 = rates(a + hours * a3, b + hours * b3, c + hours * c3, alpha)
    return (
        a + hours / 6 * (a1 + 2 * (a2 + a3) + a4),
        b + hours / 6 * (b1 + 2 * (b2 + b3) + b4),
        c + hours / 6 * (c1 + 2 * (c2 + c3) + c4),
    )


class Track:
    """What the reference did: phase angle after every quarter, and when it passed CBTmin.

    `angles` (rad, (-pi, pi], 0 at CBTmin), `cbtmins_min` and, for a check of the definition,
    `x_minima_min` (minutes from the start), and the last `state`.
    """

    def __init__(self) -> None:
        self.angles: list[float] = []
        self.cbtmins_min: list[float] = []
        self.x_minima_min: list[float] = []
        self.state: State = LIGHTS_OUT


def run(light: Light, state: State = LIGHTS_OUT, step_s: int = 15) -> Track:
    """Forger's model over this light, one lux value a minute."""
    track = Track()
    per_minute = 60 // step_s
    before: tuple[float, float] = (0.0, 0.0)
    for minute, lux in enumerate(light):
        rates = forger_rates if lux is not None else coasting_rates
        alpha = forger_alpha(lux) if lux is not None else 0.0
        for i in range(per_minute):
            old = state
            state = rk4(rates, state, alpha, step_s / 3600)
            at_min = minute + i / per_minute
            if old[1] < 0 <= state[1] and state[0] < 0:
                track.cbtmins_min.append(at_min + -old[1] / (state[1] - old[1]) / per_minute)
            if before[0] > before[1] <= state[0] and before[1] < 0:
                track.x_minima_min.append(at_min)
            before = (before[1], state[0])
        if minute % 15 == 14:
            track.angles.append(math.atan2(state[1], -state[0]))
    track.state = state
    return track


def minutes_q18(light: Light) -> list[int]:
    """The record's alpha of each minute, in 2**-18; 65535 where the light is missing."""
    return [65535 if lux is None else alpha_q18(round(lux * 1000)) for lux in light]


def _school_lx(minute: int) -> float:
    day, at = minute // DAY_MIN % 7, minute % DAY_MIN
    if day >= 5:
        if not 540 <= at < 1410:
            return 0.0
        return 20_000.0 if 720 <= at < 960 else 120.0
    for end, lux in (
        (420, 0.0),
        (480, 100.0),
        (510, 8000.0),  # on the bicycle
        (630, 300.0),
        (650, 15_000.0),  # break
        (735, 300.0),
        (780, 15_000.0),
        (900, 300.0),
        (1000, 6000.0),
        (1140, 150.0),
        (1320, 60.0),
    ):
        if at < end:
            return lux
    return 0.0


def _holiday_lx(minute: int) -> float:
    at = (minute - 30) % DAY_MIN  # to bed at half past midnight
    for end, lux in ((540, 0.0), (660, 200.0), (1080, 40_000.0), (1200, 3000.0)):
        if at < end:
            return lux
    return 50.0


def _sleepless_lx(minute: int) -> float:
    return 250.0 if 10 * DAY_MIN + 1320 <= minute < 11 * DAY_MIN + 420 else _school_lx(minute)


def _east_lx(minute: int) -> float:
    return _school_lx(minute + 360 if minute >= 8 * DAY_MIN else minute)


def _west_lx(minute: int) -> float:
    return _school_lx(minute - 360 if minute >= 8 * DAY_MIN else minute)


LIVES: dict[str, Callable[[int], float]] = {
    "school week": _school_lx,
    "holiday week": _holiday_lx,
    "night without sleep": _sleepless_lx,
    "flight 6 h east": _east_lx,
    "flight 6 h west": _west_lx,
    "3 days of missing light": _school_lx,
}


def live(name: str, n_days: int = N_DAYS, seed: int = 5) -> Light:
    """Minutes of light of a life that begins at midnight, as restless as light at a wrist is.

    Each minute is a log-normal multiple (SD 0.8, a factor 2.2) of the place's usual light.
    """
    rng = random.Random(seed)
    usual = LIVES[name]
    light: Light = [
        min(usual(minute) * math.exp(rng.gauss(0, 0.8)), BRIGHTEST_LX)
        for minute in range(n_days * DAY_MIN)
    ]
    if name == "3 days of missing light":
        light[9 * DAY_MIN : 12 * DAY_MIN] = [None] * (3 * DAY_MIN)
    return light


def entrained_cbtmin_min(rates: Rates, day_of_alpha: list[float], state: State) -> float:
    """Minute of the day of CBTmin after 30 equal days, alphas of equal spacing over a day."""
    hours = 24 / len(day_of_alpha)
    found = math.nan
    for _ in range(30):
        for i, alpha in enumerate(day_of_alpha):
            old = state
            state = rk4(rates, state, alpha, hours)
            if rates is hannay_rates:
                turns = (state[1] + math.pi) // (2 * math.pi) - (old[1] + math.pi) // (2 * math.pi)
                passed = turns > 0
            else:
                passed = old[1] < 0 <= state[1] and state[0] < 0
            if passed:
                found = (i + 1) * hours * 60
    return found
