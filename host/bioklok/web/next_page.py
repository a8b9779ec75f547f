"""Where to lead on to after signing in: a page of ours, or the start."""

import re

from bioklok.school.people import Role
from bioklok.web.door import Signed

# A path of this host. What browsers read as another host's ("//x", "/\x", a tab within) is none.
_OURS = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}")
_DOORS = ("/sign-in", "/sign-out", "/invite/", "/link/", "/api/", "/static/")


def ours(given: str | None) -> str:
    """Return an address within this host that is no door itself; "/" for anything else."""
    if given is None or not _OURS.fullmatch(given) or given.startswith(_DOORS):
        return "/"
    return given


def start_of(signed: Signed) -> str:
    """Return the page with which somebody begins."""
    if signed.has(Role.STUDENT):
        return "/me"
    if signed.has(Role.MENTOR):
        return "/students"
    return "/children" if signed.has(Role.PARENT) else "/school"
