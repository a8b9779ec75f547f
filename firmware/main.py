"""Bioklok: the same program on every board. `import board` finds the board by the module path."""

import asyncio
import gc

# Importing sources leaves garbage between what stays, and then no room in one piece: clean up often
# until all is imported.
gc.threshold(8192)

import slots  # noqa: E402

board = None
try:
    from app.device import Device
    from board import Board

    board = Board()
    device = Device(board)
    gc.collect()
    gc.threshold(-1)
    asyncio.run(device.run())
except KeyboardInterrupt:
    if board is not None:
        board.watchdog.release()  # a person wants the board
    raise
except Exception as error:  # noqa: BLE001 - whatever it is, a wrist has nobody to start it anew
    slots.failed(error)
