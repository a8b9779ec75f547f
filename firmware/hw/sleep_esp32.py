"""Light sleep of the ESP32 family, for hw.power.Power."""

import esp32
import machine


def light_sleep(pin):
    """Return sleep(ms) that ends when the pin is low, or None where this chip's interpreter cannot
    be woken so."""
    if hasattr(esp32, "wake_on_ext0"):
        esp32.wake_on_ext0(pin, esp32.WAKEUP_ALL_LOW)
    elif hasattr(esp32, "wake_on_gpio"):  # the C3 has no such part
        esp32.wake_on_gpio((pin,), esp32.WAKEUP_ALL_LOW)
    else:
        return None
    return machine.lightsleep
