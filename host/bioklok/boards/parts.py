"""What parts a board may have: which nets each needs, and which driver is for it."""

from dataclasses import dataclass

INPUT, OUTPUT, ANALOG = "input", "output", "analog"


@dataclass(frozen=True)
class Part:
    """role: the port of the board that it is. nets: name to direction. addresses: on I2C, or none.

    numbers: whole numbers above zero that the board gives; electrical: those that the firmware does
    not need, where the board has them. driver: its module in firmware/drivers,
    empty where it has none. optional: nets that may be left out.
    """

    role: str
    driver: str = ""
    addresses: tuple[int, ...] = ()
    nets: tuple[tuple[str, str], ...] = ()
    numbers: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    electrical: tuple[str, ...] = ()


_SCREEN = ("clock", "data", "select", "command", "reset", "backlight")

PARTS = {
    "lis3dh": Part("accelerometer", "lis3dh", (0x18, 0x19)),
    "mpu6886": Part("accelerometer", "mpu6886", (0x68, 0x69)),
    "veml7700": Part("light", "veml7700", (0x10,)),
    "bh1750": Part("light", "bh1750", (0x23, 0x5C)),
    "push_button": Part("button", nets=(("pin", INPUT),)),
    "rgb_pwm": Part(
        "lamp",
        "rgb_pwm",
        nets=(("red", OUTPUT), ("green", OUTPUT), ("blue", OUTPUT)),
        electrical=("red_ohm", "green_ohm", "blue_ohm"),
    ),
    "ws2812": Part(
        "lamp",
        "ws2812",
        nets=(("data", OUTPUT), ("power", OUTPUT)),
        numbers=("pixels",),
        optional=("power",),
    ),
    "st7789": Part("lamp", "st7789_lamp", nets=tuple((net, OUTPUT) for net in _SCREEN)),
    "lipo_divider": Part(
        "battery",
        "lipo",
        nets=(("adc", ANALOG),),
        numbers=("upper_kohm", "lower_kohm"),
        electrical=("filter_nf",),
    ),
    "power_hold": Part("hold", nets=(("pin", OUTPUT),)),
}

# What every board has; `hold` is for boards that switch themselves off.
ROLES = ("accelerometer", "light", "button", "lamp", "battery")
ROLES_OF_SOME = ("hold",)
PULLS = ("chip", "board")
LIPO_MAX_MV = 4250  # a full cell and the charger's tolerance
