"""Signing in through the school's own service: OpenID Connect Core 1.0, the code flow with PKCE.

Made for Entree Federatie, whose claims it asks for and no others: `uid`, affiliation and school.
It makes no accounts: who is signed in there gets in here where an account carries their subject.
Requests and claims are Authlib's, signatures joserfc's; each answer of the service is limited in
time and size, and no redirect is followed.
"""

import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]
    prepare_grant_uri,
    prepare_token_request,
)
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bioklok.errors import BioklokFailure
from bioklok.web.settings import Oidc

ALGORITHMS = ("RS256", "PS256", "ES256")  # signed with the service's own key; never "none", no HMAC
CLAIMS = ("uid", "eduPersonAffiliation", "nlEduPersonHomeOrganizationId")
_KEPT_S = 3600
_AGAIN_S = 60
_TIMEOUT_S = 10
_MOST_BYTES = 1 << 20
_LEEWAY_S = 120


class NotProven(BioklokFailure):
    """The service did not say, in a way that can be believed, who this is."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


@dataclass(frozen=True)
class _Found:
    """What the service says about itself, its keys, and when it was asked."""

    facts: dict[str, Any]
    keys: KeySet
    at_utc_s: float


class Service:
    """One sign-in service. Safe to use from several threads."""

    def __init__(self, settings: Oidc) -> None:
        _check_address(settings.issuer)
        self.settings = settings
        self._lock = threading.Lock()
        self._found: _Found | None = None
        self._opener = urllib.request.build_opener(_NoRedirect)

    def address(self, back: str, state: str, nonce: str, verifier: str, now_utc_s: float) -> str:
        """Return where to send the browser. `back`: our address for the answer. Raises NotProven,
        where the service does not answer.
        """
        wanted = {"id_token": dict.fromkeys(CLAIMS)}
        return str(
            prepare_grant_uri(
                self._about(now_utc_s).facts["authorization_endpoint"],
                self.settings.client_id,
                "code",
                redirect_uri=back,
                scope="openid",
                state=state,
                nonce=nonce,
                claims=json.dumps(wanted, separators=(",", ":")),
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    def subject(self, code: str, back: str, nonce: str, verifier: str, now_utc_s: float) -> str:
        """Return who somebody is there, for the code their browser brought. Raises NotProven."""
        found = self._about(now_utc_s)
        body = prepare_token_request(
            "authorization_code", "", back, code=code, code_verifier=verifier
        )
        auth = ClientAuth(
            self.settings.client_id, self.settings.client_secret, "client_secret_basic"
        )
        url, headers, body = auth.prepare(
            "POST",
            found.facts["token_endpoint"],
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            body,
        )
        answer = self._fetch(urllib.request.Request(url, body.encode(), headers, method="POST"))
        given = answer.get("id_token")
        if not isinstance(given, str):
            raise NotProven("the sign-in service gave no ID token")
        claims = self._proven(given, nonce, now_utc_s)
        value = claims.get(self.settings.claim)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, str) or not value or "\0" in value or len(value) > 255:
            raise NotProven(f"the sign-in service gave no {self.settings.claim}")
        return value

    def _proven(self, given: str, nonce: str, now_utc_s: float) -> dict[str, Any]:
        try:
            token = self._opened(given, now_utc_s)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self.settings.issuer},
                    "aud": {"essential": True, "value": self.settings.client_id},
                    "nonce": {"essential": True, "value": nonce},
                },
                params={"client_id": self.settings.client_id, "nonce": nonce},
            )
            claims.validate(now=int(now_utc_s), leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError):
            raise NotProven("the sign-in service's ID token cannot be believed") from None
        return dict(claims)

    def _opened(self, given: str, now_utc_s: float) -> jwt.Token:
        found = self._about(now_utc_s)
        try:
            return jwt.decode(given, found.keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            if now_utc_s - found.at_utc_s < _AGAIN_S:
                raise
        # It may have new keys since.
        return jwt.decode(given, self._about(now_utc_s, _AGAIN_S).keys, algorithms=list(ALGORITHMS))

    def _about(self, now_utc_s: float, most_s: float = _KEPT_S) -> _Found:
        with self._lock:
            found = self._found
            if found is None or not 0 <= now_utc_s - found.at_utc_s < most_s:
                found = self._found = self._discover(now_utc_s)
            return found

    def _discover(self, now_utc_s: float) -> _Found:
        issuer = self.settings.issuer
        facts = self._get(issuer.rstrip("/") + "/.well-known/openid-configuration")
        try:
            if facts["issuer"] != issuer:
                raise NotProven("the sign-in service calls itself by another name: check ISSUER")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _check_address(facts[name])
            keys = KeySet.import_key_set(self._get(facts["jwks_uri"]))  # type: ignore[arg-type]
        except (KeyError, TypeError, AttributeError, ValueError, JoseError):
            raise NotProven("the sign-in service describes itself in no way we know") from None
        return _Found(facts, keys, now_utc_s)

    def _get(self, address: str) -> dict[str, Any]:
        return self._fetch(urllib.request.Request(address, headers={"Accept": "application/json"}))

    def _fetch(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S) as answer:
                text = answer.read(_MOST_BYTES + 1)
            found = json.loads(text) if len(text) <= _MOST_BYTES else None
        except (OSError, ValueError, RecursionError, urllib.error.HTTPError):
            found = None
        if not isinstance(found, dict):
            raise NotProven("the sign-in service does not answer: try again later")
        return found


def _check_address(address: str) -> None:
    """Pass an address over TLS, or of this computer. Raises NotProven."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}:
        return
    raise NotProven("the sign-in service's address has to begin with https://")
