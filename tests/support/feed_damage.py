"""Ways to damage a timetable feed, in form and in meaning. No tests."""

from random import Random

from support.feeds import FEEDS

_TIMES = ["00010101T000000Z", "99991231T235959Z", "20260230T101010", "20261116T246161Z", "20261116"]
_TIMES += ["19000101", "22001231T235959", "20261025T023000", "20270328T023000", "-20261116"]
_RULES = ["FREQ=SECONDLY", "FREQ=DAILY", "FREQ=WEEKLY;COUNT=99999", "FREQ=YEARLY;BYMONTHDAY=-999"]
_RULES += ["FREQ=MONTHLY;BYDAY=5FR;BYSETPOS=-1", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3"]
_RULES += ["FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;UNTIL=19990101", "FREQ=YEARLY;BYMONTH=13", ";"]
_RULES += ["FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=DAILY;BYDAY=99MO", "FREQ=YEARLY;BYDAY=53SU;BYMONTH=2"]
_LINES = [
    "BEGIN:VEVENT",
    "END:VEVENT",
    "BEGIN:VCALENDAR",
    "END:VCALENDAR",
    "BEGIN:VALARM",
    "DTEND:",
]
_LINES += ["DURATION:P999999999W", "DURATION:-PT1H", "DURATION:PT", "SEQUENCE:99999999999999999999"]
_LINES += ["RECURRENCE-ID;RANGE=THISANDFUTURE:20261116T100000Z", "RDATE;VALUE=PERIOD:20261116T1/P"]
_LINES += [
    "RDATE;VALUE=PERIOD:20261120T100000Z/20261120T110000Z,20261121T100000Z/PT1H",
    "UID:series",
]
_LINES += [
    "EXDATE;VALUE=DATE:20261019",
    "STATUS:CANCELLED",
    'SUMMARY;X="a',
    "X" * 500,
    "BEGIN:\x00",
]
_LINES += ["DTSTART;TZID=Europe/Amsterdam;TZID=Nowhere:20261116T100000", "RDATE:20261116", "UID:"]
_ZONES = [
    "Europe/Amsterdam",
    "Nowhere/Land",
    "W. Europe Standard Time",
    "../../etc/passwd",
    "",
    "CET",
]


def damaged(random: Random) -> bytes:
    """Damage one of the feeds in one to eight ways; two of three stay whole in their form."""
    data = random.choice(FEEDS)
    damages = _DAMAGES if random.random() < 0.33 else _WELL_FORMED
    for _ in range(random.randint(1, 8)):
        data = random.choice(damages)(data, random)
    return data


def _inside(lines: list[bytes], random: Random) -> int:
    """Return the place of a line that opens and closes nothing."""
    places = [n for n, line in enumerate(lines) if not line.startswith((b"BEGIN", b"END", b"VERS"))]
    return random.choice(places or [0])


def _digit(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\r\n")
    number = _inside(lines, random)
    places = [n for n, byte in enumerate(lines[number]) if chr(byte).isdigit()]
    if places:
        place = random.choice(places)
        line = lines[number]
        lines[number] = line[:place] + b"%d" % random.randrange(10) + line[place + 1 :]
    return b"\r\n".join(lines)


def _instead(data: bytes, random: Random) -> bytes:
    """Put a line that means something in the place of one of its kind, or of another."""
    lines = data.split(b"\r\n")
    number = _inside(lines, random)
    name = lines[number].partition(b":")[0].decode("latin-1")
    said = [f"{name}:{random.choice(_TIMES)}", f"RRULE:{random.choice(_RULES)}"]
    said += [one for one in (random.choice(_LINES),) if not one.startswith(("BEGIN", "END"))]
    lines[number] = random.choice(said).encode()
    return b"\r\n".join(lines)


def _again(data: bytes, random: Random) -> bytes:
    """Repeat an appointment, perhaps with the rule, the change or the version of another."""
    events = data.split(b"BEGIN:VEVENT\r\n")
    if len(events) == 1:
        return data
    one = random.choice(events[1:]).partition(b"END:VEVENT\r\n")[0]
    more = [b"", b"SEQUENCE:7\r\n", b"RECURRENCE-ID:20261116T073000Z\r\n"]
    more += [b"RRULE:%b\r\n" % rule.encode() for rule in _RULES]
    again = b"BEGIN:VEVENT\r\n" + one + random.choice(more) + b"END:VEVENT\r\n"
    return events[0] + again + b"BEGIN:VEVENT\r\n" + b"BEGIN:VEVENT\r\n".join(events[1:])


def _bytes(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(1, 4)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    return data[:start] + data[start + random.randint(1, 200) :] or b"\n"


def _copied(data: bytes, random: Random) -> bytes:
    start, to = random.randrange(len(data)), random.randrange(len(data))
    return data[:to] + data[start : start + random.randint(1, 400)] + data[to:]


def _lines(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\r\n")
    a, b = random.randrange(len(lines)), random.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    if random.random() < 0.5:
        lines.insert(a, lines[b])
    return b"\r\n".join(lines)


def _said(data: bytes, random: Random) -> bytes:
    """Put in a line that means something."""
    lines = data.split(b"\r\n")
    name = random.choice(
        ["DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID", "DTSTART;TZID=CET"]
    )
    said = [
        random.choice(_LINES),
        f"RRULE:{random.choice(_RULES)}",
        f"{name}:{random.choice(_TIMES)}",
    ]
    lines.insert(random.randrange(len(lines)), random.choice(said).encode())
    return b"\r\n".join(lines)


def _value(data: bytes, random: Random) -> bytes:
    """Give a line another value, of its own kind or not."""
    lines = data.split(b"\r\n")
    number = random.randrange(len(lines))
    name, colon, _ = lines[number].partition(b":")
    lines[number] = name + colon + random.choice(_TIMES + _RULES + ["", "PT50M", "1"]).encode()
    return b"\r\n".join(lines)


def _zone(data: bytes, random: Random) -> bytes:
    old = random.choice([b"Europe/Amsterdam", b"Customized Time Zone", b"+0100", b"20261116"])
    return data.replace(old, random.choice(_ZONES).encode(), random.choice([1, 99])) or b"\n"


def _folded(data: bytes, random: Random) -> bytes:
    to = random.randrange(len(data))
    return data[:to] + random.choice([b"\r\n ", b"\n\t", b"\r", b"\xc3", b"\\n\\"]) + data[to:]


def _joined(data: bytes, random: Random) -> bytes:
    other = random.choice(FEEDS)
    return data[: random.randrange(len(data)) + 1] + other[random.randrange(len(other)) :]


_WELL_FORMED = (_digit, _digit, _instead, _again, _zone)
_DAMAGES = (_bytes, _cut, _copied, _lines, _said, _said, _value, _value, _folded, _joined)
_DAMAGES += _WELL_FORMED
