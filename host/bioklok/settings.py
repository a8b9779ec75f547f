"""Defaults that more than one room of the host needs."""

DEFAULT_TIMEZONE = "Europe/Amsterdam"

# The id of the one "school" of a host that serves none: a family's, or a developer's.
HOME = "home"

# How the id of an imported recording begins, which the store keeps as a device's (those are 16
# hexadecimal digits): nobody can wipe it, and no sync of it comes.
IMPORTED = "import-"
