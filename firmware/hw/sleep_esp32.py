"""Light sleep of the ESP32 family, for hw.power.Power."""

import esp32
import machine


def light_sleep(pin, pull_up):
    """Return sleep(ms) that ends when the pin is low, or None where this chip's interpreter cannot
    be woken so: an ESP32-C3 before `wake_on_gpio` (micropython#17518, merged after August 2025).

    What wakes takes the pin out of our hands. By `wake_on_gpio` its interrupt becomes one by level,
    which comes again and again as long as the button is down (esp-idf#4046): nobody may have asked
    for interrupts of it (WakePin). By `wake_on_ext0` the pad belongs to the RTC afterwards and
    reads 0 for the program (ESP-IDF, esp_sleep_enable_ext0_wakeup), until it is set up anew.
    """
    if hasattr(esp32, "wake_on_gpio"):
        esp32.wake_on_gpio((pin,), esp32.WAKEUP_ALL_LOW)
        return machine.lightsleep
    if not hasattr(esp32, "wake_on_ext0"):
        return None
    esp32.wake_on_ext0(pin, esp32.WAKEUP_ALL_LOW)
    pull = machine.Pin.PULL_UP if pull_up else None

    def sleep(ms):
        machine.lightsleep(ms)
        pin.init(machine.Pin.IN, pull)

    return sleep
