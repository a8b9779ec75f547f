"""Forms as an enemy fills them in: values, bodies, content types. No tests.

`form_routes` and `read_forms` find the app's forms, their fields and what can be chosen on its own
pages; `one` makes one input for one of their addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from urllib.parse import quote_from_bytes

from bioklok.web import access_table as table
from fastapi.routing import iter_route_contexts
from support.asked import ASKED
from support.feed_damage import damaged

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
PEOPLE = ("noor", "sem", "pa", "max", "ada", "eva", "wil", "none", "../noor", "noor\0", "NOOR", "")
VALUES = (
    "",
    " ",
    "\0",
    "a\0b",
    "\x1b[2J",
    "\x7f\x80\x9f",
    "\u202egnp.exe",
    "\ud800",
    "a\udfffb",
    "\ufeff",
    "\u2028",
    "e\u0301" * 300,
    "\U0001f9ed" * 40,
    "A" * 81,
    "A" * 601,
    "A" * 6001,
    "A" * 100_000,
    "1 2\n" * 70,
    "0",
    "-1",
    "1e309",
    "NaN",
    "-Infinity",
    "9" * 400,
    "\u0663",
    "\u00bd",
    "0x10",
    "1_000",
    "+1",
    "1.0",
    "2026-02-30",
    "0000-01-01",
    "9999-12-31",
    "1899-12-31",
    "2026-11-16T00:00:00Z",
    "20261116",
    "2026-W53-7",
    "24:00",
    "23:59:60",
    "08:30+01:00",
    "a 2026-08-01 2026-12-01 3\nb 2026-12-01 2026-12-31 3",
    "2026-12-18 2026-12-18\n1 08:30 09:00",
    "x 0001-01-01 9999-12-31 999",
    "yes",
    "null",
    "[]",
    '{"a": 1}',
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "{{7*7}}{%raw%}",
    "' OR 1=1 --",
    "../../../etc/passwd",
    "%00%ff",
    "x\r\nSet-Cookie: a=b",
    "//evil.example/",
    "javascript:alert(1)",
    "https://127.0.0.1:8000/",
    "file:///etc/passwd",
)
FILES = (b"", b"\0" * 100, b"\xff\xfe" * 50, b"BEGIN:VCALENDAR", b"PK\x03\x04" + b"\0" * 200)
PATHS = ("%00", "..%2f", "%ff", "a" * 300, "2026-W99", "9999-W52", "0000-W01", "%F0%9F%A7%AD", "-1")


@dataclass
class Route:
    """An address that takes a form. `fields`: what there is to choose or was sent, by name."""

    path: str
    who: str
    addresses: set[str] = field(default_factory=set)
    fields: dict[str, list[str]] = field(default_factory=dict)

    def matches(self, address: str) -> bool:
        return bool(re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", self.path), address))

    def add(self, address: str, filled: Iterable[tuple[str, str]]) -> None:
        self.addresses.add(address)
        for name, value in filled:
            if name != "csrf":
                known = self.fields.setdefault(name, [])
                if value not in known:
                    known.append(value)


@dataclass
class Input:
    """One form as it is sent."""

    route: Route
    address: str
    kind: str  # what was done to it
    content_type: str | None
    content: bytes


class Reader(HTMLParser):
    """Collects the forms of a page: action, and each name with each value."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self.select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self.forms.append((given["action"].partition("?")[0], []))
        elif tag == "select":
            self.select = given.get("name", "")
        elif tag in ("input", "textarea", "button") and given.get("name") and self.forms:
            self.forms[-1][1].append((given["name"], given.get("value", "")))
        elif tag == "option" and self.forms:
            self.forms[-1][1].append((self.select, given.get("value", "")))


def form_routes(app: object) -> dict[str, Route]:
    """Every address of the app that takes a form: all that are posted to and are no API."""
    who = {row.path: row.who for row in table.TABLE if row.method == "POST"}
    found = {
        one.path: Route(one.path, who[one.path])
        for one in iter_route_contexts(app.routes)
        if "POST" in (one.methods or ()) and not one.path.startswith(table.V1)
    }
    for key, (address, sent, _) in ASKED.items():
        method, _, path = key.partition(" ")
        if method == "POST" and path in found:
            found[path].add(address, _flat(sent or {}))
    return found


def read_forms(routes: dict[str, Route], html: str) -> None:
    """Add what the forms of a page hold to the routes that they go to."""
    for action, filled in Reader(html).forms:
        for route in routes.values():
            if route.matches(action):
                route.add(action, filled)


def _flat(sent: dict[str, object]) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in sent.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def one(random: Random, route: Route, token: str) -> Input:
    """Make one input for an address."""
    address = _address(random, route)
    filled = _mutated(random, route)
    dice = random.random()
    if dice < 0.7:
        content = _encoded([("csrf", token), *filled])
        return Input(route, address, "fields", FORM, content)
    if dice < 0.85 or "file" in route.fields:
        content, boundary = _multipart(random, [("csrf", token), *filled])
        kind = "multipart"
        if random.random() < 0.3:
            kind, content = "broken multipart", _broken(random, content)
        return Input(route, address, kind, f"{MULTIPART}; boundary={boundary}", content)
    return _strange(random, route, address, [("csrf", token), *filled])


