"""Bioklok: the same program on every board. `import board` finds the board by the module path."""

import asyncio
import gc

# Importing sources leaves garbage between what stays, and then no room in one piece: clean up often
# until all is imported.
gc.threshold(8192)

from app.device import Device  # noqa: E402
from board import Board  # noqa: E402

device = Device(Board())
gc.collect()
gc.threshold(-1)
asyncio.run(device.run())
