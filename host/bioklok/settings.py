"""Defaults that more than one room of the host needs."""

DEFAULT_TIMEZONE = "Europe/Amsterdam"

# The id of the one "school" of a host that serves none: a family's, or a developer's.
HOME = "home"
