"""Defaults that more than one room of the host needs."""

DEFAULT_TIMEZONE = "Europe/Amsterdam"
