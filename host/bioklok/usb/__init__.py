"""A board on a USB cable, through MicroPython's raw REPL: the only room that knows mpremote and
pyserial. What is sent to the board stands in `on_board.py`; the layout there in docs/device.md."""
