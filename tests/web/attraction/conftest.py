"""A cluster whose figures come from the edition of the American sample."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from almaz.study.edition import Edition
from almaz.web.centre.models import Cluster


@pytest.fixture
def linked(world: Any, states: Edition, settings: Any, tmp_path: Path) -> Cluster:
    """The world's first cluster, linked to aircraft and defence in Connecticut."""
    settings.HOME = tmp_path
    shutil.copytree(states.path, tmp_path / "editions" / states.path.name)
    cluster: Cluster = world.cluster
    cluster.study, cluster.region, cluster.cluster = states.path.name[:-13], "09000", "Aerospace Vehicles and Defense"
    cluster.save()
    return cluster
