"""Boards: their wiring as data, the files made from it, and the application compiled for each."""
