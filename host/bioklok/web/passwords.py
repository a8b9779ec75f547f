"""Passwords: which are taken, how they are kept, and how long it takes to say no.

NIST SP 800-63B, 3.1.1: long enough, not on a list of what people try first, nothing else asked;
never changed for its own sake. Kept as argon2id (RFC 9106). Checking somebody who does not exist
costs as much as checking somebody who does, so the time of an answer tells nothing.
"""

import re
import threading
import unicodedata
from functools import cache

from pwdlib import PasswordHash

from bioklok.errors import NotFound
from bioklok.store import Account, Store

KIND = "password"
LEAST, MOST = 10, 200
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
NOBODY = "-"  # no id of a person begins so

# What is tried first, without the digits and signs around it: worldwide lists, and what a Dutch
# class would guess.
_WORDS = """
password passwort wachtwoord paswoord welkom welcome qwerty qwertz qwertyuiop azerty azertyuiop
asdfghjkl zxcvbnm letmein iloveyou ikhouvanjou ikhouvanje geheim secret admin administrator
beheerder docent mentor leraar leerling student school klas bioklok polsklok test tester
gebruiker user login inloggen superman batman spiderman pokemon minecraft fortnite roblox
voetbal football ajax feyenoord psv amsterdam rotterdam utrecht nederland holland monkey dragon
sunshine princess prinses chocolade hamster poes hond lente zomer herfst winter summer spring
autumn januari februari maart april mei juni juli augustus september oktober november december
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag welkomwelkom passwordpassword
wachtwoordwachtwoord abcdefghij abcdefghijkl changeme verander tijdelijk master computer
internet whatever trustnoone startrek starwars harrypotter
"""
_COMMON = frozenset(_WORDS.split()) | {""}  # "": digits and signs alone, such as a birthday
_RUNS = (
    "0123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
)
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
# One check takes 64 MB for some 50 ms: not all threads of the server at once.
_turns = threading.BoundedSemaphore(4)


def refusal(given: str, account: Account) -> str | None:
    """Return the key of the text that says why this cannot be a password; None: it can."""
    plain = _plain(given)
    if len(plain) < LEAST:
        return "password_short"
    if len(plain) > MOST:
        return "password_long"
    folded = plain.casefold()
    own = {_EDGES.sub("", one) for one in (account.id.casefold(), *account.name.casefold().split())}
    core = _EDGES.sub("", folded)
    if core in _COMMON | own:
        return "password_common"
    if len(set(folded)) < 4 or any(folded in run or folded in run[::-1] for run in _RUNS):
        return "password_common"
    return None


def keep(store: Store, account: Account, given: str) -> None:
    """Keep a password in the place of the former one."""
    with _turns:
        body = _hasher().hash(_plain(given))
    store.put_credential(account.id, KIND, KIND, body)


def check(store: Store, person_id: str, given: str) -> Account | None:
    """Return whose password this is, where it is theirs and their account is open; else None."""
    account, kept = None, None
    try:
        account = store.account(person_id if _ID.fullmatch(person_id) else NOBODY)
        kept = next((one.body for one in store.credentials(account.id, KIND)), None)
    except NotFound:
        pass
    with _turns:
        is_right = _hasher().verify(_plain(given)[:MOST], kept or _nobodys())
    if account is None or kept is None or account.ended_utc_s is not None:
        return None
    return account if is_right else None


def _plain(given: str) -> str:
    # One keyboard sends a letter with its accent, another both apart (SP 800-63B: NFKC). What no
    # keyboard sends, such as half a surrogate, cannot be hashed.
    kept = given.encode("utf-8", "ignore").decode()
    return unicodedata.normalize("NFKC", kept)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    return _hasher().hash("what nobody types")
