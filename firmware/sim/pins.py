"""A pin with a button, PWM channels with a lamp: what machine.Pin and PWM offer."""


class Pin:
    """Pulled up, 0 while pressed. `drive` is the finger."""

    def __init__(self):
        self._value = 1
        self._handler = None

    def value(self):
        return self._value

    def irq(self, handler):
        self._handler = handler

    def drive(self, value):
        if value != self._value:
            self._value = value
            if self._handler is not None:
                self._handler(self)


class Pwm:
    """Keeps the duty it was last given."""

    def __init__(self):
        self.duty = 0

    def duty_u16(self, duty):
        self.duty = duty
