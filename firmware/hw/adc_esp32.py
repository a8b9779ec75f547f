"""The converter of the ESP32 family."""

from machine import ADC, Pin


def calibrated_adc(pin):
    """Return read_uv() by the calibration in an ESP32's fuses, with its largest attenuation."""
    return ADC(Pin(pin), atten=ADC.ATTN_11DB).read_uv
