"""Passkeys (W3C Web Authentication, Level 3), by the `webauthn` package.

A challenge is a ticket: the database has its digest, it serves once and for five minutes, and only
for the browser that asked for it. Passkeys are found by themselves (resident) and ask for the
owner (PIN, finger, face): they are the whole of a sign-in.
"""

import hashlib
import ipaddress
import json
from dataclasses import dataclass
from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bioklok.errors import BioklokFailure
from bioklok.store import Account, Store
from bioklok.store.access import school_of
from bioklok.web.csrf import ticket_in

KIND = "passkey"
_CREATE, _GET = "passkey-new", "passkey"  # kinds of tickets
LASTS_S = 300
_MOST_LETTERS = 20_000


class NotGood(BioklokFailure):
    """A passkey's answer that is not believed."""


@dataclass(frozen=True)
class Site:
    """Our address as the browser sees it: `name` (the RP ID) and `origin`."""

    name: str
    origin: str

    @property
    def has_passkeys(self) -> bool:
        """Browsers make passkeys for names alone, over TLS or on this computer."""
        try:
            ipaddress.ip_address(self.name.strip("[]"))
        except ValueError:
            return self.name == "localhost" or self.origin.startswith("https://")
        return False


def ask_new(store: Store, account: Account, site: Site, browser: str, now_utc_s: int) -> str:
    """Return the options for making a passkey, as JSON. `browser`: the secret of its forms."""
    challenge = store.issue(_CREATE, account.id, LASTS_S, _mark(browser), now_utc_s)
    known = [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id))
        for one in store.credentials(account.id, KIND)
    ]
    options = generate_registration_options(
        rp_id=site.name,
        rp_name="Bioklok",
        user_id=hashlib.sha256(f"{store.school_id}/{account.id}".encode()).digest(),
        user_name=account.id,
        user_display_name=account.name,
        challenge=challenge.encode(),
        timeout=LASTS_S * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=known,
    )
    return str(options_to_json(options))


def checked_new(  # noqa: PLR0917
    store: Store, account: Account, site: Site, browser: str, answer: str, now_utc_s: int
) -> tuple[str, str]:
    """Return id and body of the passkey that a browser has made; nothing is kept yet.

    Raises NotGood.
    """
    given = _read(answer)
    challenge = _challenge(given)
    ticket = store.use(challenge, _CREATE, now_utc_s)
    if ticket is None or ticket.person_id != account.id or ticket.label != _mark(browser):
        raise NotGood("the passkey came too late: try again")
    try:
        made = verify_registration_response(
            credential=given,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _WRONG:
        raise NotGood("the passkey was not made well: try again") from None
    id = bytes_to_base64url(made.credential_id)
    if store.credential(id) is not None:
        raise NotGood("this passkey is known already")
    key = bytes_to_base64url(made.credential_public_key)
    return id, json.dumps({"key": key, "count": made.sign_count, "made": now_utc_s})


def ask(store: Store, site: Site, browser: str, now_utc_s: int) -> str:
    """Return the options for signing in with a passkey, as JSON."""
    challenge = store.issue(_GET, None, LASTS_S, _mark(browser), now_utc_s)
    options = generate_authentication_options(
        rp_id=site.name,
        challenge=challenge.encode(),
        timeout=LASTS_S * 1000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return str(options_to_json(options))


def check(store: Store, site: Site, browser: str, answer: str, now_utc_s: int) -> tuple[Store, str]:
    """Return whose passkey answered: their school's store and their id. Raises NotGood."""
    given = _read(answer)
    challenge = _challenge(given)
    store = store.of(school_of(challenge))
    ticket = store.use(challenge, _GET, now_utc_s)
    found = store.credential(str(given.get("id"))[:2000].replace("\0", ""))
    if ticket is None or ticket.label != _mark(browser) or found is None or found.kind != KIND:
        raise NotGood("this passkey is not known here, or it came too late: try again")
    kept = json.loads(found.body)
    try:
        seen = verify_authentication_response(
            credential=given,
            expected_challenge=challenge.encode(),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(kept["key"]),
            credential_current_sign_count=kept["count"],
            require_user_verification=True,
        )
    except _WRONG:
        raise NotGood("the passkey was not right: try again") from None
    if seen.new_sign_count != kept["count"]:
        body = json.dumps({**kept, "count": seen.new_sign_count})
        store.put_credential(found.person_id, found.id, KIND, body)
    return store, found.person_id


# What the package raises for answers of any shape.
_WRONG = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError)


def _mark(browser: str) -> str:
    return hashlib.sha256(f"passkey {browser}".encode()).hexdigest()


def _read(answer: str) -> dict[str, Any]:
    try:
        given = json.loads(answer) if len(answer) <= _MOST_LETTERS else None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise NotGood("the browser sent no passkey: try again")
    return given


def _challenge(given: dict[str, Any]) -> str:
    try:
        told = json.loads(base64url_to_bytes(given["response"]["clientDataJSON"]))
        challenge = ticket_in(base64url_to_bytes(told["challenge"]).decode())
    except (*_WRONG, RecursionError):
        challenge = None
    if challenge is None:
        raise NotGood("the browser sent no passkey: try again")
    return challenge
