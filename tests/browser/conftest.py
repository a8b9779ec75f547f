"""One browser and one served school for the tests of a file."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.browser import Site, open_browser, open_site


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def site(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("site"), browser) as served:
        yield served
