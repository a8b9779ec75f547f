"""Anything at all in every form of the app, by everybody: an answer in plain words, and nothing is
stored of what was refused. The long run is in `soak`."""

import pytest
from bioklok.console import progress
from fastapi.routing import iter_route_contexts
from support.form_house import FormHouse, may

# Of a body that is cut off within a file Starlette leaves that file to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning"
)
SEED = 20261123
N_QUICK, N_LONG = 250, 100_000


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    opened = FormHouse(tmp_path_factory.mktemp("forms"))
    yield opened
    opened.close()


def test_every_form_of_the_app_is_reached_filled_in_and_by_somebody_who_may(forms):
    posted = {
        one.path
        for one in iter_route_contexts(forms.house.app.routes)
        if "POST" in (one.methods or ()) and not one.path.startswith("/api/")
    }
    assert set(forms.routes) == posted
    for route in forms.routes.values():
        assert route.addresses, route.path
        assert any(may(who, route.who) for who in forms.browsers), route.path


def test_what_was_stored_is_seen_and_put_back(forms):
    """The tests below would show nothing if a change were overlooked."""
    before = forms._fingerprint()
    ada = forms.browsers["ada"]
    made = forms._post(ada, "/school/people", {"id": "jan", "name": "Jan", "role": "parent"})
    assert made.status_code == 303 and forms._fingerprint() != before
    forms._put_back()
    assert forms._fingerprint() == before
    assert ada.get("/school/people/jan").status_code == 404
    forms._post(forms.browsers["noor"], "/me/data/erase", {"sure": "yes"})
    assert forms.store.accounts() and forms._fingerprint() != before
    forms._put_back()
    assert forms.store.account("noor").name == "Noor"


def test_a_few_hundred_hostile_forms(forms):
    forms.counts.clear()
    counts = forms.throw(SEED, 0, N_QUICK)
    assert sum(counts.values()) - counts["stored"] == N_QUICK
    assert counts["stored"] > N_QUICK // 20  # the forms were really reached
    assert all(counts[status] for status in ("303", "404", "422", "403", "400"))


@pytest.mark.soak
def test_100_000_hostile_forms(forms, capsys):
    forms.counts.clear()
    with capsys.disabled(), progress("hostile forms", "inputs") as tell:
        counts = forms.throw(SEED + 1, 0, N_LONG, tell)
    print(sorted(counts.items()))
    assert sum(counts.values()) - counts["stored"] == N_LONG
