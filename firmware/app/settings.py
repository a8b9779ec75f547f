"""What provisioning sets: a small JSON text on the device, with defaults for all of it."""

import json

DEFAULTS = {
    "utc_offset_min": 60,
    "dark_from_min": 21 * 60,  # local minutes after midnight
    "dark_until_min": 7 * 60,
}


def load(text):
    """Return the settings as a dict: the defaults, overlaid with the JSON object in `text`.

    Unknown names are left out; a value of another type than its default's, or text that is no
    JSON object, leaves the default: a wrong setting must not keep the device from starting.
    """
    settings = dict(DEFAULTS)
    try:
        given = json.loads(text) if text else {}
    except ValueError:
        given = {}
    if isinstance(given, dict):
        for name, default in DEFAULTS.items():
            value = given.get(name, default)
            if isinstance(value, type(default)):
                settings[name] = value
    return settings
