"""A subject's code out of the title of an appointment, and whether it is a lesson.

No publisher says how its feed writes titles. Seen in the wild, in programs that read these feeds:

- Somtoday: room - group - teacher: `be012 - oga3bak - ABC`, `tm047_gym - oga3.tmc1, oh3.tmc1`
- Magister: hour, code, teacher: `3 netl - ABC`, `wisb (ABC)`, `3. netl`, `econ`
- both, for the whole school: `Studiedag`, `Lesvrij`; Magister also `Vervallen: netl`, `PW netl`

A code that is known counts wherever it stands. One that is not counts only where the title's form
shows that it is a subject, as a teacher's code looks the same; a school can name its own. Nothing
else of a title is kept, so a private `bellen met Piet` becomes an appointment without a subject.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

MAX_SUBJECT_CHARS = 12
MAX_TITLE_CHARS = 120

_CODES = """
    ak aard anw arde at ata atl bb beco beov bevo bg bgl bi bio biol bk bl bo bu bv bvo bwi cam ckv
    cult dans dr drama du dutl ec eco econ en enga engl entl es et fa fatl fi fil filo fr fran frtl
    ges gesc gl go godl gr grtl gs gtc gym ha hand hv in ict inf info it ita itl k&c kb kc kcv kg
    ks ku kua kubv kudr kumu kun kunst la latl lb lbl levo lo lo2 lob loopb lv m&o maat maco mask
    me men mens mentor ment ml mm mo mu muz my na nask nask1 nask2 nat natk ne ned netl nl nlt o&o
    ob oenr pie pws re rek rv sc sch schk sk spaa sp sptl stu svh te tech tehe tek th tmc tn to tw
    vk vz wa wb wc wd wi wis wisa wisb wisc wisd wisk z&w zw
"""
KNOWN = frozenset(_CODES.split())

_NAMES = {
    "aardrijkskunde": "ak",
    "bedrijfseconomie": "beco",
    "begeleidingsles": "bl",
    "biologie": "bi",
    "chinees": "ch",
    "drama": "dr",
    "duits": "du",
    "economie": "ec",
    "engels": "en",
    "filosofie": "fi",
    "frans": "fa",
    "geschiedenis": "gs",
    "godsdienst": "gd",
    "grieks": "gr",
    "gym": "lo",
    "handvaardigheid": "hv",
    "informatica": "in",
    "latijn": "la",
    "lichamelijke": "lo",
    "maatschappijleer": "ma",
    "mentoruur": "mentor",
    "mentorles": "mentor",
    "muziek": "mu",
    "natuurkunde": "na",
    "nederlands": "ne",
    "rekenen": "rek",
    "scheikunde": "sk",
    "spaans": "sp",
    "techniek": "te",
    "tekenen": "te",
    "verzorging": "vz",
    "wiskunde": "wi",
}
_TEST_WORDS = """
    ce cse examen exam examens herkansing inhaaltoets kt mondeling overhoring proefwerk pw rep
    repetitie schoolexamen se so so's tentamen test toets toetsen toetsuur toetsweek
"""
_CANCELLED_WORDS = "afgelast cancelled uitval uitgevallen vervalt vervallen"
_FREE_WORDS = """
    diploma-uitreiking excursie feestdag goede_vrijdag herfstvakantie introductie kerstvakantie
    lesvrij lesvrije meivakantie open oudergesprek ouderavond pauze rapportvergadering roostervrij
    sneeuwvrij sportdag studiedag studiemiddag studieochtend tussenuur vakantie vergadering
    voorjaarsvakantie vrij vrije werkweek zomervakantie
