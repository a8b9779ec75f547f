"""What provisioning and the host set: small numbers with defaults, kept in flash.

Provisioning gives a JSON text; what a host says later outranks it and survives in the bookmarks.
"""

import json

from biocore.usual import DEFAULT_BED_MIN, DEFAULT_WAKE_MIN

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


DEFAULTS = {
    "utc_offset_min": 60,
    "dark_from_min": 21 * 60,  # local minutes after midnight
    "dark_until_min": 7 * 60,
    "strips": 255,  # not known
    "bed_min": DEFAULT_BED_MIN,  # usual sleep, local minutes after midnight
    "wake_min": DEFAULT_WAKE_MIN,
    "glow": 0,  # 1: the lamp glows by itself
    "paused_until_utc_s": 0,  # nothing is recorded or shown until then; 0: no pause
}

# bookmark kind of each setting (app.bookmarks)
KINDS = {
    "utc_offset_min": 16,
    "dark_from_min": 17,
    "dark_until_min": 18,
    "strips": 19,
    "bed_min": 20,
    "wake_min": 21,
    "glow": 22,
    "paused_until_utc_s": 23,
}
# What its wearer chose, or is theirs: gone with their log. Where it is worn stays.
_OF_WEARER = (
    "dark_from_min",
    "dark_until_min",
    "strips",
    "bed_min",
    "wake_min",
    "glow",
    "paused_until_utc_s",
)
_BIAS = const(32768)  # a bookmark has no sign


def from_text(text):
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


class Settings:
    """`get` and `put` by name. `bookmarks` keeps what was put; None where nothing has to last.

    on_change: called after a value has become another.
    """

    def __init__(self, text, bookmarks=None):
        self._given = from_text(text)
        self._values = dict(self._given)
        self.on_change = None
        self._bookmarks = bookmarks
        self._unsaved = []
        if bookmarks is not None:
            for name, kind in KINDS.items():
                value = bookmarks.get(kind)
                if value is not None:
                    self._values[name] = value - _BIAS

    def get(self, name):
        return self._values[name]

    def put(self, name, value):
        """Set a number; `save` keeps it over a restart."""
        if self._values[name] != value:
            self._values[name] = value
            if name not in self._unsaved:
                self._unsaved.append(name)
            if self.on_change is not None:
                self.on_change()

    def forget(self):
        """Another student's log begins: what the last one chose is as provisioning gave it."""
        for name in _OF_WEARER:
            self.put(name, self._given[name])

    def save(self):
        """Write what was set since, and only that."""
        while self._unsaved:
            name = self._unsaved[-1]
            if self._bookmarks is not None:
                self._bookmarks.put(KINDS[name], self._values[name] + _BIAS)
            self._unsaved.pop()
