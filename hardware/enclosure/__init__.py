"""The wrist case of the pilot board: parts and dimensions as data, bodies, checks, pictures.

`parts` and `plan` need nothing but Python, `mesh` numpy and trimesh: the main tests run them. What
builds bodies needs build123d, which `make hardware` installs into an environment of its own.
"""
