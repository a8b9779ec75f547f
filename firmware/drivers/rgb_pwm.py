"""An RGB lamp on three PWM channels (common cathode: more duty is more light)."""


class RgbPwm:
    """Takes three objects with machine.PWM's `duty_u16`."""

    def __init__(self, red, green, blue):
        self._channels = (red, green, blue)
        self.show(0, 0, 0)

    def show(self, red, green, blue):
        """Set the colour, each 0 to 255. The eye is not linear: light follows the square."""
        self._channels[0].duty_u16(red * red)
        self._channels[1].duty_u16(green * green)
        self._channels[2].duty_u16(blue * blue)

    def symbol(self, state):
        """Which symbol the light has from now on: one dot has none."""
