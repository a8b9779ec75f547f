"""How long property tests search: shortly and always alike in `make test`, long in `make soak`."""

import pytest
from hypothesis import HealthCheck, settings

_COMMON = settings(
    database=None, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)


def profiles(quick: int, long: int, steps: int = 50) -> pytest.MarkDecorator:
    """Give a test its `profile`: so many examples now, so many in the long run."""
    return pytest.mark.parametrize(
        "profile",
        [
            pytest.param(
                settings(_COMMON, max_examples=quick, stateful_step_count=steps, derandomize=True),
                id="quick",
            ),
            pytest.param(
                settings(_COMMON, max_examples=long, stateful_step_count=2 * steps),
                id="long",
                marks=pytest.mark.soak,
            ),
        ],
    )
