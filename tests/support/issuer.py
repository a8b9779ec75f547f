"""A small OpenID Connect issuer over real HTTP on 127.0.0.1, with real RS256 keys. No tests here.

`claims`, `header` and `key` say what the next ID token holds and how it is signed, so that tests
can have it lie. It checks what it is sent as an issuer does: client, redirect address, PKCE.
"""

import base64
import hashlib
import json
import secrets
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "bioklok", "a secret: of ours"


class Issuer:
    """What the issuer knows; `requests` are the paths it was asked for."""

    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.published = [self.key]
        self.claims, self.header = {}, {"alg": "RS256", "kid": "one"}
        self.codes, self.requests = {}, []
        self.facts = {}
        self.now_s = 0
        self.redirects = False

    def visit(self, address, subject):
        """Do as a browser of somebody who signs in here: return where it is led back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT and asked["scope"] == "openid"
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = (asked, subject)
        return asked, f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def about(self):
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            **self.facts,
        }

    def keys(self):
        return {"keys": [one.as_dict(private=False) for one in self.published]}

    def token(self, form, authorization):
        """The answer to a code; None where it is not given."""
        asked, subject = self.codes.pop(form["code"][0], (None, None))
        expected = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        who = [unquote(one) for one in expected.split(":", 1)]
        verifier = form["code_verifier"][0].encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        if (
            asked is None
            or who != [CLIENT, SECRET]
            or challenge.decode() != asked["code_challenge"]
            or form["redirect_uri"] != [asked["redirect_uri"]]
        ):
            return None
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": subject,
            "iat": self.now_s,
            "exp": self.now_s + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.header["alg"] == "none":
            parts = [json.dumps(one).encode() for one in (self.header, claims)]
            given = ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts)
            given += "."
        else:
            given = jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])
        return {"access_token": "x", "token_type": "Bearer", "id_token": given}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        issuer = self.server.issuer
        issuer.requests.append(self.path)
        if issuer.redirects:
            self.send_response(302)
            self.send_header("Location", f"{issuer.address}/keys")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/.well-known/openid-configuration":
            self._say(200, issuer.about())
        elif self.path == "/keys":
            self._say(200, issuer.keys())
        else:
            self._say(404, {})

    def do_POST(self):
        issuer = self.server.issuer
        issuer.requests.append(self.path)
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        answer = issuer.token(form, self.headers.get("Authorization", ""))
        self._say(200 if answer else 400, answer or {"error": "invalid_grant"})

    def _say(self, status, told):
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def issuing():
    """Run an issuer for a `with` block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.issuer = Issuer(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
