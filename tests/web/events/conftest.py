from __future__ import annotations

import datetime as time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from almaz.web.events.models import Event


@pytest.fixture
def weekly(world: Any) -> Event:
    """A weekly meeting on Mondays at ten in March 2027, four times."""
    start = time.datetime(2027, 3, 1, 10, tzinfo=ZoneInfo("Asia/Bishkek"))
    return Event.objects.create(
        cluster=world.cluster, title="Council", start=start, end=start + time.timedelta(hours=1), place="Каракол",
        agenda="1. Roads; 2. Customs, fees", repeats="weekly", until=time.date(2027, 3, 22),
    )  # fmt: skip
