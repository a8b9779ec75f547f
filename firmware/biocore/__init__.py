"""What both interpreters share: the bytes on flash and on air, and the estimator.

Pure: no input or output, no clock, no board. Runs unchanged on MicroPython (on the wrist) and on
CPython (the host imports it), so a rule exists once.
"""
