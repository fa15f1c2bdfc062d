from __future__ import annotations

import datetime as time
from typing import Any

import pytest
from django.utils import timezone

from almaz.web.interests.models import Request, Status
from almaz.web.participants.models import Organisation, Sort


@pytest.fixture
def ministry(world: Any) -> Organisation:
    return Organisation.objects.create(cluster=world.cluster, name="Министрлик (ойдон чыгарылган)", sort=Sort.AUTHORITY)


@pytest.fixture
def late(world: Any, ministry: Organisation) -> Request:
    """A request that was sent and is three days late."""
    made = Request.objects.create(
        cluster=world.cluster,
        title="Road to the cold store",
        authority=ministry,
        status=Status.SENT,
        sent_on=timezone.localdate() - time.timedelta(days=30),
        deadline=timezone.localdate() - time.timedelta(days=3),
        author=world.people["analyst"],
    )
    made.organisations.add(world.firm)
    return made