def _address(random: Random, route: Route) -> str:
    address = random.choice(sorted(route.addresses))
    if "{" in route.path and random.random() < 0.2:
        wrong = quote_from_bytes(random.choice(PEOPLE).encode()) or "-"
        chosen = random.choice([*PATHS, wrong.replace("/", "%2F")])
        address = re.sub(r"{[^}]*}", lambda _: chosen, route.path)
    return (
        f"{address}?lang={random.choice(['nl', 'en', 'xx'])}" if random.random() < 0.1 else address
    )


def _mutated(random: Random, route: Route) -> list[tuple[str, str]]:
    filled = [(name, random.choice(values)) for name, values in route.fields.items()]
    names = [*route.fields, "x"]
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        name = random.choice(names)
        deed = random.random()
        if deed < 0.6 or not filled:
            filled = [(one, value) for one, value in filled if one != name]
            filled.append((name, _value(random, route)))
        elif deed < 0.75:
            filled = [(one, value) for one, value in filled if one != name]
        else:
            filled.insert(random.randrange(len(filled) + 1), (name, _value(random, route)))
    return filled


def _value(random: Random, route: Route) -> str:
    dice = random.random()
    if dice < 0.6:
        return random.choice(VALUES)
    if dice < 0.75:
        return random.choice(PEOPLE)
    if dice < 0.85:
        others = [value for values in route.fields.values() for value in values]
        return random.choice(others) if others else ""
    highest = random.choice((0x7F, 0xFF, 0xFFFF, 0x10FFFF))
    return "".join(chr(random.randint(0, highest)) for _ in range(random.randrange(60)))


def _encoded(filled: list[tuple[str, str]]) -> bytes:
    # A surrogate as the three bytes that are no UTF-8, as a broken program sends it.
    pairs = [
        "=".join(quote_from_bytes(one.encode("utf-8", "surrogatepass")) for one in pair)
        for pair in filled
    ]
    return "&".join(pairs).encode()


def _multipart(random: Random, filled: list[tuple[str, str]]) -> tuple[bytes, str]:
    boundary = f"b{random.randrange(10**9)}"
    parts = []
    for name, value in filled:
        head, data = f'name="{_plain(name)}"', value.encode("utf-8", "surrogatepass")
        if name == "file" or (name != "csrf" and random.random() < 0.1):
            named = random.choice(("a.ics", "", "../../x", "a\u20ac.ics", "a" * 300))
            head += f'; filename="{named}"\r\nContent-Type: text/calendar'
            data = _file(random)
        parts.append(f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode())
        parts.append(data + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), boundary


def _plain(name: str) -> str:
    return re.sub(r'[\r\n"]', "", name.encode("ascii", "ignore").decode())


def _file(random: Random) -> bytes:
    dice = random.random()
    if dice < 0.4:
        return damaged(random)
    return random.choice(FILES) if dice < 0.8 else random.randbytes(random.randrange(2000))


def _broken(random: Random, content: bytes) -> bytes:
    deed = random.randrange(5)
    if deed == 0:
        return content[: random.randrange(len(content))]
    if deed == 1:
        return content.replace(b"\r\n", b"\n")
    if deed == 2:
        return content.replace(b'name="', b"name=", random.randrange(1, 4))
    if deed == 3:
        return content.replace(b"form-data", b"form-data; name*=utf-8''%ff", 1)
    at = random.randrange(len(content))
    return content[:at] + random.randbytes(8) + content[at + 8 :]


def _strange(random: Random, route: Route, address: str, filled: list[tuple[str, str]]) -> Input:
    """Bodies that are no such form at all, and forms far too large."""
    body = _encoded(filled)
    kinds: dict[str, tuple[str | None, bytes]] = {
        "json": ("application/json", b'{"csrf": "x", "id": [1e999]}'),
        "no type": (None, body),
        "text": ("text/plain", body),
        "another charset": (f"{FORM}; charset=utf-16", body),
        "no boundary": (MULTIPART, body),
        "a strange boundary": (f"{MULTIPART}; boundary={'-' * 300}", body),
        "no utf-8": (FORM, body + b"&x=%ff%fe%ed%a0%80&%ff=1&=&&;a"),
        "raw bytes": (FORM, body + b"&" + random.randbytes(300)),
        "half an escape": (FORM, body + b"&a=%&b=%4"),
        "many fields": (FORM, body + b"&a=1" * random.choice((400, 501, 3000))),
        "many files": _many_files(random, filled),
        "nothing": (FORM, b""),
        "the token twice": (FORM, body + b"&csrf=x"),
    }
    if random.random() < 0.03:
        kinds = {"too large": (FORM, body + b"&a=" + b"A" * (2 << 20))}
    kind = random.choice(sorted(kinds))
    return Input(route, address, kind, *kinds[kind])


def _many_files(random: Random, filled: list[tuple[str, str]]) -> tuple[str, bytes]:
    content, boundary = _multipart(random, [*filled, *[("file", "")] * 6])
    return f"{MULTIPART}; boundary={boundary}", content
