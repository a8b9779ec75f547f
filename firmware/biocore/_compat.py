"""Chooses the fast or the plain form of the integer kernels. Nobody else knows there are two.

`viper` exists where MicroPython has a native emitter for the processor (all our boards, x86-64);
elsewhere the decorator is a SyntaxError, a file compiled for another processor a ValueError, and on
CPython the module does not exist.
"""

try:
    from biocore import _kernels_viper as kernels
except (ImportError, SyntaxError, ValueError):
    from biocore import _kernels_plain as kernels

isqrt = kernels.isqrt
angle_cdeg = kernels.angle_cdeg
add_samples = kernels.add_samples
