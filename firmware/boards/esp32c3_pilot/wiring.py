"""ESP32-C3 wearable (XIAO ESP32C3 with breakouts): its pins and addresses.

Made by `make gen` from hardware/wiring.toml: change it there.
"""

from micropython import const

NAME = "esp32c3_pilot"

I2C_SENSORS_ID = const(0)
I2C_SENSORS_HZ = const(400000)
I2C_SENSORS_SDA = const(6)
I2C_SENSORS_SCL = const(7)

# lis3dh
ACCELEROMETER_ADDRESS = const(0x18)

# veml7700
LIGHT_ADDRESS = const(0x10)

# push_button
BUTTON_PULL_UP = const(1)
BUTTON = const(3)

# rgb_pwm
LAMP_RED = const(10)
LAMP_GREEN = const(20)
LAMP_BLUE = const(5)

# lipo_divider
BATTERY_UPPER_KOHM = const(470)
BATTERY_LOWER_KOHM = const(470)
BATTERY_ADC = const(4)
