"""Where each number stands in the activity state, an array('i'). Shared by both kernels.

Every number in it is >= 0: viper reads 32-bit words without sign on a 64-bit interpreter, so
signed quantities are stored with a bias (BIAS_MG for values, MAX_DEVIATION_MG for deviations).
Written out as literals inside the viper kernel (viper cannot read module constants cheaply);
tests/core/test_kernels.py holds the two against each other.
"""

# of the current epoch
ENMO_SUM = 0  # sum of max(|a| - 1 g, 0), in 0.25 mg
N_SAMPLES = 1
CLIPPED = 2  # samples at the end of the range
# of the current 5-s window: sums of (v + BIAS_MG) in mg
SUM_X = 3
SUM_Y = 4
SUM_Z = 5
N_WINDOW = 6
# of the current 15-min wear block: per axis REF, MIN, MAX (v + BIAS_MG, in mg), SUM of
# (deviation from REF + MAX_DEVIATION_MG), SUMSQ of deviations (mg^2)
N_BLOCK = 7
AXES = 8
PER_AXIS = 5
REF = 0
MIN = 1
MAX = 2
SUM = 3
SUMSQ = 4
LENGTH = AXES + 3 * PER_AXIS

BIAS_MG = 32768

# Deviations are held to this many mg before they are squared: an axis that moved further is not
# still whatever its SD, and 22,500 squares stay below 2**30.
MAX_DEVIATION_MG = 127
# |a| at which the sensor (+-4 g) has reached its end
CLIP_MG = 4080

# CORDIC: atan(2**-i) in 1/1600 degree, i = 0..14
ATAN_TABLE = (
    72000, 42504, 22458, 11400, 5722, 2864, 1432, 716, 358, 179, 90, 45, 22, 11, 6,
)  # fmt: skip
