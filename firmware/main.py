"""Bioklok: the same program on every board. `import board` finds the board by the module path."""

import asyncio

from app.device import Device
from board import Board

asyncio.run(Device(Board()).run())
