"""Every address of the API under made-up requests: answers keep to the schema, and nothing breaks the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis import Case

from almaz.study.edition import Edition
from almaz.web.observatory.publishing import publish
from almaz.web.wsgi import application

EXAMPLES = 25
EDITIONS = st.sampled_from(["us-states-2016", "kyrgyzstan-raions-2021", None])
"""Editions that there are, so that more than «not found» is tried; None: the made-up one."""
KNOWN = {"region": "01000", "cluster": "Automotive", "table": "potential", "rule": "us_cluster_mapping"}


@pytest.fixture
def _one_caller(settings: Any) -> Iterator[None]:
    """One caller asks more than the limits allow one; and the application as a server calls it ends the database's connection
    after a request, but the test's must live on."""
    settings.ALMAZ_LIMITS = False
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_caller")
def test_every_answer_keeps_to_the_schema(states: Edition, raions: Edition) -> None:
    publish(states.path)
    publish(raions.path)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 13
    statuses: set[int] = set()

    for operation in operations:

        @examples(
            max_examples=EXAMPLES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        @given(case=operation.as_strategy(), edition=EDITIONS, known=st.booleans())
        def check(case: Case, edition: str | None, known: bool) -> None:
            if edition is not None and "edition" in case.path_parameters:
                case.path_parameters["edition"] = edition
            if known:
                for part in (case.path_parameters, case.query):
                    part.update({name: value for name, value in KNOWN.items() if name in part})
            response = case.call_and_validate(headers={"Accept-Encoding": "identity"})
            statuses.add(response.status_code)

        check()

    assert {200, 404} <= statuses
    assert max(statuses) < 500
