"""Anything at all, sent to every operation of the API by everybody: an answer, never a crash.

schemathesis makes what the OpenAPI document allows and what it does not. The long run is in `soak`.
"""

import pytest
import schemathesis
from bioklok.store.access import EXPORT, HUB
from bioklok.web import access_table as table
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as limits
from schemathesis import GenerationMode
from support.school_web import NOW, house

# These end what the others need; their refusals are in test_api.py and test_web_matrix.py.
LEFT_OUT = ("/erase", "/close")
WHO = {
    "noor": table.STUDENT,
    "max": table.MENTOR,
    "pa": table.PARENT,
    "ada": table.ADMINISTRATOR,
    HUB: table.HUB_TOKEN,
    EXPORT: table.EXPORT_TOKEN,
}
VISITORS = tuple(WHO)


def operations(app):
    schema = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", app, headers={"host": "127.0.0.1"}, timeout=120
    )
    found = [one.ok() for one in schema.get_all_operations()]
    return [one for one in found if not one.path.endswith(LEFT_OUT)]


def client_of(oost, visitor):
    """A client, and the headers of a session or of a token."""
    if visitor in (HUB, EXPORT):
        person = "ada" if visitor == EXPORT else None
        secret = oost.store.of("oost").issue(visitor, person, 10**8, now_s=NOW)
        return oost.browser(None).client, {"authorization": f"Bearer {secret}"}
    browser = oost.browser(visitor)
    return browser.client, {"x-csrf": browser.csrf()}


def send(client, case, told):
    kwargs = case.as_transport_kwargs(base_url="http://127.0.0.1")
    # The document says how one signs in, so a way in is made up too: ours is in its place.
    made_up = {*told, "x-csrf", "authorization", "cookie"}
    others = (kwargs.get("headers") or {}).items()
    headers = {name: value for name, value in others if name.lower() not in made_up} | told
    given = {name: kwargs[name] for name in ("params", "json") if kwargs.get(name) is not None}
    content = kwargs.get("data")
    if isinstance(content, str | bytes):
        given["content"] = content
    url = kwargs["url"]
    return client.request(kwargs["method"], url, headers=_plain(headers), **given)


def _plain(headers):
    return {
        name: str(value)
        for name, value in headers.items()
        if str(value).isascii() and str(value).isprintable() and name.lower() != "host"
    }


def is_for(operation, visitor):
    who = next(
        row.who
        for row in table.API
        if (row.method, row.path) == (operation.method.upper(), operation.path)
    )
    return who == table.SIGNED_IN or WHO[visitor] in who.split(", ")


def throw(oost, visitor, mode, n_examples, only_theirs=False):
    client, told = client_of(oost, visitor)
    seen = set()
    for operation in operations(oost.app):
        if only_theirs and not is_for(operation, visitor):
            continue
        try:
            strategy = operation.as_strategy(mode)
        except Exception:  # noqa: BLE001 - nothing that is wrong can be sent to it
            continue

        @seed(1)
        @limits(
            max_examples=n_examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def one(case):
            answer = send(client, case, told)
            seen.add(answer.status_code)
            assert answer.status_code < 500, (case.method, case.formatted_path, answer.text)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"

        one()
    return seen


@pytest.fixture(scope="module")
def oost(tmp_path_factory):
    return house(tmp_path_factory.mktemp("oost"))


@pytest.mark.parametrize("visitor", VISITORS)
def test_anything_is_answered(oost, visitor):
    """What they may use; everybody at everything is in the long run."""
    seen = throw(oost, visitor, GenerationMode.POSITIVE, 3, only_theirs=True)
    seen |= throw(oost, visitor, GenerationMode.NEGATIVE, 2, only_theirs=True)
    assert seen & {200, 409} and seen & {404, 422}


@pytest.mark.soak
@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_a_great_deal_is_answered(oost, visitor, mode):
    assert throw(oost, visitor, mode, 200)
