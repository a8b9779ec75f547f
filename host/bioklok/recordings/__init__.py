"""Recordings of other devices: readers of files, and what a recording comes to. Knows no SQL."""
