"""The samples' editions, published on the site of the tests."""

from __future__ import annotations

import pytest

from almaz.study.edition import Edition
from almaz.web.observatory.models import Publication, kept
from almaz.web.observatory.publishing import publish
from almaz.web.observatory.reading import Reading, reading


@pytest.fixture
def read_states(states: Edition) -> Reading:
    return reading(states.path, kept())


@pytest.fixture
def read_raions(raions: Edition) -> Reading:
    return reading(raions.path, kept())


@pytest.fixture
def published(db: None, states: Edition, raions: Edition) -> dict[str, Publication]:
    """The states of the U.S. (shown first) and the raions of Kyrgyzstan."""
    return {"states": publish(states.path), "raions": publish(raions.path)}
