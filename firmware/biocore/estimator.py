"""One minute in, one lamp state out: the steps of the estimator in their order.

The device runs this after every epoch; the host can run the same over stored epochs.
"""

from biocore import energy
from biocore.decision import Decision
from biocore.record import (
    FLAG_ASLEEP,
    FLAG_LAMP_SHIFT,
    FLAG_REASON_SHIFT,
    FLAG_STILL_HOUR,
    NO_LIGHT_MLX,
)
from biocore.sleep import STILL_CDEG, Sleep

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_QUIET_DMG = const(150)  # 15 mg: sitting and hardly moving
_BRIGHT_MLX = const(250000)
_DIM_MLX = const(10000)
_LIGHT_MEMORY_MIN = 30.0


class Estimator:
    """`step` once per epoch; `lamp`, `reason` and `flags` are the answer."""

    def __init__(self):
        self.sleep = Sleep()
        self.decision = Decision()
        self.s = energy.S_START
        self.light_effect = 0.0
        self.off_wrist = False

    def step(self, enmo_dmg, angle_step_max_cdeg, light_mlx, still_hour):
        """Take one epoch (fields as in biocore.record) and return its flag bits."""
        if still_hour:
            self.off_wrist = True
        elif angle_step_max_cdeg > STILL_CDEG:  # it moves: somebody wears it again
            self.off_wrist = False
        sleep = self.sleep
        sleep.step(angle_step_max_cdeg, self.off_wrist)
        self.s = energy.step_s(self.s, sleep.asleep)
        level = self.s
        if sleep.awake_min >= 0 and not sleep.asleep:
            level += energy.circadian(sleep.awake_min) + energy.inertia(sleep.awake_min)
        level += self._light(light_mlx)
        decision = self.decision
        decision.step(self.off_wrist, sleep.asleep, sleep.awake_min, level, enmo_dmg < _QUIET_DMG)
        return (
            (FLAG_STILL_HOUR if still_hour else 0)
            | (FLAG_ASLEEP if sleep.asleep else 0)
            | decision.lamp << FLAG_LAMP_SHIFT
            | decision.reason << FLAG_REASON_SHIFT
        )

    def _light(self, light_mlx):
        """Bright light of the last half hour wakes a little, dim light the reverse: +-0.5."""
        if light_mlx == NO_LIGHT_MLX:
            target = 0.0
        elif light_mlx > _BRIGHT_MLX:
            target = 0.5
        elif light_mlx < _DIM_MLX:
            target = -0.5
        else:
            target = 0.0
        self.light_effect += (target - self.light_effect) / _LIGHT_MEMORY_MIN
        return self.light_effect
