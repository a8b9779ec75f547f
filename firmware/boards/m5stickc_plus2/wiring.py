"""M5StickC PLUS2 with Hat DLight: its pins and addresses.

Made by `make gen` from hardware/wiring.toml: change it there.
"""

from micropython import const

NAME = "m5stickc_plus2"

I2C_SENSORS_ID = const(0)
I2C_SENSORS_HZ = const(400000)
I2C_SENSORS_SDA = const(21)
I2C_SENSORS_SCL = const(22)

I2C_HAT_ID = const(1)
I2C_HAT_HZ = const(100000)
I2C_HAT_SDA = const(0)
I2C_HAT_SCL = const(26)

# mpu6886
ACCELEROMETER_ADDRESS = const(0x68)

# bh1750
LIGHT_ADDRESS = const(0x23)

# push_button
BUTTON_PULL_UP = const(0)
BUTTON = const(37)

# st7789
LAMP_CLOCK = const(13)
LAMP_DATA = const(15)
LAMP_SELECT = const(5)
LAMP_COMMAND = const(14)
LAMP_RESET = const(12)
LAMP_BACKLIGHT = const(27)

# lipo_divider
BATTERY_UPPER_KOHM = const(100)
BATTERY_LOWER_KOHM = const(100)
BATTERY_ADC = const(38)

# power_hold
HOLD = const(4)
