"""Raspberry Pi Pico W: its pins and addresses.

Made by `make gen` from hardware/wiring.toml: change it there.
"""

from micropython import const

NAME = "pico_w"

I2C_SENSORS_ID = const(0)
I2C_SENSORS_HZ = const(400000)
I2C_SENSORS_SDA = const(4)
I2C_SENSORS_SCL = const(5)

# lis3dh
ACCELEROMETER_ADDRESS = const(0x18)

# bh1750
LIGHT_ADDRESS = const(0x23)

# push_button
BUTTON_PULL_UP = const(1)
BUTTON = const(15)

# ws2812
LAMP_PIXELS = const(25)
LAMP_DATA = const(16)
LAMP_POWER = const(17)

# lipo_divider
BATTERY_UPPER_KOHM = const(470)
BATTERY_LOWER_KOHM = const(470)
BATTERY_ADC = const(26)
