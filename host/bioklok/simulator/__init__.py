"""Runs the unmodified firmware on this machine: interpreter, flash image, world, virtual students."""
