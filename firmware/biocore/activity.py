"""Activity and light of one minute, from accelerometer bursts and lux readings. Integers only.

ENMO (van Hees et al. 2013) and angle-z per 5 s (van Hees et al. 2015), reduced to the fields of
one epoch record. Nothing here allocates after construction.
"""

from array import array

from biocore import _kernels_layout as at
from biocore._compat import add_samples, angle_cdeg
from biocore.record import NO_LIGHT_ALPHA, NO_LIGHT_MLX
from biocore.units import alpha_q18

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


WINDOW_S = const(5)
WINDOWS_PER_EPOCH = const(12)
SAMPLE_HZ = const(25)
# A 5-s window with fewer samples than this (1 s) has no angle.
_MIN_WINDOW_SAMPLES = const(25)
_NO_ANGLE = const(32767)


class Activity:
    """Accumulates one epoch: `add` bursts, `end_window` every 5 s, `end_epoch` each minute.

    After `end_epoch` the fields stand in enmo_dmg, angle_step_median_cdeg, angle_step_max_cdeg,
    light_mlx, light_alpha_q18, valid_s, clipped (units: biocore.record.EPOCH_FIELDS). `state` is
    the array of _kernels_layout; its wear block is read and restarted by biocore.wear. `shift`: a
    sample shifted right by so many bits is in mg.
    """

    def __init__(self, shift=0):
        self._shift = shift
        self.state = array("i", [0] * at.LENGTH)
        self._steps = array("i", [0] * WINDOWS_PER_EPOCH)
        self._n_steps = 0
        self._angle = _NO_ANGLE
        self._light_quarters = 0
        self._light_rest = 0
        self._alpha = 0
        self._n_light = 0
        self.enmo_dmg = 0
        self.angle_step_median_cdeg = 0
        self.angle_step_max_cdeg = 0
        self.light_mlx = NO_LIGHT_MLX
        self.light_alpha_q18 = NO_LIGHT_ALPHA
        self.valid_s = 0
        self.clipped = False

    def add(self, samples, n):
        """Take n samples: int16 x, y, z behind each other in a buffer, in mg after `shift`."""
        add_samples(self.state, samples, n, self._shift)

    def add_light(self, light_mlx):
        """Take one reading of the light index in millilux (0 to 167,000,000)."""
        # The sum of twelve readings passes 2**30: kept as quarters and rest.
        self._light_quarters += light_mlx >> 2
        self._light_rest += light_mlx & 3
        self._alpha += alpha_q18(light_mlx)
        self._n_light += 1

    def end_window(self):
        """Close a 5-s window: its angle-z against the one before it."""
        state = self.state
        n = state[at.N_WINDOW]
        if n < _MIN_WINDOW_SAMPLES:
            self._angle = _NO_ANGLE
        else:
            bias = n * at.BIAS_MG
            angle = angle_cdeg(
                state[at.SUM_X] - bias, state[at.SUM_Y] - bias, state[at.SUM_Z] - bias
            )
            if self._angle != _NO_ANGLE and self._n_steps < WINDOWS_PER_EPOCH:
                step = angle - self._angle
                self._insert(-step if step < 0 else step)
            self._angle = angle
        state[at.SUM_X] = 0
        state[at.SUM_Y] = 0
        state[at.SUM_Z] = 0
        state[at.N_WINDOW] = 0

    def _insert(self, step):
        """Keep the steps sorted as they come: twelve at most, so insertion is cheapest."""
        steps = self._steps
        i = self._n_steps
        while i and steps[i - 1] > step:
            steps[i] = steps[i - 1]
            i -= 1
        steps[i] = step
        self._n_steps += 1

    def end_epoch(self):
        """Close the minute: set the fields and start the next one."""
        state = self.state
        n = state[at.N_SAMPLES]
        # 0.25 mg units to 0.1 mg: times 5 halves; a mean stays far below 65535.
        enmo = (state[at.ENMO_SUM] // n * 5 + state[at.ENMO_SUM] % n * 5 // n) >> 1 if n else 0
        self.enmo_dmg = enmo if enmo < 65535 else 65535
        self.valid_s = min((n + SAMPLE_HZ // 2) // SAMPLE_HZ, 60)
        self.clipped = state[at.CLIPPED] > 0
        steps = self._steps
        k = self._n_steps
        if k:
            self.angle_step_median_cdeg = (steps[(k - 1) >> 1] + steps[k >> 1]) >> 1
            self.angle_step_max_cdeg = steps[k - 1]
        else:  # no angle known: not still, and no evidence of sleep
            self.angle_step_median_cdeg = 65535
            self.angle_step_max_cdeg = 65535
        m = self._n_light
        if m:
            rest = 4 * (self._light_quarters % m) + self._light_rest
            self.light_mlx = 4 * (self._light_quarters // m) + rest // m
            self.light_alpha_q18 = self._alpha // m
        else:
            self.light_mlx = NO_LIGHT_MLX
            self.light_alpha_q18 = NO_LIGHT_ALPHA
        state[at.ENMO_SUM] = 0
        state[at.N_SAMPLES] = 0
        state[at.CLIPPED] = 0
        self._n_steps = 0
        self._light_quarters = 0
        self._light_rest = 0
        self._alpha = 0
        self._n_light = 0
