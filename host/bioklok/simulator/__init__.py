"""Runs the unmodified firmware on this machine: interpreter, flash, world, virtual students."""
