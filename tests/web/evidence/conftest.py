from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from almaz.web.evidence.models import Judgement

Judge = Callable[..., Judgement]


@pytest.fixture
def judge(world: Any) -> Judge:
    """Write down a judgement of somebody."""

    def written(who: str, question: str, level: int, **more: Any) -> Judgement:
        return Judgement.objects.create(
            cluster=world.cluster, user=world.people[who], question=question, level=level, **more
        )

    return written