"""
_TESTS = frozenset(_TEST_WORDS.split())
_CANCELLED = frozenset(_CANCELLED_WORDS.split())
_FREE = frozenset(_FREE_WORDS.split())
_BESIDE = _TESTS | _CANCELLED | _FREE

_SEGMENTS = re.compile(r"\s[-\u2013\u2014|]\s|;|\n")
_WORDS = re.compile(r"[^\s,:/()\[\]]+")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_HOUR = re.compile(r"(?:u|uur|les|lesuur)?[0-9]{1,2}(?:e|ste|de)?[.]?(?:uur)?")
# The class has a digit: j.jansen is a teacher.
_GROUP_WITH_DOT = re.compile(r"(?=[a-z]*[0-9])[a-z0-9]{1,8}[.]([a-z][a-z&]{1,5})[0-9]{0,2}")
_CLASS = re.compile(r"[a-z]{0,6}[0-9][a-z]{0,2}")
_TEACHER = re.compile(r"[A-Z]{2,5}")
_SHORT = re.compile(r"[a-z][a-z&]{1,5}[0-9]?")
_ESCAPED = re.compile(r"\\([\\;,nN])")


@dataclass(frozen=True)
class Title:
    """What a title says: the subject's code ("" where none is known), test, free, cancelled."""

    subject: str
    is_test: bool
    is_free: bool
    is_cancelled: bool


def read_title(text: str, more_codes: Collection[str] = ()) -> Title:
    """Read the title of an appointment as it stands in the file (RFC 5545, section 3.3.11).

    `more_codes` are the school's own subject codes, in lower case.
    """
    plain = _ESCAPED.sub(lambda one: " " if one[1] in "nN" else one[1], text)[:MAX_TITLE_CHARS]
    words = frozenset(_WORDS.findall(plain.lower()))
    segments = [one.strip() for one in _SEGMENTS.split(plain) if one.strip()]
    is_test = bool(words & _TESTS)
    return Title(
        _subject(segments, KNOWN | frozenset(more_codes) if more_codes else KNOWN, is_test),
        is_test,
        bool(words & _FREE),
        bool(words & _CANCELLED),
    )


def as_code(text: str) -> str:
    """Return a code as a feed names it on its own, in lower case; "" where it is no code."""
    code = text.strip().lower()
    return code if re.fullmatch(r"[a-z][a-z0-9&]{0,11}", code) else ""


def _subject(segments: list[str], known: frozenset[str], is_test: bool) -> str:
    lower = [one.lower() for one in segments]
    for segment in lower:
        # Groups first: a room may be called gym, and a teacher's code may be a subject's.
        if found := _of_group(segment, known):
            return found
    for segment in lower:
        if found := _whole(segment, known, is_test):
            return found
    return _by_place(segments)


def _of_group(segment: str, known: frozenset[str]) -> str:
    """Find the code in a group's name: oga3bak (class oga3b, ak), h3.netl, oga3.tmc1."""
    for word in _WORDS.findall(segment):
        match = _GROUP_WITH_DOT.fullmatch(word)
        if match:
            return match[1]
        bare = re.sub(r"[0-9]{1,2}$", "", word)
        for length in range(min(6, len(bare) - 1), 1, -1):  # the longest code first
            if bare[-length:] in known and _CLASS.fullmatch(bare[:-length]):
                return bare[-length:]
    return ""


def _whole(segment: str, known: frozenset[str], is_test: bool) -> str:
    """Find a code or a name that is all of a segment, but for hour, class and a test's name.

    All of it: "na school" is not physics, and "Frans bellen" is not French. A test's title may go
    on: what it is about is dropped.
    """
    words = [one for one in _WORDS.findall(_BRACKETS.sub(" ", segment)) if not _is_beside(one)]
    if not words or not (is_test or all(_may_follow(one) for one in words[1:])):
        return ""
    return words[0] if words[0] in known else _NAMES.get(words[0], "")


def _may_follow(word: str) -> bool:
    return len(word) == 1 or word in ("opvoeding", "taal") or any("0" <= c <= "9" for c in word)


def _by_place(segments: list[str]) -> str:
    """Take an unknown code where Magister puts one: hour and code, or code and teacher's code."""
    if not segments:
        return ""
    words = _WORDS.findall(_BRACKETS.sub(" ", segments[0]))
    code = [one for one in words if not _is_beside(one.lower())]
    teacher = segments[1] if len(segments) > 1 else segments[0].partition("(")[2].rstrip(")")
    has_form = len(words) > len(code) or _TEACHER.fullmatch(teacher)
    return code[0] if has_form and len(code) == 1 and _SHORT.fullmatch(code[0]) else ""


def _is_beside(word: str) -> bool:
    return word in _BESIDE or bool(_HOUR.fullmatch(word))
