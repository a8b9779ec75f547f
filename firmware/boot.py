"""Runs first at every start of a real board: the application's slot comes first on the path."""

import sys

import slots

_slot = slots.choose()
if _slot is None:
    print("no application that can run is on this board: bioklok device deploy")
else:
    sys.path.insert(0, "/" + _slot)
