"""What is a device's own: the chip's number, and the files that provisioning wrote to its root."""

import errno
import os

from machine import unique_id
from micropython import const

_ID_BYTES = const(8)
_KEY_BYTES = const(32)


def device_id():
    """Eight bytes of the chip; an ESP32 has six, and zeros behind them."""
    return (unique_id() + bytes(_ID_BYTES))[:_ID_BYTES]


def key():
    """The 32-byte key, or None where none was written."""
    try:
        with open("key", "rb") as file:
            key = file.read(_KEY_BYTES + 1)
    except OSError:
        return None
    return key if len(key) == _KEY_BYTES else None


def settings_text():
    """The JSON of app/settings.py, or nothing."""
    try:
        with open("settings.json") as file:
            return file.read()
    except OSError:
        return ""


def forget():
    """Remove the settings, and the key after them, with what a provisioning that was cut short may
    have left. Raises OSError."""
    for name in ("settings.json.new", "settings.json", "key.new", "key"):
        try:
            os.remove(name)
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise
