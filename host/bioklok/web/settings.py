"""What the dashboard needs to know; the command line fills it in."""

from dataclasses import dataclass, field

from bioklok.store import default_database_url
from bioklok.web.texts import DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Settings:
    """`allowed_hosts`: names under which the dashboard may be asked for. There is no sign-in yet,
    so a foreign name that points to this computer (DNS rebinding) must not reach the pages."""

    database_url: str = field(default_factory=default_database_url)
    language: str = DEFAULT_LANGUAGE
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
